"""Columns of runs side by side."""

from __future__ import annotations

import math
from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.experiments import sheet as sheet_module
from apps.experiments import views
from apps.experiments.changes import Baselines
from apps.experiments.models import Run, Values
from apps.experiments.sheet import Sheet, finite, read
from apps.repositories.models import Repository
from tests.apps.experiments.trials import keep

pytestmark = pytest.mark.django_db


def sheet_of(repository: Repository) -> Sheet:
    return read(Run.objects.filter(repository=repository).order_by("pk"))


def two_files(run: Run, **files: dict[str, float]) -> None:
    named = {f"{name}.json": cells for name, cells in files.items()}
    digest = f"{run.pk:032x}"
    run.metrics = Values.objects.create(repository=run.repository, digest=digest, packed=Values.pack(named))
    run.save()


def test_metrics_are_counted_by_runs_with_a_number(repository: Repository) -> None:
    keep(repository, {"loss": 1, "note": "good", "done": True})
    keep(repository, {"auc": 0.5, "loss": math.nan})
    keep(repository, {"loss": "diverged"})
    assert sheet_of(repository).metrics == {"loss": 2, "auc": 1}


def test_a_key_in_two_files_is_two_columns(repository: Repository) -> None:
    keep(repository, {"auc": 0.1})
    two_files(keep(repository, {}), train={"auc": 0.9, "loss": 1}, test={"auc": 0.8})
    one, other = sheet_of(repository).rows
    assert other.metrics == {"train.json:auc": 0.9, "loss": 1, "test.json:auc": 0.8}
    assert one.metrics == {"a.json:auc": 0.1}


def test_a_file_that_is_one_number_is_named_as_the_file(repository: Repository) -> None:
    two_files(keep(repository, {}), auc={"": 0.9}, loss={"": 0.1})
    assert sheet_of(repository).rows[0].metrics == {"auc.json": 0.9, "loss.json": 0.1}


def test_a_frame_has_finite_numbers_by_time(repository: Repository) -> None:
    late = keep(repository, {"auc": 1}, time=datetime(9999, 1, 1, tzinfo=UTC))
    early = keep(repository, {"auc": math.inf}, time=datetime(1970, 1, 1, tzinfo=UTC))
    text = keep(repository, {"auc": "0.5"})
    keep(repository, {"auc": 0.7}, time=None)
    frame = sheet_of(repository).frame(["auc", "unheard-of"])
    assert list(frame.index) == [early.pk, text.pk, late.pk]
    assert frame["auc"].dropna().to_dict() == {late.pk: 1.0}
    assert frame["unheard-of"].isna().all()


def test_no_runs_are_an_empty_sheet(repository: Repository) -> None:
    sheet = sheet_of(repository)
    assert (sheet.metrics, sheet.params, len(sheet.frame(["auc"]))) == ({}, {}, 0)


def test_runs_that_others_build_on_are_read_beside_them(repository: Repository) -> None:
    first = keep(repository, {"auc": 0.5}, {"lr": 1})
    keep(repository, {"auc": 0.1}, source="mlflow", commit=first.commit)
    second = keep(repository, {"auc": 0.6}, {"lr": 2}, builds_on=first.commit)
    sheet = read(Run.objects.filter(pk=second.pk))
    assert [row.run for row in sheet.beside] == [first]
    assert sheet.beside[0].params == {"lr": 1}
    assert sheet.metrics == {"auc": 1}


def test_the_number_of_queries_does_not_follow_the_number_of_runs(repository: Repository) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            for row in sheet_of(repository).rows:
                assert (row.metrics, row.params, row.lineage) is not None
                assert (row.run.hypothesis, row.run.result, row.run.subject, row.run.missing) is not None
        return len(asked)

    keep(repository, {"auc": 1}, {"lr": 0})
    few = queries()
    for number in range(20):
        keep(repository, {"auc": number}, {"lr": number})
    assert queries() == few == 3


@pytest.mark.parametrize("value", [True, None, "1", math.nan, math.inf, -math.inf])
def test_what_is_no_finite_number(value: object) -> None:
    assert math.isnan(finite(value))


def test_a_whole_number_however_large_is_one() -> None:
    assert finite(10**299) == 1e299


def test_of_too_many_values_the_first_runs_have_theirs(repository: Repository) -> None:
    first = keep(repository, {"auc": 0.1}, {"lr": 1, "depth": 3})
    second = keep(repository, {"auc": 0.2}, {"lr": 2, "depth": 3}, builds_on=first.commit)
    third = keep(repository, {"auc": 0.3}, {"lr": 3, "depth": 3}, builds_on=second.commit)
    sheet = read(Run.objects.order_by("-pk"), most=3)
    assert [row.is_read for row in sheet.rows] == [True, True, False]
    assert (sheet.unread, [row.params for row in sheet.rows][1:]) == (1, [{"lr": 2, "depth": 3}, {}])
    rows, baselines = {row.run: row for row in sheet.rows}, Baselines.of(sheet)
    assert [change.name for change in baselines.params(rows[third])] == ["lr"]
    assert baselines.before(rows[second]) is None
    assert read(Run.objects.all()).unread == 0


def test_pages_say_what_they_left_out_and_files_refuse(
    reader: Client, repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(4):
        keep(repository, {"auc": number}, {"lr": number})
    address = f"/repositories/{repository.pk}/experiments/"
    assert "are not shown" not in reader.get(address).content.decode()
    monkeypatch.setattr(sheet_module, "unpack", lambda packed: {"p": dict.fromkeys(map(str, range(200_000)), 1)})
    for page in ("", "runs/", "tried/"):
        assert "The values of 2 of the" in reader.get(address + page).content.decode().replace("of these", "of the")
    assert reader.get(f"{address}runs.csv").status_code == 200
    monkeypatch.setattr(views, "MOST_CELLS_OF_FILES", 300_000)
    refused = reader.get(f"{address}runs.csv")
    assert (refused.status_code, refused["Content-Type"]) == (413, "text/plain; charset=utf-8")
