"""What the engine's process cannot do once it is confined, tried in a process that is."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from apps.audit import landlock, sandbox, seccomp
from apps.repositories.example.story import commit, write

CONFINED = """
import os, signal, socket, subprocess, sys
from pathlib import Path
from apps.audit import sandbox
mine, other = Path(sys.argv[1]), Path(sys.argv[2])
kept = open(other / "secret")
sandbox.confine(writable=[mine])
"""
needs_landlock = pytest.mark.skipif(not landlock.version(), reason="the kernel has no Landlock")
needs_seccomp = pytest.mark.skipif(not seccomp.is_known_here(), reason="no seccomp on this machine")


def confined(code: str, folder: Path) -> str:
    """What a confined process that may write to `folder`/mine says, or the last line of what went wrong."""
    for name in ("mine", "other"):
        (folder / name).mkdir()
        (folder / name / "secret").write_text("x")
    command = [sys.executable, "-c", CONFINED + code, str(folder / "mine"), str(folder / "other")]
    done = subprocess.run(command, capture_output=True, text=True)
    return done.stdout or done.stderr.strip().rpartition("\n")[2]


@needs_landlock
@pytest.mark.parametrize(
    "code",
    [
        "open('/etc/passwd')",
        "open(other / 'secret')",
        "open(other / 'new', 'w')",
        "os.listdir(other)",
        "os.listdir('/')",
        "(other / 'secret').unlink()",
        "(other / 'secret').rename(mine / 'moved')",
        "(mine / 'folder').mkdir()",
        "os.symlink('/etc', mine / 'link')",
        "open('/proc/self/environ')",
    ],
)
def test_files_are_out_of_reach(code: str, tmp_path: Path) -> None:
    assert "PermissionError" in confined(code, tmp_path)


@needs_seccomp
@pytest.mark.parametrize(
    "code",
    [
        "socket.socket()",
        "socket.socketpair()",
        "os.fork()",
        "os.execv('/bin/true', ['true'])",
        "os.posix_spawn('/bin/true', ['true'], {})",
        "subprocess.run(['true'])",
        "os.kill(os.getppid(), signal.SIGTERM)",
        "os.kill(os.getpid(), 0)",
        "os.pidfd_open(os.getppid())",
    ],
)
def test_network_programs_processes_and_signals_are_out_of_reach(code: str, tmp_path: Path) -> None:
    assert "PermissionError" in confined(code, tmp_path)


@needs_seccomp
def test_a_thread_cannot_be_started(tmp_path: Path) -> None:
    said = confined("import threading; threading.Thread(target=print).start()", tmp_path)
    assert "can't start new thread" in said


def test_what_it_needs_is_left(tmp_path: Path) -> None:
    code = """
import sqlite3, unicodedata, zoneinfo, xml.dom.minidom
database = sqlite3.connect(mine / "cache.sqlite3")
database.execute("PRAGMA journal_mode = WAL")
database.execute("CREATE TABLE t (x)")
database.commit()
database.close()
print(kept.read(), len(bytes(200_000_000)), (mine / "secret").read_text())
"""
    assert confined(code, tmp_path) == "x 200000000 x\n"


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("bytes(2_000_000_000)", "MemoryError"),
        ("open(mine / 'a', 'wb').truncate(500_000_000)", "File too large"),
        ("[open(mine / 'secret') for _ in range(100)][0]", "Too many open files"),
    ],
)
def test_limits(code: str, says: str, tmp_path: Path) -> None:
    assert says in confined(f"signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n_ = {code}", tmp_path)


def test_an_audit_says_the_same_confined_or_not(tmp_path: Path) -> None:
    write(tmp_path / "r.git", [commit("2026-01-01", "feat: start", {"train.py": "import torch\n", "d.csv": "1\n"})])
    command = (
        "import sys; from apps.audit import cli, sandbox; {} sys.exit(cli.main(['--format', 'json', sys.argv[1]]))"
    )
    answers = [
        json.loads(subprocess.check_output([sys.executable, "-c", command.format(first), str(tmp_path / "r.git")]))
        for first in ("", "sandbox.confine = lambda **_: None;")
    ]
    assert answers[0] == answers[1]


def test_each_denied_call_has_one_number_on_each_machine() -> None:
    for column, machine in enumerate(seccomp.ARCHITECTURES):
        numbers = [each[column] for each in seccomp.DENIED.values() if each[column] is not None]
        assert len(set(numbers)) == len(numbers)
        assert len(seccomp.program(machine)) == 8 * (len(numbers) + 7)


def test_gaps_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(landlock, "version", lambda: 0)
    monkeypatch.setattr(seccomp, "is_known_here", lambda: False)
    assert [gap.partition(" (")[0] for gap in sandbox.gaps()] == ["files", "network and programs"]
