"""Facts: what is there. They are frozen, hold no opinion and never raise on odd bytes.

A fact's `read` takes other facts (or the Snapshot) by annotation; all work on content goes through `derive`.
"""

from __future__ import annotations

import traceback
import types
import typing
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, ClassVar, Self, TypeVar, cast

from apps.audit.snapshot import Json, Snapshot

F = TypeVar("F", bound="Fact")
LONGEST_TRACEBACK = 4000


class Fact:
    """Something that is so. `read` returns None where there is nothing of the kind, and `absent` says so."""

    absent: ClassVar[str] = ""

    # Declared as Any: each fact's own signature says which facts it is made of.
    read: ClassVar[Any]

    def measures(self) -> Mapping[str, float]:
        """Numbers that timelines show, by name `area.what`."""
        return {}

    def summary(self) -> Json:
        """What `--facts` prints; None for nothing."""
        return None


class Wanted(typing.NamedTuple):
    """One argument of a function that asks for facts."""

    name: str
    type: type
    optional: bool


@cache
def wanted(function: Callable[..., Any]) -> tuple[Wanted, ...]:
    """The facts that a function's annotations ask for. Raises TypeError when an annotation is not a fact."""
    hints = typing.get_type_hints(function)
    hints.pop("return", None)
    return tuple(parse_annotation(name, hint) for name, hint in hints.items())


def parse_annotation(name: str, hint: Any) -> Wanted:
    parts = typing.get_args(hint) if isinstance(hint, types.UnionType) else (hint,)
    kinds = [part for part in parts if part is not types.NoneType]
    if len(kinds) != 1 or not isinstance(kinds[0], type) or not issubclass(kinds[0], (Fact, Snapshot)):
        raise TypeError(f"argument {name!r} is not a fact: {hint}")
    return Wanted(name, kinds[0], len(parts) > 1)


class Facts:
    """The facts of one snapshot, each read once, when first asked for."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.known: dict[type, Any] = {Snapshot: snapshot}

    def get(self, kind: type[F]) -> F | None:
        if kind not in self.known:
            self.known[kind] = self.read(kind)
        if isinstance(value := self.known[kind], FactError):
            raise value
        return cast("F | None", value)

    def read(self, kind: type[F]) -> F | FactError | None:
        arguments = dict[str, Any]()
        for want in wanted(kind.read.__func__):
            arguments[want.name] = self.get(want.type)
            if arguments[want.name] is None and not want.optional:
                return None
        try:
            return cast("F | None", kind.read(**arguments))
        except Exception as error:
            return FactError(kind, error)

    def missing(self, function: Callable[..., Any]) -> type[Fact] | None:
        """The first fact that `function` cannot do without and that does not exist here."""
        return next((w.type for w in wanted(function) if not w.optional and self.get(w.type) is None), None)

    def arguments(self, function: Callable[..., Any]) -> dict[str, Any]:
        return {want.name: self.get(want.type) for want in wanted(function)}

    def all(self) -> list[Fact]:
        return [fact for fact in self.known.values() if isinstance(fact, Fact)]


class FactError(Exception):
    """A fact's own code broke; every check that needs it is errored.

    The traceback is kept as text: its frames would hold on to all that was being read.
    """

    def __init__(self, kind: type, cause: BaseException) -> None:
        super().__init__(f"{kind.__name__}: {type(cause).__name__}: {cause}")
        self.name, self.for_memory = kind.__name__, isinstance(cause, MemoryError)
        self.add_note("".join(traceback.format_exception(cause))[-LONGEST_TRACEBACK:])


__all__ = ["Fact", "FactError", "Facts", "Self", "Wanted", "wanted"]
