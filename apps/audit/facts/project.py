"""What kind of project this is, and what says so."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from apps.audit.facts import Fact
from apps.audit.facts.packages.dependencies import folders_around
from apps.audit.facts.packages.metadata import Metadata
from apps.audit.facts.python.modules import Module, Modules
from apps.audit.facts.training.training import Training
from apps.audit.facts.tree import Tree, is_main, is_test
from apps.audit.regex import regex
from apps.audit.snapshot import Json

SERVERS = {
    *(
        "fastapi.FastAPI",
        "flask.Flask",
        "litestar.Litestar",
        "bentoml.Service",
        "bentoml.service",
        "starlette.applications.Starlette",
    ),
    *(
        "sanic.Sanic",
        "aiohttp.web.Application",
        "ray.serve.deployment",
        "quart.Quart",
        "falcon.App",
        "tornado.web.Application",
    ),
    *("streamlit.title", "gradio.Interface", "gradio.Blocks", "django.core.wsgi.get_wsgi_application", "dash.Dash"),
}
FACTORY = regex(r"|(\w+_)?(app|api|server|application|main|serve|ui|demo|run|service)(_\w+)?", re.IGNORECASE)
LESSON = regex(
    r"(week|lesson|chapter|lecture|module|session|day|unit|part|lab|s)[-_ ]?\d{1,2}([-_ .].*)?|\d{1,2}[-_ ].+"
)
# What the numbered folders of a pipeline are for: one has steps of each kind, and lessons have not.
STEPS = (
    regex(r".*(data|ingest|etl|extract|prep|clean|feature|eda|explor).*", re.IGNORECASE),
    regex(r".*(train|fit|tun(e|ing)|model|experiment).*", re.IGNORECASE),
    regex(r".*(eval|valid|test|regist|deploy|serv|infer|predict|scor|batch|monitor).*", re.IGNORECASE),
)
TEACHING = regex(r".*(intro|basic|lesson|lecture|exercise|homework|tutorial|workshop|practice|fundamental|overview).*")
OWN_TRAINING = regex(
    r"(data|datasets?)/.+|dvc\.yaml|MLproject|params\.yaml"
    r"|conf(s|ig|igs)?([._-](examples?|samples?|templates?))?/(.*/)?\w*train\w*(\.ya?ml|/.*)"
    # Settings as Python, of which a training is started with one: --config=configs/name.py.
    r"|[\w-]+/configs/(?!__init__)[\w/-]+\.py"
)
# A package at the top that trains, beside the one that others install.
TRAINING_PACKAGE = regex(r"((src|lib|python)/)?([a-z\d]+_)*train(ing)?/[^/]+\.py")
# The share of a repository's files that train from which training is what it is for, whatever it is packaged as.
MOSTLY_TRAINING, FEWEST_TRAINING = 0.4, 5
PLACEHOLDERS = {"src", "project", "app"}
TEMPLATES = ("cookiecutter.json", "copier.yml", "copier.yaml", "ccds.json")
FEWEST_LESSONS, FEWEST_EPISODES = 3, 5
# What code imports that computes: arrays, tables, and all that is built on them.
COMPUTING = {
    *("numpy", "scipy", "pandas", "polars", "pyarrow", "dask", "pyspark", "ray", "numba", "cupy", "xarray"),
    *("statsmodels", "sklearn", "xgboost", "lightgbm", "catboost"),
    *("torch", "tensorflow", "keras", "jax", "flax", "mxnet", "paddle", "onnx", "onnxruntime", "tensorrt", "triton"),
    *("lightning", "pytorch_lightning", "transformers", "diffusers", "datasets", "accelerate", "sentence_transformers"),
    *("spacy", "nltk", "gensim", "cv2", "skimage", "PIL", "mlflow"),
}


class ProjectKind(StrEnum):
    """In the order in which they are tried; the first that fits."""

    TRAINING = "training project"
    SERVICE = "service"
    LIBRARY = "library"
    COURSE = "course"
    NOTEBOOKS = "notebook collection"
    TEMPLATE = "template generator"
    OTHER = "other project"


@dataclass(frozen=True)
class Project(Fact):
    """The kind, with the path that says so."""

    kind: ProjectKind
    why: str
    path: str = ""
    # Why nothing that it does depends on the machine: it has no code, or moves files about; empty where something may.
    idle: str = ""

    @classmethod
    def read(cls, tree: Tree, modules: Modules | None, training: Training | None, metadata: Metadata) -> Self:
        kinds = (
            trains(tree, training, metadata),
            serves(tree, modules, metadata),
            is_installed(tree, metadata),
            teaches(tree),
            is_notebooks(modules),
            generates(tree),
        )
        kind, why, path = next((kind for kind in kinds if kind), (ProjectKind.OTHER, f"{len(tree)} files", ""))
        computes = kind is not ProjectKind.LIBRARY or training or not modules or COMPUTING & modules.packages
        idle = "" if computes else "a library that neither trains nor computes"
        return cls(kind, why, path, idle if modules else Modules.absent)

    def summary(self) -> Json:
        return {"kind": self.kind, "why": self.why, "path": self.path}


Judged = tuple[ProjectKind, str, str] | None


def trains(tree: Tree, training: Training | None, metadata: Metadata) -> Judged:
    """A script that trains. In a published package, scripts beside the package are examples of its use, and those
    inside are a service to its users, unless the repository has data or settings of a training of its own, or a
    package for nothing else."""
    scripts = list(training.scripts if training else ())
    code = [file for file in tree.ending(".py") if is_main(file.path) and not is_test(file.path)]
    mostly = len(scripts) >= max(FEWEST_TRAINING, MOSTLY_TRAINING * len(code))
    if is_published(metadata) and not mostly:
        own = any(OWN_TRAINING.fullmatch(file.path) for file in tree) if scripts else False
        inside = [each for each in scripts if is_packaged(each.path.partition("/")[0], tree)]
        scripts = [each for each in inside if own or TRAINING_PACKAGE.fullmatch(each.path)]
    first = next(iter(scripts), None)
    return (ProjectKind.TRAINING, f"{first.path} trains with {first.call}", first.path) if first else None


def is_packaged(folder: str, tree: Tree) -> bool:
    return folder in {"src", "lib", "python"} or folder.endswith(".py") or f"{folder}/__init__.py" in tree


def is_published(metadata: Metadata) -> bool:
    """Whether the metadata at the root are those of a package that others install."""
    return any(not each.folder and each.licence and each.name.lower() not in PLACEHOLDERS for each in metadata)


def serves(tree: Tree, modules: Modules | None, metadata: Metadata) -> Judged:
    """A server is made where the module is loaded, or in a function that is named so; the functions of a published
    package make one for whoever calls them, unless a module of it does, and what stands beside the package shows how to
    use it."""
    published = is_published(metadata)
    loaded = {name for module in modules or () for name in made_when_loaded(module)} if published else set()
    for module in modules or ():
        first = module.path.partition("/")[0]
        inside = is_packaged(first, tree) if published else not first.startswith(".")
        if inside and is_main(module.path) and not is_test(module.path):
            for call in module.calls:
                makes = call.scope.rpartition(".")[2] in {"", *loaded} if published else FACTORY.fullmatch(call.scope)
                if call.name in SERVERS and makes:
                    return ProjectKind.SERVICE, f"{module.path} starts {call.name}", module.path
    return None


def made_when_loaded(module: Module) -> Iterator[str]:
    """Functions that give a module its values: app = create_app()."""
    for each in module.assignments if is_main(module.path) and not is_test(module.path) else ():
        if not each.scope and isinstance(each.value, dict) and "call" in each.value:
            yield str(each.value["call"]).rpartition(".")[2]


def is_installed(tree: Tree, metadata: Metadata) -> Judged:
    """Named metadata and an importable package; the outermost says so."""
    inside = (
        [file.path for file in tree.named("__init__.py") if not is_test(file.path)] if metadata.distributions else []
    )
    around = {folder for path in inside for folder in folders_around(path)}
    for each in sorted(metadata, key=lambda each: each.path.count("/")):
        if each.folder in around:
            return ProjectKind.LIBRARY, f"{each.path} names the package {each.name}", each.path
    return None


def teaches(tree: Tree) -> Judged:
    numbered = [file for file in tree.ending(".md", ".rmd", ".qmd") if LESSON.fullmatch(file.name.lower())]
    episodes = [file.path for file in numbered if not file.path.lower().startswith("doc")]
    if len(episodes) >= FEWEST_EPISODES:
        return ProjectKind.COURSE, f"{len(episodes)} numbered texts", episodes[0]
    for parent, names in subfolders(tree):
        lessons = sorted(name for name in names if LESSON.fullmatch(name.lower()))
        if len(lessons) >= FEWEST_LESSONS and not is_pipeline(lessons):
            return ProjectKind.COURSE, f"{len(lessons)} numbered folders", f"{parent}{lessons[0]}"
    return None


def is_pipeline(numbered: list[str]) -> bool:
    """Whether numbered folders are the steps of one pipeline: 01_data, 02_training, 03_deployment."""
    steps = all(any(map(kind.fullmatch, numbered)) for kind in STEPS)
    known = all(any(kind.fullmatch(name) for kind in STEPS) for name in numbered)
    return steps and known and not any(TEACHING.fullmatch(name.lower()) for name in numbered)


def subfolders(tree: Tree) -> Iterator[tuple[str, set[str]]]:
    """The folders at the root, and those one level below it."""
    found: dict[str, set[str]] = {"": set()}
    for folder in tree.folders:
        parent, _, name = folder.rpartition("/")
        if name and parent.count("/") == 0:
            found.setdefault(f"{parent}/" if parent else "", set()).add(name)
    yield from sorted(found.items())


def is_notebooks(modules: Modules | None) -> Judged:
    files = list(modules or ())
    notebooks = [module for module in files if module.is_notebook]
    if notebooks and len(notebooks) >= len(files) / 2:
        return ProjectKind.NOTEBOOKS, f"{len(notebooks)} of {len(files)} Python files are notebooks", notebooks[0].path
    return None


def generates(tree: Tree) -> Judged:
    manifests = tree.named(*TEMPLATES)
    return (ProjectKind.TEMPLATE, f"{manifests[0].name} describes a template", manifests[0].path) if manifests else None
