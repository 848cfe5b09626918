"""Whether params were tried already: what may be pasted, which runs are nearest, what was tried more than once."""

from __future__ import annotations

import json
import math
import re
from typing import Any

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from apps.audit.text import clean_text
from apps.experiments.duplicates import MOST_SHOWN, duplicates
from apps.experiments.models import Run
from apps.experiments.nearest import MOST, Near, nearest, understood
from apps.experiments.sheet import read
from apps.experiments.tried import LONGEST, MOST_PARAMS, Unreadable, parse, written
from apps.repositories.models import Repository
from tests.apps.experiments.conftest import Tell
from tests.apps.experiments.trials import tried

SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20)
POINTER = "outs:\n- md5: {}\n  path: raw.csv\n"


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def ask(reader: Client, repository: Repository, params: str) -> str:
    response = reader.get(f"/repositories/{repository.pk}/experiments/tried/", {"params": params})
    assert response.status_code == 200
    return response.content.decode()


def near(repository: Repository, **given: Any) -> list[Near]:
    sheet = read(repository.runs.all())
    return nearest(sheet, understood({name.replace("__", "."): value for name, value in given.items()}, sheet.params))


NAMES = st.text(st.characters(codec="utf-8"), min_size=1, max_size=12) | st.sampled_from(
    ["a.b", "f.yaml:lr", "-Sx", "#"]
)


# As the collector keeps them.
KEPT = SCALARS.map(lambda value: clean_text(value) if isinstance(value, str) else value)


@given(st.dictionaries(NAMES, KEPT, max_size=6))
def test_the_params_of_a_run_are_written_as_they_are_read(params: dict[str, Any]) -> None:
    found = parse(written(params))
    assert found == {name: params[name] for name in found}
    plain = [name for name in params if re.fullmatch(r"[a-z]+", name) and "-S" not in str(params[name])]
    assert set(plain) <= found.keys()


def test_no_more_params_are_written_than_are_read() -> None:
    assert len(parse(written({f"p{n}": n for n in range(2 * MOST_PARAMS)}))) == MOST_PARAMS
    assert len(written({f"p{n}": "x" * 400 for n in range(MOST_PARAMS)})) <= LONGEST


def test_a_run_is_held_against_all_others(reader: Client, tell: Tell, repository: Repository) -> None:
    first, again = (
        tried(1, {"auc": 0.7}, {"lr": 1, "opt": {"name": "adam"}}),
        tried(2, {"auc": 0.8}, {"lr": 2, "opt": {"name": "adam"}}),
    )
    third = tried(3, {"auc": 0.9}, {"lr": 1, "opt": {"name": "adam"}})
    runs = tell([first, again, third])
    address = f"/repositories/{repository.pk}/experiments/tried/"
    page = reader.get(address, {"run": runs[third].pk})
    assert page.context["text"] == 'lr=1\nopt.name="adam"'
    assert [near.row.run for near in page.context["nearest"]] == [runs[first], runs[again]]
    alone = words(reader.get(address, {"run": runs[again].pk}).content.decode())
    assert "No other run has these params. Nearest:" in alone
    assert reader.get(address, {"run": "9" * 18}).context["text"] == ""


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", {}),
        ("# nothing\n\n", {}),
        ("lr=0.1", {"lr": 0.1}),
        ("train.lr = 1e-3\r\nname: adam # why\n# no\nflag=true\nlayers=[1, 2]", {
            "train.lr": 0.001, "name": "adam", "flag": True, "layers": "[1, 2]",
        }),
        ("train:\n  lr: 0.1\n  opt: {a: 1, b: 'x=y'}\nempty: {}\n", {
            "train.lr": 0.1, "train.opt.a": 1, "train.opt.b": "x=y",
        }),
        ('{\n\t"a": {"b": 1, "c": null}, "d": [1, {"e": 2}]\n}', {"a.b": 1, "a.c": None, "d": '[1, {"e": 2}]'}),
        ("cmd: >\n  run\n  a=b\nlr: 1", {"cmd": "run a=b\\n", "lr": 1}),
        ("--- \nlr: 1\n---\nlr: 2\n", {"lr": 1}),
        ("-S lr=0.1 -S a.b=1", {"lr": 0.1, "a.b": 1}),
        ("dvc exp run --name x=y -S 'params.yaml:a=\"x y\"' \\\n --set-param b=[1,2] --set-param=c=no -S+d=1 -Se=", {
            "params.yaml:a": "x y", "b": "[1, 2]", "c": "no", "d": 1, "e": None,
        }),
        ("学习率=0.1\n深度: 2", {"学习率": 0.1, "深度": 2}),
        ("note: -S is an option", {"note": "-S is an option"}),
        ("url: http://x.org?a=b", {"url": "http://x.org?a=b"}),
        ("a=1e999\nb=1" + "0" * 400, {"a": math.inf, "b": "about 10^400"}),
        ("lr=0.1\nlr=0.2", {"lr": 0.2}),
    ],
)  # fmt: skip
def test_what_may_be_pasted(text: str, found: dict[str, Any]) -> None:
    assert parse(text) == found


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("hello", "Line 1: there are no keys here"),
        ("a=1\n\nhello there", "Line 3: “hello there” is neither key=value nor key: value"),
        ("a=1\nb=[1,", "Line 2: “[1,” cannot be read"),
        ("a: [1,\nb: 2", "cannot be read as YAML or JSON"),
        ("- 1\n- 2", "Line 1: there are no keys"),
        ("-S lr", "Line 1: “lr” is no key=value"),
        ("dvc exp run \\\n -S a=1 \\\n -S b", "Line 3: “b” is no key=value"),
        ("dvc exp run \\\n -S b\n -S a=1", "Line 2: “b” is no key=value"),
        ("-S lr=0.1,0.2", "Line 1: lr has several values"),
        ("-S 'lr=range(1, 5)'", "Line 1: lr has several values"),
        ("-S 'a=1", "Line 1: a quotation mark has no partner"),
        ("-S a=1 -S", "Line 1: nothing follows the last -S"),
        ("a: &a [*a]", "points nowhere or at itself"),
        ("[" * 5000, "nested more than"),
        ('{"a":' * 900 + "1" + "}" * 900, ""),  # nested too deep, or a name too long
        ('{"a":' * 3000, "nested more than"),
        ("x" * (LONGEST + 1), "longer than 20,000 characters"),
        ("\n".join(f"k{number}=1" for number in range(MOST_PARAMS + 1)), "more than 500 params"),
        ("k" * 300 + "=1", "No param has a name as long as"),
        ("a: \0", "cannot be read"),
    ],
)
def test_what_cannot_be_read_is_told_with_its_line(text: str, said: str) -> None:
    with pytest.raises(Unreadable) as error:
        parse(text)
    assert said in str(error.value)


@given(st.text(max_size=300) | st.text("ab=:-S+~{}[]'\"\\\n ,#&*!|>", max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        found = parse(text)
    except Unreadable:
        return
    assert all(isinstance(key, str) for key in found)
    assert all(value is None or isinstance(value, bool | int | float | str) for value in found.values())


@given(st.dictionaries(st.from_regex(r"[a-z]{1,6}", fullmatch=True), SCALARS, max_size=6))
def test_a_configuration_in_json_is_read_as_it_is(params: dict[str, Any]) -> None:
    found = parse(json.dumps(params))
    assert found.keys() == params.keys()
    assert all(found[name] == value for name, value in params.items() if not isinstance(value, int | str))


def test_names_match_by_their_last_parts(tell: Tell, repository: Repository) -> None:
    params = {"train": {"lr": 1, "opt": {"name": "adam"}}, "evaluate": {"lr": 2, "batch": 3}, "batch": 4}
    tell([tried(1, {"auc": 1}, params)])
    columns = read(repository.runs.all()).params
    given = {"lr": 1, "opt.name": 1, "name": 1, "train.lr": 1, "batch": 1, "params.yaml:train.lr": 1, "r": 1, "": 1}
    assert {each.name: each.columns for each in understood(given, columns)} == {
        "lr": ["train.lr", "evaluate.lr"],
        "opt.name": ["train.opt.name"],
        "name": ["train.opt.name"],
        "train.lr": ["train.lr"],
        "batch": ["batch"],
        "params.yaml:train.lr": ["train.lr"],
        "r": [],
        "": [],
    }


def test_the_nearest_come_first(tell: Tell, repository: Repository) -> None:
    rates = [1e-5, 1e-3, 0.1, "auto", math.nan, None]
    stories = [tried(day, {"auc": day}, {"lr": rate, "depth": 4}) for day, rate in enumerate(rates, 1)]
    stories.append(tried(9, {"auc": 9}, {"depth": 4}))
    tell(stories)
    found = near(repository, lr=2e-3)
    assert [each.row.params.get("lr", "none") for each in found][:3] == [1e-3, 0.1, 1e-5]
    assert [each.distance for each in found][3:] == [1.0] * 4
    assert 0 < found[0].distance < 0.1
    assert str(found[3].differing[0].before) == "(not set)"
    exact = near(repository, lr=1e-3, depth=4.0)[0]
    assert (exact.differing, exact.distance) == ([], 0)
    assert near(repository, lr="auto")[0].row.params["lr"] == "auto"
    assert near(repository, lr="NaN")[0].differing == []  # YAML's own is .nan
    assert near(repository, lr=None)[0].differing == []


def test_a_small_spread_makes_a_small_step_count(tell: Tell, repository: Repository) -> None:
    tell([tried(1, {"auc": 1}, {"a": 100, "b": 1}), tried(2, {"auc": 2}, {"a": 110, "b": 1000})])
    assert [each.row.params["a"] for each in near(repository, a=101, b=30)] == [100, 110]
    assert [each.row.params["a"] for each in near(repository, a=101, b=1000)] == [110, 100]


@pytest.mark.parametrize("odd", [math.inf, -math.inf, 1e308, -1e308, 5e-324, 0, True, 10**299, "", "NaN"])
def test_odd_values_have_a_distance(tell: Tell, repository: Repository, odd: Any) -> None:
    values = [1e308, -1e308, 0, 5e-324, True, "x", math.inf]
    tell([tried(day, {"auc": day}, {"lr": value}) for day, value in enumerate(values, 1)])
    assert all(0 <= each.distance <= 1 for each in near(repository, lr=odd))


def test_the_same_again_is_one_line(tell: Tell, repository: Repository) -> None:
    first = tried(1, {"auc": 1}, {"lr": 1}, message="exp: first")
    again = tried(2, {"auc": 1}, {"lr": 1}, message="exp: again")
    runs = tell([first, again])
    (found,) = near(repository, lr=1)
    assert (found.row.run, found.again) == (runs[first], 1)


def test_results_of_the_run_before_are_no_answer(reader: Client, tell: Tell, repository: Repository) -> None:
    base = tried(1, {"auc": 0.7}, {"lr": 1}, message="feat: base")
    changed = tried(2, {"auc": 0.7}, {"lr": 2}, message="feat: another rate")
    ran = tried(3, {"auc": 0.8}, {"lr": 2}, message="data: results")
    later = tried(4, {"auc": 0.8}, {"lr": 3}, message="feat: a third rate")
    runs = tell([base, changed, ran, later])
    found = [(each.row.run, each.renewed) for each in near(repository, lr=2)]
    assert found[:2] == [(runs[ran], True), (runs[changed], False)]
    html = words(ask(reader, repository, "lr=3"))
    assert "brought no results of its own" in html
    assert "0.8 (as before these params)" in html


def test_the_page_answers_in_its_first_line(reader: Client, tell: Tell, repository: Repository) -> None:
    first = tried(1, {"auc": 0.8}, {"train": {"lr": 0.1, "depth": 3}}, author="Ada <a@x.org>")
    second = tried(2, {"auc": 0.9}, {"train": {"lr": 0.2, "depth": 3}})
    runs = tell([first, second])
    html = words(ask(reader, repository, "-S train.lr=0.1"))
    assert f"Tried already: {runs[first]} {runs[first].short} by Ada gave auc 0.8" in html
    html = words(ask(reader, repository, "depth: 3"))
    assert "Tried already:" in html
    assert "1 more below with these params" in html
    html = words(ask(reader, repository, "lr=0.11"))
    assert f"Not tried yet. Nearest: {runs[first]}" in html
    assert "with train.lr 0.1 instead of 0.11" in html
    posted = reader.post(f"/repositories/{repository.pk}/experiments/tried/", {"params": "lr=0.2"})
    assert f"Tried already: {runs[second]}" in words(posted.content.decode())


def test_what_is_unclear_or_unknown_is_told(reader: Client, tell: Tell, repository: Repository) -> None:
    tell([tried(1, {"auc": 0.8}, {"a": {"lr": 1}, "b": {"lr": 2}, "depth": 3})])
    html = words(ask(reader, repository, "lr=1\ndepth=3\n<i>=1"))
    assert "lr may be a.lr or b.lr , so it was left out" in html.replace("b.lr,", "b.lr ,")
    assert "No run has the param &lt;i&gt; : it counts as different everywhere" in html
    assert "Not tried yet." in html
    assert "None of these names is clear enough" in ask(reader, repository, "lr=1")
    assert "as far as the names are clear" in ask(reader, repository, "lr=1\ndepth=3")
    html = ask(reader, repository, "</textarea><script>")
    assert 'aria-invalid="true"' in html
    assert "</textarea><script>" not in html


def test_a_repository_without_runs_says_so(reader: Client, repository: Repository) -> None:
    assert "Not read yet" in ask(reader, repository, "lr=1")


def test_equal_params_under_other_names_are_found(reader: Client, tell: Tell, repository: Repository) -> None:
    one = tried(1, {"auc": 0.80}, {"lr": 1}, message="exp: <b>one</b>", files={"raw.dvc": POINTER.format("a" * 32)})
    two = tried(2, {"auc": 0.82}, {"lr": 1}, message="exp: two")
    other = tried(3, {"auc": 0.9}, {"lr": 2}, message="exp: other")
    data = tried(4, {"auc": 0.7}, {"lr": 2}, message="exp: new data", files={"raw.dvc": POINTER.format("b" * 32)})
    runs = tell([one, two, other, data])
    (found,) = duplicates(read(repository.runs.all()), "auc")
    assert [row.run for row in found.rows] == [runs[two], runs[one]]
    assert found.spread == pytest.approx(0.02)
    html = ask(reader, repository, "")
    assert "auc 0.02 apart" in words(html)
    assert "&lt;b&gt;one" in html
    assert f"compare/?run={runs[two].pk}&amp;run={runs[one].pk}" in html


def test_commits_that_carry_a_result_along_are_no_repeat(tell: Tell, repository: Repository) -> None:
    base = tried(1, {"auc": 0.7}, {"lr": 1}, message="feat: base")
    kept = tried(2, {"auc": 0.8}, {"lr": 2}, experiment="rosy-fir", message="dvc: commit experiment 1")
    applied = tried(3, {"auc": 0.8}, {"lr": 2}, message="feat: a better rate")
    onward = tried(4, {"auc": 0.81}, {"lr": 2}, message="feat: other code", branch="later")
    tell([base, kept, applied, onward])
    assert repository.runs.count() == 4
    assert duplicates(read(repository.runs.all()), "auc") == []


def test_many_groups_are_cut_and_counted(reader: Client, tell: Tell, repository: Repository) -> None:
    stories = [
        tried(1 + number % 28, {"auc": number + half / 10}, {"lr": number}, message=f"exp: number {number}-{half}")
        for number in range(MOST_SHOWN + 2)
        for half in (0, 1)
    ]
    tell(stories)
    html = words(ask(reader, repository, "lr=3"))
    assert f"{MOST_SHOWN} of {MOST_SHOWN + 2} groups" in html
    assert html.count("auc 0.1 apart") == MOST_SHOWN
    assert f"The {MOST} nearest" in html


def test_a_page_asks_little(
    reader: Client, tell: Tell, repository: Repository, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    tell([tried(day, {"auc": day / 10, "精度": "无"}, {"lr": day, "层": "宽"}) for day in range(1, 29)])
    assert Run.objects.count() == 28
    with django_assert_max_num_queries(10):
        html = ask(reader, repository, "lr=2.5\n层=宽")
    assert "层" in html
