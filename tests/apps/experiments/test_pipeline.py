"""The pipeline on the page of a run: what feeds what, and what changed since the run before."""

from __future__ import annotations

import time
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from apps.experiments.models import Run
from apps.experiments.pipeline import stages
from apps.experiments.pipeline_picture import draw
from apps.repositories.models import Repository
from tests.apps.experiments.conftest import Tell
from tests.apps.experiments.trials import keep, tried

PREPARE = {"cmd": "p", "ran": True, "deps:raw.csv": "1", "outs:clean": "2"}
TRAIN = {"cmd": "t", "ran": True, "deps:clean/all.csv": "3", "params:params.yaml:lr": 0.1, "outs:m.bin": "4"}
REPORT = {"cmd": "r", "ran": False, "deps:m.bin": "4", "outs:r.html": ""}
NOW: dict[str, dict[str, Any]] = {
    "dvc.yaml:prepare": PREPARE,
    "dvc.yaml:train": TRAIN,
    "sub/dvc.yaml:report": REPORT,
    "raw.csv.dvc": {"outs:raw.csv": "1"},
    "unused.dvc": {"outs:unused": "9"},
}


def of(name: str, now: dict[str, Any], before: dict[str, Any] | None) -> Any:
    return next(each for each in stages(now, before) if each["name"] == name)


def test_a_stage_is_fed_by_what_writes_what_it_reads() -> None:
    found = stages(NOW, None)
    sources = {each["name"]: [found[source]["name"] for source in each["sources"]] for each in found}
    assert sources == {"prepare": ["raw.csv.dvc"], "train": ["prepare"], "report": ["train"], "raw.csv.dvc": []}
    assert of("report", NOW, None)["path"] == "sub/dvc.yaml"


def test_a_stage_that_reads_a_folder_is_fed_by_what_writes_into_it() -> None:
    now = {
        "dvc.yaml:a": {"cmd": "a", "ran": True, "outs:x/y/z": ""},
        "dvc.yaml:b": {"cmd": "b", "deps:x": "", "ran": True},
    }
    assert of("b", now, None)["sources"] == [0]


@pytest.mark.parametrize(
    ("name", "change", "state", "why"),
    [
        ("train", {}, "as before", []),
        ("train", {"cmd": "x"}, "changed here", ["another command"]),
        ("train", {"params:params.yaml:lr": 0.2}, "changed here", ["lr 0.2 → 0.1"]),
        ("train", {"deps:clean/all.csv": "0"}, "changed here", ["reads another clean/all.csv"]),
        ("train", {"outs:m.bin": "0", "deps:old": "1"}, "changed here", ["wrote another m.bin", "reads old no more"]),
        ("train", {"ran": False}, "as before", []),
        ("report", {"cmd": "x"}, "never run", ["another command"]),
        ("raw.csv.dvc", {"outs:raw.csv": "0"}, "data, changed here", ["wrote another raw.csv"]),
    ],
)
def test_what_changed_is_said(name: str, change: dict[str, Any], state: str, why: list[str]) -> None:
    key = next(each for each in NOW if each.rpartition(":")[2] == name)
    found = of(name, NOW, NOW | {key: NOW[key] | change})
    assert (found["state"], found["why"]) == (state, why)


def test_what_was_not_there_is_new() -> None:
    assert (of("train", NOW, {})["state"], of("raw.csv.dvc", NOW, {})["state"]) == ("new here", "data, new here")
    assert (of("train", NOW, None)["state"], of("raw.csv.dvc", NOW, None)["state"]) == ("ran", "data")


def test_a_pipeline_made_to_cost_much_is_drawn_soon() -> None:
    wide = {f"dvc.yaml:{n}": {"cmd": "x", "ran": True, "deps:d": "", f"outs:d/{n}": ""} for n in range(300)}
    began = time.process_time()
    picture = draw(stages(wide, None))
    assert len(picture.boxes) == 300
    assert time.process_time() - began < 3


@pytest.mark.django_db
@pytest.mark.database
def test_the_page_of_a_run_draws_what_was_collected(
    reader: Client, tell: Tell, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    stages = "stages:\n  <b>fit:\n    cmd: x\n    deps: [train.py]\n    params: [lr]\nmetrics: [metrics.json]\n"
    first = tried(1, {"auc": 1}, {"lr": 1}, files={"dvc.yaml": stages, "train.py": "a"})
    second = tried(2, {"auc": 2}, {"lr": 2}, files={"dvc.yaml": stages, "train.py": "b"})
    runs = tell([first, second])
    with django_assert_max_num_queries(10):
        page = reader.get(runs[second].get_absolute_url())
    assert [each["why"] for each in page.context["stages"]] == [["reads another train.py", "lr 1 → 2"]]
    html = page.content.decode()
    assert "&lt;b&gt;fit: never run. reads another train.py; lr 1 → 2" in html
    assert "<b>fit" not in html


def test_a_run_of_which_no_pipeline_is_known_has_none(reader: Client, repository: Repository) -> None:
    run: Run = keep(repository, {"auc": 1})
    page = reader.get(run.get_absolute_url())
    assert (page.context["stages"], "Its pipeline" in page.content.decode()) == ([], False)
