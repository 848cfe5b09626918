"""Runs git: with an environment made from scratch, limits, and nothing left behind.

Git stays in our process group, which the worker kills when a job ends, however it ends.
"""

from __future__ import annotations

import os
import re
import resource
import selectors
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from apps.audit.sandbox import limit

MOST_OUTPUT = 64 << 20
MOST_COMPLAINT = 4000
WATCH_SECONDS = 1.0
# Old and honest histories are full of these; no harm comes from them.
FORGIVEN = (
    *("badDate", "badDateOverflow", "badEmail", "badName", "badTimezone", "missingEmail", "missingNameBeforeEmail"),
    *("missingSpaceBeforeDate", "missingSpaceBeforeEmail", "multipleAuthors", "nulInCommit"),
    *("zeroPaddedDate", "zeroPaddedFilemode"),
)
CONFIGURATION = {
    "core.bare": "true",
    "core.bigFileThreshold": "32m",  # larger ones are streamed, not held
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
# A server may send any line as its progress, so only git's own words are passed on.
PROGRESS = re.compile(
    rb"(?:remote: )?(Counting objects|Compressing objects|Receiving objects|Resolving deltas|Checking connectivity)"
    rb":\s+\d+% \((\d{1,12})/(\d{1,12})\)"
)
COMPLAINTS = ("fatal: ", "error: ", "remote: ", "ERROR: ", "ssh: ")
SECRET = re.compile(r"//[^/@\s]*@")

Progress = Callable[[str, int, int], None]


class Failed(Exception):
    """Git said no; the message is what it said, fit for a page.

    `complaint` is all of it, and `heard` the headers of the server's answer where they were asked for; both without
    secrets.
    """

    def __init__(self, message: str, complaint: str = "", heard: str = "") -> None:
        super().__init__(message)
        self.complaint, self.heard = complaint or message, heard


class Late(Exception):
    """Git did not finish in time, and was killed."""


def silent(phase: str, done: int, total: int) -> None:
    """Progress that nobody watches."""


def careless() -> None:
    """A watch that sees nothing."""


def environment(configuration: Mapping[str, str] | None = None, **variables: str) -> dict[str, str]:
    """All that git gets from us: nothing is inherited, nothing of the machine's configuration is read.

    Without GIT_ALLOW_PROTOCOL among the variables, git reads what is here and talks to nobody.
    """
    chosen = CONFIGURATION | dict(configuration or {})
    return {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "HOME": "/nonexistent",
        "LC_ALL": "C.UTF-8",
        "GIT_ALLOW_PROTOCOL": "",
        "GIT_ASKPASS": "/bin/false",
        "GIT_ATTR_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_PROTOCOL_FROM_USER": "0",
        "GIT_TERMINAL_PROMPT": "0",
        **variables,
        "GIT_CONFIG_COUNT": str(len(chosen)),
        **{f"GIT_CONFIG_KEY_{i}": key for i, key in enumerate(chosen)},
        **{f"GIT_CONFIG_VALUE_{i}": value for i, value in enumerate(chosen.values())},
    }


@dataclass(frozen=True)
class Git:
    """Git as one fetch runs it.

    `lock` is an open, locked file. Every process of git inherits it: it is locked until the last one is gone.
    `watch` is called every second, and stops git by raising. `secrets` are repeated in no message.
    """

    environment: Mapping[str, str]
    deadline: float  # by time.monotonic()
    progress: Progress = silent
    lock: int | None = None
    secrets: tuple[str, ...] = ()
    watch: Callable[[], None] = careless
    memory: int = 4 << 30
    largest_file: int = 1 << 40

    def run(self, *arguments: str, stdin: bytes = b"", keep: bool = True) -> bytes:
        """What git printed (nothing unless `keep`). Raises Failed or Late."""
        return self.call("git", *arguments, stdin=stdin, keep=keep)

    def call(self, *command: str, stdin: bytes = b"", keep: bool = True) -> bytes:
        """As `run`, for any program."""
        with tempfile.TemporaryFile() as source:
            source.write(stdin)
            source.seek(0)
            with subprocess.Popen(
                command,
                stdin=source,
                stdout=subprocess.PIPE if keep else subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                env=self.environment,
                cwd="/",
                pass_fds=[] if self.lock is None else [self.lock],
                preexec_fn=partial(confine, self.memory, self.largest_file),
            ) as process:
                try:
                    output, complaint = self.listen(process)
                except BaseException:
                    kill_tree(process.pid)
                    raise
        if process.returncode:
            whole = readable(complaint, self.secrets)
            raise Failed(said(whole) or f"{' '.join(command[:2])} ended with {process.returncode}", whole)
        return output

    def listen(self, process: subprocess.Popen[bytes]) -> tuple[bytes, bytes]:
        """All of its output, and the end of what it complained about; its progress is passed on."""
        output, complaint, line, watched = bytearray(), bytearray(), b"", time.monotonic()
        with selectors.DefaultSelector() as selector:
            for stream in filter(None, (process.stdout, process.stderr)):
                selector.register(stream, selectors.EVENT_READ)
            while selector.get_map():
                now = time.monotonic()
                if now >= self.deadline:
                    raise Late
                if now >= watched + WATCH_SECONDS:
                    self.watch()
                    watched = now
                for key, _ in selector.select(min(WATCH_SECONDS, self.deadline - now)):
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


def confine(memory: int, largest_file: int) -> None:
    """Bound what a child may take, between its fork and its start."""
    limit(resource.RLIMIT_DATA, memory)  # packs that are mapped are the kernel's to drop
    limit(resource.RLIMIT_FSIZE, largest_file)
    limit(resource.RLIMIT_CORE, 0)
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # so that git says what it died of


def readable(complaint: bytes, secrets: tuple[str, ...]) -> str:
    """A complaint without secrets and control characters."""
    text = SECRET.sub("//", complaint.decode(errors="replace"))
    for secret in secrets:
        text = text.replace(secret, "[secret]")
    return "".join(each if each.isprintable() or each == "\n" else "�" for each in text)


def said(complaint: str) -> str:
    """What git complained about in short, fit for a page."""
    lines = complaint.splitlines()
    return "\n".join([line for line in lines if line.startswith(COMPLAINTS)] or lines).strip()[-1000:]


def kill_tree(pid: int) -> None:
    """Kill a child of ours and its descendants, and nobody else: who is stopped neither forks nor frees an id."""
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGSTOP)
        for task in Path(f"/proc/{pid}/task").glob("*/children"):
            with suppress(OSError):
                for child in task.read_text().split():
                    kill_tree(int(child))
        os.kill(pid, signal.SIGKILL)
