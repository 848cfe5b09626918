"""DVC's templating: `${key.sub[0]}` in any string of a dvc.yaml, filled from params.yaml and `vars`."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from apps.audit.facts.yaml import Moment

Value = Any
LONGEST_TEXT, MOST_WORK = 100_000, 2_000_000


class TemplateError(ValueError):
    """A template that DVC refuses, or that would expand beyond measure."""


@dataclass
class Context:
    """What templates may name, how a mapping becomes command-line arguments, and how much work is left."""

    values: Mapping[str, Value]
    append_lists: bool = False
    negate_flags: bool = False
    work: list[int] = field(default_factory=lambda: [MOST_WORK])
    used: set[str] = field(default_factory=set)

    def with_values(self, values: Mapping[str, Value]) -> Context:
        """The same rules and the same remaining work with other values."""
        return Context(values, self.append_lists, self.negate_flags, self.work)

    def spend(self, amount: int) -> None:
        self.work[0] -= amount
        if self.work[0] < 0:
            raise TemplateError("its templates expand beyond measure")

    def select(self, expression: str) -> Value:
        """The value that `a.b[0]` names."""
        value: Value = self.values
        steps = expression.replace("[", ".").replace("]", "").split(".")
        for step in steps:
            try:
                value = value[step.strip()] if isinstance(value, Mapping) else at(value, step)
            except (LookupError, ValueError, TypeError):
                raise TemplateError(f"${{{expression[:100]}}} is not defined") from None
        self.used.add(".".join(step.strip() for step in steps))
        return value

    def resolve(self, source: Value, key: str = "") -> Value:
        """`source` with every template filled; `key` is the entry of the stage that it belongs to."""
        self.spend(1)
        if isinstance(source, str) and not isinstance(source, Moment):
            return self.fill(source, key)
        if isinstance(source, Mapping):
            return {to_text(self.resolve(k, key)): self.resolve(v, key) for k, v in source.items()}
        if isinstance(source, list):
            return [self.resolve(item, key) for item in source]
        return source

    def fill(self, text: str, key: str) -> Value:
        """A string with its templates filled; one that is nothing but a template keeps the type of its value."""
        self.spend(len(text) // 100)
        parts, end = list[str](), 0
        for start, stop in templates(text):
            value = self.select(text[start + 2 : stop - 1])
            if key and isinstance(value, (Mapping, list)) and not (key == "cmd" and isinstance(value, Mapping)):
                raise TemplateError(f"{text[start:stop][:100]} is not a single value")
            if (start, stop) == (0, len(text)):
                return value
            parts += [text[end:start], self.text_of(value)]
            end = stop
            self.spend(len(parts[-1]) // 100)
            if len(parts[-1]) > LONGEST_TEXT or len(parts) > LONGEST_TEXT:
                raise TemplateError("its templates expand beyond measure")
        return "".join([*parts, text[end:]]).replace("\\${", "${")

    def text_of(self, value: Value) -> str:
        return " ".join(self.arguments(value)) if isinstance(value, Mapping) else to_text(value)

    def arguments(self, mapping: Mapping[str, Value]) -> Iterator[str]:
        """A mapping as command-line arguments."""
        for name, value in flatten(mapping):
            self.spend(1)
            if isinstance(value, bool):
                if value or self.negate_flags:
                    yield f"--{name}" if value else f"--no-{name}"
            elif isinstance(value, list):
                items = [shlex.quote(item) if isinstance(item, str) else str(item) for item in value]
                if self.append_lists:
                    yield from (f"--{name} {item}" for item in items)
                elif items:
                    yield " ".join([f"--{name}", *items])
            else:
                yield f"--{name} {shlex.quote(value) if isinstance(value, str) else value}"


def at(value: Value, step: str) -> Value:
    """An item of a list; a text is no list."""
    if not isinstance(value, list):
        raise LookupError(step)
    return value[int(step)]


def flatten(mapping: Mapping[str, Value], prefix: str = "") -> Iterator[tuple[str, Value]]:
    for key, value in mapping.items():
        if isinstance(value, Mapping):
            yield from flatten(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


def to_text(value: Value) -> str:
    """A single value as DVC writes it into a string."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def templates(text: str) -> Iterator[tuple[int, int]]:
    """Start and end of each `${…}` that no backslash escapes; each stays on its line."""
    start = text.find("${")
    while start >= 0:
        line_end = text.find("\n", start)
        close = text.find("}", start + 2, line_end if line_end >= 0 else len(text))
        if close < 0:
            # No template can end on this line any more; looking again from each `${` would be quadratic.
            start = text.find("${", line_end) if line_end >= 0 else -1
        elif text[start - 1 : start] == "\\":
            start = text.find("${", start + 2)
        else:
            yield start, close + 1
            start = text.find("${", close + 1)


def merge(into: Mapping[str, Value], update: Mapping[str, Value]) -> dict[str, Value]:
    """Both mappings as one; DVC refuses to redefine a value."""
    merged = dict(into)
    for key, value in update.items():
        if isinstance(merged.get(key), Mapping) and isinstance(value, Mapping):
            merged[key] = merge(merged[key], value)
        elif key in merged:
            raise TemplateError(f"{key} is defined twice in vars and params")
        else:
            merged[key] = value
    return merged


def is_composite(values: Iterable[Value]) -> bool:
    return any(isinstance(value, (Mapping, list)) for value in values)
