"""What the engine's process cannot do once it is confined, tried in a process that is."""

from __future__ import annotations

import json
import os
import site
import struct
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from apps.audit import landlock, sandbox, seccomp
from apps.repositories.example.story import commit, write

CONFINED = """
import ctypes, fcntl, os, resource, signal, socket, subprocess, sys, termios
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
        "resource.prlimit(os.getppid(), resource.RLIMIT_CORE, (0, 0))",
        "os.setpriority(os.PRIO_PROCESS, os.getppid(), 5)",
        "os.sched_setaffinity(os.getppid(), {0})",
        "os.setsid()",
        "fcntl.fcntl(0, fcntl.F_SETOWN, os.getppid())",
        "fcntl.fcntl(0, fcntl.F_SETSIG, signal.SIGTERM)",
        "fcntl.ioctl(0, termios.TIOCSTI, b'x')",
    ],
)
def test_network_programs_processes_and_signals_are_out_of_reach(code: str, tmp_path: Path) -> None:
    assert "PermissionError" in confined(code, tmp_path)


@needs_seccomp
@pytest.mark.parametrize("call", ["prctl(1, 0, 0, 0, 0)", "sigqueue(os.getppid(), 0, None)"])
def test_calls_that_python_does_not_offer_are_out_of_reach(call: str, tmp_path: Path) -> None:
    code = f"libc = ctypes.CDLL(None, use_errno=True)\nprint(libc.{call}, ctypes.get_errno())"
    assert confined(code, tmp_path) == "-1 1\n"


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


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    write(tmp_path / "r.git", [commit("2026-01-01", "feat: start", {"train.py": "import torch\n", "d.csv": "1\n"})])
    return tmp_path / "r.git"


def audited(repository: Path, first: str = "", **options: Any) -> dict[str, Any]:
    """The answer of an engine that ran `first`."""
    code = f"import sys; from apps.audit import cli, sandbox, sources; from apps.audit.engine import Audit\n{first}\n"
    code += "sys.exit(cli.main(['--format', 'json', sys.argv[1]]))"
    python = options.pop("python", sys.executable)
    said = subprocess.run([python, "-c", code, str(repository)], stdout=subprocess.PIPE, **options).stdout
    return dict(json.loads(said))


def test_an_audit_says_the_same_confined_or_not(repository: Path) -> None:
    assert audited(repository) == audited(repository, "sandbox.confine = lambda **_: None")


def test_packages_that_are_not_where_python_is_are_found(repository: Path, tmp_path: Path) -> None:
    (tmp_path / "mine").symlink_to(site.getsitepackages()[0])
    code = {"PYTHONPATH": f"{tmp_path / 'mine'}:{sandbox.OWN_CODE.parent}"}
    outside = audited(repository, python=os.path.realpath(sys.executable), env=code, cwd=tmp_path)
    assert outside == audited(repository)


@needs_landlock
def test_a_folder_is_not_readable_for_being_the_one_we_start_in(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("x")
    code = f"import sys; sys.path[0] = '{tmp_path}'; sys.path.append('{sandbox.OWN_CODE.parent}')\n"
    code += "from apps.audit import sandbox; sys.path.pop(); sandbox.confine(); open('key')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path)
    assert "PermissionError: [Errno 13] Permission denied: 'key'" in done.stderr


@pytest.mark.parametrize(
    ("place", "reason"),
    [
        ("Audit.run", "the check needed more than 1.5 GB of memory"),
        ("sources.walk", "The audit needed more than 1.5 GB of memory."),
    ],
)
def test_a_want_of_memory_is_named(place: str, reason: str, repository: Path) -> None:
    answer = audited(repository, f"{place} = lambda *_: bytes(3_000_000_000)")
    assert (answer["error"]["message"] if "error" in answer else answer["results"][0]["reason"]) == reason


def verdict(machine: str, number: int, command: int = 0, architecture: int = 0) -> int:
    """What the filter for a machine says of a call, as its kernel would run it."""
    data = struct.pack("=iIQ6Q", number, architecture or seccomp.ARCHITECTURES[machine], 0, 0, command, 0, 0, 0, 0)
    steps, at, held = list(struct.iter_unpack("=HBBI", seccomp.program(machine))), 0, 0
    while steps[at][0] != seccomp.RETURN:
        code, if_true, if_false, value = steps[at]
        if code == seccomp.LOAD:
            held, jump = struct.unpack_from("=I", data, value)[0], 0
        else:
            jump = if_true if (held >= value if code == seccomp.JUMP_IF_AT_LEAST else held == value) else if_false
        at += 1 + jump
    return int(steps[at][3])


@pytest.mark.parametrize("machine", seccomp.ARCHITECTURES)
def test_the_filter_refuses_what_it_names_and_nothing_else(machine: str) -> None:
    column = list(seccomp.ARCHITECTURES).index(machine)
    denied = [number for each in seccomp.DENIED.values() if (number := each[column]) is not None]
    assert len(set(denied)) == len(denied)
    assert [number for number in range(500) if verdict(machine, number) == seccomp.REFUSE] == sorted(denied)
    for call, commands in seccomp.DENIED_COMMANDS:
        refused = [each for each in range(0x6000) if verdict(machine, call[column], each) == seccomp.REFUSE]
        assert refused == sorted(commands)
    assert verdict(machine, seccomp.X32_BIT) == seccomp.REFUSE
    assert verdict(machine, 0, architecture=0x40000003) == seccomp.KILL


def test_gaps_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(landlock, "version", lambda: 0)
    monkeypatch.setattr(seccomp, "is_known_here", lambda: False)
    assert [gap.partition(" (")[0] for gap in sandbox.gaps()] == ["files", "network and programs"]
