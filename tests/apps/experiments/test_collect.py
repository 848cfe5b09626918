"""The collecting process may end in any way, and its end is explained."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from pytest_django import Settings

from apps.audit.experiments.collecting import Asked
from apps.experiments import collect


@pytest.mark.parametrize(
    ("ending", "says"),
    [
        ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", "ended with SIGSEGV"),
        ("import time; time.sleep(60)", "took more than 1 seconds"),
        ("print('x' * 70_000_000)", "has more than 64,000,000 bytes"),
        ("raise KeyError('odd')", "KeyError: 'odd'"),
        ("print('{}')", "not of the agreed form: schema: Field required"),
        ('print(\'{"error": {"message": "too large"}}\'); raise SystemExit(2)', "^too large$"),
    ],
)
def test_a_death_is_explained(ending: str, says: str, tmp_path: Path, settings: Settings) -> None:
    (tmp_path / "apps/audit").mkdir(parents=True)
    (tmp_path / "apps/audit/experiments.py").write_text(ending)
    settings.BASE_DIR, settings.AUDIT_SECONDS = tmp_path, 1 if "sleep" in ending else 60
    with pytest.raises(collect.CollectError, match=says):
        collect.portion(tmp_path, Asked())


def test_the_engine_is_told_what_is_known_by_its_own_form() -> None:
    asked = Asked(("a",), ("b",), ("c",))
    assert Asked.parse(json.dumps(vars(asked))) == asked
