"""Whether PyTorch is told to use kernels that give the same result each time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple, Self

from apps.audit.facts import Fact
from apps.audit.facts.configuration import Configuration
from apps.audit.facts.documents import Document
from apps.audit.facts.packages.dependencies import Dependencies
from apps.audit.facts.python.modules import Expression, Module, Modules
from apps.audit.facts.training.hyperparameters import base_of
from apps.audit.facts.training.options import defaults
from apps.audit.facts.training.randomness import IMPORTS, Library
from apps.audit.facts.training.training import Training
from apps.audit.facts.tree import is_main, is_test
from apps.audit.regex import any_of, regex

SETS = regex(r"torch\.(use_deterministic_algorithms|set_deterministic)|(.*\.)?enable_full_determinism")
TRAINER = regex(r"(lightning|pytorch_lightning)(\.\w+)*\.(Trainer|Fabric)")
SEEDED_TRAINER = regex(r"transformers\.(\w*)TrainingArguments")
DETERMINES = any_of(SETS, TRAINER, SEEDED_TRAINER, regex(r".*set_seed"))


class Setting(NamedTuple):
    """One setting, and whether it makes training deterministic."""

    what: str
    path: str
    line: int | None
    on: bool


@dataclass(frozen=True)
class Kernels(Fact):
    """`starts`: the first training call, or import of PyTorch, of each project folder; `settings` by folder too."""

    starts: tuple[tuple[str, Setting], ...]
    settings: tuple[tuple[str, Setting], ...]

    absent = "PyTorch is not used"

    @classmethod
    def read(
        cls, modules: Modules, configuration: Configuration, dependencies: Dependencies, training: Training | None
    ) -> Self | None:
        torch = [
            module for module in modules if IMPORTS[Library.PYTORCH] & module.packages and not is_test(module.path)
        ]
        if not torch:
            return None
        bases = {manifest.folder for manifest in dependencies.declaring} | {""}
        paths = {module.path for module in torch}
        calls = [each for each in (training or ()) if each.path in paths and each.runnable]
        main = [each for each in calls if is_main(each.path)] or calls
        starts = {
            base_of(each.path, bases): Setting(f"{each.call} trains", each.path, each.line, False)
            for each in main[::-1]
        }
        if not starts:
            first = next(each for each in torch[0].imports if each.name.partition(".")[0] in IMPORTS[Library.PYTORCH])
            starts = {"": Setting(f"{first.name} is imported", torch[0].path, first.line, False)}
        found = [each for module in torch for each in in_module(module)]
        found += [each for document in configuration.values() for each in in_document(document)]
        settings = ((base_of(each.path, set(starts) | {""}), each) for each in found)
        return cls(tuple(sorted(starts.items())), tuple(settings))

    def of(self, folder: str) -> list[Setting]:
        """The settings that hold for a folder: its own, and those of the whole repository."""
        return [each for place, each in self.settings if place in {folder, ""}]


def in_module(module: Module) -> Iterator[Setting]:
    for assignment in module.assignments:
        if assignment.target == "torch.backends.cudnn.deterministic":
            on = default_of(assignment.value, module)
            yield Setting(f"cudnn.deterministic = {on}", module.path, assignment.line, on)
        elif assignment.target == "torch.backends.cudnn.benchmark" and assignment.value is True:
            yield Setting("cudnn.benchmark = True", module.path, assignment.line, False)
    for call in module.called(DETERMINES):
        if SETS.fullmatch(call.name):
            yield Setting(f"{call.name}()", module.path, call.line, call.args[:1] != [False])
        elif call.name.endswith("set_seed") and call.keywords.get("reproducible") is True:
            yield Setting(f"{call.name}(reproducible=True)", module.path, call.line, True)
        elif (TRAINER.fullmatch(call.name) or SEEDED_TRAINER.fullmatch(call.name)) and (key := given(call.keywords)):
            yield Setting(f"{call.name}({key}=…)", module.path, call.line, call.keywords[key] not in (False, None))


def default_of(value: Expression, module: Module) -> bool:
    """A constant, or what a field or option of that name has by default; what cannot be followed is believed."""
    name = value.get("name") if isinstance(value, dict) else None
    if not isinstance(name, str):
        return value is not False
    key = name.rpartition(".")[2]
    values = [*(each.value for each in module.targets.get(key, ())), *defaults(module, key)]
    return all(each is not False and each is not None for each in values)


def given(keywords: dict[str, Any]) -> str:
    return next((key for key in ("deterministic", "full_determinism") if key in keywords), "")


def in_document(document: Document) -> Iterator[Setting]:
    waiting: list[tuple[tuple[str, ...], Any]] = [((), document.value)]
    while waiting:
        keys, value = waiting.pop()
        if isinstance(value, dict) and len(keys) < 5:
            waiting += [((*keys, str(key)), each) for key, each in value.items()]
        elif keys and keys[-1] == "deterministic" and (isinstance(value, bool) or value == "warn"):
            yield Setting(f"deterministic: {str(value).lower()}", document.path, document.line(*keys), bool(value))
