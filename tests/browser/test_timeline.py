"""A timeline, drawn by a script in the page's colours, for eyes and for the keyboard."""

from __future__ import annotations

import re
from typing import Literal

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from apps.accounts.models import Team, User
from apps.experiments.models import Collection, Run
from apps.repositories.models import Repository
from tests.apps.experiments.trials import keep
from tests.browser.test_journey import ada, log_in

__all__ = ["ada"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db]
EVIL = "<img src=x onerror=alert(1)>"


@pytest.fixture
def runs(ada: User) -> list[Run]:
    """Runs of two branches, with names that would like to be markup."""
    repository = Repository.objects.create(team=Team.objects.default(), name="churn", url="x", identity="x")
    event = {"subject": EVIL, "time": "2024-01-02T00:00:00+00:00", "name": "v1", "kind": "tag", "commit": "a" * 40}
    Collection.objects.create(repository=repository, collected_at=timezone.now(), tags=[event], merges=[event])
    found, before = list[Run](), ""
    for number in range(12):
        values = {"auc": 0.7 + number / 100, "loss": 1 / (number + 1)}
        more = {"name": EVIL if number == 10 else f"run {number}", "branch": f"exp/{number % 2}", "builds_on": before}
        found.append(keep(repository, values, {"lr": number, "optimiser": EVIL}, **more))
        before = found[-1].commit
    return found


def open_timeline(page: Page, runs: list[Run], query: str = "") -> None:
    log_in(page)
    page.goto(reverse("experiments", args=[runs[0].repository_id]) + query)
    expect(page.locator("figure[data-drawn]")).to_be_visible()


LIGHT, DARK = re.compile(r"rgb\((2\d\d), \1, \1\)"), re.compile(r"rgb\((\d\d), \1, \1\)")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_is_drawn_in_the_pages_colours(page: Page, runs: list[Run], scheme: Literal["light", "dark"]) -> None:
    page.emulate_media(color_scheme=scheme)
    open_timeline(page, runs, "?metric=auc&metric=loss")
    # Both metrics of each run, a release and a merge.
    expect(page.locator("figure .scatterlayer .point")).to_have_count(2 * len(runs) + 2)
    ink, other = (DARK, LIGHT) if scheme == "light" else (LIGHT, DARK)
    expect(page.locator("figure .ytick text").first).to_have_css("fill", ink)
    page.get_by_label("Theme").click()
    page.get_by_role("button", name="Dark" if scheme == "light" else "Light").click()
    expect(page.locator("figure .ytick text").first).to_have_css("fill", other)


def test_the_keyboard_goes_from_run_to_run_and_opens_one(page: Page, runs: list[Run]) -> None:
    open_timeline(page, runs)
    page.locator("figure[data-drawn]").focus()
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#chart-point")).to_contain_text("run 11, auc 0.81, lr: 10 → 11")
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#chart-point")).to_contain_text(f"{EVIL}, auc 0.8")
    expect(page.locator("figure .hoverlayer")).to_contain_text(EVIL)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{runs[-1].get_absolute_url()}")


@pytest.mark.parametrize("query", ["", "?metric=auc&metric=loss&scale=log", "?against=lr", "?against=optimiser"])
def test_it_fits_a_telephone(page: Page, runs: list[Run], query: str) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    open_timeline(page, runs, query)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.goto(reverse("runs", args=[runs[0].repository_id]) + query)
    expect(page.get_by_role("link", name="run 11", exact=True)).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.browser_context_args(java_script_enabled=False)
def test_without_scripts_the_table_tells_the_same(page: Page, runs: list[Run]) -> None:
    log_in(page)
    page.goto(reverse("experiments", args=[runs[0].repository_id]))
    expect(page.get_by_text("The chart is drawn by a script")).to_be_visible()
    expect(page.get_by_role("row")).to_have_count(len(runs) + 1)
