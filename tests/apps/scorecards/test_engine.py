"""The engine's answer is believed only when it is of the agreed form."""

from __future__ import annotations

import json
from typing import Any

import pytest

from apps.audit.engine import Audit
from apps.audit.policy import Policy
from apps.audit.sources import from_memory
from apps.scorecards.engine import MOST_BYTES, AuditError, DamagedMirror, understand


def answer() -> dict[str, Any]:
    return dict(json.loads(json.dumps(Audit(from_memory({"a": "b"}), Policy()).to_json())))


def test_the_engines_own_answer_fits() -> None:
    assert understand(json.dumps(answer()).encode(), "", "")["schema"] == 1


@pytest.mark.parametrize(
    ("said", "says"),
    [
        (b"", "it said nothing"),
        (b"[]", "list for an object"),
        (b"{", "broke"),
        (b" " * (MOST_BYTES + 1), "more than"),
        (json.dumps({**answer(), "score": "90"}).encode(), "score"),
        (json.dumps({**answer(), "commit": "f" * 40}).encode(), "commit"),
        (json.dumps({**answer(), "results": [{"check": "x"}]}).encode(), "results: title"),
        (json.dumps({**answer(), "results": [{**answer()["results"][0], "outcome": "fine"}]}).encode(), "outcome"),
        (b'{"error": {"state": "revision_not_found", "message": "gone"}}', "gone"),
    ],
)
def test_anything_else_is_an_error_that_says_what(said: bytes, says: str) -> None:
    with pytest.raises(AuditError, match=says):
        understand(said, "", "")


def test_damage_is_told_apart() -> None:
    with pytest.raises(DamagedMirror):
        understand(b'{"error": {"state": "damaged", "message": "gone"}}', "", "")
