"""Git itself, as a client of the servers here, that neither reads this machine's configuration nor outlives a test."""

from __future__ import annotations

import os
import signal
import subprocess

VARIABLES = {
    "PATH": os.environ["PATH"],
    "HOME": "/nonexistent",
    "LC_ALL": "C.UTF-8",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_TERMINAL_PROMPT": "0",
}
KILLED = -signal.SIGKILL


def git(*arguments: str, seconds: float = 10, **more: str) -> subprocess.CompletedProcess[str]:
    """Git to the end, or killed with all its children after that time; `more` are further variables."""
    with subprocess.Popen(
        ["git", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=VARIABLES | more,
        process_group=0,
    ) as process:
        try:
            output, complaint = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            output, complaint = process.communicate()
    return subprocess.CompletedProcess(process.args, process.returncode, output, complaint)
