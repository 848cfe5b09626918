import re
from collections.abc import Iterator

from apps.audit.check import Check, Effort, Evidence, Finding, Unknown, fails, passes, threshold
from apps.audit.facts.prose import Document, Heading, Prose
from apps.audit.regex import regex

SECTION = regex(
    r"\W*(\d+[.)]?\s*)?(install|set[- ]?up\b|getting[- ]started|quick[- ]?start|usage|how to (install|run|use|train)"
    r"|run(ning)?\b|reproduc|training\b|build(ing)?\b|local development)",
    re.IGNORECASE,
)


class Readme(Check):
    """The README says how to install or run the project

    It is the first file that a new colleague opens. One that holds a title and a badge leaves them to guess which
    environment to build and which command trains the model.

    Fix: add the two commands that you would type on a new machine to README.md:
        ## Set up
        pip install -r requirements.txt

        ## Train
        python src/train.py
    """

    weight = 3
    effort = Effort.MINUTES
    words: int = threshold(30, "Fewest words of a README.")

    def run(self, prose: Prose) -> Iterator[Finding | Evidence | Unknown]:
        readme = prose.readme
        if readme is None:
            unread = [each for each in prose.unread if each.path.lower().startswith("readme")]
            yield from unread or (Finding("no README at the root, in .github/ or in docs/"),)
            return
        if readme.words < self.words:
            yield Finding(f"{readme.words} words, fewer than {self.words}", readme.path, 1)
        said = list(instructions(readme))
        yield from said
        if not said:
            yield Finding("no command or section says how to install or run the project", readme.path, 1)
        yield Evidence(f"{readme.words:,} words", readme.path, 1)

    examples = (
        passes(
            {"README.md": "# Churn\n\n" + "Predicts who leaves. " * 12 + "\n```\npip install -e .\n```\n"},
            "pip install",
        ),
        passes(
            {"README.rst": "Churn\n=====\n\n" + "Predicts who leaves. " * 12 + "\n\nUsage\n-----\n\nOpen the app.\n"},
            "Usage",
        ),
        passes({"README.md": "# 予測\n\n" + "顧客の解約を予測する。" * 12 + "\n```\nkedro new\n```\n"}, "kedro new"),
        fails({"train.py": "x = 1\n"}, "no README"),
        fails({"README.md": "# Churn\n\n```\npip install -e .\n```\n"}, "0 words, fewer than 30"),
        fails({"README.md": "# Churn\n\n" + "Predicts who leaves. " * 12}, "how to install or run"),
        fails({"src/README.md": "# Churn\n\n" + "Predicts who leaves. " * 12}, "no README at the root"),
    )


def instructions(readme: Document) -> Iterator[Evidence]:
    """Sections named so, and the first commands that install or run something."""
    for heading in readme.headings:
        if SECTION.match(heading.text) and not is_empty(readme, heading):
            yield Evidence(f"a section “{heading.text}”", readme.path, heading.line)
    for purpose in ("install", "run"):
        for each in [each for each in readme.instructions if each.purpose == purpose][:2]:
            yield Evidence(f"how to {purpose}: {each.command}", readme.path, each.line)


def is_empty(readme: Document, heading: Heading) -> bool:
    """Whether nothing but blank lines and markup stands below a heading before the next one."""
    following = next((each.line for each in readme.headings if each.line > heading.line), len(readme.lines) + 1)
    return not any(re.search(r"\w", line) for line in readme.lines[heading.line : following - 1])
