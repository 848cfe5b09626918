"""What was tried in a period, project by project, and the best of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from django.urls import reverse
from django.utils.text import Truncator

from apps.experiments.directions import lower_is_better
from apps.experiments.models import Direction, Run
from apps.reports.contents import Named, Trial
from apps.reports.courses import Period
from apps.repositories.models import Repository, RepositoryQuerySet

MOST_RUNS, LONGEST = 20_000, 60
SHOWN = ("repository", "key", "group", "name", "subject", "commit", "author", "time", "headline", "value", "gain")


def trials(repositories: RepositoryQuerySet, period: Period) -> list[Trial]:
    """Projects with runs in the period; those that beat all before come first, then those that tried most."""
    runs = Run.objects.filter(repository__in=repositories, time__gt=period.since, time__lte=period.until)
    by_project = defaultdict[int, list[Run]](list)
    for run in runs.order_by("time", "pk").only(*SHOWN)[:MOST_RUNS]:
        by_project[run.repository_id].append(run)
    said = defaultdict[int, dict[str, bool]](dict)
    for pk, metric, lower in Direction.objects.filter(repository__in=by_project).values_list(
        "repository", "metric", "lower"
    ):
        said[pk][metric] = lower
    known = {each.pk: each for each in repositories}
    found = [trial(known[pk], own, said[pk]) for pk, own in by_project.items()]
    return sorted(found, key=lambda each: (each.gain is None, -each.runs, each.repository.name))


def trial(repository: Repository, runs: Sequence[Run], said: Mapping[str, bool]) -> Trial:
    chosen = best(runs, said)
    return Trial(
        repository=Named(repository.name, reverse("experiments", args=[repository.pk])),
        path=chosen.get_absolute_url(),
        runs=len(runs),
        people=len({run.author for run in runs if run.author}),
        name=Truncator(chosen).chars(LONGEST),
        author=Truncator(chosen.author).chars(LONGEST),
        metric=Truncator(chosen.headline).chars(LONGEST),
        value=chosen.value,
        gain=chosen.gain,
    )


def best(runs: Sequence[Run], said: Mapping[str, bool]) -> Run:
    """Of runs in the order of their time, the one that none before and after beat; the last where none has a number."""
    if records := [run for run in runs if run.gain]:
        return records[-1]
    told = [run for run in runs if run.value is not None and run.headline == runs[-1].headline]
    sign = -1 if told and lower_is_better(told[0].headline, said) else 1
    return max(told, key=lambda run: sign * (run.value or 0.0), default=runs[-1])
