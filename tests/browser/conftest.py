"""A page of a real Chromium on a live server, on which nothing may go wrong unnoticed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import ConsoleMessage, Page, Request, Response
from pytest_django.live_server_helper import LiveServer


@pytest.fixture(scope="session")
def base_url(live_server: LiveServer) -> str:
    return str(live_server.url)


@pytest.fixture
def page(page: Page, base_url: str) -> Iterator[Page]:
    """Fails its test on a script's error, a breach of the policy, a missing file or a request to another host."""
    wrongs: list[str] = []

    def on_console(message: ConsoleMessage) -> None:
        # A missing file is told better by its response; a page may well be missing on purpose.
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            wrongs.append(message.text)

    def on_request(request: Request) -> None:
        if not request.url.startswith((f"{base_url}/", "data:")):
            wrongs.append(f"another host: {request.url}")

    def on_response(response: Response) -> None:
        if response.status >= 400 and not response.request.is_navigation_request():
            wrongs.append(f"{response.status}: {response.url}")

    page.on("console", on_console)
    page.on("pageerror", lambda error: wrongs.append(str(error)))
    page.on("request", on_request)
    page.on("response", on_response)
    yield page
    assert not wrongs
