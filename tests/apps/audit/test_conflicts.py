"""Markers of merge conflicts, and what looks like them."""

from __future__ import annotations

import time

import pytest

from apps.audit.facts.conflicts import first_marker


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a\n<<<<<<< HEAD\nb\n=======\nc\n>>>>>>> exp\n", 2),
        ("<<<<<<< ours\r\nb\r\n||||||| base\r\n=======\r\nc\r\n>>>>>>> theirs\r\n", 1),
        ("a\n\n<<<<<<< Updated upstream\nb\n", 3),
        ("Title\n=======\n", 0),
        (">>>>>>> quoted mail\n=======\n<<<<<<< other\n", 0),
        ("<<<<<<<\n=======\n>>>>>>>\n", 0),
        ("  <<<<<<< HEAD\n=======\n>>>>>>> x\n", 0),
        ("```\n<<<<<<< HEAD\n=======\n>>>>>>> x\n```\n", 0),
        ("```\ncode\n```\n<<<<<<< HEAD\n=======\n>>>>>>> x\n", 4),
    ],
)
def test_first_marker(text: str, line: int) -> None:
    assert first_marker(text.encode()) == line


def test_many_markers_take_no_longer_than_many_lines() -> None:
    before = time.process_time()
    first_marker(b"<<<<<<< x\n>>>>>>> y\n```\n" * 100_000)
    assert time.process_time() - before < 3
