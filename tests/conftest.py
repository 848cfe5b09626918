"""What a test may need from the machine, and what happens where that is missing.

A missing Chromium or PostgreSQL skips the tests that need it and says so; with MLHEALTH_REQUIRE_ALL=1 every skip is
a failure, so that nothing goes untested unnoticed. Tests marked `database` run a second time, on PostgreSQL.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Generator
from typing import Any, TypeVar

import hypothesis
import pytest
from django.conf import settings

# Playwright keeps an event loop in the thread in which tests use the ORM.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
Report = TypeVar("Report", pytest.TestReport, pytest.CollectReport)
REQUIRE_ALL = os.environ.get("MLHEALTH_REQUIRE_ALL") == "1"


# How long an example takes says how busy the machine is.
hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "database: behaves alike on SQLite and PostgreSQL, and is tested on both")


def pytest_unconfigure(config: pytest.Config) -> None:
    if "MLHEALTH_TEST_DATA" not in os.environ:
        shutil.rmtree(settings.DATA, ignore_errors=True)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    return refuse_skip((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    return refuse_skip((yield))


def refuse_skip(report: Report) -> Report:
    if REQUIRE_ALL and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped, but MLHEALTH_REQUIRE_ALL is set: {report.longrepr}"
    return report


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """The machine's own Chromium: Playwright's download needs a network that tests do not have."""
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        pytest.skip("Chromium is not installed")
    arguments = ["--no-sandbox", "--disable-dev-shm-usage"]
    return {**browser_type_launch_args, "executable_path": chromium, "args": arguments}
