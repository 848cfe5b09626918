"""Trackers to which the trainers of transformers report without being told, because they are installed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple, Self

from apps.audit.facts import Fact
from apps.audit.facts.configuration import Configuration
from apps.audit.facts.documents import Document
from apps.audit.facts.packages.bounds import is_at_least
from apps.audit.facts.packages.dependencies import Dependencies
from apps.audit.facts.packages.requirements import Group
from apps.audit.facts.python.modules import Module, Modules
from apps.audit.facts.training.choices import entries
from apps.audit.facts.tree import is_test
from apps.audit.regex import regex
from apps.audit.snapshot import Snapshot

TRAINER = regex(r"transformers\.\w*Trainer|trl\.\w+Trainer|sentence_transformers\.SentenceTransformerTrainer")
TRACKERS = {"wandb", "mlflow", "tensorboard", "tensorboardx", "comet-ml", "neptune", "clearml", "dvclive", "swanlab"}
# From this version on, a trainer reports to nobody unless it is told to.
SILENT, RELEASED = "5.0.0", datetime(2026, 1, 26, tzinfo=UTC)
SWITCHED_OFF = {"WANDB_DISABLED", "WANDB_MODE"}


class Report(NamedTuple):
    """One tracker, and the trainer that reports to it."""

    tracker: str
    trainer: str
    path: str
    line: int


@dataclass(frozen=True)
class Reports(Fact):
    """By tracker and file, tests aside."""

    reports: tuple[Report, ...]

    @classmethod
    def read(
        cls, modules: Modules, dependencies: Dependencies, configuration: Configuration, snapshot: Snapshot
    ) -> Self | None:
        own = [module for module in modules if not is_test(module.path)]
        if any(map(is_told, own)) or any(map(says_so, configuration.values())):
            return None
        old = snapshot.committed_at < RELEASED
        found = [each for module in own for each in by_default(module, dependencies, old=old)]
        return cls(tuple(found)) if found else None

    def __iter__(self) -> Iterator[Report]:
        return iter(self.reports)


def by_default(module: Module, dependencies: Dependencies, *, old: bool) -> Iterator[Report]:
    calls = module.called(TRAINER.fullmatch)
    silent = is_at_least(dependencies, "transformers", SILENT, module.path) if calls else None
    if not calls or (not old if silent is None else silent):
        return
    packages = (each for manifest in dependencies.serving(module.path) for each in manifest.packages)
    for name in dict.fromkeys(each.name for each in packages if each.group is Group.RUNTIME and each.name in TRACKERS):
        yield Report(name, calls[0].name, module.path, calls[0].line)


def is_told(module: Module) -> bool:
    """Whether the code itself says to whom to report, or that it is to nobody."""
    told = any("report_to" in call.keywords for call in module.calls)
    told = told or any(each.target.rpartition(".")[2] == "report_to" for each in module.assignments)
    return told or any(text.value in SWITCHED_OFF for text in module.texts)


def says_so(document: Document) -> bool:
    return any(keys[-1] == "report_to" for keys, _ in entries(document))
