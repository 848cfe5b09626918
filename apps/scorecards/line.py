"""The commits of a repository that were judged, from each to its first parent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from apps.audit.check import Outcome
from apps.audit.policy import Policy
from apps.audit.score import Score, evaluate
from apps.repositories.models import Repository
from apps.scorecards.models import Replayed, Scorecard


@dataclass(frozen=True)
class Line:
    """Every commit of a repository that was judged; the outcomes are left where they are."""

    commits: Mapping[str, Replayed]

    @classmethod
    def of(cls, repository: Repository) -> Line:
        return cls({row.commit: row for row in Replayed.objects.filter(repository=repository).defer("packed")})

    def back(self, commit: str) -> Iterator[Replayed]:
        """The commit and its first parents, as far as they are known."""
        seen = set[str]()
        while (row := self.commits.get(commit)) and commit not in seen:  # no more of a row is believed than of a form
            yield row
            seen.add(commit)
            commit = row.parent

    def before(self, row: Replayed) -> Replayed | None:
        """The last one before it that has outcomes."""
        return next((each for each in self.back(row.parent) if not each.error), None)

    def is_whole(self, commit: str, most: int) -> bool:
        """Whether there is nothing to judge any more of the last commits up to this one."""
        last = list(islice(self.back(commit), most))
        return bool(last) and (len(last) == most or not last[-1].parent) and self.known == set(self.commits)

    def to_compare(self) -> list[tuple[Replayed, Replayed]]:
        """Those not yet held against the commit before them, the oldest first, each with that commit."""
        waiting = sorted(
            (row for row in self.commits.values() if not row.compared and not row.error),
            key=lambda row: (row.committed_at, row.pk),
        )
        pairs = ((row, self.before(row)) for row in waiting)
        return [(row, before) for row, before in pairs if before]

    @property
    def known(self) -> set[str]:
        """Those that need not be judged: all but those judged by other rules than the one to hold against them.

        Of such a pair neither is taken as known: the rules of now may be those of one, of the other or of none.
        """
        odd = {row.commit for pair in self.to_compare() if not same_rules(*pair) for row in pair}
        return set(self.commits) - odd


def beside(card: Scorecard, head: Replayed | None) -> dict[str, str]:
    """The outcomes that a scorecard owes to what is there beside its commit: branches, tags, what a remote holds.

    They are taken to have been so before, so that a trend moves by what commits did alone and ends at the scorecard.
    """
    if head is None or head.error or not same_rules(head, card):
        return {}
    alone, _ = head.unpacked
    return {slug: outcome for slug, outcome in card.outcomes.items() if alone.get(slug) != outcome}


def score(row: Replayed, others: Mapping[str, str], policy: Policy) -> Score:
    """The score of a past commit as the policy of now weighs, with what is beside the present one."""
    outcomes, _ = row.unpacked
    return evaluate({slug: Outcome(outcome) for slug, outcome in {**outcomes, **others}.items()}, policy)


def same_rules(one: Replayed, other: Replayed | Scorecard) -> bool:
    return (one.engine, one.thresholds) == (other.engine, other.thresholds)
