from collections.abc import Iterator

from apps.audit.check import Check, Effort, Evidence, Finding, NotApplicable, Unknown, fails, ignores, passes, threshold
from apps.audit.facts.history import History
from apps.audit.regex import regex

EXPERIMENT = regex(r"exp(eriments?)?[-_/]?\d*([-_/].*)?")
OLD = {f"feat/old-{number}": "2025-01-01" for number in range(6)}


class StaleBranches(Check):
    """Branches are finished or deleted

    Each branch that nobody touches hides work that somebody may do again, and drifts further from what could be merged.

    Fix: list branches by age, then merge, tag or delete them:
        git for-each-ref --sort=committerdate --format='%(committerdate:short) %(refname:short)' refs/remotes
        git tag archive/try2 origin/try2 && git push origin archive/try2 --delete try2
    """

    weight = 1
    effort = Effort.MINUTES
    most: int = threshold(5, "How many old branches are fine.")
    days: int = threshold(90, "A branch untouched for this many days before the audited commit is old.")

    def run(self, history: History) -> Iterator[Finding | Evidence | NotApplicable | Unknown]:
        judged = [branch for branch in history.branches if not EXPERIMENT.fullmatch(branch.name)]
        if not judged:
            yield NotApplicable("no branch besides the default, permanent, experiments' and bots' ones")
            return
        dated = [(branch.commit.committed_at, branch.name) for branch in judged if branch.commit]
        old = sorted(each for each in dated if (history.committed_at - each[0]).days > self.days)
        said = f"{len(old)} of {len(judged)} branches untouched for {self.days} days"
        oldest = ", ".join(f"{name} ({date:%Y-%m-%d})" for date, name in old[:8])
        if len(old) > self.most:
            yield Finding(f"{said}: {oldest}{', …' if len(old) > 8 else ''}")
        elif len(old) + len(judged) - len(dated) > self.most:
            yield Unknown("the last commits of some branches are missing")
        yield Evidence(f"{said}{': ' if old else ''}{oldest}")

    examples = (
        passes({}, "1 of 2 branches untouched", branches={"fix/a": "2025-01-01", "feat/b": "2026-01-01"}),
        fails({}, "6 of 6 branches untouched for 90 days: feat/old-0 (2025-01-01)", branches=OLD),
        ignores({}, "no branch besides", branches={"exp/old": "2025-01-01", "gh-pages": "2025-01-01"}),
    )
