"""Lock files: which versions were resolved."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from packaging.utils import canonicalize_name

from apps.audit.facts.packages.requirements import parse_requirements
from apps.audit.facts.tree import Tree, is_template
from apps.audit.regex import regex
from apps.audit.snapshot import MEGABYTE, File, Json, Unknown, derive

LIMIT = 20 * MEGABYTE
TOML_PACKAGE = regex(r'^\[\[packages?\]\]\r?\nname = "([^"\n]+)"(?:\r?\nversion = "([^"\n]*)")?', re.MULTILINE)
CONDA_PACKAGE = regex(r"^[ -] name: (\S+)(?:\n  [a-z]\w*: .*){0,3}?\n  version: (\S+)", re.MULTILINE)
PIXI_URL = regex(r"/([A-Za-z0-9_.-]+)-([0-9][^-/\s]*)-[^-/\s]+\.(?:conda|tar\.bz2)")
PIPFILE_PACKAGE = regex(r'^ {8}"([^"\n]+)": \{(?:\n {12,}.*){0,400}?\n {12}"version": "==([^"\n]+)"', re.MULTILINE)


class Lock(NamedTuple):
    """One lock file; `packages` are normalised names with their versions."""

    path: str
    packages: dict[str, str]

    @property
    def folder(self) -> str:
        return self.path.rpartition("/")[0]


def text_of(content: bytes) -> str:
    return content.decode("utf-8", "replace")


def packages(found: list[tuple[str, str]]) -> Json:
    return {canonicalize_name(name): version for name, version in found}


def parse_toml_lock(content: bytes) -> Json:
    """uv.lock, poetry.lock, pdm.lock and pylock.toml name each package in a table of its own."""
    return packages(TOML_PACKAGE.findall(text_of(content)))


def parse_pipfile_lock(content: bytes) -> Json:
    return packages(PIPFILE_PACKAGE.findall(text_of(content)))


def parse_conda_lock(content: bytes) -> Json:
    text = text_of(content)
    return packages([*CONDA_PACKAGE.findall(text), *PIXI_URL.findall(text)])


def parse_pinned(content: bytes) -> Json:
    return {name: spec.removeprefix("==") for name, spec, _ in parse_requirements(content)["packages"]}


PARSERS: dict[str, Callable[[bytes], Json]] = {
    "uv.lock": parse_toml_lock,
    "poetry.lock": parse_toml_lock,
    "pdm.lock": parse_toml_lock,
    "pylock.toml": parse_toml_lock,
    "pipfile.lock": parse_pipfile_lock,
    "conda-lock.yml": parse_conda_lock,
    "conda-lock.yaml": parse_conda_lock,
    "pixi.lock": parse_conda_lock,
}
# What a lock file of this name is the lock of.
LOCKED: dict[str, tuple[str, ...]] = {
    "uv.lock": ("pyproject.toml",),
    "poetry.lock": ("pyproject.toml",),
    "pdm.lock": ("pyproject.toml",),
    "pylock.toml": ("pyproject.toml",),
    "pipfile.lock": ("pipfile",),
    "conda-lock.yml": ("environment.yml", "environment.yaml", "pyproject.toml"),
    "conda-lock.yaml": ("environment.yml", "environment.yaml", "pyproject.toml"),
    "pixi.lock": ("pixi.toml", "pyproject.toml"),
}


def read_locks(tree: Tree) -> tuple[list[Lock], list[Unknown]]:
    """Every lock file of the tree, and those that could not be read."""
    locks, unread = list[Lock](), list[Unknown]()
    by_parser = dict[Callable[[bytes], Json], list[File]]()
    for file in tree.named(*PARSERS):
        if not is_template(file.path):
            by_parser.setdefault(PARSERS[file.name.lower()], []).append(file)
    for parser, files in by_parser.items():
        derived = derive(files, parser, LIMIT)
        locks += [Lock(file.path, parsed) for file, parsed in derived]
        unread += derived.unread
    return sorted(locks), unread


__all__ = ["LOCKED", "PARSERS", "Lock", "parse_pinned", "read_locks"]
