"""The engine's answer is believed only when it is of the agreed form, and its death is explained."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.checks import run_checks
from pytest_django import Settings

from apps.audit.engine import Audit
from apps.audit.policy import Policy
from apps.audit.sources import from_memory
from apps.jobs.interpreter import Said
from apps.scorecards import engine
from apps.scorecards.answer import MOST_BYTES
from apps.scorecards.engine import AuditError, DamagedMirror, understand

COMMIT = "c" * 40


def answer(**changes: Any) -> bytes:
    own = Audit(from_memory({"a": "b"}), Policy()).to_json(with_facts=True) | {"commit": COMMIT}
    return json.dumps(own | changes).encode()


def result(**changes: Any) -> bytes:
    return answer(results=[json.loads(answer())["results"][0] | changes])


def place(**changes: Any) -> bytes:
    return result(findings=[{"message": "m", "path": "p", "line": None, "fix": ""} | changes])


def test_the_engines_own_answer_fits() -> None:
    for said in (answer(), place(), place(line=3), answer(score=None)):
        assert understand(Said(said, "", 0, False), COMMIT)["schema"] == 1


@pytest.mark.parametrize(
    ("said", "says"),
    [
        (b"", "it said nothing"),
        (b"[]", "should be an object"),
        (b"{", "Invalid JSON"),
        (b"[" * 100_000, "Invalid JSON"),
        (b" " * (MOST_BYTES + 1), "more than"),
        (answer(score="90"), "score: "),
        (answer(score=101), "score: "),
        (answer(score=float("nan")), "score: "),
        (answer(schema=2), "schema: "),
        (answer(commit="f" * 40), "commit: "),
        (answer(more=1), "more: "),
        (answer(committed_at="3170843-01-01"), "committed_at: "),
        (answer(committed_at="2026-01-01"), "has no time zone"),
        (answer(committed_at="0001-01-01T00:00:00+14:00"), "committed_at: .* beyond what calendars"),
        (answer(committed_at="9999-12-31T23:59:59-14:00"), "committed_at: .* beyond what calendars"),
        (answer(engine="0" * 17), "engine: "),
        (answer(grade="\0"), "no page or database can hold"),
        (answer(areas=[json.loads(answer())["areas"][0] | {"passed": 1 << 70}]), "areas.0.passed: "),
        (answer(measures={"x": 1e300}), "measures.x: "),
        (answer(measures={"x": 10**400}), "measures.x: "),
        (answer(measures={"x": float("inf")}), "measures.x: "),
        (answer(measures={"x\0": 1}), "measures"),
        (answer(areas=[1]), "areas.0: "),
        (answer(results=json.loads(answer())["results"] * 2), "a check is there twice"),
        (result(check="hygiene/unheard-of"), "results.0.check: .* no check of ours"),
        (result(outcome="fine"), "results.0.outcome: "),
        (result(reason="x" * 5000), "results.0.reason: "),
        (result(reason="\0"), "no page or database can hold"),
        (result(reason="\u061c"), "no page or database can hold"),
        (result(reason="\u202e"), "no page or database can hold"),
        (result(evidence=[{"message": "m"}]), "results.0.evidence.0.path: "),
        (place(line="1"), "findings.0.line: "),
        (place(line=1 << 40), "findings.0.line: "),
        (answer().replace(b'"reason": ""', b'"reason": "\\ud800"', 1), "Invalid JSON"),
        (b'{"error": {"state": "revision_not_found", "message": "gone"}}', "gone"),
    ],
)
def test_anything_else_is_an_error_that_says_what(said: bytes, says: str) -> None:
    with pytest.raises(AuditError, match=says):
        understand(Said(said, "", 0, False), COMMIT)


def test_damage_is_told_apart() -> None:
    with pytest.raises(DamagedMirror):
        understand(Said(b'{"error": {"state": "damaged", "message": "gone"}}', "", 2, False), "")


@pytest.mark.parametrize(
    ("ending", "says"),
    [
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "as it does when memory runs out"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGXCPU)", "280 seconds of processor time"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", "ended with SIGSEGV"),
        ("import time; time.sleep(60)", "more than 1 seconds"),
        ("print('x' * 9_000_000)", "more than 8,000,000"),
        ("raise KeyError('odd')", "KeyError: 'odd'"),
    ],
)
def test_a_death_is_explained(
    ending: str, says: str, tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "apps").mkdir()
    (tmp_path / "apps/audit.py").write_text(ending)
    settings.BASE_DIR, settings.AUDIT_SECONDS = tmp_path, 1
    with pytest.raises(AuditError, match=says):
        engine.audit(tmp_path, COMMIT, Policy())


def test_a_machine_that_cannot_shut_the_engine_in_is_warned_of(monkeypatch: pytest.MonkeyPatch) -> None:
    assert run_checks() == []
    monkeypatch.setattr("apps.audit.landlock.version", lambda: 0)
    (warning,) = run_checks()
    assert (warning.id, warning.msg) == (
        "mlhealth.W001",
        "Audits run without giving up files (Landlock, Linux 5.13 or newer).",
    )
