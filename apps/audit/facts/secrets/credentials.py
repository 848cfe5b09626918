"""Credentials in tracked files: kind, path and line, never the value."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import NamedTuple, Self

from apps.audit.facts import Fact
from apps.audit.facts.data.artefacts import DATA, MODELS
from apps.audit.facts.secrets.credential_formats import PRIVATE_KEY, find_formats_only, find_in_notebook, find_in_text
from apps.audit.facts.tree import Tree, folders_of, is_fixture, is_template, is_vendored
from apps.audit.snapshot import MEGABYTE, File, Json, Unknown, derive

LIMIT = 20 * MEGABYTE
# Pictures, sound, print, programs, and lists of hashes.
NEVER = re.compile(
    r".*\.(png|jpe?g|gif|webp|bmp|tiff?|ico|svg|pdf|eps|ttf|otf|woff2?|mp[34]|wav|flac|avi|mov|ogg|so|dll|exe|pyc|whl|jar"
    r"|lock|sum|dvc|secrets\.baseline|docx?|pptx?)|(package-lock|npm-shrinkwrap|packages\.lock)\.json|Pipfile\.lock"
    r"|(pnpm-lock|conda-lock)\.ya?ml",
    re.IGNORECASE,
)
TEXT_DATA = re.compile(r"\.(csv|tsv|jsonl|ndjson)")
TEMPLATE = re.compile(r".*[._-](example|sample|template|dist|tpl)(\.\w+)?|.*\.min\.(js|css)|.*\.map", re.IGNORECASE)
FIXTURES = {"fixture", "fixtures", "testdata", "test_data", "test-data", "cassettes"}


class Credential(NamedTuple):
    """`kind` is in words ("a GitHub token")."""

    kind: str
    file: File
    line: int | None


@dataclass(frozen=True)
class Credentials(Fact):
    """What looks like a credential in the audited commit."""

    found: tuple[Credential, ...]
    files: int
    unread: tuple[Unknown, ...]

    @classmethod
    def read(cls, tree: Tree) -> Self:
        found, files, unread = find_credentials(tree)
        return cls(tuple(found), files, (*tree.unread, *unread))


def find_credentials(files: Iterable[File]) -> tuple[list[Credential], int, list[Unknown]]:
    """What is found in these files, how many of them were read, and which were not."""
    groups = dict[Callable[[bytes], Json], list[File]]()
    for file in files:
        if finder := finder_for(file):
            groups.setdefault(finder, []).append(file)
    found, read, unread = list[Credential](), 0, list[Unknown]()
    for finder, group in groups.items():
        derived = derive(group, finder, LIMIT)
        read += len(derived.items)
        unread += derived.unread
        found += [
            Credential(kind, file, line)
            for file, credentials in derived
            for kind, line in credentials
            if kind != PRIVATE_KEY or not is_fixture(file.path)
        ]
    return sorted(found, key=lambda each: (each.file.path, each.line or 0)), read, unread


def finder_for(file: File) -> Callable[[bytes], Json] | None:
    """How to look into a file; None for binaries, lists of hashes, and what is marked as a test's fixture."""
    text_data = TEXT_DATA.fullmatch(file.suffix)
    binary = MODELS.fullmatch(file.suffix) or (DATA.fullmatch(file.suffix) and not text_data)
    if binary or NEVER.fullmatch(file.name) or not FIXTURES.isdisjoint(folders_of(file.path)):
        return None
    if file.suffix == ".ipynb":
        return find_in_notebook
    not_own = is_fixture(file.path) or is_template(file.path) or is_vendored(file.path)
    return find_formats_only if text_data or not_own or TEMPLATE.fullmatch(file.name) else find_in_text
