"""Metrics and params as DVC reads them: the parser by a file's ending, then what counts as a value."""

from __future__ import annotations

import json
import posixpath
from codecs import BOM_UTF8
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from apps.audit.experiments.keys import selected
from apps.audit.facts.documents import Document, parse_toml
from apps.audit.facts.dvc.parameters import parse_assignments
from apps.audit.facts.yaml import Moment, broken, parse_yaml
from apps.audit.snapshot import Json

Values = Any
DEEPEST = 100


def parse_json(content: bytes) -> Json:
    """JSON as Python reads it, so NaN and infinities are numbers."""
    try:
        marked = {"doubt": "it begins with a byte order mark"} if content.startswith(BOM_UTF8) else {}
        return {"value": json.loads(content.decode("utf-8-sig")), **marked}
    except (ValueError, RecursionError) as error:
        return broken(f"no JSON: {error}")


def parse_plain_yaml(content: bytes) -> Json:
    return parse_yaml(content, placed=False)


PARSERS: dict[str, Callable[[bytes], Json]] = {".json": parse_json, ".toml": parse_toml, ".py": parse_assignments}


def parse(path: str, content: bytes) -> Document:
    """What ends in neither .json, .toml nor .py is YAML. Every file that is empty holds an empty mapping."""
    parsed = PARSERS.get(posixpath.splitext(path)[1].lower(), parse_plain_yaml)(content)
    if parsed.get("error"):
        return Document(path, **parsed)
    if nests_too_deep(parsed["value"], content):
        return Document(path, error=f"nested more than {DEEPEST} deep")
    return Document(path, parsed["value"] or {}, doubt=parsed.get("doubt", ""))


def metrics(value: Any, depth: int = 0) -> Values:
    """Numbers, texts and mappings of them; lists, dates, null and what is empty are none."""
    if isinstance(value, int | float | str):
        return None if isinstance(value, Moment) else value
    if not isinstance(value, Mapping) or depth > DEEPEST:
        return None
    kept = {key: metrics(each, depth + 1) for key, each in value.items()}
    return {key: each for key, each in kept.items() if each is not None and each != {}}


def params(value: Any, keys: Iterable[str]) -> Values:
    """The mapping with these dotted keys only; without any, the whole of it."""
    wanted = list(keys)
    return selected(value, wanted) if wanted else value


def nests_too_deep(value: Any, content: bytes) -> bool:
    """Whether values lie in so many others that reading them would need a stack without end."""
    return content.count(b"[") + content.count(b"{") > DEEPEST and depth(value) > DEEPEST


def depth(value: Any, around: int = 0) -> int:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return around if around > DEEPEST else max((depth(each, around + 1) for each in inner), default=around)


def flatten(values: Values, prefix: str = "") -> dict[str, Any]:
    """Dotted keys, each with its number, text, list or null. Of what is no mapping, the key is empty."""
    if not isinstance(values, Mapping):
        return {prefix: values}
    found = dict[str, Any]()
    for key, value in values.items():
        found |= flatten(value, f"{prefix}.{key}" if prefix else str(key))
    return found
