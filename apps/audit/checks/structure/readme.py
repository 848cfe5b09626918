import re
from collections.abc import Iterator

from apps.audit.check import Check, Effort, Evidence, Finding, Unknown, fails, passes, threshold
from apps.audit.facts.packages.metadata import Metadata
from apps.audit.facts.prose import Document, Heading, Prose
from apps.audit.regex import regex

SECTION = regex(
    r"\W*(\d+[.)]?\s*)?(install|set[- ]?up\b|getting[- ]started|quick[- ]?start|usage|how to (install|run|use|train)"
    r"|run(ning)?\b|reproduc|training\b|build(ing)?\b|local development)",
    re.IGNORECASE,
)
# An environment is neither the project nor what it needs.
PREPARES = regex(r"\w*python[\d.]*\s+(-m\s+(venv|virtualenv)|-V|--version)\b")


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

    def run(self, prose: Prose, metadata: Metadata) -> Iterator[Finding | Evidence | Unknown]:
        readme = prose.readme
        if readme is None:
            unread = [each for each in prose.unread if each.path.lower().startswith("readme")]
            yield from unread or (Finding("no README at the root, in .github/ or in docs/"),)
            return
        if readme.words < self.words:
            yield Finding(f"{readme.words} words, fewer than {self.words}", readme.path, 1)
        said = [*instructions(readme), *scripts(readme, metadata)] or list(linked(readme, prose))
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
        passes(
            {
                "README.md": "# Churn\n\n" + "Predicts who leaves. " * 12 + "See [the guide](docs/use.md#train).\n",
                "docs/use.md": "```\npython train.py\n```\n",
            },
            "links to docs/use.md, which says how to run: python train.py",
        ),
        passes(
            {
                "README.md": "# Churn\n\n" + "Predicts who leaves. " * 12 + "\n```\nchurn fit\n```\n",
                "pyproject.toml": '[project]\nname = "churn"\nscripts.churn = "churn:main"\n',
            },
            "how to run: churn fit",
        ),
        fails(
            {"README.md": "# A\n" + "Predicts who leaves. " * 12 + "\n```\npython -m venv .venv\n```\n"}, "no command"
        ),
        fails(
            {"README.md": "# A\n" + "Predicts who leaves. " * 12 + "\n```\n├── Makefile <- `make x`\n```\n"},
            "no command",
        ),
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
    told = [each for each in readme.instructions if not PREPARES.match(each.command)]
    for purpose in ("install", "run"):
        for each in [each for each in told if each.purpose == purpose][:2]:
            yield Evidence(f"how to {purpose}: {each.command}", readme.path, each.line)


def scripts(readme: Document, metadata: Metadata) -> Iterator[Evidence]:
    """The first call of a command that the project installs."""
    names = {entry.value.partition("=")[0].strip() for each in metadata for entry in each.scripts} - {""}
    called = ((text.strip(), line) for line, text in readme.code if text.split()[:1] and text.split()[0] in names)
    if first := next(called, None):
        yield Evidence(f"how to run: {first[0]}", readme.path, first[1])


def linked(readme: Document, prose: Prose) -> Iterator[Evidence]:
    """Texts of the tree that say it in the README's stead."""
    texts = {each.path: each for each in prose}
    for line, path in readme.links:
        if path in texts and path != readme.path and (said := next(iter(texts[path].instructions), None)):
            yield Evidence(f"links to {path}, which says how to {said.purpose}: {said.command}", readme.path, line)


def is_empty(readme: Document, heading: Heading) -> bool:
    """Whether nothing but blank lines and markup stands below a heading before the next one."""
    following = next((each.line for each in readme.headings if each.line > heading.line), len(readme.lines) + 1)
    return not any(re.search(r"\w", line) for line in readme.lines[heading.line : following - 1])
