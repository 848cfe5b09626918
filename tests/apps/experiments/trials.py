"""Commits that try something, and rows and answers of runs as tests need them."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime, timedelta
from typing import Any

from apps.experiments.models import Run, Values
from apps.repositories.example.story import Commit, commit
from apps.repositories.models import Repository

DECLARED = "params:\n- params.yaml\nmetrics:\n- metrics.json\n"
START = datetime(2024, 1, 1, tzinfo=UTC)


def trial(day: str, lr: float, auc: float, message: str = "", **more: Any) -> Commit:
    """A commit that changes a param and a metric."""
    files = {"dvc.yaml": DECLARED, "params.yaml": f"lr: {lr}\n", "metrics.json": json.dumps({"auc": auc})}
    return commit(day, message or f"feat: lr {lr}", files, **more)


def tried(day: int, metrics: Any, params: Any, **more: Any) -> Commit:
    """A commit with these metrics and params, on this day of January 2026."""
    files = {"dvc.yaml": DECLARED, "metrics.json": json.dumps(metrics), "params.yaml": json.dumps(params)}
    subject = more.pop("message", f"exp: number {day}")
    return commit(f"2026-01-{day:02}", subject, files | more.pop("files", {}), **more)


BEGIN = commit("2024-01-01", "feat: begin", {"README.md": "# Churn\n"})
FIRST = trial("2024-02-01", 0.1, 0.7)
SECOND = trial("2024-03-01", 0.2, 0.8)


def values(repository: Repository, cells: dict[str, Any], path: str = "a.json") -> Values:
    files = {path: cells} if cells else {}
    digest = hashlib.sha256(repr(files).encode()).hexdigest()[:32]
    found, _ = Values.objects.get_or_create(
        repository=repository, digest=digest, defaults={"packed": Values.pack(files)}
    )
    return found


def keep(repository: Repository, metrics: dict[str, Any], params: dict[str, Any] | None = None, **more: Any) -> Run:
    """A run in the database, a day after the one before it."""
    number = Run.objects.count()
    told = {"commit": f"{number:040x}", "name": f"run-{number}", "time": START + timedelta(days=number)}
    told |= {"source": "commit", "branch": "main", "author": "Ada"} | more
    return Run.objects.create(
        repository=repository,
        key=f"git:{told['commit']}" if told["source"] != "mlflow" else f"mlflow:{number}",
        metrics=values(repository, metrics),
        params=values(repository, params or {}, "params.yaml"),
        lineage=values(repository, {}),
        **told,
    )


def answer(*runs: dict[str, Any], **more: Any) -> bytes:
    """What the collecting process says of these runs, each made by `told`."""
    held = {digest: files for run in runs for digest, files in run["held"].items()}
    own = [{name: value for name, value in run.items() if name != "held"} for run in runs]
    said = {
        "schema": 1,
        "runs": own,
        "values": held,
        "plots": {},
        "known": [],
        "complete": True,
        "saw_mlflow": True,
        "gone": [],
        "open": [],
        "tags": [],
        "merges": [],
    }
    return json.dumps(said | more).encode()


def told(number: int = 1, metrics: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    """One run as the collecting process tells it."""
    oid = f"{number:040x}"
    held = {"0" * 32: {}, f"{number:032x}": {"metrics.json": metrics if metrics is not None else {"auc": 0.5}}}
    texts = dict.fromkeys(("group", "baseline", "builds_on", "hypothesis", "result", "notes"), "")
    lists: dict[str, Any] = {"stated": [], "changes": [], "missing": [], "sources": ["commit"]}
    named = {"id": f"git:{oid}", "commit": oid, "source": "commit", "name": "main", "branch": "main", "author": "Ada"}
    rest = {
        "time": "2024-01-01T00:00:00+00:00",
        "subject": "feat: x",
        "params": "0" * 32,
        "lineage": "0" * 32,
        "pipeline": "0" * 32,
    }
    return {**texts, **lists, **named, **rest, "metrics": f"{number:032x}", "plots": {}, "held": held} | more
