"""Runs as files: whole, in any script, and harmless to the spreadsheet that opens them."""

from __future__ import annotations

import csv
import io
import json
import math
from typing import Any

import pandas as pd
import pytest

from apps.experiments import exporting
from apps.experiments.models import Run
from apps.experiments.sheet import read
from apps.repositories.models import Repository
from tests.apps.experiments.trials import keep

pytestmark = pytest.mark.django_db


def csv_of(repository: Repository) -> list[dict[str, str]]:
    text = exporting.csv(read(Run.objects.filter(repository=repository).order_by("pk")))
    return list(csv.DictReader(io.StringIO(text)))


def json_of(repository: Repository) -> Any:
    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is no JSON")

    text = exporting.as_json(read(Run.objects.filter(repository=repository).order_by("pk")))
    return json.loads(text, parse_constant=refuse)


def test_a_run_is_a_line_and_its_values_columns(repository: Repository) -> None:
    keep(repository, {"auc": 0.5}, {"lr": 0.1, "name": None, "deep": True}, group="trees", subject='a, "b"\u2028c')
    keep(repository, {"loss": 3}, {}, time=None)
    one, other = csv_of(repository)
    assert (one["group"], one["subject"], one["time"]) == ("trees", 'a, "b"\u2028c', "2024-01-01T00:00:00+00:00")
    assert (one["metrics.auc"], one["params.lr"], one["params.name"], one["params.deep"]) == ("0.5", "0.1", "", "True")
    assert (one["metrics.loss"], other["metrics.loss"], other["time"], other["params.lr"]) == ("", "3", "", "")


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", " =1", "\u00a0@x", "\uff1d1", '=HYPERLINK("http://x")']
)
def test_no_cell_is_a_formula(repository: Repository, text: str) -> None:
    keep(repository, {"note": text}, {"p": text}, name=text, author=text, subject=text, group=text, branch=text)
    (line,) = csv_of(repository)
    for name in ("name", "author", "subject", "group", "branch", "metrics.note", "params.p"):
        assert line[name] == f"'{text}"
    (run,) = json_of(repository)
    assert run["name"] == run["params"]["p"] == text


def test_negative_numbers_stay_numbers(repository: Repository) -> None:
    keep(repository, {"loss": -0.5}, {"shift": -3})
    (line,) = csv_of(repository)
    assert (line["metrics.loss"], line["params.shift"]) == ("-0.5", "-3")


def test_what_is_no_number_is_a_text(repository: Repository) -> None:
    odd = {"a": math.nan, "b": math.inf, "c": -math.inf}
    keep(repository, odd, odd)
    (line,) = csv_of(repository)
    assert [line[f"metrics.{name}"] for name in "abc"] == ["nan", "inf", "-inf"]
    (run,) = json_of(repository)
    assert run["metrics"] == run["params"] == {"a": "nan", "b": "inf", "c": "-inf"}


def test_any_script_and_large_numbers_come_through(repository: Repository) -> None:
    keep(repository, {"точность": 10**299}, {"学习率": "高"}, name="🦊 עברית", author="Ζωή")
    (line,) = csv_of(repository)
    assert (line["metrics.точность"], line["params.学习率"]) == (str(10**299), "高")
    assert (line["name"], line["author"]) == ("🦊 עברית", "Ζωή")
    (run,) = json_of(repository)
    assert run["metrics"] == {"точность": 10**299}


def test_a_metric_may_change_its_type(repository: Repository) -> None:
    values = [1, 0.5, "diverged", True, None, math.nan]
    for value in values:
        keep(repository, {"auc": value})
    assert [line["metrics.auc"] for line in csv_of(repository)] == ["1", "0.5", "diverged", "True", "", "nan"]
    assert [run["metrics"]["auc"] for run in json_of(repository)] == [1, 0.5, "diverged", True, None, "nan"]


def test_five_thousand_params(repository: Repository) -> None:
    params = {f"group{number % 7}.p{number}": number for number in range(5000)}
    keep(repository, {"auc": 1}, params)
    (line,) = csv_of(repository)
    assert line["params.group1.p4999"] == "4999"
    assert len(line) == len(exporting.FIELDS) + 1 + 5000
    assert json_of(repository)[0]["params"] == params


def test_pandas_reads_what_it_wrote(repository: Repository) -> None:
    keep(repository, {"auc": 0.5})
    keep(repository, {"auc": math.nan})
    frame = pd.read_csv(io.StringIO(exporting.csv(read(Run.objects.all()))))
    assert frame["metrics.auc"].dropna().tolist() == [0.5]


def test_nothing_is_a_file_with_a_head(repository: Repository) -> None:
    assert exporting.csv(read(Run.objects.none())).strip() == ",".join(exporting.FIELDS)
    assert exporting.as_json(read(Run.objects.none())) == "[]"


def test_a_table_with_too_many_names_says_how_many_it_leaves_out(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "MOST_COLUMNS", 2)
    keep(repository, {"auc": 0.5}, {"lr": 1, "rare": 2})
    keep(repository, {"auc": 0.6}, {"lr": 3})
    one, other = csv_of(repository)
    assert (one["metrics.auc"], one["params.lr"], one["columns left out"]) == ("0.5", "1", "1")
    assert "params.rare" not in one
    assert other["columns left out"] == "1"
