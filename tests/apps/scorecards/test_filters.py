"""What the templates' filters say, and that they escape."""

from __future__ import annotations

import pytest

from apps.scorecards.templatetags.scorecards import floor, sample, ticked


@pytest.mark.parametrize(("score", "shown"), [(79.9, 79), (100.0, 100), (0.0, 0), ("none", "none")])
def test_floor(score: float | str, shown: int | str) -> None:
    assert floor(score) == shown


def test_ticked_marks_code_and_escapes_everything() -> None:
    assert ticked("run `pip <x>` & go") == "run <code>pip &lt;x&gt;</code> &amp; go"
    assert ticked("an odd ` tick <b>") == "an odd ` tick &lt;b&gt;"


def test_sample_is_short_and_takes_bytes() -> None:
    assert sample(b"caf\xe9") == "caf\\xe9"
    assert sample("0" * 5000).endswith("\n…")
