"""Plots that git holds: which files are some, which columns they show, and what becomes of odd ones."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from apps.audit.experiments import repository
from apps.audit.experiments.axes import Axes, stage_plots, top_level_plots
from apps.audit.experiments.plots import LARGEST, MOST_POINTS, Plots, curve, image
from apps.audit.experiments.revisions import Reader
from apps.audit.experiments.trees import Trees
from apps.repositories.example.story import commit, write

NONE = Axes()
ROWS = [{"fpr": 0, "tpr": 0, "note": "a"}, {"fpr": 0.5, "tpr": 0.9, "note": "b"}]


@pytest.mark.parametrize(
    ("path", "content", "shown", "expected"),
    [
        ("a.csv", "step,loss\n0,1.5\n1,1e-1\n", NONE, ("step", "loss", [[0, 1.5], [1, 0.1]])),
        ("a.tsv", "timestamp\tstep\tacc\n99\t0\t1\n99\t5\t2\n", NONE, ("step", "acc", [[0, 1], [5, 2]])),
        ("a.csv", "acc,timestamp\n1,99\n2,99\n", NONE, ("", "acc", [[0, 1], [1, 2]])),
        ("a.json", json.dumps(ROWS), Axes("fpr", "tpr"), ("fpr", "tpr", [[0, 0], [0.5, 0.9]])),
        ("a.json", json.dumps({"roc": ROWS}), Axes("fpr", ""), ("fpr", "tpr", [[0, 0], [0.5, 0.9]])),
        ("a.yaml", "- {x: 1, y: 2}\n- {x: 2, y: 3}\n", Axes("x", "y"), ("x", "y", [[1, 2], [2, 3]])),
        ("a.csv", "step,loss\n0,nan\n1,inf\n2,3\n3,\n4,5\n", NONE, ("step", "loss", [[2, 3], [4, 5]])),
        ("a.csv", "größe,精度\n1,2\n3,4\n", Axes("größe", "精度"), ("größe", "精度", [[1, 2], [3, 4]])),
    ],
)
def test_a_file_of_rows_is_a_curve(path: str, content: str, shown: Axes, expected: tuple[str, str, Any]) -> None:
    found = curve(path, content.encode(), shown)
    assert found
    assert (found["x"], found["y"], found["points"]) == expected


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("a.csv", b"actual,predicted\ncat,dog\ndog,dog\n"),
        ("a.csv", b"step,loss\n0,1\n"),
        ("a.csv", b""),
        ("a.csv", b"\x00\xff" * 100),
        ("a.csv", b'step,loss\n"' + b"x" * 200_000),
        ("a.json", b"[1, 2]"),
        ("a.json", b"{"),
        ("a.json", b"[" * 100_000),
        ("a.html", b"<script>"),
        ("a.svg", b"<svg onload='x'/>"),
    ],
)
def test_what_is_no_curve_is_none(path: str, content: bytes) -> None:
    assert curve(path, content, NONE) is None
    assert image(content) is None


def test_a_long_curve_keeps_its_ends_and_extremes() -> None:
    rows = "".join(f"{at},{-50 if at == 7777 else 99 if at == 1234 else 0}\n" for at in range(20_000))
    found = curve("a.csv", f"step,loss\n{rows}".encode(), NONE)
    assert found
    points = found["points"]
    assert len(points) <= MOST_POINTS + 2
    assert [points[0], points[-1]] == [[0, 0], [19_999, 0]]
    assert {(7777, -50), (1234, 99)} <= {tuple(point) for point in points}
    assert points == sorted(points)


def test_an_image_is_known_by_its_bytes() -> None:
    found = image(b"\x89PNG\r\n\x1a\n...")
    assert found
    assert found["kind"] == "png"
    assert image(b"\xff\xd8\xff...") is not None
    assert image(b"GIF89a") is None


def test_axes_as_stages_and_the_top_of_a_file_write_them() -> None:
    stage = ["a.csv", {"b.csv": {"cache": False, "x": "fpr", "y": "tpr"}}, {"c.csv": {"template": "confusion"}}]
    assert dict(stage_plots(stage)) == {"a.csv": NONE, "b.csv": Axes("fpr", "tpr")}
    top = [
        "d.csv",
        {"e.csv": None},
        {"roc": {"x": "fpr", "y": {"f.json": "tpr", "g.json": ["p", "q"]}}},
        {"matrix": {"template": "confusion_normalized", "x": "a", "y": {"h.csv": "b"}}},
        {"i.csv": {"x": 3, "y": None}},
    ]
    assert dict(top_level_plots(top)) == {
        "d.csv": NONE,
        "e.csv": NONE,
        "f.json": Axes("fpr", "tpr"),
        "g.json": Axes("fpr", "p"),
        "i.csv": NONE,
    }


def test_plots_are_read_where_dvc_looks_for_them(tmp_path: Path) -> None:
    pipeline = """\
stages:
  train:
    cmd: x
    wdir: sub
    plots:
    - loss.tsv: {cache: false}
    - live: {cache: false}
plots: [top.csv, gone.csv, large.csv, linked.csv]
"""
    table = "step\tv\n0\t1\n1\t2\n"
    files = {
        "dvc.yaml": pipeline,
        "sub/loss.tsv": table,
        "sub/live/acc.tsv": table,
        "sub/live/notes.txt": "x",
        "top.csv": "v\n1\n2\n",
        "large.csv": "v\n" + "1\n" * LARGEST,
        "other.csv": "v\n1\n2\n",
    }
    write(tmp_path / "a.git", [commit("2026-01-01", "feat: a", files)])
    with repository.opened(tmp_path / "a.git") as history:
        plots = Plots(Reader(history.objects, Trees(history.objects)))
        (found,) = [plots.of(each) for each in history.read(history.commits)]
    assert sorted(found) == ["sub/live/acc.tsv", "sub/loss.tsv", "top.csv"]
