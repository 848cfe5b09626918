"""README files and documentation as text, with headings, and the commands that they tell a reader to run."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, Self

from apps.audit.facts import Fact
from apps.audit.facts.tree import Tree, is_fixture, is_template, is_vendored
from apps.audit.regex import regex
from apps.audit.snapshot import File, Json, Unknown, derive

SUFFIXES = {".md", ".rst", ".txt", ".markdown", ".mdx", ".adoc", ".org", ""}
DOCUMENTATION = {"docs", "doc", "documentation", "wiki", ".github"}
MOST_DOCUMENTS, LONGEST_LINE, MOST_LINES = 300, 1000, 20_000
FENCE = regex(r"\s{0,12}(?:[-*>]\s+)?(```|~~~)")
PROMPT = regex(r"^\s*(?:[-*>]\s+)?`{0,3}(?:\$|%|>|!|#\s(?=pip|python))?\s*")
WORD = regex(r"[^\W\d_]{2,}")
# Written without spaces; two characters make about one word.
IDEOGRAPHS = regex(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]{2}")
MARKUP = regex(r"<[^<>]{0,500}>|!?\[[^\[\]]{0,200}\]\([^()\s]{0,500}\)|https?://\S+")
# Lines of a drawing of folders: what stands there tells what a file is for.
DRAWING = regex(r"[├└│]|^[ \t|]*(\|--|`--|\+--)")
GUIDE = regex(r"readme|install|getting|usage|set_?up|requirements|reproduc", re.IGNORECASE)
# Targets of links, in Markdown and reStructuredText, without their anchors.
LINK = regex(r"\]\(\s*<?([^()\s>#?]{1,300})|<([^<>`\s#?]{1,300})[^<>`]{0,100}>`_")
# Programs that install or start something, at the beginning of a command.
COMMAND = regex(
    r"(?:[A-Z_]+=\S+\s+|sudo\s+|poetry run\s+|uv run\s+|pipenv run\s+)*"
    r"(?:(?P<install>(?:python3?\s+-m\s+)?pip3?\s+install|uv\s+(?:sync|add|pip)|poetry\s+(?:install|add)|pdm\s+(?:install|sync)"
    r"|pipenv\s+(?:install|sync)|conda\s+(?:env\s+create|create|install)|mamba\s+(?:env\s+create|create|install)"
    r"|pixi\s+(?:install|add)|make\s+(?:install|setup|init|env|environment|requirements|venv|dev)|npm\s+(?:install|ci)|pipx\s+install"
    r"|hatch\s+env|cruft\s+create|copier\s+copy|cookiecutter\s+\S|docker\s+(?:pull|build))"
    r"|(?P<run>(?:\w*python3?|torchrun|accelerate|deepspeed|jupyter|streamlit|uvicorn|gunicorn|flask|ray|anyscale|mlflow|zenml"
    r"|prefect|dagster|snakemake|nextflow|lightning|composer|bentoml|yolo|mpirun|srun|sbatch|Rscript|julia)\s+[\w./-]"
    r"|docker(?:-|\s+)(?:run|compose)|dvc\s+(?:repro|exp|pull)|make\s+\w|just\s+\w|task\s+\w|tox|nox|invoke\s+\w|inv\s+\w"
    r"|(?:ba)?sh\s+\S+\.sh|\./\S|kedro\s+(?:run|new|viz|jupyter)|pixi\s+run|hatch\s+run|mise\s+run|poe\s+\w|pytest))",
)


class Heading(NamedTuple):
    """A heading; `level` counts from 1."""

    level: int
    text: str
    line: int


class Instruction(NamedTuple):
    """A command that the text tells a reader to run; `purpose` is "install" or "run"."""

    purpose: str
    command: str
    line: int


@dataclass(frozen=True)
class Document:
    """One text. `words` counts prose without its headings, code, markup and links."""

    path: str
    words: int
    headings: tuple[Heading, ...]
    instructions: tuple[Instruction, ...]
    lines: tuple[str, ...]

    @property
    def code(self) -> Iterator[tuple[int, str]]:
        """The lines of its code blocks and what stands between backticks, without prompts, each with its number."""
        fenced = False
        for number, line in enumerate(self.lines, 1):
            if FENCE.match(line) and line.count("```") != 2:
                fenced = not fenced
            elif not DRAWING.search(line):
                yield from ((number, unprompted(text)) for text in code_in(line, fenced))

    @property
    def links(self) -> Iterator[tuple[int, str]]:
        """Paths in the tree that it links to, each with the number of the line."""
        for number, line in enumerate(self.lines, 1):
            for target in ("".join(found) for found in LINK.findall(line)):
                if "://" not in target:
                    yield number, posixpath.normpath(posixpath.join(posixpath.dirname(self.path), target)).lstrip("/")

    @property
    def is_readme(self) -> bool:
        return self.path.rpartition("/")[2].lower().startswith("readme")


@dataclass(frozen=True)
class Prose(Fact):
    """READMEs anywhere, texts at the root, and documentation folders."""

    documents: tuple[Document, ...]
    unread: tuple[Unknown, ...] = ()

    @classmethod
    def read(cls, tree: Tree) -> Self:
        files = sorted((file for file in tree if is_prose(file)), key=lambda file: (file.path.count("/"), file.path))
        derived = derive(files[:MOST_DOCUMENTS], parse_prose)
        return cls(tuple(to_document(file.path, parsed) for file, parsed in derived), derived.unread)

    def __iter__(self) -> Iterator[Document]:
        return iter(self.documents)

    @cached_property
    def readme(self) -> Document | None:
        """The README of the repository: at its root, in .github/ or docs/, as forges show it."""
        found = {document.path.rpartition("/")[0]: document for document in reversed(self.readmes)}
        return next((found[folder] for folder in ("", ".github", "docs") if folder in found), None)

    @property
    def readmes(self) -> tuple[Document, ...]:
        return tuple(document for document in self if document.is_readme)

    @property
    def guides(self) -> tuple[Document, ...]:
        """What tells how to install and run: READMEs, and pages named for it."""
        return tuple(each for each in self if GUIDE.match(each.path.rpartition("/")[2]))


def is_prose(file: File) -> bool:
    """Requirements files are text, but not prose."""
    if file.suffix not in SUFFIXES or is_vendored(file.path) or is_template(file.path) or is_fixture(file.path):
        return False
    named = file.name.lower().startswith(("readme", "install", "contributing", "usage", "getting", "reproduc"))
    written = file.suffix not in {"", ".txt"}
    return named or (written and (not file.folder or file.path.lower().partition("/")[0] in DOCUMENTATION))


def parse_prose(content: bytes) -> Json:
    """Lines, words, headings ([level, text, line]) and instructions ([purpose, command, line])."""
    lines = [line[:LONGEST_LINE] for line in content.decode("utf-8-sig", "replace").splitlines()[:MOST_LINES]]
    words, headings, instructions, fenced = 0, list[Json](), list[Json](), False
    for number, line in enumerate(lines, 1):
        if FENCE.match(line) and line.count("```") != 2:
            fenced = not fenced
            continue
        underlined = not fenced and number < len(lines) and re.fullmatch(r"\s*([=\-~^])\1{2,}\s*", lines[number])
        heading = None if fenced else re.match(r"\s{0,3}(#{1,6})\s+(\S.*)", line)
        if heading:
            headings.append([len(heading[1]), heading[2].strip(" #"), number])
        elif underlined and line.strip():
            headings.append([1 if "=" in lines[number] else 2, line.strip(), number])
        elif not fenced and not line.startswith(("    ", "\t")):
            prose = MARKUP.sub(" ", line)
            words += len(IDEOGRAPHS.findall(prose)) or len(WORD.findall(prose))
        instructions += [[purpose, command, number] for purpose, command in commands(line, fenced)]
    return {"lines": lines, "words": words, "headings": headings, "instructions": instructions}


def commands(line: str, fenced: bool) -> Iterator[tuple[str, str]]:
    """Commands of a line: the line itself in a code block or when indented, and what stands between backticks."""
    is_code = is_block(line, fenced)
    for text in () if DRAWING.search(line) else code_in(line, fenced):
        command = unprompted(text)
        if match := COMMAND.match(command):
            yield "install" if match["install"] else "run", command.strip()[:200]
        elif is_code and re.match(r"(import \w|from \w[\w.]* import )", command):
            yield "run", command.strip()[:200]


def is_block(line: str, fenced: bool) -> bool:
    return fenced or line.startswith(("    ", "\t", "$ "))


def code_in(line: str, fenced: bool) -> list[str]:
    quoted = re.findall(r"`([^`]{3,300})`", line)
    return [line, *quoted] if is_block(line, fenced) else quoted


def unprompted(text: str) -> str:
    prompt = PROMPT.match(text)
    return text[prompt.end() :] if prompt else text


def to_document(path: str, parsed: Json) -> Document:
    return Document(
        path,
        parsed["words"],
        tuple(Heading(*each) for each in parsed["headings"]),
        tuple(Instruction(*each) for each in parsed["instructions"]),
        tuple(parsed["lines"]),
    )
