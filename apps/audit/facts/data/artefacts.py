"""What programs write and git should not hold: model binaries, data files, outputs of notebooks."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Self

from apps.audit.facts import Fact
from apps.audit.facts.lfs import LfsPointers
from apps.audit.facts.notebooks import Notebooks
from apps.audit.facts.tree import Tree, folders_of, is_template, is_vendored
from apps.audit.regex import regex
from apps.audit.snapshot import KILOBYTE, MEGABYTE, File, Unknown, derive

MODELS = regex(
    r"\.(pkl|pickle|joblib|dill|pth?|pt2|h5|hdf5|keras|onnx|bin|safetensors|ckpt|tflite|pb|gguf|ggml|mlmodel|mar"
    r"|caffemodel|pdparams|pdmodel|cbm|ubj)"
)
DATA = regex(
    r"\.(csv|tsv|parquet|feather|arrow|orc|avro|jsonl|ndjson|np[yz]|mat|rds|rdata|dta|sav|sas7bdat|tfrecords?|lmdb|mdb"
    r"|sqlite3?|db|duckdb|xls[xb]?|h5ad|nc|fast[aq]|zip|gz|tgz|tar|bz2|xz|zst|7z|rar)"
)
# Formats that serve many ends; they are data where a folder says so.
DATA_IN_DATA_FOLDERS = regex(r"\.(txt|json|xml|html|wav|flac|mp3|mp4|avi)")
# Lists of names or numbers are data wherever they are; a person writes prose, and no list of this length.
LISTS, SHORTEST_LIST, LONGEST_READ = {".txt", ".json", ".xml", ".dat", ".lst"}, 100 * KILOBYTE, 10 * MEGABYTE
NO_LIST = regex(
    r".*(requirements|licen[cs]e|notice|changelog|readme|vocab|merges|words|tokeni[sz]er|config|schema|lock|locale).*",
    re.IGNORECASE,
)
PACKED = regex(r"\.(gz|zip|bz2|xz|zst)")
VOCABULARY = regex(r"vocab|merges|(^|[_.-])bpe[_.-]|tokeni[sz]er", re.IGNORECASE)
BETWEEN, NUMBER = regex(rb"[\s,;|]+"), regex(rb"[-+]?[\d.]+(e[-+]?\d+)?", re.IGNORECASE)
RECORDS = regex(rb"\s*\[\s*[\[{\d-]")
LINES_READ, LONGEST_ENTRY, MOSTLY = 500, 200, 0.95
DATA_FOLDERS = {"data", "dataset", "datasets", "corpus", "corpora", "annotations"}


@dataclass(frozen=True)
class Artefacts(Fact):
    """Model binaries and data files that git itself holds, small ones too; pointers of Git LFS are left out."""

    models: tuple[File, ...]
    data: tuple[File, ...]
    large: int
    notebooks_with_outputs: int
    # Texts that may be lists or not.
    unread: tuple[Unknown, ...] = ()

    @classmethod
    def read(cls, tree: Tree, pointers: LfsPointers, notebooks: Notebooks | None) -> Self:
        held = [file for file in tree if file.path not in pointers]
        packages = {file.folder for file in held if file.name == "__init__.py"}
        lists, unread = long_lists(held, packages)
        data = (file for file in held if is_data(file) and not (file.folder in packages and is_vocabulary(file)))
        lists |= {file.path for file in data}
        return cls(
            models=tuple(file for file in held if MODELS.fullmatch(file.suffix)),
            data=tuple(file for file in held if file.path in lists),
            large=sum((file.size or 0) > MEGABYTE for file in held),
            notebooks_with_outputs=sum(notebook.outputs > 0 for notebook in notebooks or ()),
            unread=tuple(each for each in unread if not is_data(tree.by_path[each.path])),
        )

    def measures(self) -> dict[str, float]:
        return {
            "hygiene.model_binaries": len(self.models),
            "hygiene.files_over_1mb": self.large,
            "hygiene.notebooks_with_outputs": self.notebooks_with_outputs,
        }


def is_data(file: File) -> bool:
    named = not DATA_FOLDERS.isdisjoint(folders_of(file.path))
    return bool(DATA.fullmatch(file.suffix) or (named and DATA_IN_DATA_FOLDERS.fullmatch(file.suffix)))


def is_vocabulary(file: File) -> bool:
    """Whether it is what a tokenizer is made of, packed; beside code of a package it belongs to it."""
    return bool(PACKED.fullmatch(file.suffix) and VOCABULARY.search(file.name))


def long_lists(files: list[File], packages: set[str]) -> tuple[set[str], list[Unknown]]:
    """Paths of large texts that hold one name or row of numbers a line, or records, and which could not be read; texts
    beside code of a package, such as a vocabulary, belong to it."""
    large = [
        file
        for file in files
        if file.suffix in LISTS and file.exceeds(SHORTEST_LIST) is not False and file.folder not in packages
        if not (is_aside(file.path) or NO_LIST.fullmatch(file.name))
    ]
    beyond = {file.path for file in large if file.exceeds(LONGEST_READ)}
    read = derive([file for file in large if file.path not in beyond], is_list, LONGEST_READ)
    return beyond | {file.path for file, found in read if found}, list(read.unread)


def is_aside(path: str) -> bool:
    return is_vendored(path) or is_template(path) or not {"docs", "doc"}.isdisjoint(folders_of(path))


def is_list(content: bytes) -> bool:
    """Whether a text is records of JSON, or lines of which nearly all are one word or numbers."""
    if RECORDS.match(content):
        return True
    lines = [line for line in content[: LINES_READ * LONGEST_ENTRY].splitlines()[:LINES_READ] if line.strip()]
    entries = sum(len(line) <= LONGEST_ENTRY and is_entry(line) for line in lines)
    return len(lines) > 1 and entries >= MOSTLY * len(lines)


def is_entry(line: bytes) -> bool:
    """One word, and behind it nothing but numbers."""
    return all(map(NUMBER.fullmatch, BETWEEN.split(line.strip())[1:]))
