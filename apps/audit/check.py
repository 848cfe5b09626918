"""Anatomy of a check: its arguments are facts, its fields are thresholds, its yields are findings and evidence,
its docstring is its page, its examples are its tests."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar, dataclass_transform

from apps.audit.facts import Fact
from apps.audit.facts.project import ProjectKind
from apps.audit.snapshot import KILOBYTE, MEGABYTE, Commit, File, Kind, Snapshot, Unknown

# A check imports from here and from facts, and from nowhere else.
__all__ = ["KILOBYTE", "MEGABYTE", "Commit", "File", "Kind", "ProjectKind", "Snapshot", "Unknown"]


class Effort(StrEnum):
    """How long mending takes."""

    MINUTES = "minutes"
    HOURS = "hours"
    DAYS = "days"


class Outcome(StrEnum):
    """What an audit says of one check."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_APPLICABLE = "not_applicable"
    UNKNOWN = "unknown"
    ERRORED = "errored"


@dataclass(frozen=True)
class Finding:
    """One thing wrong, with its place. `fix` is set where the mend differs from the check's own."""

    message: str
    path: str = ""
    line: int | None = None
    fix: str = ""

    @property
    def key(self) -> str:
        """What a waiver holds on to: it survives other numbers and other lines."""
        return f"{self.path}:{re.sub(r'[0-9][0-9.,]*', '#', self.message)}"


@dataclass(frozen=True)
class Evidence:
    """What convinced a check, with its place."""

    message: str
    path: str = ""
    line: int | None = None


@dataclass(frozen=True)
class NotApplicable:
    """The thing that a check judges does not exist here."""

    reason: str


Yield = Finding | Evidence | Unknown | NotApplicable


def threshold(default: float, help: str, *, least: float = 0, most: float | None = None) -> Any:
    """A field that an administrator can set: a number of the type of its default, from `least` to `most`."""
    return dataclasses.field(default=default, metadata={"help": help, "least": least, "most": most})


@dataclass(frozen=True)
class Example:
    """A small repository and what a check must say of it."""

    outcome: Outcome
    files: Mapping[str, str | bytes]
    says: str = ""
    history: tuple[str | Past, ...] = ()
    branches: Mapping[str, str] | None = None
    earlier: Mapping[str, str | bytes] | None = None
    thresholds: Mapping[str, float] = dataclasses.field(default_factory=dict)


@dataclass(frozen=True)
class Past:
    """A commit of an example's history. `date` is ISO; a merge has a second parent."""

    message: str
    date: str = "2026-01-01"
    author: str = "Ada"
    merge: bool = False


def passes(files: Mapping[str, str | bytes], says: str = "", **more: Any) -> Example:
    """A repository that passes; some evidence contains `says`."""
    return example(Outcome.PASSED, files, says, **more)


def fails(files: Mapping[str, str | bytes], says: str, **more: Any) -> Example:
    """A repository that fails; some finding contains `says`."""
    return example(Outcome.FAILED, files, says, **more)


def ignores(files: Mapping[str, str | bytes], says: str, **more: Any) -> Example:
    """A repository to which the check does not apply; the reason contains `says`."""
    return example(Outcome.NOT_APPLICABLE, files, says, **more)


def example(outcome: Outcome, files: Mapping[str, str | bytes], says: str, **more: Any) -> Example:
    """`history` (subjects or Past), `branches` (name to ISO date of its last commit), `earlier` (files that are gone);
    the rest are thresholds."""
    history, branches, earlier = more.pop("history", ()), more.pop("branches", None), more.pop("earlier", None)
    return Example(outcome, files, says, history, branches, earlier, thresholds=more)


@dataclass_transform(frozen_default=True, field_specifiers=(threshold,))
@dataclass(frozen=True)
class Check:
    """One practice. A subclass is a file `checks/<area>/<name>.py` and nothing else.

    `run` takes facts by annotation. A fact that reads as None makes the check not applicable, unless it is annotated
    `| None`. Findings win over unknowns; a check that yields neither passes.
    """

    weight: ClassVar[int]
    effort: ClassVar[Effort]
    examples: ClassVar[tuple[Example, ...]]
    # Checks that must pass first; where one fails, this one is not applicable, so that one missing thing costs once.
    requires: ClassVar[tuple[type[Check], ...]] = ()
    # Facts without which there is nothing to judge, beside those that `run` takes.
    about: ClassVar[tuple[type[Fact], ...]] = ()
    # Kinds of project that this check has nothing to say about.
    not_for: ClassVar[tuple[ProjectKind, ...]] = ()
    # Whether it is judged where a policy does not say.
    on: ClassVar[bool] = True
    # Judged only once somebody opened a door for it; until then it is unknown and the scorecard complete all the same.
    opt_in: ClassVar[bool] = False
    slug: ClassVar[str]
    area: ClassVar[str]

    def __init_subclass__(cls) -> None:
        if any(isinstance(each, dataclasses.Field) for each in vars(cls).values()):
            dataclass(frozen=True)(cls)
        *_, cls.area, name = cls.__module__.split(".")
        cls.area, name = cls.area.replace("_", "-"), name.replace("_", "-")
        cls.slug = f"{cls.area}/{name}"

    run: ClassVar[Any]

    @classmethod
    def title(cls) -> str:
        return paragraphs(cls)[0]

    @classmethod
    def why(cls) -> str:
        return "\n\n".join(each for each in paragraphs(cls)[1:] if not each.startswith("Fix:"))

    @classmethod
    def fix(cls) -> str:
        return next((each.removeprefix("Fix:").strip() for each in paragraphs(cls) if each.startswith("Fix:")), "")

    @classmethod
    def thresholds(cls) -> tuple[dataclasses.Field[Any], ...]:
        return dataclasses.fields(cls)


def paragraphs(documented: object) -> list[str]:
    """The docstring's paragraphs, each on one line; a fenced or indented block keeps its lines."""
    text = re.sub(r"\n[ ]{4}", "\n", (documented.__doc__ or "").strip())
    return [each if "\n    " in each else " ".join(each.split()) for each in text.split("\n\n")]
