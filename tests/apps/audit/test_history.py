"""The past of a commit, the branches around it, and the words of its messages."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from apps.audit.facts import Facts
from apps.audit.facts.history import History
from apps.audit.facts.messages import Messages, type_of
from apps.audit.snapshot import Commit, Snapshot
from apps.audit.sources import from_memory


def commit(name: str, *parents: str, day: int, message: str = "feat: x", author: str = "Ada") -> Commit:
    return Commit(name, parents, author, "", datetime(2026, 1, day, tzinfo=UTC), message)


def history(*commits: Commit, **refs: str) -> History:
    found = Facts(snapshot(*commits, **refs)).get(History)
    assert found
    return found


def snapshot(*commits: Commit, **refs: str) -> Snapshot:
    return from_memory({}, commits, branches={"main": commits[-1].id} | refs)


FORK = (
    commit("a", day=1),
    commit("side", "a", day=4),
    commit("c", "a", day=2),
    commit("m", "c", "side", day=5),
)


def test_commits_are_youngest_first_and_each_once() -> None:
    assert [each.id for each in history(*FORK).commits()] == ["m", "side", "c", "a"]


def test_first_parents_leave_out_what_was_merged() -> None:
    assert [each.id for each in history(*FORK).first_parents()] == ["m", "c", "a"]


def test_other_tips_bring_their_own_past() -> None:
    tip = commit("other", "side", day=9)
    told = history(tip, *FORK)
    assert [each.id for each in told.commits(tip)] == ["other", "m", "side", "c", "a"]


def test_a_missing_parent_ends_the_past() -> None:
    assert [each.id for each in history(commit("b", "gone", day=2)).commits()] == ["b"]


def test_permanent_and_bots_branches_are_not_judged() -> None:
    names = {
        "main": "m",
        "dev": "a",
        "release/1": "a",
        "v1.0-release": "a",
        "dependabot/pip/x": "a",
        "exp/deep": "side",
    }
    told = Facts(from_memory({}, FORK, branches=names)).get(History)
    assert told
    assert [branch.name for branch in told.branches] == ["exp/deep"]


@pytest.mark.parametrize(
    ("subject", "kind"),
    [
        ("feat: train", "feat"),
        ("exp(churn, eu)!: deeper", "exp"),
        ("data: relabel", "data"),
        ("Feat: train", ""),
        ("feat:train", ""),
        ("feat : train", ""),
        ("feature: train", ""),
        ("feat(): train", ""),
        ('Revert "feat: train"', ""),
        ("feat: ", ""),
    ],
)
def test_type_of(subject: str, kind: str) -> None:
    assert type_of(subject) == kind


def test_share_leaves_merges_out() -> None:
    commits = (
        commit("a", day=1, message="wip"),
        commit("b", "a", day=2),
        commit("c", "b", "a", day=3, message="Merge"),
    )
    messages = Facts(snapshot(*commits)).get(Messages)
    assert messages
    assert messages.measures() == {"workflow.conventional_share": 0.5}
