"""What commits wrote, from one `git diff-tree` that runs as long as it is asked."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from itertools import islice
from typing import IO, NamedTuple, cast

from apps.audit import sandbox
from apps.audit.faults import TooLarge
from apps.audit.snapshot import MEGABYTE

# Ids of one batch must fit into a pipe, so that git never waits for us while we wait for git.
BATCH, CHUNK = 500, 1 << 18
# git gives back a line that names no object, once it has answered what came before it.
END = b"end\n"


class Written(NamedTuple):
    """A file as a commit wrote it: other than in all of its parents."""

    commit: str
    mode: bytes
    blob: str
    path: bytes


class Changes:
    """The running `git diff-tree`. Commits are named by id; each must be there with all of its parents."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.process = process
        self.requests, self.replies = cast("IO[bytes]", process.stdin), cast("IO[bytes]", process.stdout)

    def of(self, commits: Iterable[str]) -> Iterator[Written]:
        """What these commits wrote, commit by commit. Raises TooLarge when git gave up, as it does on a broken tree."""
        waiting = iter(commits)
        while batch := list(islice(waiting, BATCH)):
            yield from self.ask(batch)

    def ask(self, commits: Sequence[str]) -> Iterator[Written]:
        self.send(b"".join(b"%b\n" % commit.encode() for commit in commits))
        commit, header, rest = "", b"", b""
        while header or rest != END:
            chunk = self.replies.read1(CHUNK)  # type: ignore[attr-defined]  # a pipe's reader is buffered
            if not chunk or len(rest) > MEGABYTE:
                raise TooLarge("git cannot tell what its commits changed: an object is broken or too large")
            *fields, rest = (rest + chunk).split(b"\0")
            for field in fields:
                if header:
                    yield written(commit, header, field)
                    header = b""
                elif field.startswith(b":"):
                    header = field
                else:
                    commit = field.decode("ascii", "replace")

    def send(self, lines: bytes) -> None:
        with suppress(BrokenPipeError):  # its end shows in what it answers
            self.requests.write(lines + END)
            self.requests.flush()


def written(commit: str, header: bytes, path: bytes) -> Written:
    """One entry: a colon for each parent, the modes (the last is the commit's own), then the ids likewise."""
    parents = len(header) - len(header.lstrip(b":"))
    words = header[parents:].split(b" ")
    return Written(commit, words[parents], words[2 * parents + 1].decode("ascii", "replace"), path)


@contextmanager
def diff_tree(environment: dict[str, str]) -> Iterator[Changes]:
    command = ["git", "diff-tree", "--stdin", "-r", "-c", "--root", "--no-renames", "--raw", "--no-abbrev", "-z"]
    with subprocess.Popen(
        command,
        env=environment,
        cwd="/",
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        preexec_fn=partial(sandbox.confine_git, sandbox.DIFF_MEMORY_BYTES),
    ) as process:
        try:
            changes = Changes(process)
            next(changes.ask([]), None)  # once it has answered, it has read all that it will of its git directory
            yield changes
        finally:  # not by a signal, which a confined process cannot send
            for pipe in (process.stdin, process.stdout):
                with suppress(OSError):
                    cast("IO[bytes]", pipe).close()
