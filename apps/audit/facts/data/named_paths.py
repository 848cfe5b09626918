"""Which files of the tree the code and its configuration name."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

from apps.audit.facts import Fact
from apps.audit.facts.configuration import Configuration
from apps.audit.facts.documents import Document
from apps.audit.facts.python.modules import Modules
from apps.audit.facts.tree import Tree, within
from apps.audit.regex import regex
from apps.audit.snapshot import KILOBYTE, MEGABYTE, Json, derive

LONGEST_PATH = 250
# Web pages read files of the tree, too.
PAGES = (".js", ".mjs", ".jsx", ".ts", ".tsx", ".vue", ".svelte")
QUOTED = regex(r"""["'`]([\w./@ -]{1,200}\.\w{1,8})["'`]""")
LIMIT, MOST_BYTES = 256 * KILOBYTE, 20 * MEGABYTE


@dataclass(frozen=True)
class NamedPaths(Fact):
    """Texts that may be paths in the tree, whole and by their last part; addresses are none."""

    texts: frozenset[str]

    @classmethod
    def read(cls, modules: Modules | None, configuration: Configuration, tree: Tree) -> Self:
        code = [text.value for module in modules or () for text in module.texts]
        pages = within(MOST_BYTES, (file for file in tree.ending(*PAGES) if not file.name.endswith(".min.js")))
        code += [text for _, texts in derive(pages, quoted, LIMIT) for text in texts]
        values = (text for document in configuration.values() for text in texts_of(document))
        paths = [text for text in (*code, *values) if is_path(text)]
        return cls(frozenset(paths) | {text.rpartition("/")[2] for text in paths})

    def __contains__(self, path: str) -> bool:
        """Whether a text names the file: its path, its name, its folder, or a glob of its ending."""
        folder, name = posixpath.split(path)
        folders = {folder, f"{folder}/"} if "/" in folder else {f"{folder}/"}
        return not self.texts.isdisjoint({path, name, f"*{posixpath.splitext(path)[1]}", *folders})


def texts_of(document: Document) -> Iterator[str]:
    waiting = [document.value]
    while waiting:
        value = waiting.pop()
        if isinstance(value, str):
            yield value
        elif isinstance(value, (dict, list)):
            waiting += value.values() if isinstance(value, dict) else value


def quoted(content: bytes) -> Json:
    """Names of files that a source names in quotes."""
    return sorted(set(QUOTED.findall(content.decode("utf-8", "replace"))))


def is_path(text: str) -> bool:
    return "://" not in text and "\n" not in text and len(text) < LONGEST_PATH
