"""Checks that began to fail in a period, and those that were mended."""

from __future__ import annotations

from django.utils.text import Truncator, slugify

from apps.audit import catalog
from apps.audit.check import Outcome
from apps.reports.contents import Named, Turn
from apps.reports.courses import Period
from apps.repositories import forges
from apps.repositories.models import Repository, RepositoryQuerySet
from apps.scorecards.models import Flip
from apps.scorecards.report import CAUSES

SHOWN = ("repository", "check_slug", "before", "after", "at", "commit", "since_commit", "author", "committed_at")
LONGEST_AUTHOR = 60
MENDED = {Outcome.PASSED, Outcome.NOT_APPLICABLE}


def turns(repositories: RepositoryQuerySet, period: Period) -> tuple[list[Turn], list[Turn]]:
    """New failures and fixes, the youngest first. What went to and fro within the period is neither."""
    shown = Flip.objects.filter(repository__in=repositories, scorecard__isnull=False)
    flips = shown.filter(at__gt=period.since, at__lte=period.until)
    first, last = dict[tuple[int, str], Flip](), dict[tuple[int, str], Flip]()
    for flip in flips.select_related("scorecard").only(*SHOWN, "scorecard__causes").order_by("at", "pk").iterator():
        key = flip.repository_id, flip.check_slug
        first.setdefault(key, flip)
        last[key] = flip
    known = {each.pk: each for each in repositories}
    failures, fixes = list[Turn](), list[Turn]()
    for key, flip in sorted(last.items(), key=lambda item: (item[1].at, item[0]), reverse=True):
        before = first[key].before
        if flip.after == Outcome.FAILED and before != Outcome.FAILED:
            failures.append(turn(known[key[0]], flip))
        elif flip.after in MENDED and before == Outcome.FAILED:
            fixes.append(turn(known[key[0]], flip))
    return failures, fixes


def turn(repository: Repository, flip: Flip) -> Turn:
    causes, check = flip.scorecard.causes if flip.scorecard else [], catalog.checks().get(flip.check_slug)
    path = repository.get_absolute_url()
    return Turn(
        repository=Named(repository.name, path),
        title=check.title() if check else flip.check_slug,
        path=f"{path}#{slugify(flip.check_slug)}",
        because=" and ".join(words for cause, words in CAUSES.items() if cause in causes),
        commits=commits(flip),
        author=Truncator(flip.author).chars(LONGEST_AUTHOR),
        url=forges.commit_link(repository.forge, repository.web_url, flip.commit),
        at=flip.happened_at,
    )


def commits(flip: Flip) -> str:
    """Where in its history it happened, as far as that is known."""
    if flip.since_commit:
        return f"between {flip.since_commit[:7]} and {flip.commit[:7]}"
    return f"in {flip.commit[:7]}" if flip.commit else ""
