"""Runs git: with an environment made from scratch, a time limit, and nothing left behind.

Git stays in our process group, which the worker kills when a job ends, however it ends.
"""

from __future__ import annotations

import os
import re
import selectors
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

MOST_OUTPUT = 64 << 20
MOST_COMPLAINT = 4000
LOCAL_CONFIGURATION = Path(__file__).with_name("local.gitconfig")
# Old and honest histories are full of these; no harm comes from them.
FORGIVEN = (
    *("badDate", "badEmail", "badName", "badTimezone", "missingEmail", "missingNameBeforeEmail"),
    *("missingSpaceBeforeDate", "missingSpaceBeforeEmail", "multipleAuthors", "nulInCommit"),
    *("zeroPaddedDate", "zeroPaddedFilemode"),
)
CONFIGURATION = {
    "core.bare": "true",
    "core.fsync": "committed,reference",
    "core.fsyncMethod": "fsync",
    "core.fsmonitor": "false",
    "core.hooksPath": "/dev/null",
    "credential.helper": "",
    "fetch.fsckObjects": "true",
    "fetch.recurseSubmodules": "false",
    "fetch.unpackLimit": "1",  # always a pack: loose objects would pile up by the thousand
    "gc.auto": "0",
    "http.followRedirects": "false",
    "http.lowSpeedLimit": "1000",
    "http.lowSpeedTime": "30",
    "maintenance.auto": "false",
    "safe.bareRepository": "explicit",
    "transfer.bundleURI": "false",
    **{f"fetch.fsck.{name}": "ignore" for name in FORGIVEN},
}
PROGRESS = re.compile(rb"(?:remote: )?([A-Z][A-Za-z ]+):\s+\d+% \((\d+)/(\d+)\)")
COMPLAINTS = ("fatal: ", "error: ", "remote: ")
SECRET = re.compile(r"//[^/@\s]*@")

Progress = Callable[[str, int, int], None]


class Failed(Exception):
    """Git said no; the message is what it said, without secrets."""


class Late(Exception):
    """Git did not finish in time, and was killed."""


def environment(*, protocol: str, pin: str = "") -> dict[str, str]:
    """All that git gets from us: nothing is inherited, nothing of the machine's configuration is read."""
    configuration = CONFIGURATION | ({"http.curloptResolve": pin} if pin else {})
    return {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "HOME": "/nonexistent",
        "LC_ALL": "C.UTF-8",
        "GIT_ALLOW_PROTOCOL": protocol,
        "GIT_ASKPASS": "/bin/false",
        "GIT_ATTR_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": str(LOCAL_CONFIGURATION) if protocol == "file" else os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_PROTOCOL_FROM_USER": "0",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_CONFIG_COUNT": str(len(configuration)),
        **{f"GIT_CONFIG_KEY_{i}": key for i, key in enumerate(configuration)},
        **{f"GIT_CONFIG_VALUE_{i}": value for i, value in enumerate(configuration.values())},
    }


@dataclass(frozen=True)
class Git:
    """Git as one fetch runs it.

    `lock` is an open, locked file. Every process of git inherits it: it is locked until the last one is gone.
    """

    environment: Mapping[str, str]
    deadline: float  # by time.monotonic()
    progress: Progress
    lock: int

    def run(self, *arguments: str, stdin: bytes = b"", keep: bool = True) -> bytes:
        """What git printed (nothing unless `keep`). Raises Failed or Late."""
        with tempfile.TemporaryFile() as source:
            source.write(stdin)
            source.seek(0)
            with subprocess.Popen(
                ["git", *arguments],
                stdin=source,
                stdout=subprocess.PIPE if keep else subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                env=self.environment,
                cwd="/",
                pass_fds=[self.lock],
            ) as process:
                try:
                    output, complaint = self.listen(process)
                except BaseException:
                    kill_tree(process.pid)
                    raise
        if process.returncode:
            raise Failed(said(complaint) or f"git {arguments[0]} ended with {process.returncode}")
        return output

    def listen(self, process: subprocess.Popen[bytes]) -> tuple[bytes, bytes]:
        """All of its output, and the end of what it complained about; its progress is passed on."""
        output, complaint, line = bytearray(), bytearray(), b""
        with selectors.DefaultSelector() as selector:
            for stream in filter(None, (process.stdout, process.stderr)):
                selector.register(stream, selectors.EVENT_READ)
            while selector.get_map():
                ready = selector.select(max(0.0, self.deadline - time.monotonic()))
                if not ready:
                    raise Late
                for key, _ in ready:
                    chunk = os.read(key.fd, 1 << 16)
                    if not chunk:
                        selector.unregister(key.fileobj)
                    elif key.fileobj is process.stdout:
                        output += chunk
                    else:
                        *lines, line = re.split(rb"[\r\n]", line + chunk)
                        complaint += b"\n".join(each for each in lines if not self.notice(each)) + b"\n"
                        del complaint[:-MOST_COMPLAINT]
                        line = line[-MOST_COMPLAINT:]
                if len(output) > MOST_OUTPUT:
                    raise Failed(f"the answer is longer than {MOST_OUTPUT >> 20} MB")
        return bytes(output), bytes(complaint + line)

    def notice(self, line: bytes) -> bool:
        """Pass on a line of progress, if it is one."""
        if match := PROGRESS.match(line):
            self.progress(match[1].decode().lower(), int(match[2]), int(match[3]))
        return match is not None


def said(complaint: bytes) -> str:
    """What git complained about, fit for a page: no secrets, no control characters, not long."""
    lines = SECRET.sub("//", complaint.decode(errors="replace")).splitlines()
    text = "\n".join([line for line in lines if line.startswith(COMPLAINTS)] or lines).strip()
    return "".join(each if each.isprintable() or each == "\n" else "�" for each in text)[-1000:]


def kill_tree(pid: int) -> None:
    """Kill a child of ours and its descendants, and nobody else: who is stopped neither forks nor frees an id."""
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGSTOP)
        for task in Path(f"/proc/{pid}/task").glob("*/children"):
            with suppress(OSError):
                for child in task.read_text().split():
                    kill_tree(int(child))
        os.kill(pid, signal.SIGKILL)
