"""The figure of a timeline: what is drawn, where, and that nothing of a repository is more than text in it."""

from __future__ import annotations

import json
import math
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import plotly.offline
import pytest
from django.conf import settings

from apps.experiments.choice import Choice
from apps.experiments.models import Collection, Run
from apps.experiments.points import MOST_POINTS
from apps.experiments.sheet import read
from apps.experiments.timeline import COLOURS, Timeline
from apps.repositories.models import Repository
from tests.apps.experiments.trials import START, keep

pytestmark = pytest.mark.django_db
EVIL = "<img src=x onerror=alert(1)>\"'&"


def figure(repository: Repository, *metrics: str, lower: bool = False, **choice: Any) -> dict[str, Any]:
    sheet = read(Run.objects.filter(repository=repository))
    collection = Collection.objects.filter(repository=repository).first()
    drawn = Timeline(sheet, metrics, dict.fromkeys(metrics, lower), Choice(metrics, **choice), collection)

    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is no JSON")

    return dict(json.loads(drawn.figure(), parse_constant=refuse))


def traces(drawn: dict[str, Any], mode: str) -> list[dict[str, Any]]:
    return [trace for trace in drawn["data"] if trace["mode"] == mode]


def day(number: int) -> str:
    return (START + timedelta(days=number)).isoformat()


@pytest.mark.parametrize(("lower", "expected"), [(True, [(0, 3), (2, 1), (4, 1)]), (False, [(0, 3), (3, 5), (4, 5)])])
def test_the_line_is_the_best_so_far_up_to_the_last_run(
    repository: Repository, lower: bool, expected: list[tuple[int, float]]
) -> None:
    for value in (3, math.nan, 1, 5, 4):
        keep(repository, {"auc": value})
    (line,) = traces(figure(repository, "auc", lower=lower), "lines")
    assert list(zip(line["x"], line["y"], strict=True)) == [(day(number), value) for number, value in expected]
    assert line["line"]["shape"] == "hv"


def test_points_are_runs_with_a_finite_number_oldest_first(repository: Repository) -> None:
    runs = [keep(repository, {"auc": value}) for value in (1, math.nan, "2", math.inf, 10**299, True)]
    keep(repository, {"auc": 7}, time=None)
    (points,) = traces(figure(repository, "auc"), "markers")
    assert (points["x"], points["y"]) == ([day(0), day(4)], [1, 1e299])
    assert points["customdata"] == [runs[0].get_absolute_url(), runs[4].get_absolute_url()]


def test_nothing_of_a_repository_is_more_than_text(repository: Repository) -> None:
    first = keep(repository, {EVIL: 1}, {EVIL: EVIL})
    keep(
        repository, {EVIL: 2}, {EVIL: "<b>"}, name=EVIL, branch=EVIL, author=EVIL, hypothesis=EVIL,
        builds_on=first.commit,
    )  # fmt: skip
    event = {"name": EVIL, "subject": EVIL, "time": day(1), "kind": "tag"}
    Collection.objects.create(repository=repository, tags=[event], merges=[{"subject": EVIL, "time": day(1)}])
    choices: list[dict[str, Any]] = [{}, {"against": EVIL}, {"by": "author"}]
    for choice in choices:
        drawn = json.dumps(figure(repository, EVIL, **choice))
        assert set(re.findall(r"<[^>]*>", drawn)) <= {"<br>", "<extra>", "</extra>"}
        assert "&lt;img src=x onerror=alert(1)&gt;\\\"'&amp;" in drawn  # plotly.js knows no &quot;


def test_a_point_says_what_was_changed(repository: Repository) -> None:
    first = keep(repository, {"auc": 0.5}, {f"p{number}": 0 for number in range(5000)})
    params = {f"p{number}": 1 for number in range(5000)}
    run = keep(repository, {"auc": 1 / 3}, params, builds_on=first.commit, group="trees", hypothesis="More is more")
    (points,) = traces(figure(repository, "auc"), "markers")
    assert points["text"][1].split("<br>") == [
        f"trees/{run.name}",
        "auc 0.333333",
        *(f"p{number}: 0 → 1" for number in range(6)),
        "and 4994 more params",
        "More is more",
        "Ada · 02 Jan 2024 · 0000000",
    ]


def test_every_colour_is_named_once_whichever_metric_has_it(repository: Repository) -> None:
    keep(repository, {"auc": 1}, branch="main")
    keep(repository, {"auc": 1, "f1": 2}, branch="main")
    keep(repository, {"f1": 1}, branch="aside")
    drawn = figure(repository, "auc", "f1")
    named = [trace["name"] for trace in drawn["data"] if trace["showlegend"]]
    assert sorted(named) == ["aside", "best so far", "main"]
    assert {trace["yaxis"] for trace in drawn["data"]} == {"y", "y2"}


def test_what_is_rare_shares_a_colour_whatever_it_is_called(repository: Repository) -> None:
    for number in range(9):
        for _ in range(1 + (number < 6)):
            keep(repository, {"auc": number}, branch="others" if number == 0 else f"b{number}")
    points = traces(figure(repository, "auc"), "markers")
    assert sum(len(trace["x"]) for trace in points) == Run.objects.count()
    assert len({(trace["marker"]["color"], trace["marker"]["symbol"]) for trace in points}) == len(COLOURS) + 1
    assert [len(trace["x"]) for trace in points if trace["name"] == "others"] == [2, 3]


@pytest.mark.parametrize("by", ["branch", "group", "source", "author"])
def test_a_colour_stands_for_what_was_chosen(repository: Repository, by: str) -> None:
    keep(repository, {"auc": 1}, branch="x", group="x", author="x", source="dvc")
    keep(repository, {"auc": 2}, branch="", group="", author="", source="commit")
    names = {trace["name"] for trace in traces(figure(repository, "auc", by=by), "markers")}
    assert names == ({"DVC experiment", "Commit"} if by == "source" else {"x", "none"})


def test_metrics_are_stacked_and_logarithmic_where_asked(repository: Repository) -> None:
    keep(repository, {"auc": 1, "f1": 2, "loss": 3})
    layout = figure(repository, "auc", "f1", "loss", log=True)["layout"]
    axes = [layout["yaxis"], layout["yaxis2"], layout["yaxis3"]]
    assert [axis["title"]["text"] for axis in axes] == ["auc", "f1", "loss"]
    assert [axis["type"] for axis in axes] == ["log"] * 3
    ends = [end for axis in [*axes, layout["yaxis4"]] for end in reversed(axis["domain"])]
    assert ends == sorted(ends, reverse=True)
    assert (ends[0], ends[-1]) == (1, 0)
    assert figure(repository, "auc")["layout"]["yaxis"]["type"] == "linear"


def test_releases_models_and_merges_are_marks_in_a_strip(repository: Repository) -> None:
    keep(repository, {"auc": 1})
    event = {"subject": "Ready", "time": day(3)}
    tags = [{**event, "name": "v1", "kind": "tag"}, {**event, "name": "churn@v1", "kind": "version"}]
    unknown = {**event, "name": "v0", "kind": "tag", "time": None}
    Collection.objects.create(repository=repository, tags=[*tags, unknown], merges=[event])
    marks = {trace["name"]: trace for trace in traces(figure(repository, "auc"), "markers") if trace["yaxis"] == "y2"}
    assert {name: (trace["x"], trace["text"]) for name, trace in marks.items()} == {
        "release": ([day(3)], ["v1<br>Ready<br>2024-01-04"]),
        "model": ([day(3)], ["churn@v1<br>Ready<br>2024-01-04"]),
        "merge": ([day(3)], ["Ready<br>2024-01-04"]),
    }
    assert not any("customdata" in trace for trace in marks.values())


def test_against_a_param_there_is_no_time(repository: Repository) -> None:
    for lr in (0.1, 10**299, math.nan, math.inf, None):
        keep(repository, {"auc": 1}, {"lr": lr})
    keep(repository, {"auc": 1}, {})
    Collection.objects.create(repository=repository, merges=[{"subject": "x", "time": day(1)}])
    drawn = figure(repository, "auc", against="lr")
    (points,) = drawn["data"]
    assert points["x"] == [0.1, 1e299, None, None, None, None]
    assert (drawn["layout"]["xaxis"]["type"], drawn["layout"]["xaxis"]["title"]["text"]) == ("linear", "lr")


def test_a_param_that_is_no_number_somewhere_has_names(repository: Repository) -> None:
    for optimiser in ("adam", 3, None, True):
        keep(repository, {"auc": 1}, {"optimiser": optimiser})
    drawn = figure(repository, "auc", against="optimiser")
    assert drawn["data"][0]["x"] == ["adam", 3, None, "True"]
    assert drawn["layout"]["xaxis"]["type"] == "category"


def test_four_metrics_of_many_runs_are_no_more_points_than_one(repository: Repository) -> None:
    for number in range(MOST_POINTS // 4 + 300):
        keep(repository, {name: math.sin(number * place) for place, name in enumerate("abcd", 1)})
    drawn = sum(len(trace["x"]) for trace in traces(figure(repository, *"abcd"), "markers"))
    assert MOST_POINTS / 2 < drawn < MOST_POINTS * 1.2


def test_times_at_the_ends_of_the_calendar_are_drawn(repository: Repository) -> None:
    for moment in (datetime(1970, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC)):
        keep(repository, {"auc": 1}, time=moment)
    (points,) = traces(figure(repository, "auc"), "markers")
    assert points["x"] == ["1970-01-01T00:00:00+00:00", "9999-01-01T00:00:00+00:00"]


def test_plotly_draws_for_the_plotly_js_that_pages_load() -> None:
    head = (Path(settings.BASE_DIR) / "static/vendor/plotly.min.js").read_text()[:200]
    assert f"v{plotly.offline.get_plotlyjs_version()}\n" in head
