"""A report as mail programs, terminals and printers show it."""

from __future__ import annotations

import csv
import html
import io
import re
from itertools import pairwise
from typing import Any

import pytest
from PIL import Image

from apps.experiments.improvements import compare
from apps.reports import exporting, letter, paper
from apps.reports.compose import compose
from apps.reports.contents import Contents
from apps.reports.courses import Period
from apps.reports.drawing import draw
from apps.reports.letter import Origin
from apps.repositories.models import Repository, State
from apps.scorecards.models import Standing
from tests.apps.experiments.trials import keep
from tests.apps.reports.fleet import MONDAY, audited, days, watch

pytestmark = pytest.mark.django_db
ORIGIN = Origin("https://ml.example.org/reports/1/editions/2/", "This report comes weekly.")


@pytest.fixture
def contents(churn: Repository) -> Contents:
    """Something in each list, with a name that is markup, and a name that is a formula."""
    for number, name in enumerate(("<b>bold</b>", "=cmd|' /C calc'!A0")):
        other = watch(name)
        audited(other, MONDAY - days(12), {"hygiene/secrets", "testing/unit", "hygiene/large-files"})
        audited(other, MONDAY - days(2), {"testing/unit"} if number else set(), commit=f"{number + 5}" * 40)
        for day in (3, 2):
            keep(other, {"auc": 0.8612 - day / 77}, time=MONDAY - days(day), author=f"Ada {day}")
        compare(other)
    watch("lost", state=State.UNREACHABLE, state_detail="No answer for 31 seconds.")
    audited(watch("late"), MONDAY - days(40), set())
    Standing.objects.update(weeks=[61.0, 71.5, 82.25])
    return compose(Repository.objects.all(), "Risk & <models>", Period(MONDAY - days(7), MONDAY, "Europe/Berlin"))


def visible(markup: str) -> str:
    """What a reader of the HTML sees, apart from the legend of the picture."""
    body = re.sub(r'(?s)^.*?<div class="preheader".*?</div>|<p class="scale.*?</p>', "", markup)
    return html.unescape(re.sub(r"<[^>]+>", " ", body))


def test_the_text_has_the_numbers_of_the_html(contents: Contents) -> None:
    sent = letter.compose(contents, ORIGIN)
    seen = re.findall(r"\d[\d.,]*\d|\d", visible(sent.html))
    told = re.findall(r"\d[\d.,]*\d|\d", sent.text)
    assert len(seen) > 60
    assert set(seen) <= set(told)


def test_names_are_text_wherever_they_are_shown(contents: Contents) -> None:
    sent = letter.compose(contents, ORIGIN)
    assert "<b>bold" not in sent.html
    assert "&lt;b&gt;bold" in sent.html
    assert "- <b>bold</b>: " in sent.text
    assert sent.subject.startswith("Risk & <models>: ")


def test_every_picture_that_the_html_shows_comes_along(contents: Contents) -> None:
    sent = letter.compose(contents, ORIGIN)
    assert set(re.findall(r'src="cid:([^"]+)"', sent.html)) == set(sent.images) == {"trend"}
    assert not re.findall(r'src="(?!cid:)', sent.html)
    with Image.open(io.BytesIO(sent.images["trend"])) as picture:
        assert (picture.format, picture.size) == ("PNG", (1184, 160))


def test_links_are_whole_addresses(contents: Contents) -> None:
    links = re.findall(r'href="([^"]*)"', letter.compose(contents, ORIGIN).html)
    assert len(links) > 20
    assert all(link.startswith(("https://", "http://", "mlhealth:")) for link in links)


def test_long_lists_lead_to_the_page(team: Any) -> None:
    for number in range(8):
        one = watch(f"r{number}")
        audited(one, MONDAY - days(9), set())
        audited(one, MONDAY - days(1), {"hygiene/secrets"})
    sent = letter.compose(compose(Repository.objects.all(), "Risk", Period(MONDAY - days(7), MONDAY, "UTC")), ORIGIN)
    assert f'<a href="{ORIGIN.link}"' in sent.html
    assert "and 3 more" in sent.text
    assert len(sent.data["failures"]) == 5
    assert sent.data["counts"]["failures"] == 8


def test_a_picture_rises_where_the_score_does() -> None:
    with Image.open(io.BytesIO(draw([None, 10, 50, 90, None]))) as picture:
        assert picture.mode == "RGBA"
        bands = picture.getchannel("A").point(lambda alpha: 255 * (alpha > 200))
    tops = [bands.crop((x, 0, x + 4, bands.height)).getbbox() for x in (306, 590, 870)]
    assert all(low and high and high[1] < low[1] for low, high in pairwise(tops))
    assert bands.crop((0, 0, 280, bands.height)).getbbox() is None


def test_dates_are_those_of_the_reports_zone() -> None:
    late = MONDAY.replace(hour=23, minute=30)
    told = compose(Repository.objects.all(), "Risk", Period(late - days(7), late, "Europe/Berlin"))
    assert "24 November to 1 December 2026" in letter.compose(told, ORIGIN).text
    assert "24 November to 1 December 2026" in letter.compose(told, ORIGIN).html


def test_csv_has_all_of_it_and_runs_nothing(contents: Contents) -> None:
    rows = list(csv.DictReader(io.StringIO(exporting.csv(contents))))
    assert {row["what"] for row in rows} == {
        "all", "area", "fix first", "moved", "failed", "mended", "tried", "cannot be read", "not audited",
    }  # fmt: skip
    assert not [cell for row in rows for cell in row.values() if cell.startswith(("=", "@", "+"))]
    (fell,) = (row for row in rows if row["what"] == "moved" and row["repository"] == "churn")
    assert float(fell["change"]) == contents.fell[0].change


@pytest.mark.skipif(not paper.is_possible(), reason="WeasyPrint's libraries are not installed")
def test_a_pdf_is_made_without_loading_anything(contents: Contents) -> None:
    printed = paper.pdf(contents, ORIGIN.link)
    assert printed.startswith(b"%PDF-")
    assert len(printed) > 10_000
