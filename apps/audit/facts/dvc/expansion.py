"""The stages that a dvc.yaml stands for: vars loaded, foreach and matrix unrolled, templates filled."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice, product
from typing import Any, NamedTuple, Protocol

from apps.audit.facts.documents import Document
from apps.audit.facts.dvc.templates import Context, TemplateError, is_composite, merge, to_text
from apps.audit.facts.yaml import dated

DEFAULT_PARAMETERS = "params.yaml"
MOST_STAGES = 2000


class FileNotInGit(TemplateError):
    """A file of values that git does not have: it may exist elsewhere."""


class ValueFiles(Protocol):
    """Where files of values are found."""

    def get(self, path: str) -> Document | None: ...


class Expanded(NamedTuple):
    """One stage. `keys` lead to its definition in the document; `used` are the values that its templates named."""

    name: str
    definition: dict[str, Any]
    keys: tuple[str, ...]
    used: frozenset[str] = frozenset()
    # The files that those may come from.
    imports: tuple[str, ...] = ()


@dataclass(frozen=True)
class Failure:
    """A stage, a group or (name empty) a whole file that cannot be expanded; `known` when git itself shows why."""

    name: str
    message: str
    line: int | None
    known: bool


@dataclass
class Values:
    """The values that templates of one scope may name, and the files that they come from (with keys, if not all)."""

    found: dict[str, Any]
    imports: dict[str, list[str] | None]


@dataclass
class Expansion:
    """Expands one dvc.yaml; what cannot be expanded is in `failures`, and where `dates` are, which DVC refuses."""

    document: Document
    parameters: ValueFiles
    context: Context

    def __post_init__(self) -> None:
        self.folder = posixpath.dirname(self.document.path)
        self.failures: list[Failure] = []
        self.dates: list[str] = []
        self.values = Values({}, {})
        self.has_default = self.parameters.get(posixpath.join(self.folder, DEFAULT_PARAMETERS)) is not None

    def stages(self) -> Iterator[Expanded]:
        """Every stage, in the order of the file."""
        default = [DEFAULT_PARAMETERS] if self.has_default else []
        try:
            self.values = self.load(self.values, [*default, *self.document.items("vars")], self.folder)
        except TemplateError as error:
            self.fail("", error, ("vars",))
            return
        self.context = self.context.with_values(self.values.found)
        made = 0
        for name, definition in self.document.table("stages").items():
            try:
                for stage in self.expand(name, definition):
                    made += 1
                    if made > MOST_STAGES:
                        raise TemplateError(f"it stands for more than {MOST_STAGES:,} stages")
                    yield stage
            except TemplateError as error:
                self.fail(name, error, ("stages", name))

    def look_for_dates(self, values: Any, where: str) -> None:
        if way := dated(values):
            self.dates.append(f"{where} has one at {way}")

    def fail(self, name: str, error: TemplateError, keys: tuple[str, ...]) -> None:
        """Without a params.yaml in git, one that a tool writes may define what is missing here."""
        known = self.has_default and not isinstance(error, FileNotInGit)
        message = f"{name} cannot be expanded: {error}" if name else str(error)
        self.failures.append(Failure(name, message, self.document.line(*keys), known))

    def top(self, key: str) -> list[Any]:
        """The templates of a top-level list (metrics, plots, params) filled; those that cannot be are left out."""
        found = []
        for item in self.document.items(key):
            try:
                found.append(self.context.resolve(item))
            except TemplateError:
                continue
        return found

    def expand(self, name: str, definition: Any) -> Iterator[Expanded]:
        if not isinstance(definition, dict):
            raise TemplateError("the stage is not a mapping")
        if "matrix" in definition:
            template = {key: value for key, value in definition.items() if key != "matrix"}
            for key, item in self.combinations(definition["matrix"]):
                yield self.one(f"{name}@{key}", template, ("stages", name), {"item": item, "key": key})
        elif "foreach" in definition:
            for key, item, named in self.items(definition["foreach"]):
                extra = {"item": item, "key": key} if named else {"item": item}
                yield self.one(f"{name}@{key}", definition.get("do"), ("stages", name, "do"), extra)
        else:
            yield self.one(name, definition, ("stages", name), {})

    def items(self, source: Any) -> list[tuple[str, Any, bool]]:
        """Key and value of each round of a foreach, and whether `key` may be named."""
        values = self.context.resolve(source)
        if isinstance(values, dict):
            return [(key, value, True) for key, value in values.items()]
        if not isinstance(values, list):
            raise TemplateError("foreach needs a list or a mapping")
        if is_composite(values):
            return [(str(number), value, False) for number, value in enumerate(values)]
        written = source if isinstance(source, list) else [None] * len(values)
        named = {in_name(value, literal): value for value, literal in zip(values, written, strict=True)}
        return [(key, value, False) for key, value in named.items()]

    def combinations(self, source: Any) -> Iterator[tuple[str, dict[str, Any]]]:
        """Key and values of each cell of a matrix."""
        axes = self.context.resolve(source)
        if not isinstance(axes, dict) or not all(isinstance(axis, list) for axis in axes.values()):
            raise TemplateError("matrix needs a mapping of lists")
        if sum(map(len, axes.values())) > MOST_STAGES:
            raise TemplateError(f"it stands for more than {MOST_STAGES:,} stages")
        for cell in islice(product(*(list(enumerate(axis)) for axis in axes.values())), MOST_STAGES + 1):
            item = dict(zip(axes, (value for _, value in cell), strict=True))
            parts = [
                f"{axis}{number}" if is_composite([value]) else in_name(value, literal_of(source, axis, number))
                for axis, (number, value) in zip(axes, cell, strict=True)
            ]
            yield "-".join(parts), item

    def one(self, name: str, template: Any, keys: tuple[str, ...], extra: dict[str, Any]) -> Expanded:
        if not isinstance(template, dict):
            raise TemplateError("the stage is not a mapping")
        self.look_for_dates(extra, name)
        context, loaded = self.context.with_values(self.values.found | extra), self.values
        folder = self.folder
        if wdir := template.get("wdir"):
            folder = posixpath.normpath(posixpath.join(self.folder, to_text(context.resolve(wdir))))
        if own := template.get("vars"):
            loaded = self.load(Values(dict(context.values), dict(self.values.imports)), own, folder)
            context = context.with_values(loaded.found)
        resolved = {key: context.resolve(value, key) for key, value in template.items() if key != "vars"}
        used = frozenset(name for name in context.used if name.partition(".")[0] not in extra)
        return Expanded(name, resolved, keys, used, tuple(loaded.imports))

    def load(self, values: Values, entries: Any, folder: str) -> Values:
        """`values` with those of each entry of a `vars` list: a file, `file:key,key`, or a mapping."""
        found, imports = values.found, dict(values.imports)
        for entry in entries if isinstance(entries, list) else []:
            if isinstance(entry, dict):
                self.look_for_dates(entry, "vars")
                found = merge(found, entry)
                continue
            name, _, listed = to_text(entry).partition(":")
            path, keys = posixpath.normpath(posixpath.join(folder, name)), [key for key in listed.split(",") if key]
            if path in imports and not keys and imports[path] is None:
                continue
            read = self.file(path, keys)
            self.look_for_dates(read, path)
            found = merge(found, read)
            imports[path] = [*(imports.get(path) or []), *keys] if keys else None
        return Values(found, imports)

    def file(self, path: str, keys: list[str]) -> dict[str, Any]:
        document = self.parameters.get(path)
        if document is None:
            raise FileNotInGit(f"{path} is not in git")
        if document.error:
            raise TemplateError(f"{path} cannot be read: {document.error}")
        values = document.table()
        if missing := [key for key in keys if key not in values]:
            raise TemplateError(f"{path} has no {missing[0]}")
        return {key: values[key] for key in keys} if keys else values


def in_name(value: Any, literal: Any) -> str:
    """A value in the name of a stage: DVC writes a truth as Python does, unless dvc.yaml itself has it there."""
    return str(value) if isinstance(value, bool) and not isinstance(literal, bool) else to_text(value)


def literal_of(matrix: Any, axis: str, number: int) -> Any:
    """What dvc.yaml has at that place of a matrix; None where a template stands for it."""
    axes = matrix.get(axis) if isinstance(matrix, dict) else None
    return axes[number] if isinstance(axes, list) else None
