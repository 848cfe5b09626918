"""The rules that ruff is told to select, in its configuration and on its command line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple, Self

from apps.audit.facts import Fact
from apps.audit.facts.documents import Document, Documents
from apps.audit.facts.tree import Tree, is_template, is_vendored


class Selection(NamedTuple):
    """One selector of rules, such as `I` or `S101`, and where it stands."""

    selector: str
    path: str
    line: int | None


@dataclass(frozen=True)
class Ruff(Fact):
    """The configuration nearest to the root: `selected`, `extended` on top of that, `ignored`."""

    path: str
    selected: tuple[Selection, ...] = ()
    extended: tuple[Selection, ...] = ()
    ignored: tuple[str, ...] = ()

    @classmethod
    def read(cls, tree: Tree, documents: Documents) -> Self:
        files = [file.path for file in tree if file.name in {"ruff.toml", ".ruff.toml", "pyproject.toml"}]
        own = [path for path in files if not is_vendored(path) and not is_template(path)]
        # In one folder ruff reads .ruff.toml, then ruff.toml, then pyproject.toml.
        for path in sorted(own, key=lambda path: (path.count("/"), path)):
            document = documents.get(path)
            if document and (path.endswith("ruff.toml") or document.get("tool", "ruff") is not None):
                return cls.of(document)
        return cls("")

    @classmethod
    def of(cls, document: Document) -> Self:
        found: dict[str, list[Selection]] = {"select": [], "extend-select": [], "ignore": [], "extend-ignore": []}
        base = () if document.path.endswith("ruff.toml") else ("tool", "ruff")
        for keys in ((*base, "lint"), base):
            for name, selections in found.items():
                selections += entries(document, *keys, name)
        ignored = tuple(each.selector for each in (*found["ignore"], *found["extend-ignore"]))
        return cls(document.path, tuple(found["select"]), tuple(found["extend-select"]), ignored)

    def selects(self, family: str, chosen: str | None = None, extra: str | None = None) -> Selection | None:
        """What selects a family of rules, if anything; `chosen` and `extra` come from the command line."""
        named = self.selected if chosen is None else tuple(Selection(each, "", None) for each in chosen.split(","))
        added = tuple(Selection(each, "", None) for each in (extra or "").split(","))
        if any(is_of(family, selector) for selector in self.ignored):
            return None
        return next((each for each in (*named, *self.extended, *added) if is_of(family, each.selector, "ALL")), None)


def entries(document: Document, *keys: str) -> Iterator[Selection]:
    for at, selector in enumerate(document.items(*keys)):
        if isinstance(selector, str):
            yield Selection(selector, document.path, document.line(*keys, at))


def is_of(family: str, selector: str, *others: str) -> bool:
    """Whether a selector means the whole family or a branch of it; one single rule of many is not enough."""
    number = selector.removeprefix(family)
    only_rule = family == "I" and number in {"0", "00", "001"}
    branch = selector.startswith(family) and len(number) == 1 and number.isdigit()
    return selector == family or selector in others or only_rule or branch
