"""A checkout the story works in: edit files, reproduce the pipeline on paper, commit what changed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from apps.repositories.example import pipeline
from apps.repositories.example.story import Commit

PROJECT = Path(__file__).parent / "project"


class Checkout:
    """The files of one branch, and the story so far, which all forks share."""

    def __init__(self, branch: str = "main") -> None:
        self.branch = branch
        self.files: dict[str, bytes] = {}
        self.committed: dict[str, bytes] = {}
        self.forked_from: dict[str, bytes] = {}
        self.commits: list[Commit] = []

    def fork(self, branch: str) -> Checkout:
        fork = Checkout(branch)
        fork.files, fork.committed, fork.forked_from = dict(self.files), dict(self.committed), dict(self.committed)
        fork.commits = self.commits
        return fork

    def add(self, *paths: str) -> None:
        """Bring in files as project/ keeps them, where a leading dot is spelt `dot_`."""
        for path in paths:
            parts = [f".{part[4:]}" if part.startswith("dot_") else part for part in PurePosixPath(path).parts]
            self.files["/".join(parts)] = (PROJECT / path).read_bytes()

    def put(self, path: str, content: str | bytes) -> None:
        self.files[path] = content.encode() if isinstance(content, str) else content

    def edit(self, path: str, *changes: tuple[str, str]) -> None:
        text = self.files[path].decode()
        for old, new in changes:
            if text.count(old) != 1:
                raise ValueError(f"{path} holds {text.count(old)} times {old!r}")
            text = text.replace(old, new)
        self.put(path, text)

    def receive_data(self, *, size: int, version: str) -> None:
        self.put("data/raw.csv.dvc", pipeline.pointer("data/raw.csv", size=size, version=version))

    def reproduce(self, **metrics: float) -> None:
        """As `dvc repro`: the metrics given here, the others as they were, and a lock that fits."""
        known = json.loads(self.files.get("metrics.json", b"{}"))
        self.put("metrics.json", json.dumps(known | metrics, indent=4) + "\n")
        self.put("dvc.lock", pipeline.lock(self.files))

    def commit(self, date: str, author: str, message: str, **more: Any) -> None:
        """`{metrics}` and `{parameters}` in the message become what changed in them."""
        for word, path in (("{metrics}", "metrics.json"), ("{parameters}", "params.yaml")):
            if word in message:
                message = message.replace(word, "\n".join(self._changed(path)))
        files, deleted = _difference(self.committed, self.files)
        told = Commit(date, message, files, branch=self.branch, author=author, delete=deleted, **more)
        self.commits.append(told)
        self.committed = dict(self.files)

    def try_out(self, name: str, date: str, author: str, change: tuple[str, str], **metrics: float) -> None:
        """As `dvc exp run` of one changed parameter: nothing of it stays here."""
        trial = self.fork(self.branch)
        trial.edit("params.yaml", change)
        trial.reproduce(**metrics)
        digest = hashlib.sha256(trial.files["dvc.lock"]).hexdigest()
        trial.commit(date, author, f"dvc: commit experiment {digest}", experiment=name)

    def merge(self, date: str, author: str, fork: Checkout, message: str) -> None:
        """As a forge merges a pull request: the branch goes away, both sides' work stays."""
        changed, deleted = _difference(fork.forked_from, fork.files)
        self.files = {path: each for path, each in (self.files | changed).items() if path not in deleted}
        self.commits.append(Commit(date, message, author=author, merge=fork.branch, drop=True))
        self.committed = dict(self.files)

    def _changed(self, path: str) -> Iterator[str]:
        """A line for each number that is another one than in the last commit."""
        before, after = (_flat(pipeline.parsed(files[path])) for files in (self.committed, self.files))
        for name, new in after.items():
            old = before.get(name)
            if old is None:
                yield f"- {name}: {new}"
            elif old != new:
                yield f"- {name}: {old} -> {new}" + (f" ({new - old:+.4g})" if isinstance(new, float) else "")


def _difference(old: Mapping[str, bytes], new: Mapping[str, bytes]) -> tuple[dict[str, bytes], list[str]]:
    """What became new or other, and what went away."""
    changed = {path: content for path, content in new.items() if old.get(path) != content}
    return changed, [path for path in old if path not in new]


def _flat(tree: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in tree.items():
        flat |= _flat(value, f"{prefix}{name}.") if isinstance(value, dict) else {f"{prefix}{name}": value}
    return flat
