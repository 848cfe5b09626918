"""What the collecting process may answer: it has read what strangers wrote."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest

from apps.experiments.answer import MOST_BYTES, MOST_RUNS, Misfit, parse
from tests.apps.experiments.trials import answer, told

TAG: dict[str, Any] = {
    "name": "v1",
    "commit": "a" * 40,
    "time": None,
    "subject": "",
    "kind": "tag",
    "model": "",
    "what": "",
}
TAG |= {"cancelled": False}
MERGE = {"commit": "a" * 40, "time": "2024-01-01T00:00:00+02:00", "subject": "Merge"}


def cells(value: Any, name: str = "auc", path: str = "metrics.json") -> bytes:
    return answer(values={"0" * 32: {path: {name: value}}})


@pytest.mark.parametrize(
    "said",
    [
        answer(),
        answer(told(), told(2)),
        answer(told(id="mlflow:r1", commit="", time=None)),
        answer(told(commit="a" * 64, stated=[["auc", 0.5, None], ["f1", 1, 0]])),
        answer(told(time="1970-01-01T00:00:00+00:00"), told(2, time="9999-01-01T14:00:00+14:00")),
        answer(tags=[TAG, {**TAG, "kind": "version"}], merges=[MERGE], gone=["a" * 40], complete=False),
        cells(None),
        cells(True),
        cells("π"),
        cells(-(10**299)),
    ],
)
def test_what_fits(said: bytes) -> None:
    assert parse(said).schema_ == 1


def test_numbers_that_are_none_stay_what_they_are() -> None:
    said = parse(answer(told(metrics={"a": math.nan, "b": math.inf, "c": -math.inf, "d": 1, "e": 1.0})))
    kept = said.values[said.runs[0].metrics]["metrics.json"]
    assert math.isnan(kept["a"])  # type: ignore[arg-type]
    assert (kept["b"], kept["c"]) == (math.inf, -math.inf)
    assert [type(kept[name]) for name in "de"] == [int, float]


@pytest.mark.parametrize(
    ("said", "says"),
    [
        (b"", "Invalid JSON"),
        (b"[]", "should be an object"),
        (b"[" * 100_000, "Invalid JSON"),
        (b" " * (MOST_BYTES + 1), "more than 64,000,000"),
        (answer(schema=2), "schema: "),
        (answer(more=1), "more: "),
        (answer(runs=None), "runs: "),
        (answer(complete="yes"), "complete: "),
        (answer(known=["main"]), "known.0: "),
        (answer(known=["a" * 40 + "\n"]), "known.0: "),
        (answer(gone=["A" * 40]), "gone.0: "),
        (answer(tags=[{**TAG, "kind": "branch"}]), "tags.0.kind: "),
        (answer(tags=[TAG] * 2001), "tags: "),
        (answer(tags=[{**TAG, "time": "soon"}]), "tags.0.time: "),
        (answer(merges=[{**MERGE, "time": None}]), "merges.0.time: "),
        (answer(merges=[MERGE] * 1001), "merges: "),
        (answer(values={"x": {}}), "values.x"),
        (answer(values={"0" * 32: {"a": 1}}), "values.0+.a: "),
        (cells([1]), "values.0+.metrics.json.auc"),
        (cells({}), "values.0+.metrics.json.auc"),
        (cells("x" * 501), "values.0+.metrics.json.auc"),
        (cells("\0"), "no page or database can hold"),
        (cells("\x1b[31m"), "no page or database can hold"),
        (cells("\u202e"), "no page or database can hold"),
        (cells(1, name="a\0"), "no page or database can hold"),
        (cells(1, path="a\0"), "no page or database can hold"),
        (cells(1, name="x" * 201), "values.0+.metrics.json"),
        (cells("?").replace(b"?", b"\\ud800"), "Invalid JSON"),
        (answer(told(id="git:" + "x" * 300)), "runs.0.id: "),
        (answer(told(id="svn:1")), "runs.0.id: "),
        (answer(told(id="git:a\nb")), "runs.0.id: "),
        (answer(told(source="wandb")), "runs.0.source: "),
        (answer(told(sources=["commit"] * 6)), "runs.0.sources: "),
        (answer(told(group="x" * 201)), "runs.0.group: "),
        (answer(told(name=1)), "runs.0.name: "),
        (answer(told(name="\0")), "runs.0.name: .*no page or database can hold"),
        (answer(told(commit="abc")), "runs.0.commit: "),
        (answer(told(baseline="../x")), "runs.0.baseline: "),
        (answer(told(builds_on="main")), "runs.0.builds_on: "),
        (answer(told(branch=None)), "runs.0.branch: "),
        (answer(told(author="x" * 201)), "runs.0.author: "),
        (answer(told(time="2024-01-01")), "runs.0.time: .*has no time zone"),
        (answer(told(time="1969-12-31T23:59:59+00:00")), "runs.0.time: .*beyond what calendars"),
        (answer(told(time="0001-01-01T00:00:00+14:00")), "runs.0.time: .*beyond what calendars"),
        (answer(told(time="9999-12-31T23:59:59-14:00")), "runs.0.time: .*beyond what calendars"),
        (answer(told(time=5)), "runs.0.time: "),
        (answer(told(subject="x" * 501)), "runs.0.subject: "),
        (answer(told(hypothesis="x" * 2001)), "runs.0.hypothesis: "),
        (answer(told(result="\u2066")), "runs.0.result: "),
        (answer(told(notes=[])), "runs.0.notes: "),
        (answer(told(stated=[["auc", "high", None]])), "runs.0.stated.0.1: "),
        (answer(told(stated=[["auc", math.inf, None]])), "runs.0.stated.0.1: .*finite"),
        (answer(told(stated=[["auc", 1, math.nan]])), "runs.0.stated.0.2: .*finite"),
        (answer(told(changes=["x"] * 101)), "runs.0.changes: "),
        (answer(told(missing=["\0"])), "runs.0.missing.0: "),
        (answer(told(metrics_digest="x")), "runs.0.metrics_digest: "),
        (answer(told(params="f" * 32)), "runs: git:0+1 has values that are not there"),
        (answer(told(lineage="f" * 32)), "runs: git:0+1 has values that are not there"),
        (answer(told(lineage="f")), "runs.0.lineage: "),
        (answer(told(), told()), "runs: one is there twice"),
    ],
)
def test_anything_else_is_refused_by_its_name(said: bytes, says: str) -> None:
    with pytest.raises(Misfit, match=says):
        parse(said)


def test_more_runs_than_a_portion_has_are_refused() -> None:
    said = json.loads(answer(told()))
    said["runs"] *= MOST_RUNS + 1
    with pytest.raises(Misfit, match="runs: "):
        parse(json.dumps(said).encode())
