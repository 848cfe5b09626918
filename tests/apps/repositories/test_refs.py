"""What refs say before and after a push, and which branch is meant."""

from __future__ import annotations

import pytest

from apps.repositories.refs import Refs, likely_default

MAIN, OTHER = "refs/heads/main", "refs/heads/other"


@pytest.mark.parametrize(
    ("held", "is_between"),
    [
        ({MAIN: "1"}, True),
        ({MAIN: "2", OTHER: "1"}, True),
        ({MAIN: "1", OTHER: "1"}, True),
        ({MAIN: "3"}, False),
        ({}, False),
        ({MAIN: "1", "refs/tags/v1": "1"}, False),
    ],
)
def test_a_push_may_come_in_between(held: dict[str, str], is_between: bool) -> None:
    before, after = Refs({MAIN: "1"}, MAIN), Refs({MAIN: "2", OTHER: "1"}, MAIN)
    assert Refs(held, MAIN).between(before, after) is is_between


def test_the_digest_covers_names_ids_and_the_default() -> None:
    variants = [
        Refs({MAIN: "1", OTHER: "2"}, MAIN),
        Refs({MAIN: "1", OTHER: "2"}, OTHER),
        Refs({MAIN: "2", OTHER: "1"}, MAIN),
        Refs({MAIN: "1"}, MAIN),
        Refs({}, ""),
    ]
    assert len({refs.digest for refs in variants}) == len(variants)
    assert Refs({OTHER: "2", MAIN: "1"}, MAIN).digest == variants[0].digest


@pytest.mark.parametrize(
    ("ids", "head", "branch"),
    [
        ({}, "", ""),
        ({"refs/tags/v1": "1"}, "1", ""),
        ({OTHER: "1", MAIN: "1"}, "1", MAIN),
        ({OTHER: "1", MAIN: "2"}, "1", OTHER),
        ({OTHER: "1", MAIN: "2"}, "", MAIN),
        ({"refs/heads/b": "1", "refs/heads/a": "1"}, "9", "refs/heads/a"),
    ],
)
def test_the_branch_that_is_meant_where_head_names_none(ids: dict[str, str], head: str, branch: str) -> None:
    assert likely_default(ids, head) == branch
