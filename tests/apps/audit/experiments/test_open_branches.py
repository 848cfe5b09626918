"""Which branches are open: those with commits that the default branch has not."""

from __future__ import annotations

from pathlib import Path

from apps.audit.experiments import repository
from apps.repositories.example.story import commit, write

STORY = [
    commit("2026-01-01", "feat: start", {"README.md": "a"}),
    commit("2026-01-02", "feat: open", {"README.md": "b"}, branch="exp/open"),
    commit("2026-01-02", "feat: merged", {"README.md": "c"}, branch="exp/merged"),
    commit("2026-01-03", "Merge branch 'exp/merged'", merge="exp/merged"),
]


def test_a_branch_is_open_until_its_commits_are_on_the_default_branch(tmp_path: Path) -> None:
    ids = write(tmp_path / "a.git", STORY)
    for known in ([], list(ids.values())):
        with repository.opened(tmp_path / "a.git", known) as history:
            assert history.open_branches == ("exp/open",)
