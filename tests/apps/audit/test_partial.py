"""A partial clone: which files miss is known, and that they are large; what is in them is not."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from apps.audit import git, sources
from apps.audit.check import Outcome
from apps.audit.engine import Audit, context
from apps.audit.policy import Policy
from apps.repositories.example.story import commit, write

LIMIT = 2_000_000
DATA = {"data/raw.csv": "1,2\n" * 600_000, "m/net.pkl": "0" * 2_500_000}
CODE = {f"src/{name}.py": "import json\n" for name in ("train", "data", "model", "evaluate")}
STORY = [
    commit("2026-01-01", "feat: start", {**CODE, "old.bin": "0" * 3_000_000}),
    commit("2026-01-02", "feat: data", DATA, delete=["old.bin"]),
    commit("2026-01-03", "docs: notebook", {"notes.ipynb": " " * 2_100_000, "small.csv": "a,b\n"}),
]


@pytest.fixture(scope="module")
def partial(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("partial")
    write(folder / "origin.git", STORY)
    return cloned(folder)


def cloned(folder: Path) -> Path:
    """A clone of the repository in a folder, without its large files."""
    origin, clone = str(folder / "origin.git"), str(folder / "clone.git")
    subprocess.run(["git", "-C", origin, "config", "uploadpack.allowFilter", "true"], check=True)
    command = ["git", "clone", "--quiet", "--bare", f"--filter=blob:limit={LIMIT}", f"file://{origin}", clone]
    subprocess.run(command, check=True)
    return Path(clone)


def audit(clone: Path, left_out: int = LIMIT) -> dict[str, tuple[Outcome, str]]:
    """Outcome and words of each check."""
    with git.opened(clone) as opened:
        results = Audit(sources.from_git(opened, left_out=left_out), Policy()).results
    return {
        slug: (result.outcome, " ".join([result.reason, *(f"{each.path}: {each.message}" for each in result.findings)]))
        for slug, result in results.items()
    }


def test_a_file_that_was_left_out_is_over_the_limit(partial: Path) -> None:
    results = audit(partial)
    assert results["hygiene/data-files"] == (Outcome.FAILED, " data/raw.csv: at least 2 MB of data in git")
    assert "m/net.pkl: a model binary (.pkl, at least 2 MB) in git" in results["hygiene/model-binaries"][1]
    assert results["structure/data-folder"][0] is Outcome.FAILED


def test_a_text_that_was_left_out_may_be_data(tmp_path: Path) -> None:
    write(tmp_path / "origin.git", [commit("2026-01-01", "feat: start", {**CODE, "rows.json": "[1]\n" * 600_000})])
    clone = cloned(tmp_path)
    for left_out in (0, LIMIT):
        results = audit(clone, left_out)
        assert results["hygiene/data-files"][0] is Outcome.UNKNOWN
        assert "rows.json" in results["dvc/data-is-versioned"][1]


def test_whether_it_is_over_a_higher_limit_is_not_known(partial: Path) -> None:
    outcome, reason = audit(partial)["hygiene/large-files"]
    assert outcome is Outcome.UNKNOWN
    assert "left out of the mirror; of its size we know that it is at least 2 MB, and 2 more" in reason
    assert audit(partial)["hygiene/large-files-in-history"][0] is Outcome.UNKNOWN


def test_its_content_is_not_known(partial: Path) -> None:
    outcome, reason = audit(partial)["hygiene/notebook-outputs"]
    assert outcome is Outcome.UNKNOWN
    assert "notes.ipynb: left out of the mirror for its size: at least 2 MB" in reason


def test_where_nothing_should_miss_what_misses_is_missing(partial: Path) -> None:
    outcome, reason = audit(partial, left_out=0)["hygiene/data-files"]
    assert outcome is Outcome.UNKNOWN
    assert "the object is missing" in reason


def test_what_is_judged_otherwise_than_in_a_whole_clone_is_unknown(partial: Path) -> None:
    whole, seen = audit(partial.with_name("origin.git"), left_out=0), audit(partial)
    differing = {outcome for slug, (outcome, _) in seen.items() if outcome is not whole[slug][0]}
    assert differing == {Outcome.UNKNOWN}


def test_which_files_miss_is_part_of_the_context(partial: Path) -> None:
    with git.opened(partial) as opened:
        contexts = {context(sources.from_git(opened, left_out=left_out)) for left_out in (0, LIMIT, LIMIT + 1)}
    assert len(contexts) == 3
