"""A report from its form to the page of what it said, as a lead goes."""

from __future__ import annotations

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from apps.accounts.models import User
from tests.apps.reports.fleet import audited, days, watch
from tests.browser.test_journey import ada, log_in

__all__ = ["ada"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db, pytest.mark.usefixtures("ada")]


def test_a_report_is_previewed_saved_sent_and_read(page: Page) -> None:
    User.objects.update(email="ada@example.org")
    for name in ("churn", "fraud"):
        one = watch(name)
        audited(one, timezone.now() - days(9), set())
        audited(one, timezone.now() - days(1), {"hygiene/secrets"})
    log_in(page)
    page.get_by_role("link", name="Reports").click()
    page.get_by_role("link", name="New report").first.click()
    mail = page.frame_locator("iframe")
    expect(mail.get_by_role("heading", name="Default team")).to_be_visible()
    expect(page.get_by_label("Repository")).to_be_hidden()
    page.get_by_label("On", exact=True).select_option(label="One repository")
    page.get_by_role("button", name="Preview").click()
    expect(mail.get_by_text("Choose which one.")).to_be_visible()
    page.get_by_label("Repository").select_option(label="fraud")
    page.get_by_role("button", name="Preview").click()
    expect(mail.get_by_role("heading", name="fraud")).to_be_visible()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status")).to_contain_text("weekly on Monday at 07:00")
    page.get_by_role("button", name="Send now").click()
    expect(page.get_by_role("row").nth(1)).to_contain_text("ada Waiting")
    page.get_by_role("row").nth(1).get_by_role("link").click()
    expect(page.get_by_role("heading", name="New failures")).to_be_visible()
    for width in (390, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
