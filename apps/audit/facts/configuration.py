"""Files that hold configuration, found by their role: folders of it, parameter files, modules of nothing but values."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, Self

from apps.audit.facts import Fact
from apps.audit.facts.documents import LIMIT, Document, Documents
from apps.audit.facts.python.modules import Expression, Module, Modules
from apps.audit.facts.tree import Tree, folders_of, is_fixture, is_template, is_test, is_vendored
from apps.audit.regex import regex
from apps.audit.snapshot import File, Json, Unknown, derive

FOLDER = regex(
    r"(conf|confs|config|configs|configuration|configurations|cfg|cfgs|hparams|hyps|params|parameters|settings)"
    r"([._-](examples?|samples?|templates?|defaults?|dist))?"
    r"|(model|train|training|experiment|exp|hydra|data|task|run|deepspeed|accelerate)[_-]configs?"
)
DATA_SUFFIXES = {".yaml", ".yml", ".json", ".toml", ".ini", ".cfg", ".gin", ".jsonnet", ".conf", ".hocon"}
NAMED = regex(
    r"((.*[-_.])?(params|parameters|hparams|hyperparams|hyper_?parameters|config|configuration|conf|cfg|settings|experiment|recipe)"
    r"([-_].*)?)\.(yaml|yml|json|toml|ini|cfg|gin|jsonnet|conf)",
    re.IGNORECASE,
)
# Settings of tools and of documentation, which no run of the project reads.
TOOLS = regex(
    r"\..*|_config\.ya?ml|setup\.cfg|pyproject\.toml|mkdocs\.ya?ml|docker-compose.*|dvc\.ya?ml|package(-lock)?\.json"
    r"|tsconfig.*|nbconfig.*|codecov.*|renovate\.json|lefthook.*|tox\.ini|pytest\.ini|mypy\.ini|.*\.schema\.json"
    r"|(.*[-_.])?(environment|conda)([-_.].*)?\.ya?ml|pyrightconfig\.json|vite\.config.*|babel\.config.*|jest\.config.*",
    re.IGNORECASE,
)
OTHER_FOLDERS = {"docs", "doc", "node_modules", "k8s"}
MODULE = regex(
    r"(.*_)?(config|configs|configuration|conf|cfg|params|parameters|hparams|hyperparameters|settings)(_.*)?\.py"
)
# What a module of values may make beside them.
FACTORY = regex(
    r"(get|create|make|build|init|setup|configure)_(\w+_)?(session|logger|logging|client|connection|engine|spark)s?(_\w+)?"
)


# Jobs and components of Azure Machine Learning, which their schema names: what each step is given stands in them.
MAY_BE_JOB = regex(r".*(aml|azureml|job|component|pipeline|sweep|train|run).*\.ya?ml", re.IGNORECASE)
JOB = regex(
    rb"^[\"']?\$schema[\"']?:\s*\S*(azureml\S*/\w+(Job|Component)\.schema|componentsdk\S*/\w+Component)\.json",
    re.MULTILINE,
)
# Networks that are written down as tables of layers, beside the code that builds them.
MAY_BE_NETWORK = regex(r"(.*/)?(models?|nets?|networks?|architectures?)/(.*/)?[^/]+\.ya?ml", re.IGNORECASE)
NETWORK = regex(rb"^(backbone|head|neck|encoder|decoder|layers)\s*:", re.MULTILINE)
MAY_BE = regex(f"{MAY_BE_JOB.pattern}|{MAY_BE_NETWORK.pattern}", re.IGNORECASE)


class ConfigurationFile(NamedTuple):
    """One file, and what makes it configuration."""

    path: str
    why: str


@dataclass(frozen=True)
class Configuration(Fact):
    """Every configuration file that a run of the project may read; settings of tools are none."""

    files: tuple[ConfigurationFile, ...]
    documents: Documents

    @classmethod
    def read(cls, tree: Tree, documents: Documents, modules: Modules | None) -> Self:
        own = [file for file in tree if not is_other(file.path) and not is_logged(file, tree)]
        found = [each for file in own for each in [classify(file)] if each]
        found += [each for module in modules or () for each in [classify_module(module)] if each]
        known = {each.path for each in found}
        may_be = (each for each in own if MAY_BE.fullmatch(each.path) and each.path not in known)
        found += [ConfigurationFile(file.path, why) for file, why in derive(may_be, told_inside, LIMIT) if why]
        found += [each for module in modules or () for each in named_by_options(module, tree) if each.path not in known]
        return cls(tuple(sorted(set(found))), documents)

    def __iter__(self) -> Iterator[ConfigurationFile]:
        return iter(self.files)

    @cached_property
    def paths(self) -> frozenset[str]:
        return frozenset(file.path for file in self.files)

    def values(self) -> Iterator[Document]:
        """The parsed YAML, JSON, TOML and INI files among them."""
        parsed = (self.documents.get(file.path) for file in self.files if not file.path.endswith(".py"))
        return (document for document in parsed if document and not document.error)

    @cached_property
    def unread(self) -> tuple[Unknown, ...]:
        """Files that are too large to be parsed."""
        files = filter(None, (self.documents.tree.get(path) for path in sorted(self.paths) if not path.endswith(".py")))
        large = (file for file in files if file.exceeds(LIMIT))
        return tuple(Unknown(f"{file.megabytes} of configuration, which is not read", file.path) for file in large)


def is_other(path: str) -> bool:
    outside = is_vendored(path) or is_template(path) or is_fixture(path)
    hidden = any(name.startswith(".") or name in OTHER_FOLDERS for name in folders_of(path))
    return outside or hidden or bool(TOOLS.fullmatch(path.rpartition("/")[2]))


def told_inside(content: bytes) -> Json:
    """What its content makes a YAML file; empty for nothing."""
    if JOB.search(content):
        return "a job or component of Azure ML with its inputs"
    return "a network as a table of its layers" if NETWORK.search(content) else ""


def named_by_options(module: Module, tree: Tree) -> Iterator[ConfigurationFile]:
    """Files of the tree that are defaults of command-line options: `--hyp`, by default data/hyps/low.yaml."""
    lines = {call.line for call in module.calls if call.name.endswith(".add_argument")}
    for text in module.texts if lines and not is_test(module.path) else ():
        file = tree.get(text.value) if text.line in lines else None
        if file and file.suffix in DATA_SUFFIXES and not is_other(file.path):
            yield ConfigurationFile(file.path, f"the default of an option of {module.path}")


def is_logged(file: File, tree: Tree) -> bool:
    """Whether it is what DVCLive writes down of a run, beside the metrics and the plots."""
    if file.name != "params.yaml" or not file.folder or f"{file.folder}/metrics.json" not in tree:
        return False
    return any(each.path.startswith(f"{file.folder}/plots/") for each in tree)


def classify(file: File) -> ConfigurationFile | None:
    if file.suffix not in DATA_SUFFIXES:
        return None
    if folder := next((name for name in folders_of(file.path) if FOLDER.fullmatch(name)), ""):
        return ConfigurationFile(file.path, f"in {folder}/")
    if file.name.lower().startswith("params.") and file.suffix in {".yaml", ".yml", ".json", ".toml"}:
        return ConfigurationFile(file.path, "a parameters file")
    if NAMED.fullmatch(file.name):
        return ConfigurationFile(file.path, "named as configuration")
    return None


def classify_module(module: Module) -> ConfigurationFile | None:
    """A Python file that holds nothing but values, in a configuration folder or named so."""
    if module.is_notebook or is_other(module.path) or module.error or not holds_values_only(module):
        return None
    folder = next((name for name in folders_of(module.path) if FOLDER.fullmatch(name)), "")
    if folder and not module.path.endswith("/__init__.py"):
        return ConfigurationFile(module.path, f"values only, in {folder}/")
    if MODULE.fullmatch(module.path.rpartition("/")[2].lower()):
        return ConfigurationFile(module.path, "a module that holds values only")
    return None


def holds_values_only(module: Module) -> bool:
    """Assignments, and classes of fields (dataclasses, settings), but no function that does something; one that makes a
    session, a logger or the like may stand beside the values."""
    methods = [function.name.rpartition(".")[2] for function in module.functions]
    # Settings of ml_collections are what a function of a fixed name returns.
    built = {"get_config", "get_sweep"} if "ml_collections" in module.packages else set()
    plain = {"validate", *built}
    others = [name for name in methods if not (name.startswith("__") or name in plain)]
    values = any(not each.scope and is_value(each.value) for each in module.assignments)
    made = len(others) == 1 and bool(FACTORY.fullmatch(others[0])) and values and len(module.functions) == 1
    return bool(module.assignments) and (made or not others)


def is_value(value: Expression) -> bool:
    return "dict" in value if isinstance(value, dict) else isinstance(value, (str, int, float, list))
