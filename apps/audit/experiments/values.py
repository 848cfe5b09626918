"""Metrics and params as DVC reads them: the parser by a file's ending, then what counts as a value."""

from __future__ import annotations

import json
import posixpath
from collections.abc import Callable, Iterable, Mapping
from functools import reduce
from typing import Any

from apps.audit.facts.documents import Document, parse_toml
from apps.audit.facts.dvc.parameters import MISSING, parse_assignments
from apps.audit.facts.yaml import broken, parse_yaml
from apps.audit.snapshot import Json

Values = Any
DEEPEST = 100


def parse_json(content: bytes) -> Json:
    """JSON as Python reads it, so NaN and infinities are numbers."""
    try:
        return {"value": json.loads(content.decode("utf-8-sig"))}
    except (ValueError, RecursionError) as error:
        return broken(f"no JSON: {error}")


PARSERS: dict[str, Callable[[bytes], Json]] = {".json": parse_json, ".toml": parse_toml, ".py": parse_assignments}


def parse(path: str, content: bytes) -> Document:
    """What ends in neither .json, .toml nor .py is YAML. Every file that is empty holds an empty mapping."""
    parser = PARSERS.get(posixpath.splitext(path)[1].lower(), parse_yaml)
    parsed = parser(content)
    return Document(path, **parsed) if parsed.get("error") else Document(path, parsed["value"] or {})


def metrics(value: Any, depth: int = 0) -> Values:
    """Numbers, texts and mappings of them; lists, null and what is empty are none."""
    if isinstance(value, int | float | str):
        return value
    if not isinstance(value, Mapping) or depth > DEEPEST:
        return None
    kept = {key: metrics(each, depth + 1) for key, each in value.items()}
    return {key: each for key, each in kept.items() if each is not None and each != {}}


def params(value: Any, keys: Iterable[str]) -> Values:
    """The mapping with these dotted keys only; without any, the whole of it."""
    wanted = tuple(dict.fromkeys(keys))
    if not wanted:
        return value
    found = (only(value, key.split(".")) for key in wanted)
    return reduce(merged, (each for each in found if each is not MISSING), {})


def only(value: Any, steps: list[str]) -> Any:
    """The value with nothing in it but what these steps lead to, or MISSING."""
    if not steps:
        return value
    step, *rest = steps
    if isinstance(value, Mapping) and step in value:
        inner = only(value[step], rest)
        return inner if inner is MISSING else {step: inner}
    if isinstance(value, list) and step.isdecimal() and int(step) < len(value):
        inner = only(value[int(step)], rest)
        return inner if inner is MISSING else [inner]
    return MISSING


def merged(into: Any, update: Any) -> Any:
    """Mappings by their keys, lists one after the other; of other values the latter."""
    if isinstance(into, Mapping) and isinstance(update, Mapping):
        both = {key: merged(into[key], update[key]) for key in into if key in update}
        return {**into, **update, **both}
    return [*into, *update] if isinstance(into, list) and isinstance(update, list) else update


def flatten(values: Values, prefix: str = "") -> dict[str, Any]:
    """Dotted keys, each with its number, text, list or null. Of what is no mapping, the key is empty."""
    if not isinstance(values, Mapping):
        return {prefix: values}
    found = dict[str, Any]()
    for key, value in values.items():
        found |= flatten(value, f"{prefix}.{key}" if prefix else str(key))
    return found
