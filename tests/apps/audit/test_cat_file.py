"""How the git that reads objects ends, and what is then said of the repository."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import time
from io import BytesIO
from pathlib import Path

import pytest

from apps.audit import faults, git, sandbox
from apps.repositories.example.story import commit, write


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    write(tmp_path / "r.git", [commit("2026-01-01", "feat: start", {"train.py": "import torch\n"})])
    return tmp_path / "r.git"


def test_git_that_was_killed_is_no_damage(repository: Path) -> None:
    for number, says in ((signal.SIGKILL, "more memory than git may have"), (signal.SIGXCPU, "of processor time")):
        with git.opened(repository) as opened:
            opened.objects.process.send_signal(number)
            opened.objects.process.wait()
            with pytest.raises(faults.TooLarge, match=says):
                opened.objects.sizes(["0"])


def test_half_a_file_is_not_the_file(repository: Path) -> None:
    with git.opened(repository) as opened:
        (whole,) = opened.objects.read([opened.branches[0].commit])
        opened.objects.replies = BytesIO(b"x commit 9\n" + b"x commit 9\nhalf")
        opened.objects.process.kill()
        opened.objects.requests = BytesIO()
        with pytest.raises(faults.SourceError):
            list(opened.objects.read(["x"]))
    assert whole[1].startswith(b"tree ")


@pytest.mark.skipif(sys.platform != "linux", reason="Linux tells a process of its parent's end")
def test_git_is_bounded_and_ends_when_we_do(repository: Path) -> None:
    code = "import sys, time; from pathlib import Path; from apps.audit import git\n"
    code += (
        "with git.opened(Path(sys.argv[1])) as opened: print(opened.objects.process.pid, flush=True), time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", code, str(repository)], stdout=subprocess.PIPE) as engine:
        assert engine.stdout is not None
        pid = int(engine.stdout.readline())
        limits = [resource.prlimit(pid, kind)[1] for kind in (resource.RLIMIT_DATA, resource.RLIMIT_CPU)]
        assert limits == [sandbox.GIT_MEMORY_BYTES, sandbox.PROCESSOR_SECONDS]
        os.kill(pid, signal.SIGSTOP)  # it would not notice that its pipes are closed
        engine.kill()
    deadline = time.monotonic() + 10
    while state(pid) not in "ZX" and time.monotonic() < deadline:
        time.sleep(0.01)
    assert state(pid) in "ZX"


def state(pid: int) -> str:
    """One letter for what the process does; X when it is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return "X"
