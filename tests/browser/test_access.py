"""A private repository, from its address to its scorecard, as a lead goes."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from pytest_django import Settings

from tests.apps.repositories.origins import Origin
from tests.browser.test_journey import ada, log_in, work
from tests.servers import answers, https, ssh

__all__ = ["ada"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db, pytest.mark.usefixtures("ada")]


def add(page: Page, address: str) -> None:
    log_in(page)
    page.goto("/repositories/add/")
    page.get_by_label("Address").fill(address)
    page.get_by_role("button", name="Add and audit").click()


def test_a_token_is_given_and_the_scorecard_is_there(page: Page, settings: Settings, tmp_path: Path) -> None:
    Origin(tmp_path / "churn.git")
    with https.serve(answers.require("git", "hunter22", answers.git(tmp_path))) as server:
        settings.INTERNAL_HOSTS, settings.CA_FILE = ["127.0.0.1"], server.ca
        settings.CREDENTIAL_KEY_FILE = tmp_path / "keys"
        add(page, server.url("/churn.git"))
        work()
        expect(page.get_by_role("heading", name="Authentication refused")).to_be_visible()
        page.get_by_role("link", name="Give it access").click()
        page.get_by_role("textbox", name="Token").fill("hunter22")
        page.get_by_role("button", name="Save and test").click()
        expect(page.get_by_role("status")).to_contain_text("Waiting for a worker")
        work()
        # Nobody reloads: the page asks how the test goes.
        expect(page.get_by_role("status")).to_contain_text("The server lets us read it")
        for width in (390, 1280):
            page.set_viewport_size({"width": width, "height": 900})
            assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.get_by_role("link", name="churn", exact=True).click()
        expect(page.get_by_role("heading", name="Fix these first")).to_be_visible()


def test_a_deploy_key_is_made_and_copied(
    page: Page, context: BrowserContext, settings: Settings, tmp_path: Path
) -> None:
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    settings.CREDENTIAL_KEY_FILE = tmp_path / "keys"
    Origin(tmp_path / "churn.git")
    with ssh.serve(tmp_path) as server:
        settings.INTERNAL_HOSTS = ["127.0.0.1"]
        add(page, server.url("churn"))
        page.get_by_role("button", name="Make a deploy key").click()
        page.get_by_role("button", name="Copy").click()
        expect(page.get_by_role("button", name="Copied")).to_be_visible()
        server.authorise(str(page.evaluate("navigator.clipboard.readText()")))
        page.get_by_role("button", name="Test access").click()
        work()
        expect(page.get_by_text(server.host_keys[0].fingerprint)).to_be_visible()
        page.set_viewport_size({"width": 390, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
