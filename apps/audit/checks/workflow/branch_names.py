from collections.abc import Iterator

from apps.audit.check import Check, Effort, Evidence, Finding, NotApplicable, fails, ignores, passes, threshold
from apps.audit.facts.history import History
from apps.audit.regex import regex

# A kind, and words that say what it is about: a number alone does not.
NAME = regex(r"(feature|feat|fix|hotfix|experiment|exp|model|data|baseline)/(?=.*[A-Za-z]{3})[\w./-]+")


class BranchNames(Check):
    """Branches say what they are for

    With `exp/` and `data/` in front, everyone sees which branch may be thrown away, and what it
    tries, before opening it.

    Fix: name branches by kind and content, and rename what is there:
        git branch -m try2 exp/deeper-trees
        git push origin -u exp/deeper-trees && git push origin --delete try2
    """

    weight = 2
    effort = Effort.MINUTES
    percent: float = threshold(80, "Least share of live branches that follow the patterns, in percent.", most=100)

    def run(self, history: History) -> Iterator[Finding | Evidence | NotApplicable]:
        names = [branch.name for branch in history.branches]
        following = [name for name in names if NAME.fullmatch(name)]
        if not names:
            yield NotApplicable("no branch besides the default, permanent and bots' ones")
            return
        enough = len(following) >= self.percent / 100 * len(names)
        said = f"{len(following)} of {len(names)} branches are named by kind and content"
        if enough:
            yield Evidence(f"{said}: {', '.join(following[:5])}")
        else:
            others = [name for name in names if name not in following]
            yield Finding(f"{said}; not: {', '.join(others[:8])}{', …' if len(others) > 8 else ''}")

    examples = (
        passes({}, "1 of 1 branches", branches={"exp/deeper-trees": "2026-01-01"}),
        passes({}, "2 of 2", branches={"feature/JIRA-12-login": "2026-01-01", "data/v2-labels": "2026-01-01"}),
        fails({}, "not: try2", branches={"try2": "2026-01-01", "dev": "2026-01-01"}),
        fails({}, "0 of 1", branches={"exp/42": "2026-01-01"}),
        ignores({}, "no branch besides", branches={"dev": "2026-01-01", "dependabot/pip/torch-2": "2026-01-01"}),
    )
