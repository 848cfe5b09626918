from collections.abc import Iterator

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import InvalidVersion

from apps.audit.check import (
    Check,
    Effort,
    Evidence,
    Finding,
    NotApplicable,
    ProjectKind,
    Unknown,
    fails,
    ignores,
    passes,
)
from apps.audit.facts.packages.dependencies import Dependencies, Manifest
from apps.audit.facts.packages.imports import Imports
from apps.audit.facts.packages.locks import Lock
from apps.audit.facts.packages.requirements import Group, Package

# The interpreter and its installers have a check of their own, or change no result.
TOOLS = {"python", "pip", "setuptools", "wheel", "uv"}


class DependenciesLocked(Check):
    """Dependencies are locked

    A range installs something else every month. Only exact versions, those of indirect dependencies best included, give
    the next person the libraries that trained this model.

    Fix: resolve once and commit the result (`uv lock`, `poetry lock`, `conda env export`), or compile the ranges:
        pip-compile requirements.in --generate-hashes
    """

    weight = 5
    effort = Effort.MINUTES
    not_for = (ProjectKind.LIBRARY,)

    def run(
        self, dependencies: Dependencies, imports: Imports | None
    ) -> Iterator[Finding | Evidence | Unknown | NotApplicable]:
        yield from dependencies.unread
        runtime = [manifest for manifest in dependencies.declaring if any(map(is_runtime, manifest.packages))]
        # Where nothing is needed to run, as around templates, what the tests need is all there is to lock.
        judged = runtime or [manifest for manifest in dependencies.declaring if manifest.packages]
        for manifest in judged:
            yield from judge(manifest, dependencies)
        if judged or dependencies.unread:
            return
        if imports and imports.imports:
            first = imports.imports[0]
            yield Finding(f"no manifest and no lock file, though {first.name} is imported", first.path, first.line)
        else:
            yield NotApplicable("nothing is declared or imported that could be locked")

    examples = (
        passes({"requirements.txt": "torch==2.4.0\nnumpy==1.26.4  # pinned\n"}, "all 2 packages are pinned"),
        passes(
            {
                "pyproject.toml": '[project]\nname = "churn"\ndependencies = ["torch>=2"]\n',
                "uv.lock": 'version = 1\n\n[[package]]\nname = "torch"\nversion = "2.4.0"\n',
            },
            "all 1 packages are in uv.lock",
        ),
        passes({"environment.yml": "dependencies:\n  - python=3.11\n  - numpy=1.26.4=py311h64a7726_0\n"}, "pinned"),
        passes(
            {"requirements.in": "torch\n", "requirements.txt": "# pip-compile\ntorch==2.4.0\n"}, "in requirements.txt"
        ),
        fails({"requirements.txt": "torch==2.4.0\nipywidgets>=8\n"}, "ipywidgets>=8"),
        fails({"environment.yaml": "dependencies:\n  - pytorch=2.*\n"}, "pytorch=2.*"),
        fails({"test_requirements.txt": "behave>=1.2\n", "features/steps/a.py": "import behave\n"}, "behave>=1.2"),
        fails({"a.py": "import torch\n"}, "no manifest and no lock file"),
        fails(
            {
                "pyproject.toml": '[project]\nname = "churn"\ndependencies = ["torch>=2", "pandas"]\n',
                "poetry.lock": '[[package]]\nname = "torch"\nversion = "1.13.0"\n',
            },
            "pandas, torch>=2",
        ),
        ignores({"a.py": "import json\n"}, "nothing is declared"),
    )


def is_runtime(package: Package) -> bool:
    return package.group is Group.RUNTIME and package.name not in TOOLS


def judge(manifest: Manifest, dependencies: Dependencies) -> Iterator[Finding | Evidence]:
    """Every package is pinned here, in a lock of the folder, or in a manifest beside this one."""
    locks = [lock for lock in dependencies.locks if lock.folder in {"", manifest.folder}]
    beside = {each.name for other in dependencies.serving(manifest.path) for each in other.packages if each.pinned}
    packages = [package for package in manifest.packages if is_runtime(package)] or list(manifest.packages)
    loose = [each for each in packages if each.name not in beside and not any(holds(lock, each) for lock in locks)]
    if loose:
        named = sorted(f"{each.name}{each.specifier}" for each in loose)
        more = f" and {len(named) - 5} more" if len(named) > 5 else ""
        where = f"neither pinned nor in {locks[0].path}" if locks else "not pinned, and there is no lock file"
        yield Finding(f"{where}: {', '.join(named[:5])}{more}", manifest.path, loose[0].line)
    elif locked := next((lock for lock in locks if all(holds(lock, each) for each in packages)), None):
        yield Evidence(f"all {len(packages)} packages are in {locked.path}", manifest.path, packages[0].line)
    else:
        yield Evidence(f"all {len(packages)} packages are pinned", manifest.path, packages[0].line)


def holds(lock: Lock, package: Package) -> bool:
    """Whether a lock has the package, in a version that the manifest allows."""
    version = lock.packages.get(package.name)
    try:
        return version is not None and SpecifierSet(package.specifier).contains(version, prereleases=True)
    except (InvalidSpecifier, InvalidVersion):
        return version is not None
