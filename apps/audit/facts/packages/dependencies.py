"""Declared packages, by manifest, and the lock files beside them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, Self

from apps.audit.facts import Fact
from apps.audit.facts.documents import Document, Documents
from apps.audit.facts.packages.locks import Lock, read_locks
from apps.audit.facts.packages.requirements import (
    DEVELOPMENT,
    Group,
    Package,
    conda_packages,
    parse_requirements,
    pipfile_packages,
    pixi_packages,
    pyproject_packages,
    setup_cfg_packages,
)
from apps.audit.facts.packages.setup_script import parse_setup
from apps.audit.facts.tree import Tree, is_template, is_vendored
from apps.audit.regex import regex
from apps.audit.snapshot import File, Json, Unknown, derive

REQUIREMENTS = regex(r"(.*[-_.])?(requirements|reqs|deps|dependencies)([-_.].*)?\.(txt|in|pip)", re.IGNORECASE)
REQUIREMENTS_FOLDER = {"requirements", "reqs", "requirement", "dependencies", "deps"}
CONSTRAINTS = regex(r"(.*[-_.])?constraints([-_.].*)?\.txt", re.IGNORECASE)
CONDA = regex(
    r"((.*[-_.])?(environment|conda|env)([-_.].*)?|(.*[-_.])?dependencies|.*[-_.]environment)\.ya?ml", re.IGNORECASE
)
# Folders that hold a manifest for the folder around them, not a project of their own.
SHELVES = REQUIREMENTS_FOLDER | {"env", "envs", "environment", "environments", "conda", "docker", "docs", "doc", "ci"}
SHELVES |= {"build", "binder", ".binder", ".github", ".circleci", ".devcontainer", "install", "setup", "config"}
# Those of them that may have a folder for each environment: environments/training/.
ENVIRONMENTS = REQUIREMENTS_FOLDER | {"env", "envs", "environment", "environments", "conda"}


class Manifest(NamedTuple):
    """One file that declares packages. `declares` is False for one that could but does not."""

    path: str
    packages: tuple[Package, ...]
    declares: bool = True
    error: str = ""
    # A requirements file that a tool resolved: every package, with what brought it.
    compiled: bool = False

    @property
    def folder(self) -> str:
        """The project folder that it is for: its own, or the one around `requirements/` and the like."""
        parts = self.path.split("/")[:-1]
        if len(parts) > 1 and parts[-2].lower() in ENVIRONMENTS:
            parts.pop()
        while parts and parts[-1].lower() in SHELVES:
            parts.pop()
        return "/".join(parts)


@dataclass(frozen=True)
class Dependencies(Fact):
    """Every manifest and lock outside vendored folders and unrendered templates."""

    manifests: tuple[Manifest, ...]
    locks: tuple[Lock, ...]
    unread: tuple[Unknown, ...] = ()

    @classmethod
    def read(cls, tree: Tree, documents: Documents) -> Self:
        files = [file for file in tree if not is_vendored(file.path) and not is_template(file.path)]
        texts = derive((file for file in files if is_requirements(file)), parse_requirements)
        scripts = derive((file for file in files if file.name == "setup.py"), parse_setup)
        found = [requirements_manifest(file, parsed) for file, parsed in texts]
        found += [script_manifest(file, parsed) for file, parsed in scripts]
        found += [
            document_manifest(documents.of(file), packages)
            for file in files
            for packages in [document_reader(file.name)]
            if packages
        ]
        locks, unread = read_locks(tree)
        sources = {each.folder for each in found if each.declares and not each.compiled}
        resolved = [each for each in found if each.compiled and each.folder in sources]
        locks += [Lock(each.path, versions(each)) for each in resolved]
        manifests = sorted(each for each in found if each not in resolved and is_manifest(each))
        return cls(tuple(manifests), tuple(sorted(locks)), (*texts.unread, *scripts.unread, *unread))

    @cached_property
    def declaring(self) -> tuple[Manifest, ...]:
        return tuple(manifest for manifest in self.manifests if manifest.declares)

    @cached_property
    def packages(self) -> tuple[Package, ...]:
        return tuple(package for manifest in self.manifests for package in manifest.packages)

    def runtime(self) -> Iterator[Package]:
        return (package for package in self.packages if package.group is Group.RUNTIME)

    def measures(self) -> dict[str, float]:
        """Packages that a lock or a manifest pins to one version, each once."""
        pinned = {package.name for package in self.packages if package.pinned}
        return {"reproducibility.pinned_dependencies": len(pinned.union(*(lock.packages for lock in self.locks)))}

    @cached_property
    def by_folder(self) -> dict[str, list[Manifest]]:
        """What declares packages, by the project folder that it is for."""
        found = dict[str, list[Manifest]]()
        for manifest in self.declaring:
            found.setdefault(manifest.folder, []).append(manifest)
        return found

    def serving(self, path: str) -> tuple[Manifest, ...]:
        """The manifests for a file: those of the folders around it, or all where no folder around it has one."""
        around = [manifest for folder in folders_around(path) for manifest in self.by_folder.get(folder, ())]
        return tuple(around) or self.declaring

    def locks_serving(self, path: str) -> tuple[Lock, ...]:
        around = set(folders_around(path))
        return tuple(lock for lock in self.locks if lock.folder in around) or self.locks


def folders_around(path: str) -> list[str]:
    """The folders around a file, the root first."""
    parts = path.split("/")[:-1]
    return ["/".join(parts[:depth]) for depth in range(len(parts) + 1)]


def is_requirements(file: File) -> bool:
    shelved = file.folder.rpartition("/")[2].lower() in REQUIREMENTS_FOLDER and file.suffix in {".txt", ".in"}
    return bool(shelved or REQUIREMENTS.fullmatch(file.name) or CONSTRAINTS.fullmatch(file.name))


def requirements_manifest(file: File, parsed: Json) -> Manifest:
    name, folder = file.name.lower(), file.folder.rpartition("/")[2].lower()
    apart = DEVELOPMENT.fullmatch(folder) or DEVELOPMENT.search(name.replace("requirements", ""))
    group = Group.DEVELOPMENT if apart else Group.RUNTIME
    packages = tuple(Package(name, spec, group, file.path, line) for name, spec, line in parsed["packages"])
    return Manifest(file.path, packages, compiled=parsed["compiled"] or bool(CONSTRAINTS.fullmatch(name)))


def script_manifest(file: File, parsed: Json) -> Manifest:
    packages = tuple(
        Package(name, spec, Group(group), file.path, line) for name, spec, group, line in parsed["packages"]
    )
    declares = bool(parsed["keywords"].keys() & {"install_requires", "extras_require", "tests_require"})
    return Manifest(file.path, packages, declares, parsed["error"])


def document_reader(name: str) -> Callable[[Document], Iterator[Package]] | None:
    if CONDA.fullmatch(name):
        return conda_packages
    return {
        "pyproject.toml": pyproject_packages,
        "setup.cfg": setup_cfg_packages,
        "Pipfile": pipfile_packages,
        "pixi.toml": pixi_packages,
    }.get(name)


def document_manifest(document: Document, reader: Callable[[Document], Iterator[Package]]) -> Manifest:
    packages = tuple(reader(document))
    empty = isinstance(document.get("project", "dependencies"), list) or reader is pipfile_packages
    return Manifest(document.path, packages, bool(packages) or empty, document.error)


def is_manifest(found: Manifest) -> bool:
    """Whether it is one at all: a YAML file may be named like a conda environment and be something else."""
    return found.declares or not CONDA.fullmatch(found.path.rpartition("/")[2])


def versions(manifest: Manifest) -> dict[str, str]:
    return {package.name: package.specifier.removeprefix("==") for package in manifest.packages}
