"""`python -m apps.audit`, as a repository's own CI calls it: no database, no Django."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from apps.repositories.example.story import commit, write

ROOT = Path(__file__).resolve().parents[3]


def audit(*arguments: str | Path, given: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "apps.audit", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, env={}, input=given, text=True, capture_output=True, check=False)


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("cli") / "r.git"
    story = [
        commit("2024-01-01T10:00:00+00:00", "feat: begin", {"README.md": "# Title\n", "big.bin": "0" * 3000}),
        commit("2024-02-01T10:00:00+00:00", "fix: shrink", {"big.bin": "0"}),
    ]
    write(path, story)
    return path


def test_text_says_score_fixes_and_places(repository: Path) -> None:
    done = audit(repository)
    assert done.returncode == 0, done.stderr
    for words in ("Fix these first", "Failed (", "hygiene/large-files", "the largest of 2 files"):
        assert words in done.stdout


def test_json_names_the_commit(repository: Path) -> None:
    done = audit(repository, "--format", "json")
    head = subprocess.run(["git", "-C", repository, "rev-parse", "HEAD"], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout)["commit"] == head.stdout.strip()


def test_only_policy_from_standard_input_and_an_older_revision(repository: Path) -> None:
    policy = json.dumps({"checks": {"hygiene/large-files": {"thresholds": {"megabytes": 0.002}}}})
    options = ("--format", "json", "--only", "hygiene/large-files", "--policy", "-")
    outcomes = []
    for revision in ("HEAD", "HEAD~1"):
        answer = json.loads(audit(repository, *options, "--revision", revision, given=policy).stdout)
        outcomes += [result["outcome"] for result in answer["results"]]
    assert outcomes == ["passed", "failed"]


def test_fail_under_decides_the_exit_status(repository: Path) -> None:
    only = ("--only", "hygiene/large-files")
    assert audit(repository, *only, "--fail-under", "100").returncode == 0
    assert audit(repository, "--fail-under", "100").returncode == 1


def test_explain_says_why_how_and_thresholds() -> None:
    done = audit("--explain", "hygiene/large-files")
    for words in ("Large files stay out of git", "Fix: ", "megabytes = 10"):
        assert words in done.stdout


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["/nonexistent"], "does not exist"),
        (["."], ""),
        ([".", "--revision", "no-such"], "there is no commit no-such"),
        ([".", "--only", "hygeine"], "no area or check 'hygeine'"),
        (["--explain", "no/check"], "no check 'no/check'"),
        ([], "PATH is missing"),
        ([".", "--policy", "/nonexistent"], "/nonexistent"),
    ],
)
def test_says_what_is_wrong_with_the_call(arguments: list[str], says: str) -> None:
    done = audit(*arguments)
    assert (done.returncode == 2) == bool(says)
    assert says in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{", "--storage: not JSON"),
        ('{"url": "s3://b"}', "--storage: not of the form"),
        ("[]", "--storage: not of the"),
    ],
)
def test_what_a_remote_holds_has_a_form(repository: Path, tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / "seen.json").write_text(text)
    done = audit(repository, "--storage", tmp_path / "seen.json")
    assert done.returncode == 2
    assert says in done.stderr


def test_what_a_commit_needs_is_asked_and_answered(tmp_path: Path) -> None:
    digest = "22a1a2931c8370d3aeedd7183606fd7f"
    files = {
        ".dvc/config": "[core]\nremote = s\n['remote \"s\"']\nurl = s3://b/p\n",
        "new.dvc": f"outs:\n- {{path: new, hash: md5, md5: {digest}.dir}}\n",
        "old.dvc": f"outs:\n- {{path: old, md5: {digest}}}\n",
        "other.dvc": f"outs:\n- {{path: other, hash: md5, md5: {digest}, remote: elsewhere}}\n",
    }
    write(tmp_path / "r.git", [commit("2024-01-01", "feat: data", files)])
    old, new = f"22/{digest[2:]}", f"files/md5/22/{digest[2:]}.dir"
    assert json.loads(audit(tmp_path / "r.git", "--needed").stdout)["needed"] == [old, new]
    seen = {"url": "s3://b/p", "error": "", "objects": [[old, 0, 1, ""], [new, 3, 20, ""]]}
    (tmp_path / "seen.json").write_text(json.dumps(seen))
    options = ("--storage", tmp_path / "seen.json", "--only", "dvc/data-pushed", "--format", "json")
    (result,) = json.loads(audit(tmp_path / "r.git", *options).stdout)["results"]
    assert [each["message"] for each in result["findings"]] == ["new: 3 of its 20 files are not in s3://b/p"]


def test_empty_repository_is_a_state_in_the_json(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", "--bare", tmp_path / "r.git"], check=True)
    done = audit(tmp_path / "r.git", "--format", "json")
    assert done.returncode == 2
    assert json.loads(done.stdout)["error"]["state"] == "empty"


def test_folder_without_git(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text("import torch\n")
    done = audit(tmp_path, "--format", "json", "--only", "hygiene")
    assert json.loads(done.stdout)["results"]


def test_needs_no_django() -> None:
    code = "import sys; from apps.audit import catalog, cli; catalog.checks(); print('django' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env={}, text=True, capture_output=True, check=True)
    assert done.stdout.strip() == "False"
