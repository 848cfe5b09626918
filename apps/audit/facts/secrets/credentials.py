"""Credentials in tracked files: kind, path and line, never the value."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple, Self

from apps.audit.facts import Fact
from apps.audit.facts.data.artefacts import DATA, MODELS
from apps.audit.facts.notebooks import LIMIT as NOTEBOOK_LIMIT
from apps.audit.facts.secrets.credential_formats import PRIVATE_KEY
from apps.audit.facts.secrets.credential_search import find_formats_only, find_in_notebook, find_in_text
from apps.audit.facts.tree import Tree, folders_of, is_fixture, is_template, is_vendored, within
from apps.audit.regex import regex
from apps.audit.snapshot import MEGABYTE, File, Json, Unknown, derive

# Small files come first: credentials are in those. Notebooks are heavy with pictures, which are not looked at.
LIMIT, MOST_BYTES = 5 * MEGABYTE, 300 * MEGABYTE
# Pictures, sound, print, programs, and lists of hashes.
NEVER = regex(
    r".*\.(png|jpe?g|gif|webp|bmp|tiff?|ico|svg|pdf|eps|ttf|otf|woff2?|mp[34]|wav|flac|avi|mov|ogg|so|dll|exe|pyc|whl|jar"
    r"|lock|sum|dvc|secrets\.baseline|docx?|pptx?)|(package-lock|npm-shrinkwrap|packages\.lock)\.json|Pipfile\.lock"
    r"|(pnpm-lock|conda-lock)\.ya?ml",
    re.IGNORECASE,
)
TEXT_DATA = regex(r"\.(csv|tsv|jsonl|ndjson)")
TEMPLATE = regex(r".*[._-](example|sample|template|dist|tpl)(\.\w+)?|.*\.min\.(js|css)|.*\.map", re.IGNORECASE)
FIXTURES = {"fixture", "fixtures", "testdata", "test_data", "test-data", "cassettes"}
Finder = Callable[[bytes], Json]


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
    wanted = [file for file in files if finder_for(file.path)]
    chosen, groups = within(MOST_BYTES, wanted), dict[Finder, list[File]]()
    for file in chosen:
        if finder := finder_for(file.path):
            groups.setdefault(finder, []).append(file)
    found, read, unread = list[Credential](), 0, list[Unknown]()
    if len(chosen) < len(wanted):
        bound = f"over {MOST_BYTES // MEGABYTE} MB together"
        unread.append(Unknown(f"{len(wanted) - len(chosen):,} text files were not looked at: {bound}"))
    for finder, group in groups.items():
        derived = derive(group, finder, limit_of(finder))
        read += len(derived.items)
        unread += derived.unread
        found += [
            Credential(kind, file, line)
            for file, credentials in derived
            for kind, line in credentials
            if kind != PRIVATE_KEY or not is_fixture(file.path)
        ]
    return sorted(found, key=lambda each: (each.file.path, each.line or 0)), read, unread


def limit_of(finder: Finder) -> int:
    return NOTEBOOK_LIMIT if finder is find_in_notebook else LIMIT


@lru_cache(maxsize=100_000)
def finder_for(path: str) -> Finder | None:
    """How to look into a file; None for binaries, lists of hashes, and what is marked as a test's fixture."""
    name = posixpath.basename(path)
    suffix = posixpath.splitext(name)[1].lower()
    text_data = TEXT_DATA.fullmatch(suffix)
    binary = MODELS.fullmatch(suffix) or (DATA.fullmatch(suffix) and not text_data)
    if binary or NEVER.fullmatch(name) or not FIXTURES.isdisjoint(folders_of(path)):
        return None
    if suffix == ".ipynb":
        return find_in_notebook
    not_own = is_fixture(path) or is_template(path) or is_vendored(path)
    return find_formats_only if text_data or not_own or TEMPLATE.fullmatch(name) else find_in_text
