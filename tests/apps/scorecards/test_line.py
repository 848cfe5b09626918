"""What a replay takes as known, where rules changed between two of its portions."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from apps.scorecards.line import Line
from apps.scorecards.models import Replayed

OLD, NEW = "1", "2"


def judged(number: int, thresholds: str, *, compared: bool) -> Replayed:
    """Commit `number` of a line; the youngest is 0."""
    return Replayed(
        commit=f"c{number}",
        parent=f"c{number + 1}",
        committed_at=datetime(2026, 1, 31, tzinfo=UTC) - timedelta(days=number),
        engine="e",
        thresholds=thresholds,
        compared=compared,
    )


def test_a_pair_across_a_change_of_rules_is_judged_anew_and_then_known() -> None:
    rows = {f"c{n}": judged(n, OLD if n < 3 else NEW, compared=n != 2) for n in range(6)}
    line = Line(rows)
    assert line.known == {"c0", "c1", "c4", "c5"}
    again = {name: judged(int(name[1:]), NEW, compared=rows[name].compared) for name in set(rows) - line.known}
    assert Line({**rows, **again}).known == set(rows)
