from collections.abc import Iterator

from apps.audit.check import Check, Effort, Evidence, Finding, NotApplicable, Unknown, fails, ignores, passes
from apps.audit.facts.packages.dependencies import folders_around
from apps.audit.facts.packages.metadata import Metadata
from apps.audit.facts.projects import Projects
from apps.audit.facts.python.modules import Module, Modules
from apps.audit.facts.training.training import Training
from apps.audit.facts.tree import folders_of, is_test
from apps.audit.regex import regex

ASIDE = {"docs", "doc", "examples", "example", "notebooks", "benchmarks", ".github", "ci", "tests", "test"}
IDENTIFIER = regex(r"[A-Za-z_]\w*")
TOOLING = {"setup.py", "noxfile.py", "tasks.py", "fabfile.py", "conftest.py", "dodo.py"}
# What cookiecutter runs by these names.
TOOLING |= {"pre_prompt.py", "pre_gen_project.py", "post_gen_project.py"}
# Settings of servers, and what Python itself runs when it starts.
SETTINGS = regex(r"(jupyter|ipython)_(\w+_)?config\.py|gunicorn(\.conf|_conf\w*|_config)\.py|(site|user)customize\.py")
# Where scripts build an image; where no other code is, it is the project's.
IMAGES = {"docker", "dockerfiles", ".docker", ".devcontainer", "binder", ".binder"}


MORE = {"b/requirements.txt": "torch\n", "b/train.py": "m.fit(x)\n"}

NET = {"a/requirements.txt": "torch\n", "a/n/__init__.py": "", "a/n/m.py": "x = 1\n"}


class SourcePackage(Check):
    """The code is an importable package

    Functions in a package can be imported by tests, notebooks and the service alike. Loose scripts are copied instead,
    and the copies drift apart.

    Fix: move the code below a package and let the scripts import from it:
        mkdir -p src/churn && touch src/churn/__init__.py
        git mv model.py data.py src/churn/
    """

    weight = 3
    effort = Effort.HOURS

    def run(
        self, modules: Modules, metadata: Metadata, projects: Projects, training: Training | None
    ) -> Iterator[Finding | Evidence | Unknown | NotApplicable]:
        code = code_of(modules)
        packaged = list(packages(modules, metadata, code))
        for path, size in packaged[:5]:
            yield Evidence(f"a package of {size} modules", path)
        if not packaged:
            yield from modules.unread
        loose = dict[str, list[Module]]()
        held = {path.rpartition("/")[0] for path, _ in packaged}
        for module in apart(code, held, projects, {projects.of(each.path) for each in training or ()}):
            loose.setdefault(module.path.rpartition("/")[0], []).append(module)
        for folder, found in loose.items():
            where = f"{folder}/" if folder else "the root"
            yield Finding(f"{len(found)} loose scripts in {where}, which is no package", found[0].path)
        if not code:
            yield NotApplicable("no Python code outside notebooks, tests and tools")

    examples = (
        passes({"churn/__init__.py": "", "churn/train.py": "x = 1\n"}, "a package of 1 modules"),
        passes({"src/churn/__init__.py": "VERSION = 1\n"}, "a package of 1 modules"),
        passes(
            {
                "setup.py": "from setuptools import setup\nsetup(name='churn', packages=['churn'])\n",
                "churn/a.py": "x = 1\n",
            },
            "a package of 1 modules",
        ),
        fails({"train.py": "x = 1\n", "model.py": "y = 2\n"}, "2 loose scripts in the root"),
        fails({"src/train.py": "x = 1\n", "tests/__init__.py": "", "tests/test_a.py": "def test_a(): pass\n"}, "src/"),
        fails({"src/__init__.py": "", "train.py": "x = 1\n"}, "1 loose scripts"),
        fails({**NET, **MORE}, "1 loose scripts in b/"),
        passes({**NET, "a/n/b/requirements.txt": "torch\n", "a/n/b/train.py": "m.fit(x)\n"}, "of 2 modules"),
        passes({**NET, "b/requirements.txt": "boto3\n", "b/main.py": "x = 1\n"}, "of 1 modules"),
        passes({"a/requirements.txt": "torch\n", "n/__init__.py": "", "n/m.py": "x = 1\n", **MORE}, "of 1 modules"),
        passes({"src/churn/__init__.py": "VERSION = 1\n", "tools/x.py": "x = 1\n"}, "a package of 1 modules"),
        fails({"docker/train.py": "x = 1\n"}, "1 loose scripts in docker/"),
        ignores({"eda.ipynb": '{"cells": []}', ".jupyter/jupyter_notebook_config.py": "c.a = 1\n"}, "no Python code"),
        ignores({"eda.ipynb": '{"cells": []}'}, "no Python code outside notebooks"),
        ignores({"cookiecutter.json": "{}", "hooks/post_gen_project.py": "x = 1\n"}, "no Python code outside"),
    )


def code_of(modules: Modules) -> list[Module]:
    code = [module for module in modules if is_code(module)]
    return [module for module in code if IMAGES.isdisjoint(folders_of(module.path))] or code


def is_code(module: Module) -> bool:
    name = module.path.rpartition("/")[2]
    aside = not ASIDE.isdisjoint(folders_of(module.path)) or name in TOOLING or bool(SETTINGS.fullmatch(name))
    return not module.is_notebook and not aside and not is_test(module.path) and module.code_lines > 0


def apart(code: list[Module], packaged: set[str], projects: Projects, trained: set[str]) -> list[Module]:
    """What should be in a package: everything where there is none, or else the code of projects that train without
    one; what lies in no project stands beside them, and they beside a package that lies in none."""
    done = {projects.of(f"{folder}/") for folder in packaged}
    judged = set() if "" in done else trained - done - {""}
    loose = [module for module in code if packaged.isdisjoint(folders_around(module.path))]
    return [module for module in loose if not packaged or projects.of(module.path) in judged]


def packages(modules: Modules, metadata: Metadata, code: list[Module]) -> Iterator[tuple[str, int]]:
    """A file of each outermost package and how many modules it holds: by `__init__.py`, or named in the metadata."""
    marked = {path.rpartition("/")[0] for path in modules.by_path if path.endswith("/__init__.py")}
    for each in metadata:
        start = f"{each.folder}/" if each.folder else ""
        marked |= {f"{start}{root}{name.replace('.', '/')}" for name in each.packages for root in ("", "src/")}
    held = dict[str, list[str]]()
    for module in code:
        around = next((folder for folder in folders_around(module.path) if folder in marked), "")
        if IDENTIFIER.fullmatch(around.rpartition("/")[2]):
            held.setdefault(around, []).append(module.path)
    for folder, paths in sorted(held.items()):
        marker = f"{folder}/__init__.py"
        yield marker if marker in modules.by_path else paths[0], len(paths)
