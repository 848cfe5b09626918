"""On which branch a commit was made."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from apps.audit.experiments.branches import branches_of, merged_branch
from apps.audit.snapshot import Commit


def commit(oid: str, *parents: str, subject: str = "feat: x") -> Commit:
    return Commit(oid, parents, "Ada", "ada@example.org", datetime(2026, 1, 1, tzinfo=UTC), subject)


def found(*commits: Commit, **tips: str) -> dict[str, str]:
    return branches_of(
        {each.id: each for each in commits}, {name.replace("_", "/"): tip for name, tip in tips.items()}, "main"
    )


def test_the_default_branch_has_its_line_and_others_what_is_left() -> None:
    commits = [commit("1"), commit("2", "1"), commit("a", "1"), commit("b", "a")]
    assert found(*commits, exp_a="b", main="2") == {"1": "main", "2": "main", "a": "exp/a", "b": "exp/a"}


@pytest.mark.parametrize(
    ("subject", "branch"),
    [
        ("Merge branch 'exp/lr'", "exp/lr"),
        ("Merge branch 'exp/lr' into main", "exp/lr"),
        ("Merge remote-tracking branch 'origin/exp/lr'", "exp/lr"),
        ("Merge pull request #3 from ada/exp/lr", "exp/lr"),
        ("Merge tag 'v1'", ""),
        ("feat: Merge branch 'x'", ""),
        ("Merge branch 'größer'", "größer"),
    ],
)
def test_a_branch_that_was_merged_and_dropped_is_named_by_the_merge(subject: str, branch: str) -> None:
    merge = commit("3", "1", "a", subject=subject)
    assert merged_branch(merge) == branch
    assert found(commit("1"), commit("a", "1"), merge, main="3")["a"] == (branch or "main")


def test_a_merge_inside_a_merged_branch_names_its_own() -> None:
    commits = [
        commit("1"),
        commit("a", "1"),
        commit("b", "1"),
        commit("m", "a", "b", subject="Merge branch 'inner' into outer"),
        commit("2", "1", "m", subject="Merge branch 'outer'"),
    ]
    assert found(*commits, main="2") == {"1": "main", "2": "main", "m": "outer", "a": "outer", "b": "inner"}


def test_commits_that_are_not_here_end_a_line() -> None:
    assert found(commit("2", "1"), main="2", gone="9") == {"2": "main"}
    assert found() == {}
