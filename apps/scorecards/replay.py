"""Keeps what past commits were judged, and tells from it which commit made a check flip.

Commits become known in any order and in any portions, and a portion that was kept once changes nothing the second
time. Call inside one (fenced) transaction.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.utils import timezone

from apps.audit.policy import Policy
from apps.repositories.models import Repository
from apps.scorecards.engine import Portion
from apps.scorecards.line import Line, beside, same_rules, score
from apps.scorecards.models import Flip, Replayed, Standing
from apps.scorecards.record import WEEKS, week_of


def keep(repository: Repository, portion: Portion, policy: Policy) -> None:
    """Note what came of the commits of a portion; of one that was known, by the rules of now."""
    about = {each.commit: each for each in portion.header.asked}
    rows = [
        Replayed(
            repository=repository,
            commit=verdict.commit,
            parent=about[verdict.commit].parent,
            author=about[verdict.commit].author,
            committed_at=datetime.fromisoformat(about[verdict.commit].committed_at),
            engine=portion.header.engine,
            thresholds=policy.outcome_digest,
            packed=Replayed.pack(verdict.outcomes, verdict.measures),
            error=verdict.error,
        )
        for verdict in portion.verdicts
    ]
    rules = ["engine", "thresholds", "packed", "error"]
    Replayed.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["repository", "commit"], update_fields=rules
    )


def compare(repository: Repository) -> bool:
    """Note the flips between commits that are known now; False where one must be judged by the rules of the next."""
    line = Line.of(repository)
    pairs = line.to_compare()
    comparable = [(row, before) for row, before in pairs if same_rules(row, before)]
    flips = [flip for row, before in comparable for flip in flips_between(row, before)]
    Flip.objects.bulk_create(flips, ignore_conflicts=True)
    Replayed.objects.filter(pk__in=[row.pk for row, _ in comparable]).update(compared=True)
    name_commits(repository, line)
    return len(comparable) == len(pairs)


def flips_between(row: Replayed, before: Replayed) -> Iterator[Flip]:
    (old, _), (new, _) = before.unpacked, row.unpacked
    adjacent, now = row.parent == before.commit, timezone.now()
    for slug, after in new.items():
        if slug in old and old[slug] != after:
            yield Flip(
                repository_id=row.repository_id,
                check_slug=slug,
                before=old[slug],
                after=after,
                at=min(row.committed_at, now),
                commit=row.commit,
                since_commit="" if adjacent else before.commit,
                author=row.author if adjacent else "",
                committed_at=row.committed_at,
            )


def name_commits(repository: Repository, line: Line) -> None:
    """Give the flips that scorecards showed the commits that made them."""
    unnamed = Flip.objects.filter(repository=repository, scorecard__isnull=False).exclude(since_commit="")
    for flip in unnamed:
        between = list(commits_between(line, flip))
        found = Flip.objects.filter(
            repository=repository,
            scorecard=None,
            check_slug=flip.check_slug,
            after=flip.after,
            commit__in=[row.commit for row in between],
        )
        place = {row.commit: number for number, row in enumerate(between)}
        made_it = min(found, key=lambda each: place[each.commit], default=None)
        if made_it:
            flip.commit, flip.since_commit = made_it.commit, made_it.since_commit
            flip.author, flip.committed_at = made_it.author, made_it.committed_at
            made_it.delete()
        elif between and between[0].parent == flip.since_commit:  # by what only a scorecard sees, as its date
            flip.since_commit, flip.author = "", between[0].author
        else:
            continue
        flip.save(update_fields=["commit", "since_commit", "author", "committed_at"])


def commits_between(line: Line, flip: Flip) -> Iterator[Replayed]:
    """The commits of which one made a flip, the youngest first, as far as they are known."""
    for row in line.back(flip.commit):
        if row.commit == flip.since_commit:
            return
        yield row


def fill_weeks(standing: Standing, policy: Policy) -> None:
    """Give the weeks before the first audit the scores of the commits that ended them."""
    weeks, line, head = list(standing.weeks), Line.of(standing.repository), standing.scorecard.commit
    others, past = beside(standing.scorecard, line.commits.get(head)), list(line.back(head))
    first = next((place for place, known in enumerate(weeks) if known is not None), len(weeks))
    last = week_of(standing.audited_at)
    for place in range(first):
        week = last - (WEEKS - 1 - place)
        ended_by = next((row for row in past if week_of(row.committed_at) <= week and not row.error), None)
        if ended_by:
            weeks[place] = score(ended_by, others, policy).score
    Standing.objects.filter(pk=standing.pk).update(weeks=weeks)
