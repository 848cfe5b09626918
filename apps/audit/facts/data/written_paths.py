"""What running the code leaves in the work tree: the folders of its tools, and paths that it writes to."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple, Self

from apps.audit.facts import Fact
from apps.audit.facts.configuration import Configuration
from apps.audit.facts.python.modules import Call, Module, Modules
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
}


class Written(NamedTuple):
    """A path, as seen from where the code runs, and the call that writes there."""

    target: str
    call: str
    path: str
    line: int


@dataclass(frozen=True)
class WrittenPaths(Fact):
    """Each target with its first call, tests and examples aside."""

    targets: tuple[Written, ...]

    absent = "no Python code"

    @classmethod
    def read(cls, modules: Modules, configuration: Configuration) -> Self:
        found = dict[str, Written]()
        elsewhere = any("mlflow.set_tracking_uri" in module.names for module in modules)
        moved = any(each.get("hydra", "run", "dir") or each.get("run", "dir") for each in configuration.values())
        for module in modules:
            if not is_test(module.path) and (ASIDE - {"notebooks"}).isdisjoint(folders_of(module.path)):
                for each in (*stores(module), *writes(module), *(() if moved else runs(module))):
                    if not (elsewhere and each.target == "mlruns/"):
                        found.setdefault(each.target, each)
            if module.is_notebook:
                written = Written(".ipynb_checkpoints/", "Jupyter", module.path, 1)
                found.setdefault(written.target, written)
        return cls(tuple(found.values()))


def stores(module: Module) -> Iterator[Written]:
    for call in module.called(STORING):
        for pattern, folder in STORES:
            named = any(isinstance(call.keywords.get(key), (str, dict)) for key in ("log_dir", "dir", "save_dir"))
            if pattern.fullmatch(call.name) and not named and not (folder == "runs/" and call.args):
                yield Written(folder, call.name, module.path, call.line)


def runs(module: Module) -> Iterator[Written]:
    """Hydra writes to outputs/, unless a configuration names another folder."""
    calls = module.called("hydra.main".__eq__)
    return (Written("outputs/", call.name, module.path, call.line) for call in calls)


def writes(module: Module) -> Iterator[Written]:
    for call in module.calls:
        place = WRITES.get(call.name) or WRITES.get(f"*.{call.name.rpartition('.')[2]}")
        target = argument(call, *place) if place else None
        if isinstance(target, str) and is_relative(target):
            folder = "/" if target.endswith("/") or call.name.endswith("ModelCheckpoint") else ""
            yield Written(posixpath.normpath(target) + folder, call.name, module.path, call.line)


def argument(call: Call, position: int, name: str) -> object:
    return call.args[position] if len(call.args) > position else call.keywords.get(name)


def is_relative(target: str) -> bool:
    """Whether a text is a plain path below the folder where the code runs."""
    return bool(re.fullmatch(r"(\./)?[A-Za-z0-9_][\w./ -]{1,150}", target)) and ".." not in target
