"""Histories of any shape read in portions: the runs are those of one reading, and build on runs that are known."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.apps.audit.experiments.test_collecting import portions

NAMES = ("exp/a", "exp/b", "feat", "topic", "zz")
MESSAGES = {
    "changes": "feat: it",
    "touches": "docs: it",
    "says": "exp: it\n\nResult: none",
    "merges": "Merge branch 'exp/a'",
}
Told = tuple[str, tuple[int, ...]]


@st.composite
def histories(draw: st.DrawFn) -> list[Told]:
    """What each commit does, and its parents, each by its number."""
    found: list[Told] = [("changes", ())]
    for number in range(1, draw(st.integers(5, 11))):
        parents = draw(st.lists(st.integers(max(0, number - 4), number - 1), min_size=1, max_size=2, unique=True))
        found.append((draw(st.sampled_from(sorted(MESSAGES))), tuple(parents)))
    return found


def build(path: Path, history: Sequence[Told], branches: Mapping[str, int]) -> None:
    lines = []
    for number, (kind, parents) in enumerate(history):
        who, message = f"A <a@x.org> {1767225600 + number * 86400} +0000", MESSAGES[kind]
        lines += [
            f"commit refs/none\nmark :{number + 1}\nauthor {who}\ncommitter {who}\ndata {len(message)}\n{message}"
        ]
        lines += [f"{'merge' if place else 'from'} :{parent + 1}" for place, parent in enumerate(parents)]
        files = {"m.json": f'{{"auc": {number}}}'} if kind == "changes" else {"README.md": str(number)}
        for name, content in (files | ({} if parents else {"dvc.yaml": "metrics: [m.json]\n"})).items():
            lines += [f"M 100644 inline {name}\ndata {len(content)}\n{content}"]
    lines += [f"reset refs/heads/{name}\nfrom :{number + 1}\n" for name, number in branches.items()]
    subprocess.run(["git", "init", "-q", "--bare", "--initial-branch=main", path], check=True)
    told = "\n".join([*lines, "reset refs/none", f"from {'0' * 40}", ""])
    subprocess.run(["git", "-C", path, "fast-import", "--quiet", "--force"], input=told, text=True, check=True)


def told(path: Path, most: int) -> dict[str, dict[str, Any]]:
    return {run["id"]: run for part in portions(path, most) for run in part["runs"]}


CROSSED: list[Told] = [
    ("changes", ()), ("touches", (0,)), ("touches", (0,)), ("touches", (2,)), ("touches", (0,)),
    ("touches", (1,)), ("changes", (5,)), ("touches", (3,)), ("merges", (4, 3)),
]  # fmt: skip


@settings(max_examples=8, deadline=None)
@given(histories(), st.dictionaries(st.sampled_from(NAMES), st.integers(0, 10), max_size=4), st.integers(2, 4))
@example(CROSSED, {"main": 7, "feat": 6, "topic": 8, "exp/b": 1}, 2)
def test_portions_tell_what_one_reading_does(history: list[Told], branches: dict[str, int], most: int) -> None:
    last = len(history) - 1
    tips = {"main": last} | {name: min(number, last) for name, number in branches.items()}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.git"
        build(path, history, tips)
        whole, pieces = told(path, 1000), told(path, most)
    assert pieces.keys() == whole.keys()
    assert {run["builds_on"] for run in pieces.values()} <= {"", *(run["commit"] for run in pieces.values())}
    found, expected = ({key: run["builds_on"] for key, run in each.items()} for each in (pieces, whole))
    assert found == expected
