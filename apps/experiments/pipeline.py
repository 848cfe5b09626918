"""The pipeline of a run's commit, held against that of the run before it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from apps.experiments.changes import MISSING, Change, changes
from apps.experiments.pipeline_picture import Stage
from apps.experiments.sheet import Cells

Pipeline = Mapping[str, Cells]
FILE = "dvc.yaml:"
# How a change of a path is told, by kind and by whether it was there and is there.
WORDS = {
    "deps": ("reads another {}", "now reads {}", "reads {} no more"),
    "outs": ("wrote another {}", "now writes {}", "writes {} no more"),
}


def stages(now: Pipeline, before: Pipeline | None) -> list[Stage]:
    """Its stages and the data that feeds them, as a picture and its table show them. `before` None: nothing to compare.

    `state` is in words, `why` says what changed, `sources` are the positions of what feeds a stage.
    """
    fed = feeds(now)
    feeding = set[str]().union(*fed.values())
    shown = [name for name, cells in now.items() if "cmd" in cells or name in feeding]
    at = {name: position for position, name in enumerate(shown)}
    return [
        {
            "name": name.partition(FILE)[2] or name,
            "path": name.partition(":")[0] if FILE in name else "",
            "reads": list(paths(now[name], "deps")),
            "writes": list(paths(now[name], "outs")),
            "sources": sorted(at[source] for source in fed[name] if source in at),
        }
        | compared(now[name], None if before is None else before.get(name, {}))
        for name in shown
    ]


def compared(now: Cells, before: Cells | None) -> dict[str, Any]:
    """Its state, and why: of stages causes before effects."""
    is_data = "cmd" not in now
    if before is None:
        return {"state": "data" if is_data else "ran" if now["ran"] else "never run", "why": []}
    why = list(words(changes(before, now)))
    state = "new here" if not before else "changed here" if why else "as before"
    if is_data:
        return {"state": "data" if state == "as before" else f"data, {state}", "why": why if before else []}
    return {"state": state if now["ran"] else "never run", "why": why if before else []}


def words(changed: Sequence[Change]) -> Iterator[str]:
    """What changed; a stage that only ran at last is no other."""
    for each in changed:
        kind, _, subject = each.name.partition(":")
        if kind == "cmd":
            yield "another command"
        elif kind == "params":
            yield f"{subject.partition(':')[2] or subject} {shown(each.before)} → {shown(each.after)}"
        elif kind in WORDS:
            another, new, gone = WORDS[kind]
            yield (new if each.before is MISSING else gone if each.after is MISSING else another).format(subject)


def shown(value: Any) -> str:
    text = "null" if value is None else str(value)
    return text if len(text) <= 40 else f"{text[:39]}…"


def feeds(pipeline: Pipeline) -> dict[str, set[str]]:
    """For each stage those that write what it reads: the very path, a folder around it, or something inside it."""
    written, inside = dict[str, set[str]](), dict[str, set[str]]()
    for name, cells in pipeline.items():
        for path in paths(cells, "outs"):
            written.setdefault(path, set()).add(name)
            for folder in around(path):
                inside.setdefault(folder, set()).add(name)
    found = dict[str, set[str]]()
    for name, cells in pipeline.items():
        read = {*paths(cells, "deps"), *(each.partition(":")[0] for each in paths(cells, "params"))}
        sources = (written.get(each, set()) for path in read for each in (path, *around(path)))
        found[name] = set[str]().union(*sources, *(inside.get(path, set()) for path in read)) - {name}
    return found


def paths(cells: Cells, kind: str) -> Iterator[str]:
    """What follows the kind in its keys."""
    yield from (key.partition(":")[2] for key in cells if key.startswith(f"{kind}:"))


def around(path: str) -> Iterator[str]:
    """The folders that a path is in, the innermost first."""
    while "/" in path:
        path = path.rpartition("/")[0]
        yield path
