"""Parts of data that have names before anything is trained: folders, and what a data set is asked for."""

from __future__ import annotations

import re
from collections.abc import Iterator

from apps.audit.facts.data.data_loaders import FOLDERS as FOLDER_READERS
from apps.audit.facts.python.modules import Call, Module
from apps.audit.regex import any_of, regex

# Texts that name a part, and calls that read a folder, which somebody filled, for each of them.
TRAIN_PART, OTHER_PART = regex(r"(.*/)?train(ing)?/?"), regex(r"(.*/)?(test|val(id(ation)?)?|dev)/?", re.IGNORECASE)
READS_FOLDER = any_of(FOLDER_READERS, regex(r".*\.flow_from_directory"))
PART_KEYWORDS = ("split", "subset", "partition")


def in_folders(module: Module) -> Iterator[tuple[str, int, str]]:
    """Folders named train and val, whatever reads them."""
    readers, texts = module.called(READS_FOLDER), [text.value for text in module.texts]
    train, other = (next(filter(part.fullmatch, texts), "") for part in (TRAIN_PART, OTHER_PART))
    if readers and train and other:
        yield f"{train} beside {other}", readers[0].line, "the folders of its parts"


def by_keyword(module: Module) -> Iterator[tuple[str, int, str]]:
    """A data set that is asked for one of its parts, and for another: Images(split="train"), Images(split="test")."""
    parts = dict[tuple[str, str], Call]()
    for call in module.calls:
        for key in PART_KEYWORDS if call.keywords else ():
            if isinstance(value := call.keywords.get(key), str):
                parts[call.name, value] = call
    for (name, part), call in parts.items():
        others = [other for each, other in parts if each == name and OTHER_PART.fullmatch(other)]
        if TRAIN_PART.fullmatch(part) and others:
            yield f"{name} for {part} and {others[0]}", call.line, "the data set, which has its parts"
