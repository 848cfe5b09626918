"""From an empty page to a scorecard and a badge, as a newcomer goes."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from pytest_django import Settings

from apps.accounts.models import Membership, Role, Team, User
from apps.jobs import claims
from apps.jobs.worker import perform

pytestmark = [pytest.mark.browser, pytest.mark.django_db]
PASSWORD = "correct horse battery staple"


@pytest.fixture
def ada(transactional_db: None, settings: Settings, tmp_path: Path) -> User:
    settings.EXAMPLES, settings.MIRRORS = tmp_path / "examples", tmp_path / "mirrors"
    settings.LOCAL_ROOTS = [settings.EXAMPLES]
    person = User.objects.create_user("ada", password=PASSWORD)
    Membership.objects.create(user=person, team=Team.objects.default(), role=Role.LEAD)
    return person


def log_in(page: Page) -> None:
    page.goto("/login/")
    page.get_by_label("Username").fill("ada")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in", exact=True).click()


def work() -> None:
    """What a worker does, until nothing is left to do."""
    while claim := claims.claim("test"):
        perform(claim)


@pytest.mark.usefixtures("ada")
def test_a_newcomer_reads_a_scorecard_and_hands_out_a_badge(page: Page) -> None:
    log_in(page)
    page.get_by_role("button", name="Load the example").click()
    expect(page.get_by_role("status")).to_contain_text("Waiting for a worker")
    work()
    # Nobody reloads: the page asks how far the audit is, and shows the scorecard when it is there.
    expect(page.get_by_role("heading", name="Fix these first")).to_be_visible()
    expect(page.get_by_role("heading", name="churn-model", exact=True)).to_be_visible()

    page.get_by_role("link", name="Models stay out of git").last.click()
    expect(page.get_by_role("heading", name="How to fix")).to_be_visible()
    page.get_by_role("link", name="churn-model").click()

    page.get_by_role("link", name="Badges").click()
    page.get_by_role("button", name="Make a badge").click()
    expect(page.get_by_role("img", name="churn-model: overall")).to_be_visible()
    page.get_by_role("button", name="Revoke").click()
    expect(page.get_by_role("status")).to_contain_text("revoked")


@pytest.mark.usefixtures("ada")
def test_the_fleet_narrows_while_one_types_and_its_address_can_be_shared(page: Page) -> None:
    log_in(page)
    page.get_by_role("button", name="Load the example").click()
    work()
    page.goto("/")
    expect(page.get_by_role("row", name="churn-model")).to_be_visible()
    page.get_by_role("searchbox").fill("nothing-like-it")
    expect(page.get_by_role("heading", name="None matches")).to_be_visible()
    assert "q=nothing-like-it" in page.url
    page.reload()
    expect(page.get_by_role("heading", name="None matches")).to_be_visible()
    page.get_by_role("link", name="Show all", exact=True).click()
    page.get_by_role("columnheader", name="Score").get_by_role("link").click()
    expect(page.get_by_role("columnheader", name="Score")).to_have_attribute("aria-sort", "descending")


@pytest.mark.usefixtures("ada")
@pytest.mark.parametrize("width", [390, 1280, 3840])
def test_no_page_is_wider_than_its_window(page: Page, width: int) -> None:
    log_in(page)
    page.get_by_role("button", name="Load the example").click()
    work()
    repository = page.url.removesuffix("/")
    page.set_viewport_size({"width": width, "height": 900})
    for address in (
        "/",
        repository,
        f"{repository}/scorecards/",
        f"{repository}/badges/",
        "/checks/",
        "/checks/hygiene/secrets/",
    ):
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, address


@pytest.mark.usefixtures("ada")
def test_a_badges_markdown_is_copied_with_one_click(page: Page, context: BrowserContext) -> None:
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    log_in(page)
    page.get_by_role("button", name="Load the example").click()
    work()
    page.get_by_role("link", name="Badges").click()
    page.get_by_role("button", name="Make a badge").click()
    page.get_by_role("button", name="Copy").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert str(page.evaluate("navigator.clipboard.readText()")).startswith("[![ML health](")
