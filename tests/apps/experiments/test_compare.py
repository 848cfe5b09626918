"""A few runs side by side, with the real `dvc metrics diff` as oracle."""

from __future__ import annotations

import json
import math
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.http import QueryDict
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from apps.accounts.models import Team, User
from apps.experiments.choice import Choice
from apps.experiments.comparison import MOST, Comparison
from apps.experiments.models import Run
from apps.experiments.sheet import read
from apps.repositories.models import Repository
from tests.apps.experiments.conftest import Tell
from tests.apps.experiments.trials import tried

BEFORE = {
    "auc": 0.81, "loss": 0.4, "same": 1, "whole": 3, "gone": 0.5, "text": "low", "mixed": "7", "epoch": 3,
    "deep": {"er": {"f1": 0.3, "мера": 1e-9}}, "far": 1e308, "odd": math.nan, "top": 0.5,
    "fair": False, "true": True, "one": 1, "yes": True,
}  # fmt: skip
AFTER = {
    "auc": 0.84, "loss": 0.5, "same": 1, "whole": 4, "new": 2.5, "text": "high", "mixed": 7, "epoch": 9,
    "deep": {"er": {"f1": 0.1, "мера": 2e-9}}, "far": -1e308, "odd": math.nan, "top": math.inf,
    "fair": True, "true": True, "one": True, "yes": 3,
}  # fmt: skip


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def page(reader: Client, *runs: Run, repository: Repository | None = None) -> str:
    address = f"/repositories/{(repository or runs[0].repository).pk}/experiments/compare/"
    response = reader.get(address, {"run": [run.pk for run in runs]})
    assert response.status_code == 200
    return response.content.decode()


def compared(*runs: Run) -> Comparison:
    rows = {row.run.pk: row for row in read(Run.objects.filter(pk__in=[run.pk for run in runs])).rows}
    ordered = [rows[run.pk] for run in runs]
    return Comparison(ordered, {name: "loss" in name for row in ordered for name in row.metrics})


def dvc_metrics_diff(folder: Path, before: str, after: str) -> dict[str, Any]:
    dvc = Path(sys.executable).with_name("dvc")
    environment = {
        "PATH": f"{dvc.parent}:{os.defpath}:/usr/local/bin",
        "HOME": str(folder.parent),
        "DVC_NO_ANALYTICS": "1",
        "DVC_SITE_CACHE_DIR": str(folder.parent / "site"),
    }
    command: list[str | Path] = [dvc, "metrics", "diff", "--json", before, after]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=120, check=True)
    found: dict[str, Any] = json.loads(done.stdout)["metrics.json"]
    return found


def without_nan(number: float | None) -> float | None:
    return None if number is None or math.isnan(number) else number


def test_differences_are_those_of_dvc(tell: Tell, repository: Repository, tmp_path: Path) -> None:
    dvc = {".dvc/config": "[core]\n    check_update = false\n", ".dvc/.gitignore": "/tmp\n/cache\n/config.local\n"}
    first, second = tried(1, BEFORE, {"lr": 1}, files=dvc), tried(2, AFTER, {"lr": 2})
    runs = tell([first, second])
    subprocess.run(["git", "clone", "--quiet", repository.mirror, tmp_path / "work"], check=True)
    told = dvc_metrics_diff(tmp_path / "work", runs[first].commit, runs[second].commit)
    found = {line.name: line.cells[1].change for line in compared(runs[first], runs[second]).metrics if line.differs}
    assert found.keys() == told.keys()
    for name, change in found.items():
        assert change is not None
        old, new = (None if str(each) == "(not set)" else each for each in (change.before, change.after))
        assert repr((old, new)) == repr((told[name]["old"], told[name]["new"]))
        # A difference that is NaN is not shown.
        assert change.difference == without_nan(told[name].get("diff")), name


def test_the_best_is_marked_by_direction(tell: Tell) -> None:
    stories = [
        tried(1, {"auc": 0.8, "loss": 0.4, "epoch": 3, "flat": 1}, {"lr": 1}),
        tried(2, {"auc": 0.9, "loss": 0.3, "epoch": 9, "flat": 1}, {"lr": 2}),
        tried(3, {"auc": "high", "loss": math.nan, "epoch": 1, "flat": 1}, {"lr": 3}),
        tried(4, {"auc": 0.9, "loss": -math.inf, "flat": True}, {"lr": 4}),
    ]
    runs = tell(stories)
    lines = {line.name: [cell.best for cell in line.cells] for line in compared(*runs.values()).metrics}
    assert lines == {
        "auc": [False, True, False, True],
        "loss": [False, True, False, False],
        "epoch": [False] * 4,
        "flat": [False] * 4,
    }


def test_the_page_answers_first(reader: Client, tell: Tell) -> None:
    told = "exp: slower\n\nHypothesis: small <b>steps</b>\nResult: confirmed\n"
    first = tried(1, {"auc": 0.80}, {"lr": 0.1, "seed": 7, "opt": {"name": "sgd"}})
    second = tried(2, {"auc": 0.85}, {"lr": 0.01, "seed": 7}, message=told)
    runs = tell([first, second])
    html = page(reader, runs[first], runs[second])
    assert f"Best auc 0.85 in {runs[second]} {runs[second].short} , +0.05 better than {runs[first]}" in words(html)
    assert "2 params differ" in words(html)
    assert "1 param is equal" in words(html)
    assert "opt.name sgd" in words(html).replace("1 sgd", "sgd")
    assert "not set" in words(html)
    assert "small &lt;b&gt;steps&lt;/b&gt;" in html


def test_the_first_is_what_the_others_are_measured_against(reader: Client, tell: Tell) -> None:
    first, second, third = (tried(day, {"auc": day / 10}, {"lr": day}) for day in (1, 2, 3))
    runs = tell([first, second, third])
    html = page(reader, runs[third], runs[first], runs[second])
    assert [cell.place for cell in compared(runs[third], runs[first]).metrics[0].cells if cell.best] == [1]
    assert "which the others are measured against" in html
    assert "-0.2 worse" in words(html)
    again = f"?run={runs[first].pk}&amp;run={runs[third].pk}&amp;run={runs[second].pk}"
    assert f'href="{again}"' in html
    assert f'href="?run={runs[third].pk}&amp;run={runs[second].pk}"' in html
    assert "leave out" not in page(reader, runs[third], runs[first])


def test_what_else_differs_is_told(reader: Client, tell: Tell) -> None:
    pointer = "outs:\n- md5: {}\n  path: raw.csv\n"
    first = tried(1, {"auc": 0.8}, {"lr": 1}, files={"raw.csv.dvc": pointer.format("a" * 32), "train.py": "a = 1\n"})
    second = tried(2, {"auc": 0.9}, {"lr": 1}, files={"raw.csv.dvc": pointer.format("b" * 32)})
    third = tried(3, {"auc": 0.7}, {"lr": 1}, files={"train.py": "a = 2\n"})
    runs = tell([first, second, third])
    assert compared(*runs.values()).lineage["data"] == [[], ["raw.csv"], ["raw.csv"]]
    html = words(page(reader, *runs.values()))
    assert "2 raw.csv 3 raw.csv Code" in html.partition("What else differs Data 1")[2]
    assert "their params are equal" in html


def test_too_few_and_too_many_are_told(reader: Client, tell: Tell, repository: Repository) -> None:
    runs = list(tell([tried(day, {"auc": day / 10}, {"lr": day}) for day in range(1, MOST + 2)]).values())
    assert "No runs were chosen" in page(reader, repository=repository)
    alone = page(reader, runs[0], runs[0])
    assert "One run is nothing to compare" in alone
    assert f"experiments/runs/?run={runs[0].pk}" in alone
    assert "More than six do not fit" in page(reader, *runs)
    assert "Best <strong>auc" in page(reader, *runs[:MOST])


def test_runs_of_others_are_not_found(reader: Client, tell: Tell, repository: Repository) -> None:
    own = list(tell([tried(1, {"auc": 0.1}, {"lr": 1}), tried(2, {"auc": 0.2}, {"lr": 2})]).values())
    address = f"/repositories/{repository.pk}/experiments/compare/"
    elsewhere = Repository.objects.create(team=repository.team, name="<i>other", url="https://x.org/o", identity="o")
    Run.objects.filter(pk=own[1].pk).update(repository=elsewhere)
    html = page(reader, *own)
    assert "Runs of one repository can be compared" in html
    assert "is a run of &lt;i&gt;other" in html
    elsewhere.team = Team.objects.create(name="others")
    elsewhere.save()
    assert reader.get(address, {"run": [run.pk for run in own]}).status_code == 404
    assert reader.get(address, {"run": [own[0].pk, 10**17]}).status_code == 404
    assert "No runs were chosen" in reader.get(address, {"run": ["x", "-1", "9" * 40, "²"]}).content.decode()
    reader.force_login(User.objects.create_user("outsider"))
    assert reader.get(address, {"run": [own[0].pk]}).status_code == 404


def test_names_in_any_script_are_shown_as_they_are(reader: Client, tell: Tell) -> None:
    odd = "<script>alert(1)</script>"
    first = tried(1, {odd: 1, "точность": 0.5}, {"学习率": 0.1, odd: "<b>"}, author='A&B "x" <a@x.org>')
    second = tried(2, {odd: 2, "точность": "высокая"}, {"学习率": 0.2, odd: None}, message=f"exp: {odd}")
    html = page(reader, *tell([first, second]).values())
    assert odd not in html
    assert all(each in html for each in ("точность", "学习率", "высокая", "&lt;script&gt;", "null"))


def test_runs_without_anything_in_common(reader: Client, tell: Tell) -> None:
    first, second = tried(1, {"a": 1}, {}), tried(2, {"b": 2}, {})
    html = words(page(reader, *tell([first, second]).values()))
    assert "No metric tells these runs apart" in html
    assert "they have no params in git" in html


@pytest.mark.parametrize("number", [2, MOST])
def test_a_page_asks_little(
    reader: Client, tell: Tell, django_assert_max_num_queries: DjangoAssertNumQueries, number: int
) -> None:
    runs = list(tell([tried(day, {"auc": day / 10}, {"lr": day}) for day in range(1, number + 1)]).values())
    with django_assert_max_num_queries(10):
        page(reader, *runs)


def test_rows_of_the_table_can_be_ticked(
    reader: Client, tell: Tell, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    first, second = tried(1, {"auc": 0.1}, {"lr": 1}, message="exp: rare"), tried(2, {"auc": 0.2}, {"lr": 2})
    runs = tell([first, second])
    address = f"/repositories/{runs[first].repository_id}/experiments/"
    box = '<input class="pick" type="checkbox" name="run" value="{}" aria-label="Compare {} {}"{}>'.format
    for table in (address, f"{address}runs/"):
        html = reader.get(table).content.decode()
        assert f'action="{address}compare/"' in html
        for run in runs.values():
            assert box(run.pk, run, run.short, "") in html
    with django_assert_max_num_queries(10):
        asked = {"run": str(runs[first].pk), "q": "number", "sort": "-time"}
        html = reader.get(f"{address}runs/", asked).content.decode()
    assert f'<input type="checkbox" name="run" value="{runs[first].pk}" checked>' in html
    assert f'<input type="hidden" name="run" value="{runs[first].pk}">' in html
    assert '<input type="hidden" name="sort" value="-time">' in html
    html = reader.get(f"{address}runs/", {"run": runs[first].pk}).content.decode()
    assert box(runs[first].pk, runs[first], runs[first].short, " checked") in html


def test_keys_that_are_none_are_passed_over() -> None:
    query = QueryDict("run=3&run=x&run=3&run=-1&run=%00&run=1&run=" + "9" * 30)
    assert Choice.of(query).pinned == (3, 1)


def test_plots_are_side_by_side(
    reader: Client, tell: Tell, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    declared = "metrics: [metrics.json]\nparams: [params.yaml]\nplots: [loss.csv, <b>.png]\n"
    image = bytes.fromhex(
        "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154789c63606060000000040001f61738"
        "550000000049454e44ae426082"
    )
    files = {"dvc.yaml": declared, "<b>.png": image}
    first = tried(1, {"auc": 0.1}, {"lr": 1}, files=files | {"loss.csv": "step,loss\n0,1\n1,0.5\n"})
    second = tried(2, {"auc": 0.2}, {"lr": 2}, files={"loss.csv": "step,loss\n0,2\n1,0.1\n", "dvc.yaml": declared})
    runs = tell([first, second])
    with django_assert_max_num_queries(10):
        html = page(reader, *runs.values())
    address = re.findall(r'data-figure="([^"]+)"', html)
    assert len(address) == 1
    figure = reader.get(address[0].replace("&amp;", "&")).json()
    assert [len(trace["x"]) for trace in figure["data"]] == [2, 2]
    assert html.count('alt="&lt;b&gt;.png of ') == 2
    base = f"/repositories/{runs[first].repository_id}/experiments/plot.json?path=loss.csv"
    assert reader.get(f"{base}&run=0{runs[first].pk}").status_code == 200
    assert reader.get(f"{base}&run={'9' * 40}").status_code == 404
