"""What the parts of the pages say, to eyes and to a screen reader."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django import forms
from django.core.paginator import Paginator
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.utils import timezone


def component(name: str, **values: Any) -> str:
    return render_to_string(f"components/{name}.html", values)


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", "", html).split())


def test_each_grade_has_a_letter_and_a_shape_of_its_own() -> None:
    shapes = {}
    for grade in "ABCDF":
        html = component("grade", grade=grade)
        assert f'aria-label="Grade {grade}"' in html
        assert words(html) == grade
        shapes[grade] = re.findall(r"<(?:circle|rect|path)[^>]*>", html)
    assert all(len(shape) == 1 for shape in shapes.values())
    assert len({str(shape) for shape in shapes.values()}) == 5
    assert 'aria-label="No grade"' in component("grade", grade="")


@pytest.mark.parametrize(
    ("values", "said", "filled"),
    [
        ({"score": 82.04, "grade": "B"}, "Tests: 82 of 100", True),
        ({"score": 0, "grade": "F"}, "Tests: 0 of 100", True),
        ({"score": None}, "Tests: not applicable", False),
        ({"score": None, "unknown": True}, "Tests: unknown", False),
    ],
)
def test_a_bar_tells_nothing_from_zero(values: dict[str, Any], said: str, filled: bool) -> None:
    html = component("bar", label="Tests", **values)
    assert f'aria-label="{said}"' in html
    assert ("<rect" in html) == filled


@pytest.mark.parametrize(
    ("values", "points"),
    [
        ([60, 70.5], ["0,60", "1,70.5", "2,70.5"]),
        ([None, None, 80], ["2,80", "3,80"]),
        ([80, None, 90], ["0,80", "2,90", "3,90"]),
    ],
)
def test_a_sparkline_draws_the_scores_that_there_were(values: list[float | None], points: list[str]) -> None:
    drawn = re.findall(r'points="([^"]*)"', component("spark", values=values, label="Score"))
    assert [each.split() for each in drawn] == [points]


def test_a_sparkline_of_nothing_is_empty() -> None:
    assert "polyline" not in component("spark", values=[], label="Score")


@pytest.mark.parametrize(("change", "said"), [(4.2, "▲up 4.2"), (-3.0, "▼down 3"), (0, "=unchanged"), (None, "")])
def test_a_change_has_a_direction_in_words(change: float | None, said: str) -> None:
    assert words(component("delta", change=change)) == said


@pytest.mark.parametrize(
    ("past", "said"),
    [
        (timedelta(seconds=5), "now"),
        (timedelta(minutes=20), "20 minutes ago"),
        (timedelta(days=2, hours=23), "2 days ago"),
        (timedelta(days=10), "1 week ago"),
    ],
)
def test_a_moment_is_relative_and_exact_on_hover(past: timedelta, said: str) -> None:
    moment = timezone.now() - past
    html = component("time", moment=moment)
    assert words(html) == said
    assert f'datetime="{moment.isoformat()}"' in html
    assert f'title="{moment.day} ' in html


def test_a_moment_that_never_was() -> None:
    assert words(component("time", moment=None, never="never audited")) == "never audited"


def test_pages_keep_the_rest_of_the_address(rf: RequestFactory) -> None:
    page = Paginator(range(1281), 40).page(3)
    values = {"page": page, "things": "repositories"}
    html = render_to_string("components/pagination.html", values, rf.get("/?q=churn&page=3"))
    assert 'rel="prev" href="?q=churn&amp;page=2"' in html
    assert 'rel="next" href="?q=churn&amp;page=4"' in html
    assert words(html).startswith("81\u2013120 of 1,281 repositories")


@pytest.mark.parametrize(("count", "said"), [(7, "7 repositories"), (1, "1 repository")])
def test_one_page_says_only_how_many(rf: RequestFactory, count: int, said: str) -> None:
    values = {"page": Paginator(range(count), 40).page(1), "thing": "repository", "things": "repositories"}
    assert words(render_to_string("components/pagination.html", values, rf.get("/"))) == said


class Address(forms.Form):
    url = forms.CharField(label="Address", help_text="An https address.")
    daily = forms.BooleanField(label="Audit daily", required=False)


def test_a_field_is_tied_to_its_label_help_and_errors() -> None:
    html = component("field", field=Address({"url": ""})["url"])
    assert '<label for="id_url">Address</label>' in html
    assert 'aria-describedby="id_url_helptext id_url_error"' in html
    assert 'id="id_url_helptext"' in html
    assert 'id="id_url_error"' in html
    assert words(component("field", field=Address()["daily"])) == "Audit daily"


def test_an_empty_list_offers_what_fills_it(rf: RequestFactory) -> None:
    values = {"icon": "plus", "title": "No repositories", "text": "Add one.", "action": "Add", "href": "/add/"}
    assert '<a class="btn btn-primary" href="/add/">Add</a>' in component("empty", **values)
    html = render_to_string("components/empty.html", {**values, "post": True}, rf.get("/"))
    assert '<form method="post" action="/add/">' in html
    assert "csrfmiddlewaretoken" in html
