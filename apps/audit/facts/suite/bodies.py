"""What functions do: their calls, asserts and texts, and which function of the repository a call means."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate, chain
from typing import Any

from apps.audit.facts.python.modules import Assert, Assignment, Call, Function, Module, Modules, Text

KINDS = ("calls", "asserts", "texts", "assignments")


@dataclass
class Body:
    """Everything inside a function, nested ones included. One that is joined from `parts` knows what those know."""

    calls: list[Call] = field(default_factory=list)
    asserts: list[Assert] = field(default_factory=list)
    texts: list[Text] = field(default_factory=list)
    assignments: list[Assignment] = field(default_factory=list)
    parts: tuple[Body, ...] = ()

    @classmethod
    def of(cls, *bodies: Body) -> Body:
        """All that some bodies hold, one after the other."""
        parts = tuple(body for body in bodies if body)
        if len(parts) < 2:
            return parts[0] if parts else cls()
        joined = {kind: list(chain.from_iterable(getattr(part, kind) for part in parts)) for kind in KINDS}
        return cls(**joined, parts=parts)

    def __bool__(self) -> bool:
        return bool(self.calls or self.asserts or self.texts or self.assignments)

    @cached_property
    def called(self) -> tuple[str, ...]:
        """The names that it calls, each once."""
        return distinct([part.called for part in self.parts] or [[call.name for call in self.calls]])

    @cached_property
    def said(self) -> tuple[str, ...]:
        """Its texts, each once."""
        return distinct([part.said for part in self.parts] or [[text.value for text in self.texts]])

    def calling(self, wanted: Callable[[str], object]) -> list[Call]:
        """Its calls of wanted names."""
        names = set(filter(wanted, self.called))
        return [call for call in self.calls if call.name in names] if names else []

    @cached_property
    def names(self) -> tuple[tuple[str, ...], ...]:
        """Every dotted name that is called or passed, then those that are assigned from, then those asserted on."""
        if self.parts:
            return tuple(map(distinct, zip(*(part.names for part in self.parts), strict=True)))
        passed = (names_in([*call.args, *call.keywords.values()]) for call in self.calls)
        called = (chain([call.name], names) for call, names in zip(self.calls, passed, strict=True))
        return (
            distinct(called),
            distinct([names_in([each.value for each in self.assignments])]),
            distinct(each.names for each in self.asserts),
        )


def distinct(names: Iterable[Iterable[str]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(chain.from_iterable(names)))


def names_in(expressions: Iterable[Any]) -> Iterator[str]:
    for each in expressions:
        if isinstance(each, list):
            yield from names_in(each)
        elif isinstance(each, dict):
            yield from (each[key] for key in ("name", "call") if key in each)
            yield from each.get("names", ())


@dataclass(frozen=True)
class Index:
    """One module's bodies by the dotted name of their function or class."""

    module: Module

    @cached_property
    def bodies(self) -> dict[str, Body]:
        found = defaultdict[str, Body](Body)
        for kind in KINDS:
            for each in getattr(self.module, kind):
                for scope in accumulate(each.scope.split("."), "{}.{}".format) if each.scope else ():
                    getattr(found[scope], kind).append(each)
        return found

    @cached_property
    def functions(self) -> dict[str, Function]:
        """By name; where a name is defined twice, the last counts, as when Python runs."""
        return {function.name: function for function in self.module.functions}

    @cached_property
    def bases(self) -> dict[str, list[str]]:
        return {each.name: each.bases for each in self.module.classes}

    @cached_property
    def globals(self) -> dict[str, Body]:
        """What stands on the line of each assignment at module level, by the name that it binds."""
        lines = {each.line: each for each in self.module.assignments if not each.scope}
        found = {each.target: Body(assignments=[each]) for each in lines.values()}
        for call in self.module.calls:
            if not call.scope and (bound := lines.get(call.line)):
                found[bound.target].calls.append(call)
        for text in self.module.texts:
            if not text.scope and (bound := lines.get(text.line)):
                found[bound.target].texts.append(text)
        return found


class Code:
    """All modules, with the means to find what a name in one of them stands for."""

    def __init__(self, modules: Modules) -> None:
        self.indices = {module.path: Index(module) for module in modules if not module.is_notebook}
        self.located: dict[tuple[str, str], tuple[Index, str] | None] = {}
        # What fixtures do, and where the names that modules use lead to, by those who can see the same.
        self.fixtures: dict[tuple[str, str], Body] = {}
        self.surroundings: dict[tuple[str, str], Body] = {}
        self.seen = defaultdict[tuple[str, ...], dict[str, tuple[Index, str] | None]](dict)
        self.endings = defaultdict[str, list[str]](list)
        for path in self.indices:
            self.endings[path.rpartition("/")[2]].append(path)

    def locate(self, name: str, path: str) -> tuple[Index, str] | None:
        """The module that a dotted name leads to from the module at `path`, and the rest of the name."""
        key = (name, path.rpartition("/")[0])
        if key not in self.located:
            self.located[key] = self.search(*key)
        return self.located[key]

    def locate_from(self, name: str, paths: tuple[str, ...]) -> tuple[Index, str] | None:
        """Where a name leads to from the first of these modules that it leads anywhere from."""
        seen = self.seen[paths]
        if name not in seen:
            seen[name] = next((each for each in (self.locate(name, path) for path in paths) if each), None)
        return seen[name]

    def search(self, name: str, folder: str) -> tuple[Index, str] | None:
        level = len(name) - len(name.lstrip("."))
        for _ in range(level - 1):
            folder = folder.rpartition("/")[0]
        parts = name.lstrip(".").split(".")
        for cut in range(min(len(parts), 8), 0, -1):
            base = "/".join(parts[:cut])
            if found := self.find(base, folder, relative=level > 0):
                return self.indices[found], ".".join(parts[cut:])
        return None

    def find(self, base: str, folder: str, *, relative: bool) -> str | None:
        for start in (folder,) if relative else (folder, "", "src"):
            for end in (".py", "/__init__.py"):
                if (path := f"{start}/{base}{end}".lstrip("/")) in self.indices:
                    return path
        if relative or "/" not in base:
            return None
        name = base.rpartition("/")[2]
        return next((path for path in self.endings[f"{name}.py"] if path.endswith(f"/{base}.py")), None)

    def called(self, name: str, scope: str, index: Index) -> tuple[Index, str] | None:
        """The function of the repository that a call in `scope` means, as its module and its name there."""
        first, _, rest = name.partition(".")
        if first in {"self", "cls", "super()"} and rest:
            return self.method(rest, scope, index)
        for around in scopes_around(scope):
            local = f"{around}.{name}".lstrip(".")
            if local in index.functions or local in index.bases:
                return index, local
        if "." not in name:
            return None
        found = self.locate(name, index.module.path)
        return found if found and found[1] and found[0] is not index else None

    def method(self, name: str, scope: str, index: Index) -> tuple[Index, str] | None:
        """A method of the class around `scope`, or of one of its bases."""
        owner = next((around for around in scopes_around(scope) if around in index.bases), "")
        if f"{owner}.{name}" in index.functions:
            return index, f"{owner}.{name}"
        for base in index.bases.get(owner, ()):
            found = (index, base) if base in index.bases else self.locate(base, index.module.path)
            if found and f"{found[1]}.{name}" in found[0].functions:
                return found[0], f"{found[1]}.{name}"
        return None


def scopes_around(scope: str) -> Iterator[str]:
    """`a.b` has a.b, a and the module around it."""
    while scope:
        yield scope
        scope = scope.rpartition(".")[0]
    yield ""
