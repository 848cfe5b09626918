import re
from collections.abc import Iterator

from apps.audit.check import Check, Effort, Evidence, Finding, Unknown, fails, passes
from apps.audit.facts.guides import Guide, Guides
from apps.audit.regex import regex

BRANCH = regex(r"\bbranch|checkout\s+-b|switch\s+-c", re.IGNORECASE)
# A pattern such as `feature/<name>`, outside paths and addresses; docs/, data/ and model/ may also be folders.
PATTERN = regex(
    r"(?<![\w/.:-])((feature|feat|fix|bug|bugfix|hotfix|exp|experiment|baseline|chore|refactor|issue)/(?=[`\w<\[{*#.…$-])"
    r"|(docs?|data|model|<type>)/(?=[`<\[{*#…$]))(?![\w/-]*\.\w)|(checkout\s+-b|switch\s+-c)\s+[`<\[{]?\w+[>\]}]?/"
)
NAMING = regex(
    r"branch(es)?[\s-]+nam(e|ing|ed)|nam(e|ed|ing)\s+(of\s+)?(your|the|a|new|each|feature)?\s*branch|branch[^.\n]{0,60}"
    r"\b(prefix|named|called|convention)|branch[^.\n]{0,60}\bname\b[^\n]{0,80}(e\.g\.|for example|such as|like)\W",
    re.IGNORECASE,
)


class ContributingGuide(Check):
    """A guide says how to contribute

    Newcomers name branches and experiments as they find it written down, or else each in their own way.

    Fix: write CONTRIBUTING.md, with a part on branches:
        ## Branches
        Name branches `feature/…`, `fix/…`, `exp/…`, `model/…` or `data/…`, and say in the name what they try.
    """

    weight = 1
    effort = Effort.MINUTES

    def run(self, guides: Guides) -> Iterator[Finding | Evidence | Unknown]:
        named = [(guide.path, line) for guide in guides.contributing if (line := naming_line(guide))]
        if named:
            yield from (Evidence("says how branches are named", path, line) for path, line in named)
        elif guides.contributing:
            yield Finding("does not say how branches are named", guides.contributing[0].path)
        else:
            yield from guides.unread or (Finding("no CONTRIBUTING in the root, .github/ or docs/"),)

    examples = (
        passes({"CONTRIBUTING.md": "# Branches\n\nUse `feature/…` or `exp/…`.\n"}, "says how branches are named"),
        passes({"CONTRIBUTING.md": "Create a branch with a clear name (e.g., `fix-issue-1`).\n"}, "says how branches"),
        passes({"docs/contributing.rst": "1. ``git checkout -b fix/my-fix``\n"}, "says how branches are named"),
        passes({"docs/source/contributing.rst": "1. ``git checkout -b fix/my-fix``\n"}, "says how branches are named"),
        passes({".github/CONTRIBUTING.md": "Branch names start with the number of the issue.\n"}),
        fails(
            {"CONTRIBUTING.md": "Open a pull request from a branch. See docs/style and data/raw.\n"}, "does not say how"
        ),
        fails({"README.md": "Name branches feature/x.\n"}, "no CONTRIBUTING"),
    )


def naming_line(guide: Guide) -> int | None:
    """The line that names branches: by a pattern near the word "branch", or in so many words."""
    for number, line in enumerate(guide.lines):
        near = " ".join(guide.lines[max(number - 4, 0) : number + 1])
        if NAMING.search(line) or (PATTERN.search(line) and BRANCH.search(near)):
            return number + 1
    return None
