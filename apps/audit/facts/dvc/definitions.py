"""Stages of a dvc.yaml, once expanded, with what its lock recorded of them."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from typing import Any

from apps.audit.facts.documents import Document
from apps.audit.facts.dvc.expansion import DEFAULT_PARAMETERS
from apps.audit.facts.dvc.stages import Entry, Parameter, Path, Recorded, Stage, entries, listed, place, recorded

OUT_KINDS = ("outs", "metrics", "plots")


def pipeline_stage(
    name: str, definition: Entry, *, document: Document, keys: tuple[str, ...], lock: Document | None
) -> Stage:
    """A stage of a dvc.yaml with what its lock recorded."""
    folder = posixpath.join(posixpath.dirname(document.path), str(definition.get("wdir") or ""))
    entry = locked_stages(lock).get(name) if lock else None
    locked = entry if isinstance(entry, dict) else {}
    known = {(kind, each.get("path")): each for kind in ("deps", "outs") for each in entries(locked.get(kind))}
    deps = [
        Path(str(each), place(folder, str(each)), document.line(*keys, "deps", n), found(known, "deps", str(each)))
        for n, each in enumerate(listed(definition.get("deps")))
    ]
    outs = [
        Path(
            path,
            place(folder, path),
            document.line(*keys, kind, n),
            found(known, "outs", path),
            kind,
            cached=flags.get("cache") is not False,
            push=flags.get("push") is not False,
            remote=str(flags.get("remote") or ""),
        )
        for kind in OUT_KINDS
        for n, path, flags in flagged(definition.get(kind))
    ]
    values = locked.get("params")
    return Stage(
        name,
        document.path,
        document.line(*keys[:2]),
        definition.get("cmd"),
        tuple(deps),
        tuple(outs),
        tuple(parameters(definition, folder, document, keys, values if isinstance(values, dict) else {})),
        definition.get("frozen") is True,
        lock.path if lock and locked else "",
        lock.line(*lock_keys(lock), name) if lock and locked else None,
        locked.get("cmd"),
    )


def lock_keys(lock: Document) -> tuple[str, ...]:
    """DVC 1 wrote stages at the top of the lock."""
    return ("stages",) if "stages" in lock.table() or "schema" in lock.table() else ()


def locked_stages(lock: Document) -> dict[str, Any]:
    return lock.table(*lock_keys(lock))


def found(known: Mapping[tuple[str, Any], Entry], kind: str, written: str) -> Recorded | None:
    entry = known.get((kind, written)) or known.get((kind, posixpath.normpath(written)))
    return recorded(entry) if entry else None


def flagged(value: Any) -> Iterator[tuple[int, str, Entry]]:
    """Position, path and flags of outs, which are written as `path` or `path: {flag: …}`."""
    for number, each in enumerate(listed(value)):
        for path, flags in (each if isinstance(each, dict) else {str(each): {}}).items():
            yield number, str(path), flags if isinstance(flags, dict) else {}


def parameters(
    definition: Entry, folder: str, document: Document, keys: tuple[str, ...], known: Mapping[str, Any]
) -> Iterator[Parameter]:
    """The files that `params` names, each once, with all its keys."""
    names, lines = dict[str, list[str]](), dict[str, int | None]()
    whole = set[str]()
    for number, each in enumerate(listed(definition.get("params"))):
        for path, wanted in (each if isinstance(each, dict) else {DEFAULT_PARAMETERS: [each]}).items():
            names.setdefault(path, []).extend(map(str, listed(wanted)))
            lines.setdefault(path, document.line(*keys, "params", number))
            if not wanted:
                whole.add(path)
    for path, wanted in names.items():
        values = known.get(path)
        yield Parameter(
            path,
            place(folder, path),
            () if path in whole else tuple(dict.fromkeys(wanted)),
            lines[path],
            values if isinstance(values, dict) else None,
        )
