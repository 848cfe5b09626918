"""What running the code leaves in the work tree: the folders of its tools, and paths that it writes to."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, Self

from apps.audit.facts import Fact
from apps.audit.facts.configuration import Configuration
from apps.audit.facts.prose import Prose
from apps.audit.facts.python.modules import Call, Expression, Module, Modules
from apps.audit.facts.training.options import DECLARES, default_of, names_of
from apps.audit.facts.training.reports import Reports
from apps.audit.facts.tree import ASIDE, folders_of, is_test
from apps.audit.regex import any_of, regex

# Calls after which a tool writes to a folder of its own.
STORES = (
    (regex(r"wandb\.init|wandb\.integration\..*|.*\.WandbLogger"), "wandb/"),
    (regex(r"mlflow\.(start_run|autolog|set_experiment|\w+\.autolog)"), "mlruns/"),
    (regex(r"(.*\.)?tensorboard(X|\.writer)?\.SummaryWriter|torch\.utils\.tensorboard\.SummaryWriter"), "runs/"),
    (regex(r"aim\.Run|.*\.AimLogger"), ".aim/"),
    (regex(r"catboost\.(CatBoost\w*|train)"), "catboost_info/"),
)
STORES_OF = {"wandb": "wandb/", "mlflow": "mlruns/"}
STORING = any_of(*(pattern for pattern, _ in STORES))
# Calls that write what is named by their first argument, or the argument of this place or name.
WRITES: dict[str, tuple[int, str]] = {
    "torch.save": (1, "f"),
    "joblib.dump": (1, "filename"),
    "numpy.save": (0, "file"),
    "numpy.savez": (0, "file"),
    "safetensors.torch.save_file": (1, "filename"),
    "*.save_model": (0, "fname"),
    "*.save_pretrained": (0, "save_directory"),
    "*.to_parquet": (0, "path"),
    "*.to_feather": (0, "path"),
    "*.to_pickle": (0, "path"),
    "*.save_weights": (0, "filepath"),
    "*.ModelCheckpoint": (0, "dirpath"),
    "*.TrainingArguments": (0, "output_dir"),
    "*.Seq2SeqTrainingArguments": (0, "output_dir"),
    "*.SentenceTransformerTrainingArguments": (0, "output_dir"),
    "trl.SFTConfig": (0, "output_dir"),
    "trl.DPOConfig": (0, "output_dir"),
    "trl.GRPOConfig": (0, "output_dir"),
    "trl.RewardConfig": (0, "output_dir"),
    "sqlite3.connect": (0, "database"),
}
ENVIRONMENT = regex(r"(?:\S*python[\d.]*\s+-m\s+venv|virtualenv|uv\s+venv)\s+(?:-\S+\s+)*([\w.-]+)")
LOGS = ("log_dir", "dir", "save_dir")
# They make what they name a folder.
FOLDERS = regex(r"(.*\.)?(ModelCheckpoint|\w*TrainingArguments)|trl\.\w+Config")
JOINS = regex(r"os\.path\.join|(pathlib\.)?(Path|PurePath)")
REMOVES = regex(r"os\.(remove|unlink)|.*\.unlink")
# How many names lead from one to the next.
FARTHEST = 4


class Written(NamedTuple):
    """A path, as seen from where the code runs, and the call that writes there."""

    target: str
    call: str
    path: str
    line: int

    @property
    def places(self) -> list[str]:
        """The target seen from the file's folder and from each folder around it, where the code may be started."""
        parts = self.path.split("/")[:-1]
        return ["/".join([*parts[:depth], self.target]) for depth in range(len(parts), -1, -1)]


@dataclass(frozen=True)
class WrittenPaths(Fact):
    """Each target with its first call, tests and examples aside."""

    targets: tuple[Written, ...]

    absent = "no Python code"

    @classmethod
    def read(cls, modules: Modules, configuration: Configuration, prose: Prose, reports: Reports | None) -> Self:
        found = dict[str, Written]()
        elsewhere = any("mlflow.set_tracking_uri" in module.names for module in modules)
        moved = any(each.get("hydra", "run", "dir") or each.get("run", "dir") for each in configuration.values())
        for module in modules:
            if not is_test(module.path) and (ASIDE - {"notebooks"}).isdisjoint(folders_of(module.path)):
                seen = Literals(module)
                for each in (*stores(module, seen), *writes(module, seen), *(() if moved else runs(module))):
                    if not (elsewhere and each.target == "mlruns/"):
                        found.setdefault(each.target, each)
            if module.is_notebook:
                written = Written(".ipynb_checkpoints/", "Jupyter", module.path, 1)
                found.setdefault(written.target, written)
        for report in reports or ():
            folder = STORES_OF.get(report.tracker, "")
            if folder and not (elsewhere and folder == "mlruns/"):
                found.setdefault(folder, Written(folder, report.trainer, report.path, report.line))
        for written in environments(prose):
            found.setdefault(written.target, written)
        return cls(tuple(found.values()))


class Literals:
    """What the names of a module hold, where it says so itself: a text, a default, paths that are joined."""

    def __init__(self, module: Module) -> None:
        self.module = module
        self.joins = {(call.name, call.scope, call.line): call for call in module.called(JOINS.fullmatch)}
        # What the caller of a function gives: its default is one place of many.
        self.arguments = {(each.name, arg) for each in module.functions for arg in each.args}

    @cached_property
    def options(self) -> dict[str, Expression]:
        """Defaults of command-line options."""
        return {name: default_of(call) for call in self.module.called(DECLARES) for name in names_of(call)}

    @cached_property
    def fields(self) -> dict[str, Expression]:
        """The last value that something of this name holds, whatever it is a field of."""
        own = (each for each in self.module.assignments if (each.scope, each.target) not in self.arguments)
        return {each.target.rpartition(".")[2]: each.value for each in own}

    def of(self, value: Expression, call: Call, depth: int = 0) -> str:
        """The path that a value is, as far as it is seen; empty where a part of it is not."""
        if isinstance(value, str):
            return value
        if not isinstance(value, dict) or depth > FARTHEST:
            return ""
        if join := self.joins.get((str(value.get("call")), call.scope, call.line)):
            parts = [self.of(each, join, depth + 1) for each in join.args]
            return posixpath.join(*parts) if parts and all(parts) else ""
        name = value.get("name")
        return self.named(name, call, depth) if isinstance(name, str) else ""

    def named(self, name: str, call: Call, depth: int) -> str:
        if (call.scope, name) in self.arguments:
            return ""
        own = [each for each in self.module.targets.get(name, ()) if each.scope in {call.scope, ""}]
        if own:
            return self.of(own[-1].value, call._replace(line=own[-1].line, scope=own[-1].scope), depth + 1)
        _, dot, last = name.rpartition(".")
        found = self.options.get(last, self.fields.get(last)) if dot else None
        return found if isinstance(found, str) else ""


def stores(module: Module, seen: Literals) -> Iterator[Written]:
    for call in module.called(STORING):
        for pattern, folder in STORES:
            named = [call.keywords[key] for key in LOGS if isinstance(call.keywords.get(key), (str, dict))]
            if folder == "runs/" and call.args:
                named = call.args[:1]
            # Where another place is named, it is that one or nobody knows.
            target = seen.of(named[0], call) if named else folder
            if pattern.fullmatch(call.name) and is_relative(target):
                yield Written(f"{posixpath.normpath(target)}/", call.name, module.path, call.line)


def runs(module: Module) -> Iterator[Written]:
    """Hydra writes to outputs/, unless a configuration names another folder."""
    calls = module.called("hydra.main".__eq__)
    return (Written("outputs/", call.name, module.path, call.line) for call in calls)


def writes(module: Module, seen: Literals) -> Iterator[Written]:
    removed = {str(path) for call in module.called(REMOVES.fullmatch) for path in removed_by(call)}
    for call in module.calls:
        place = WRITES.get(call.name) or WRITES.get(f"*.{call.name.rpartition('.')[2]}")
        value = argument(call, *place) if place else None
        target = seen.of(value, call)
        if is_relative(target) and str(value) not in removed:
            folder = "/" if target.endswith("/") or FOLDERS.fullmatch(call.name) else ""
            yield Written(posixpath.normpath(target) + folder, call.name, module.path, call.line)


def removed_by(call: Call) -> list[Expression]:
    receiver, _, method = call.name.rpartition(".")
    return [{"name": receiver}] if method == "unlink" and receiver != "os" else call.args[:1]


def argument(call: Call, position: int, name: str) -> Expression:
    return call.args[position] if len(call.args) > position else call.keywords.get(name)


def is_relative(target: str) -> bool:
    """Whether a text is a plain path below the folder where the code runs."""
    return bool(re.fullmatch(r"(\./)?[A-Za-z0-9_][\w./ -]{1,150}", target)) and ".." not in target


def environments(prose: Prose) -> Iterator[Written]:
    """Folders in which the README tells to make an environment."""
    for document in prose.readmes:
        for each in document.instructions:
            if match := ENVIRONMENT.match(each.command):
                yield Written(f"{match[1]}/", match[0].rpartition(" ")[0], document.path, each.line)
