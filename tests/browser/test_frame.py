"""The frame around every page: theme, menus, keyboard, and life without scripts."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from pytest_django import Settings

from apps.accounts.models import User
from apps.accounts.setup import link_token

pytestmark = [pytest.mark.browser, pytest.mark.django_db]
PASSWORD = "correct horse battery staple"


@pytest.fixture
def root(transactional_db: None) -> User:
    return User.objects.create_superuser("root", password=PASSWORD)


def log_in(page: Page) -> None:
    page.goto("/login/")
    page.get_by_label("Username").fill("root")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in", exact=True).click()
    expect(page.get_by_label("Account of root")).to_be_visible()


def expect_theme(page: Page, theme: str) -> None:
    expect(page.locator("html")).to_have_css("color-scheme", theme)


def test_the_set_up_link_leads_to_the_repositories(page: Page, settings: Settings, tmp_path: Path) -> None:
    settings.DATA = tmp_path
    page.goto(f"/setup/{link_token()}/")
    page.get_by_label("Username").fill("root")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("Password confirmation").fill(PASSWORD)
    page.get_by_role("button", name="Create administrator").click()
    expect(page.get_by_role("status")).to_contain_text("Welcome, root")
    expect(page.get_by_role("link", name="Repositories", exact=True)).to_have_attribute("aria-current", "page")


@pytest.mark.usefixtures("root")
def test_a_theme_stays_chosen(page: Page) -> None:
    page.emulate_media(color_scheme="light")
    page.goto("/login/")
    expect_theme(page, "light")
    page.get_by_label("Theme").click()
    page.get_by_role("button", name="Dark").click()
    expect_theme(page, "dark")
    log_in(page)
    expect_theme(page, "dark")
    page.get_by_label("Theme").click()
    page.get_by_role("button", name="As the system").click()
    expect_theme(page, "light")
    page.emulate_media(color_scheme="dark")
    expect_theme(page, "dark")


@pytest.mark.usefixtures("root")
def test_the_account_menu_closes_by_escape_and_logs_out(page: Page) -> None:
    log_in(page)
    menu, log_out = page.get_by_label("Account of root"), page.get_by_role("button", name="Log out")
    menu.focus()
    page.keyboard.press("Enter")
    expect(log_out).to_be_visible()
    page.keyboard.press("Escape")
    expect(log_out).to_be_hidden()
    expect(menu).to_be_focused()
    menu.click()
    log_out.click()
    page.wait_for_url("**/login/")


@pytest.mark.usefixtures("root")
def test_the_first_tab_skips_to_the_content(page: Page) -> None:
    log_in(page)
    page.keyboard.press("Tab")
    link = page.get_by_role("link", name="Skip to the content")
    expect(link).to_be_focused()
    expect(link).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_be_focused()


@pytest.mark.usefixtures("root")
@pytest.mark.browser_context_args(java_script_enabled=False)
def test_everything_of_the_frame_works_without_scripts(page: Page) -> None:
    log_in(page)
    expect(page.get_by_label("Theme")).to_be_hidden()
    page.get_by_label("Account of root").click()
    page.get_by_role("link", name="Change password").click()
    page.wait_for_url("**/password/")
    page.get_by_label("Account of root").click()
    page.get_by_role("button", name="Log out").click()
    page.wait_for_url("**/login/")


@pytest.mark.usefixtures("root")
@pytest.mark.parametrize("path", ["/", "/password/", "/nowhere/"])
def test_a_page_fits_a_telephone(page: Page, path: str) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    log_in(page)
    page.goto(path)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.usefixtures("root")
@pytest.mark.parametrize("path", ["/admin/", "/admin/accounts/user/", "/admin/accounts/team/add/"])
def test_the_admin_keeps_to_the_policy(page: Page, path: str) -> None:
    log_in(page)
    page.goto(path)
    expect(page.get_by_role("main")).to_be_visible()
