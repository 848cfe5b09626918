"""When audits happen and of which pushes we are told, as a lead says it in a browser."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from pytest_django import Settings

from apps.access.models import PushHook
from apps.accounts.models import User
from apps.repositories import address, registration
from apps.repositories.models import AuditSchedule, Repository
from tests.browser.test_journey import ada, log_in

__all__ = ["ada"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db, pytest.mark.usefixtures("ada")]
ASKED = ("Day of the week", "Time of day", "Cron expression", "Time zone")


@pytest.fixture
def repository(page: Page) -> Repository:
    by = User.objects.get()
    team = by.teams.get()
    return registration.register(team, address.parse("https://github.com/example/churn", []), by=by)


@pytest.mark.parametrize(
    ("choice", "asked"),
    [
        ("As its team", ()),
        ("Hourly", ()),
        ("Daily", ("Time of day", "Time zone")),
        ("Weekly", ("Day of the week", "Time of day", "Time zone")),
        ("By cron expression", ("Cron expression", "Time zone")),
    ],
)
def test_only_what_a_choice_needs_is_asked(
    page: Page, repository: Repository, choice: str, asked: tuple[str, ...]
) -> None:
    log_in(page)
    page.goto(f"/repositories/{repository.pk}/edit/")
    page.get_by_label("How often").select_option(choice)
    for name in ASKED:
        expect(page.get_by_label(name)).to_be_visible(visible=name in asked)
    page.set_viewport_size({"width": 390, "height": 900})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_lead_chooses_mondays(page: Page, repository: Repository) -> None:
    log_in(page)
    page.goto(f"/repositories/{repository.pk}/edit/")
    page.get_by_label("How often").select_option("Weekly")
    page.get_by_label("Time of day").fill("06:30")
    page.get_by_label("Time zone").select_option("Europe/Berlin")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status").first).to_contain_text("is saved")
    assert AuditSchedule.objects.get().words == "weekly on Monday at 06:30, Europe/Berlin"


def test_the_secret_is_copied_where_it_is_shown_once(
    page: Page, context: BrowserContext, repository: Repository, settings: Settings, tmp_path: Path
) -> None:
    settings.CREDENTIAL_KEY_FILE = tmp_path / "keys"
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    log_in(page)
    page.goto(f"/repositories/{repository.pk}/access/")
    page.get_by_role("button", name="Set it up").click()
    page.set_viewport_size({"width": 390, "height": 900})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.get_by_role("button", name="Copy").last.click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == PushHook.objects.get().unseal()
    page.get_by_role("link", name="It is copied").click()
    expect(page.get_by_text("Nothing has been heard yet")).to_be_visible()
