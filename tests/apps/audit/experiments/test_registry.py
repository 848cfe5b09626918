"""GTO's tags, by GTO's own pattern."""

from __future__ import annotations

import time

import pytest
from gto.constants import tag_re

from apps.audit.experiments.registry import Event, event

TAGS = {
    "churn@v1.2.3": Event("churn", "version", "v1.2.3", 0, False),
    "churn@v1.0.0-rc.1": Event("churn", "version", "v1.0.0-rc.1", 0, False),
    "churn@v1.0.0+build.5": Event("churn", "version", "v1.0.0+build.5", 0, False),
    "churn@v1.0.0!": Event("churn", "version", "v1.0.0", 0, True),
    "churn@v1.0.0!#2": Event("churn", "version", "v1.0.0", 2, True),
    "churn#prod#4": Event("churn", "stage", "prod", 4, False),
    "churn#prod": Event("churn", "stage", "prod", 0, False),
    "churn#prod!#5": Event("churn", "stage", "prod", 5, True),
    "churn@deprecated": Event("churn", "deprecated", "", 0, False),
    "churn@created#3": Event("churn", "created", "", 3, False),
    "models/eu=churn#dev#1": Event("models/eu:churn", "stage", "dev", 1, False),
    "nested/name@v0.0.1": Event("nested/name", "version", "v0.0.1", 0, False),
    "a-b_c#x-y#10": Event("a-b_c", "stage", "x-y", 10, False),
}
OTHERS = [
    "v1.2.3",
    "1.0",
    "churn",
    "churn@1.2.3",
    "churn@v1.2",
    "churn@v01.2.3",
    "churn@latest",
    "churn#",
    "#prod",
    "churn#prod#",
    "churn#prod#x",
    "churn@deprecated!",
    "-churn@v1.0.0",
    "churn-@v1.0.0",
    "größe@v1.0.0",
    "churn prod",
    "churn@v1.0.0-",
    "a=b=c#x",
    "",
]


@pytest.mark.parametrize("tag", TAGS)
def test_a_tag_says_what_happened_to_a_model(tag: str) -> None:
    assert event(tag) == TAGS[tag]


@pytest.mark.parametrize("tag", [*TAGS, *OTHERS])
def test_gto_takes_the_same_tags_for_its_own(tag: str) -> None:
    theirs, ours = tag_re.search(tag), event(tag)
    assert (ours is not None) == (theirs is not None)
    if ours and theirs:
        assert ours.model == theirs["artifact"].replace("=", ":")
        assert ours.what == (theirs["stage"] or theirs["version"] or "")
        assert ours.cancelled == (theirs["cancel"] == "!")
        assert ours.counter == int(theirs["counter"] or 0)


@pytest.mark.parametrize("unit", ["a/", "a-", "a=", "a", "#a", "@v1.0.0", "-", "1.", "a@v1.0.0-a."])
def test_a_long_name_takes_no_long_time(unit: str) -> None:
    began = time.process_time()
    event(unit * 100_000)
    event(f"{unit * 100}#{unit * 100}")
    assert time.process_time() - began < 1
