"""How git is run."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from pathlib import Path

import pytest

from apps.repositories.git import Failed, Git, Late, environment, kill_tree, readable, said


@pytest.fixture
def git(tmp_path: Path) -> Git:
    lock = os.open(tmp_path / "lock", os.O_RDWR | os.O_CREAT)
    return Git(environment(GIT_ALLOW_PROTOCOL="https"), time.monotonic() + 10, lock=lock)


def test_nothing_is_inherited(monkeypatch: pytest.MonkeyPatch, git: Git) -> None:
    for name in ("GIT_DIR", "GIT_SSH_COMMAND", "GIT_PROXY_COMMAND", "LD_PRELOAD", "HTTPS_PROXY", "MLHEALTH_SECRET_KEY"):
        monkeypatch.setenv(name, "leak")
    shown = git.run("-c", "alias.show-environment=!env", "show-environment").decode()
    assert "leak" not in shown
    names = {line.split("=")[0] for line in shown.splitlines()}
    assert {name for name in names if not name.startswith("GIT_")} <= {
        *("PATH", "HOME", "LC_ALL", "PWD", "OLDPWD", "SHLVL", "_"),
    }


def test_https_alone_is_allowed(git: Git, tmp_path: Path) -> None:
    canary = tmp_path / "canary"
    for url in (f"ext::sh -c 'touch {canary}'", str(tmp_path), f"file://{tmp_path}", "http://x.invalid/a", "git://x/a"):
        with pytest.raises(Failed, match="not allowed"):
            git.run("ls-remote", "--", url)
    assert not canary.exists()


def test_configuration_is_ours_alone(git: Git) -> None:
    origins = {line.split()[0] for line in git.run("config", "--list", "--show-scope").decode().splitlines()}
    assert origins == {"command"}


def test_what_git_says_is_fit_for_a_page() -> None:
    complaint = b"From https://me:hunter2@x.org/a\nfatal: unable to access 'https://me:hunter2@x.org/a': \x1b[31mno\n"
    assert said(readable(complaint, ())) == "fatal: unable to access 'https://x.org/a': �[31mno"
    assert len(said("fatal: " + "x" * 10_000)) == 1000


def test_a_long_answer_is_cut_off(git: Git, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("apps.repositories.git.MOST_OUTPUT", 100_000)
    with pytest.raises(Failed, match="longer"):
        git.run("-c", "alias.flood=!yes", "flood")


def test_who_ignores_every_signal_is_killed_with_all_descendants(git: Git, tmp_path: Path) -> None:
    started = tmp_path / "started"
    stubborn = f"!trap '' TERM INT HUP; (trap '' TERM; sleep 600 & echo $! >{started}; wait) & wait"
    quick = replace(git, deadline=time.monotonic() + 1)
    with pytest.raises(Late):
        quick.run("-c", f"alias.stay={stubborn}", "stay")
    sleeper = Path("/proc") / started.read_text().strip() / "cmdline"
    end = time.monotonic() + 2
    while sleeper.exists() and sleeper.read_bytes() and time.monotonic() < end:
        time.sleep(0.02)
    assert not sleeper.exists() or not sleeper.read_bytes()


def test_killing_who_is_gone_is_no_error() -> None:
    kill_tree(2**22 + 1)
