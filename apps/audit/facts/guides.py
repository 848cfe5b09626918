"""What tells people how to work here: the contributing guide and the templates of the forge."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NamedTuple, Self

from apps.audit.facts import Fact
from apps.audit.facts.tree import Tree
from apps.audit.regex import regex
from apps.audit.snapshot import KILOBYTE, Json, Unknown, derive

LIMIT = 512 * KILOBYTE
CONTRIBUTING = regex(
    r"(\.github/|\.gitlab/|docs?/([^/]+/)*)?contributing(\.(md|rst|txt|adoc|markdown))?", re.IGNORECASE
)
PULL_REQUEST = regex(
    r"((\.github|\.gitea|\.forgejo|\.azuredevops|docs)/)?(pull|merge)_request_template(\.(md|txt)|/[^/]+\.(md|txt))?"
    r"|\.gitlab/merge_request_templates/[^/]+\.md",
    re.IGNORECASE,
)


class Guide(NamedTuple):
    path: str
    lines: list[str]


@dataclass(frozen=True)
class Guides(Fact):
    """Contributing guides and templates of pull requests, where forges look for them."""

    contributing: tuple[Guide, ...]
    pull_request: tuple[Guide, ...]
    unread: tuple[Unknown, ...]

    @classmethod
    def read(cls, tree: Tree) -> Self:
        wanted = (file for file in tree if CONTRIBUTING.fullmatch(file.path) or PULL_REQUEST.fullmatch(file.path))
        derived = derive(wanted, read_lines, LIMIT)
        guides = [Guide(file.path, lines) for file, lines in derived]
        return cls(
            tuple(guide for guide in guides if CONTRIBUTING.fullmatch(guide.path)),
            tuple(guide for guide in guides if PULL_REQUEST.fullmatch(guide.path)),
            derived.unread,
        )


def read_lines(content: bytes) -> Json:
    return [line[:1000] for line in content.decode("utf-8", "replace").splitlines()]
