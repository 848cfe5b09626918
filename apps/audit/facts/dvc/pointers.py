"""Pointers: .dvc files, and the stage files of DVC 0.x, which look the same and have a command."""

from __future__ import annotations

import posixpath

from apps.audit.facts.documents import Document
from apps.audit.facts.dvc.expansion import DEFAULT_PARAMETERS
from apps.audit.facts.dvc.stages import Entry, Parameter, Path, Stage, entries, place, recorded


def pointer_stage(document: Document) -> Stage:
    """A .dvc file, or a stage file of DVC 0.x, which holds its own hashes."""
    data = document.table()
    folder = posixpath.join(posixpath.dirname(document.path), str(data.get("wdir") or ""))
    paths = {
        kind: [pointed(document, kind, n, each, folder) for n, each in enumerate(entries(data.get(kind)))]
        for kind in ("deps", "outs")
    }
    read = [each for each in entries(data.get("deps")) if "params" in each]
    params = [
        Parameter(name, place(folder, name), tuple(values or ()), document.line("deps"), values)
        for name, values in ((str(each.get("path") or DEFAULT_PARAMETERS), each["params"]) for each in read)
        if isinstance(values, dict) or values is None
    ]
    files = {each.path for each in params}
    deps = tuple(dep for dep in paths["deps"] if dep.path not in files)
    ran = any(out.recorded for out in paths["outs"]) or any(dep.recorded for dep in deps)
    frozen = data.get("frozen") is True or data.get("locked") is True
    return Stage(
        document.path,
        document.path,
        document.line("cmd") or 1,
        data.get("cmd"),
        deps,
        tuple(paths["outs"]),
        tuple(params),
        frozen,
        document.path if ran else "",
        locked_cmd=data.get("cmd"),
    )


def pointed(document: Document, kind: str, number: int, entry: Entry, folder: str) -> Path:
    written, source = str(entry.get("path") or ""), entry.get("repo")
    return Path(
        written,
        place(folder, written),
        document.line(kind, number),
        recorded(entry),
        "metrics" if entry.get("metric") else kind,
        cached=kind == "outs" and entry.get("cache") is not False,
        push=entry.get("push") is not False,
        remote=str(entry.get("remote") or ""),
        revision=str(source.get("rev_lock") or "") if isinstance(source, dict) else "",
        foreign=isinstance(source, dict) or "db" in entry,
    )
