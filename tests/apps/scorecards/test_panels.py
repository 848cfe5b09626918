"""What areas draw beside their checks, and the three pillars."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
from django.test import Client

from apps.audit import catalog
from apps.audit.engine import Audit
from apps.audit.policy import Policy
from apps.audit.sources import from_memory
from apps.experiments.pipeline_picture import BOX_WIDTH, LONGEST_NAME, draw
from apps.jobs.models import Job
from apps.repositories.example.story import commit
from apps.repositories.models import Repository
from apps.scorecards.panels import CAPABILITIES, PARTS, precommit
from apps.scorecards.pillars import PILLARS

PIPELINE = """\
stages:
  prepare:
    cmd: python prepare.py
    deps: [data.csv]
    outs: [clean.csv]
  train:
    cmd: python train.py
    deps: [clean.csv, train.py]
    outs: [model.pkl]
"""
LOCK = "schema: '2.0'\nstages:\n  prepare:\n    cmd: python3 prepare.py\n"
FILES = {
    "dvc.yaml": PIPELINE,
    "dvc.lock": LOCK,
    "data.csv.dvc": "outs:\n- {path: data.csv, hash: md5, md5: aaaa}\n",
    "train.py": "model.fit(x)\n",
    "tests/test_train.py": "def test_it():\n    assert 1 + 1 == 2\n",
    "deep/configs/train.yaml": "lr: 0.1\n",
    ".pre-commit-config.yaml": "repos: [{repo: local, hooks: [{id: black, language: system, entry: black}]}]\n",
}


def facts(files: dict[str, str]) -> dict[str, Any]:
    return dict(Audit(from_memory(files), Policy()).to_json(with_facts=True)["facts"])


def stage(name: str, *sources: int) -> dict[str, Any]:
    return {"name": name, "path": "dvc.yaml", "line": 1, "state": "in sync", "why": [], "sources": list(sources)}


def test_states_of_stages() -> None:
    told = {each["name"]: each for each in facts(FILES)["states"]}
    assert {name: each["state"] for name, each in told.items()} == {
        "data.csv.dvc": "data",
        "prepare": "changed",
        "train": "never run",
    }
    assert told["prepare"]["why"][0] == "the command is not the one that was run"
    assert told["prepare"]["sources"] == [0]


def test_roles_that_are_filled_elsewhere_are_misplaced() -> None:
    roles = {each["role"]: each for each in facts(FILES)["layout"]["roles"]}
    assert roles["tests"]["state"] == "present"
    assert (roles["configuration"]["state"], roles["configuration"]["path"]) == ("misplaced", "deep/configs/train.yaml")
    assert (roles["readme"]["state"], roles["readme"]["path"]) == ("missing", "")


def test_files_that_no_hook_sees() -> None:
    told = {each["kind"]: each for each in facts(FILES)["coverage"]["kinds"]}
    assert told["Python"]["covered"] == 2
    assert told["YAML"]["missed"] == [".pre-commit-config.yaml", "deep/configs/train.yaml", "dvc.yaml"]


def test_the_matrix_has_a_column_for_each_hook_that_does_something() -> None:
    drawn = precommit(facts(FILES), [])
    assert drawn
    assert [hook["id"] for hook in drawn["columns"]] == ["black"]
    assert dict(drawn["matrix"])["Format Python"] == [True]
    assert not any(True in marks for name, marks in drawn["matrix"] if name != "Format Python")


def test_every_ability_has_a_row_in_the_matrix() -> None:
    from apps.audit.facts.hooks.abilities import Ability  # noqa: PLC0415  # the page knows its words, not the engine

    assert sorted(each for row in CAPABILITIES.values() for each in row) == sorted(Ability)


def test_every_item_of_the_checklist_has_one_part() -> None:
    names = [slug.partition("/")[2] for slug in catalog.checks() if slug.startswith("reproducibility/")]
    parts = {name: [part for part, starts in PARTS.items() if name.startswith(starts)] for name in names}
    assert {name: found for name, found in parts.items() if len(found) != 1} == {}


def test_pillars_name_checks_that_exist() -> None:
    assert {slug for slugs in PILLARS.values() for slug in slugs} <= set(catalog.checks())


def test_what_reads_stands_to_the_right_of_what_it_reads() -> None:
    picture = draw([stage("data"), stage("clean", 0), stage("train", 1), stage("evaluate", 0, 2)])
    assert all(left.x + BOX_WIDTH < right.x for left, right in pairwise(picture.boxes))
    assert len(picture.lines) == 4
    assert all(box.x + BOX_WIDTH <= picture.width for box in picture.boxes)


def test_stages_that_wait_for_each_other_are_drawn_too() -> None:
    picture = draw([stage("a", 1), stage("b", 0), stage("c", 2)])
    assert len(picture.boxes) == 3


def test_the_end_of_a_long_name_is_shown() -> None:
    (box,) = draw([stage("x" * 100 + "@lr-0.1")]).boxes
    assert len(box.name) == LONGEST_NAME
    assert box.name.endswith("@lr-0.1")


@pytest.mark.database
@pytest.mark.django_db
@pytest.mark.parametrize(
    ("area", "words"),
    [
        ("dvc", ["1 never run", "the command is not the one that was run"]),
        ("testing", ["1 test function by layer", "tests/test_train.py"]),
        ("precommit", ["Format Python", "2 of 2"]),
        ("reproducibility", ["Random seeds", "Evaluation"]),
        ("structure", ["The shape of", "misplaced"]),
        ("workflow", ["Git workflow"]),
    ],
)
def test_each_area_shows_its_panel(
    area: str,
    words: list[str],
    push: Callable[..., Any],
    audit: Callable[[], Job],
    repository: Repository,
    reader: Client,
) -> None:
    push([commit("2026-01-01", "feat: begin", FILES)])
    audit()
    page = reader.get(f"{repository.get_absolute_url()}?area={area}").content.decode()
    assert [word for word in words if word not in page] == []


@pytest.mark.database
@pytest.mark.django_db
def test_pillars_say_what_is_versioned(
    push: Callable[..., Any], audit: Callable[[], Job], repository: Repository, reader: Client
) -> None:
    push([commit("2026-01-01", "feat: begin", {"train.py": "import random\nmodel.fit(x)\n"})])
    audit()
    page = reader.get(repository.get_absolute_url()).content.decode()
    states = re.findall(r'class="pillar pillar-(\w+)"', page)
    assert states == ["partial", "none", "partial"]
