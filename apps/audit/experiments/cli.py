"""`python -m apps.audit.experiments PATH`: a project's experiments without a database, and for mlhealth's workers."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from apps.audit import faults, sandbox
from apps.audit.experiments import repository
from apps.audit.experiments.collecting import Asked, collected
from apps.audit.experiments.revisions import Reader, Revision
from apps.audit.experiments.run import Run
from apps.audit.experiments.runs import Runs
from apps.audit.experiments.trees import Trees
from apps.audit.experiments.values import flatten
from apps.audit.text import clean_text

# A terminal has room for so many metrics beside what the run is.
MOST_SHOWN = 4


def prepare() -> None:
    """For a process that will fork many: all that this needs is imported."""


def main(arguments: list[str] | None = None) -> int:
    """0 when the experiments could be read, 2 when not."""
    options = argparse.ArgumentParser(
        prog="python -m apps.audit.experiments", description="The experiments of a project, from its git objects."
    )
    options.add_argument("path", metavar="PATH", type=Path, help="a git repository, bare or not")
    options.add_argument("--format", choices=("table", "json"), default="table")
    options.add_argument("--since", metavar="FILE", help="only what is new since this, as JSON; - for standard input")
    chosen = options.parse_args(arguments)
    try:
        asked = read_asked(chosen.since)
        with repository.opened(chosen.path, *((asked.known, asked.kept) if asked else ())) as history:
            sandbox.confine()
            if asked:
                # In one piece, which is written ten times as fast as piece by piece.
                sys.stdout.write(json.dumps(collected(history, asked)))
                return 0
            found = Runs(history, Reader(history.objects, Trees(history.objects)))
            runs = list(found.all())
            if chosen.format == "json":
                sys.stdout.writelines(written(found, runs))
            else:
                print("\n".join(table(runs)))
    except BrokenPipeError:  # whoever read our answer has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (faults.SourceError, OSError) as error:
        return faults.refuse(error, chosen.format)
    except MemoryError:
        return faults.refuse(faults.TooLarge(f"Its history needed more than {sandbox.MEMORY}."), chosen.format)
    return 0


def read_asked(name: str | None) -> Asked | None:
    """Raises SourceError."""
    if name is None:
        return None
    try:
        return Asked.parse(sys.stdin.read() if name == "-" else Path(name).read_text(encoding="utf-8"))
    except (ValueError, TypeError, KeyError) as error:
        raise faults.SourceError(f"--since: not of the form that is written for it: {error!r}") from error


def written(found: Runs, runs: list[Run]) -> Iterator[str]:
    """The contract: what each revision holds, and the runs among them. NaN and infinities are written as DVC does."""
    yield '{"schema": 1, "revisions": {'
    for number, oid in enumerate(found.history.commits):
        yield f'{", " if number else ""}"{oid}": {json.dumps(revision_json(found.revision(oid)))}'
    yield '}, "experiments": ['
    for number, run in enumerate(runs):
        yield f"{', ' if number else ''}{json.dumps(run_json(run))}"
    yield "]}"


def revision_json(revision: Revision) -> dict[str, Any]:
    return {"metrics": revision.metrics, "params": revision.params, "notes": list(revision.notes)}


def run_json(run: Run) -> dict[str, Any]:
    """A run, with the fields of its message; those that nobody wrote are empty."""
    note = run.note
    return {
        "id": run.id,
        "source": run.source,
        "sources": list(run.sources),
        "group": run.group,
        "name": run.name,
        "commit": run.commit,
        "baseline": run.baseline,
        "branch": run.branch,
        "author": run.author,
        "time": run.time.isoformat() if run.time else None,
        "subject": run.subject,
        "hypothesis": note.hypothesis if note else "",
        "result": note.result if note else "",
        "stated": [asdict(each) for each in note.metrics] if note else [],
        "changes": list(note.changes) if note else [],
        "notes": note.notes if note else "",
        "metrics": run.metrics,
        "params": run.params,
        "missing": list(run.missing),
    }


def table(runs: list[Run]) -> Iterator[str]:
    """The runs, youngest first, with the first of their metrics."""
    if not runs:
        yield "No experiments: no commit changes metrics or params that dvc.yaml declares, and there is no exp: commit."
    for run in sorted(runs, key=lambda run: run.time.timestamp() if run.time else 0, reverse=True):
        when = run.time.strftime("%Y-%m-%d %H:%M") if run.time else ""
        shown = [f"{name}={value:.5g}" for name, value in numbers(run.metrics)][:MOST_SHOWN]
        place = run.commit[:10] or run.id
        told = clean_text(f"{run.group}/{run.name}" if run.group else run.name, 40)
        yield f"{when:16}  {place:10}  {run.source:7}  {told:40}  {'  '.join(shown)}".rstrip()


def numbers(values: dict[str, Any]) -> Iterator[tuple[str, float]]:
    """Every number, by its keys without the file."""
    for each in values.values():
        for name, value in flatten(each).items():
            if isinstance(value, int | float) and not isinstance(value, bool):
                yield clean_text(name, 40), value
