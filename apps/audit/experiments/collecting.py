"""What mlhealth's workers ask for: the runs that are new since the last time, in portions, and which are gone."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC
from itertools import islice
from typing import Any

from apps.audit.experiments import registry
from apps.audit.experiments.lineage import Lineages
from apps.audit.experiments.messages import Note
from apps.audit.experiments.pipeline import Pipelines
from apps.audit.experiments.plots import Plots
from apps.audit.experiments.repository import History, Tag
from apps.audit.experiments.revisions import Reader
from apps.audit.experiments.run import Run
from apps.audit.experiments.runs import Runs
from apps.audit.experiments.trees import Trees
from apps.audit.experiments.values import flatten
from apps.audit.text import clean_text

MOST_COMMITS, MOST_VALUES, MOST_TAGS, MOST_MERGES, MOST_OPEN = 5000, 10_000, 2000, 1000, 2000
# Of values and runs in one portion.
MOST_BYTES, MOST_RUNS = 16_000_000, 15_000
LONGEST_VALUE, LONGEST_NAME, LARGEST_TAG = 500, 200, 20_000
MOST_MISSING = 90
# Beyond this, a whole number is a text to databases and charts.
LARGEST_NUMBER = 10**300


@dataclass(frozen=True)
class Asked:
    """What is known already: the commits after which there was nothing new, and those of the runs that are there.

    `kept` are those of the runs that DVC's refs led to.
    """

    known: tuple[str, ...] = ()
    runs: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()

    @classmethod
    def parse(cls, text: str) -> Asked:
        """Raises ValueError."""
        document = json.loads(text)
        return cls(*(tuple(map(str, document[name])) for name in ("known", "runs", "kept")))


def collected(history: History, asked: Asked, most: int = MOST_COMMITS) -> dict[str, Any]:
    """The next portion. `known` is what to ask with for the one after it; `complete` says that there is none."""
    told, before = (frozenset(each if asked.known else ()) for each in (asked.kept, asked.runs))
    found = Runs(history, Reader(history.objects, Trees(history.objects)), most, told, before)
    held = portion(found)
    complete = found.complete and (held.cut is None or held.cut.source == "mlflow")
    return {
        "schema": 1,
        "runs": list(held.runs.values()),
        "values": held.values,
        "plots": held.plots,
        "known": list(tips(history) if complete else frontier(found, asked.known)),
        "complete": complete,
        "saw_mlflow": complete and held.cut is None,
        "gone": list(gone(history, asked)),
        "open": [one_line(name, LONGEST_NAME) for name in history.open_branches[:MOST_OPEN]],
        "tags": list(tags_json(history)),
        "merges": list(islice(merges(found), MOST_MERGES)),
    }


@dataclass
class Portion:
    """Runs by id; values and plots by their digests. `cut` is the run after which it got too much."""

    runs: dict[str, dict[str, Any]] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)
    plots: dict[str, Any] = field(default_factory=dict)
    cut: Run | None = None


def portion(found: Runs) -> Portion:
    """As many runs as one answer holds; where that gets too much, the batch ends there too."""
    held, size = Portion(), 0
    made = {"lineage": Lineages(found.reader).of, "pipeline": Pipelines(found.reader).of}
    drawn = Plots(found.reader)
    for run in found.all():
        told = described(run)
        # The commit that a run of MLflow's names is that of its code, which may be any.
        commit = found.commit(run.commit) if run.source != "mlflow" else None
        values = {"metrics": run.metrics, "params": run.params}
        values |= {name: read(commit) if commit else {} for name, read in made.items()}
        for name, each in values.items():
            told[name], added = hold(held.values, kept(each))
            size += added
        if commit:
            told["missing"] += [one_line(each, LONGEST_VALUE) for each in found.reader.damaged_locks(commit.tree)][:10]
        told["plots"] = {}
        for path, plot in drawn.of(commit).items() if commit else ():
            told["plots"][path], added = hold(held.plots, plot)
            size += added
        held.runs.setdefault(told["id"], told)
        if size > MOST_BYTES or len(held.runs) >= MOST_RUNS:
            found.end_at(run.id.removeprefix("git:"))
            held.cut = run
            break
    return held


def hold(held: dict[str, Any], own: Any) -> tuple[str, int]:
    """Put something among others by the digest that it gets here; and how many bytes that adds."""
    text = json.dumps(own, sort_keys=True)
    digest = hashlib.sha256(text.encode()).hexdigest()[:32]
    added = 0 if digest in held else len(text)
    held[digest] = own
    return digest, added


def gone(history: History, asked: Asked) -> Iterator[str]:
    """The commits of runs that no branch, tag or ref of DVC's leads to any more."""
    if history.reachable is not None:
        there = history.reachable | {each.commit for each in history.experiments}
        yield from (oid for oid in asked.runs if oid not in there)


def described(run: Run) -> dict[str, Any]:
    """A run without its values, its texts on one line each."""
    note = run.note
    return {
        "id": clean_text(run.id, LONGEST_NAME),
        "source": run.source,
        "sources": list(run.sources),
        "group": one_line(run.group, LONGEST_NAME),
        "name": one_line(run.name, LONGEST_NAME),
        "commit": run.commit,
        "baseline": run.baseline,
        "builds_on": run.builds_on,
        "branch": one_line(run.branch, LONGEST_NAME),
        "author": one_line(run.author, LONGEST_NAME),
        "time": run.time.isoformat() if run.time else None,
        "subject": one_line(run.subject, LONGEST_VALUE),
        "hypothesis": one_line(note.hypothesis) if note else "",
        "result": one_line(note.result) if note else "",
        "notes": one_line(note.notes) if note else "",
        "stated": list(islice(stated(note), 100)) if note else [],
        "changes": [one_line(each, LONGEST_VALUE) for each in note.changes][:100] if note else [],
        "missing": [one_line(each, LONGEST_VALUE) for each in run.missing][:MOST_MISSING],
    }


def stated(note: Note) -> Iterator[list[Any]]:
    """Name, value and the value before; a number beyond what databases hold is none."""
    for each in note.metrics:
        if math.isfinite(each.value):
            before = each.before if each.before is not None and math.isfinite(each.before) else None
            yield [one_line(each.name, LONGEST_NAME), each.value, before]


def one_line(text: str, limit: int = 2000) -> str:
    return clean_text(" ".join(text.split()), limit)


def kept(values: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Flat values by file, fit for pages and databases; NaN and infinities stay what they are."""
    found = dict[str, dict[str, Any]]()
    left = MOST_VALUES
    for path, each in values.items():
        flat = list(islice(flatten(each).items(), left))
        left -= len(flat)
        found[clean_text(path)] = {clean_text(str(name), LONGEST_NAME): scalar(value) for name, value in flat}
    return found


def scalar(value: Any) -> int | float | bool | str | None:
    if value is None or isinstance(value, bool | float):
        return value
    if isinstance(value, int):
        return value if -LARGEST_NUMBER < value < LARGEST_NUMBER else f"about 10^{int(math.log10(abs(value)))}"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return clean_text(text, LONGEST_VALUE)


def tips(history: History) -> Iterator[str]:
    """The commits that branches and tags lead to, each once."""
    yield from dict.fromkeys([*history.branches.values(), *(tag.commit for tag in history.tags)])


def frontier(found: Runs, known: Iterable[str]) -> Iterator[str]:
    """Of the commits that are known now, those that no other of them builds on."""
    parents = {parent for commit in found.batch for parent in commit.parents}
    yield from (oid for oid in dict.fromkeys([*known, *(commit.id for commit in found.batch)]) if oid not in parents)


def tags_json(history: History) -> Iterator[dict[str, Any]]:
    """Those of models first, then the youngest."""
    youngest = sorted(history.tags, key=lambda tag: tag.time.timestamp() if tag.time else 0, reverse=True)
    chosen = sorted(youngest, key=lambda tag: registry.event(tag.name) is None)[:MOST_TAGS]
    contents = dict(history.objects.read({tag.object for tag in chosen if tag.object}, LARGEST_TAG))
    yield from (tag_json(tag, subject_of(contents.get(tag.object, b""))) for tag in chosen)


def subject_of(content: bytes) -> str:
    """The first line of what a tag or commit says."""
    return content.partition(b"\n\n")[2].partition(b"\n")[0].decode("utf-8", "backslashreplace")


def tag_json(tag: Tag, subject: str) -> dict[str, Any]:
    """A tag with what it says of a model, where it is one of GTO's."""
    event = registry.event(tag.name)
    return {
        "name": one_line(tag.name, LONGEST_NAME),
        "commit": tag.commit,
        "time": tag.time.isoformat() if tag.time else None,
        "subject": one_line(subject, LONGEST_VALUE),
        "kind": event.kind if event else "tag",
        "model": one_line(event.model, LONGEST_NAME) if event else "",
        "what": one_line(event.what, LONGEST_NAME) if event else "",
        "cancelled": event.cancelled if event else False,
    }


def merges(found: Runs) -> Iterator[dict[str, Any]]:
    """Merges into the default branch among the new commits, youngest first."""
    for commit in reversed(found.batch):
        if commit.is_merge and found.branches.get(commit.id) == found.history.default_branch:
            yield {
                "commit": commit.id,
                "time": commit.committed_at.astimezone(UTC).isoformat(),
                "subject": one_line(commit.subject, LONGEST_VALUE),
            }
