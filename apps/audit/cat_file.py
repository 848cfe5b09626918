"""Objects by id, from one `git cat-file` that runs as long as they are read."""

from __future__ import annotations

import signal
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import IO, cast

from apps.audit import sandbox
from apps.audit.faults import DamagedRepository, SourceError, TooLarge
from apps.audit.objects import OBJECT_ID, parse_commit, parse_tree
from apps.audit.snapshot import MEGABYTE, Commit

# Requests of one batch must fit into a pipe, so that git never waits for us while we wait for git.
BATCH = 500
# Sizes are remembered from listing to reading; a history has more of them than are read again.
MOST_KNOWN = 10_000
# What is larger is not held in memory; honest commits and trees are far smaller.
MOST_BYTES, LARGEST_COMMIT, LARGEST_TREE = 100 * MEGABYTE, MEGABYTE, 20 * MEGABYTE


class Objects:
    """The running `git cat-file`. Every call names objects by id, or by one revision that a person gave."""

    def __init__(self, process: subprocess.Popen[bytes], complaints: IO[bytes]) -> None:
        self.process, self.complaints = process, complaints
        self.known = dict[str, int]()
        self.requests, self.replies = cast("IO[bytes]", process.stdin), cast("IO[bytes]", process.stdout)

    def ask(self, command: str, names: Iterable[str]) -> Iterator[tuple[str, list[bytes]]]:
        """Each name with the words of git's reply line; a reply with content must be read before the next."""
        remaining = list(names)
        while remaining:
            batch, remaining = remaining[:BATCH], remaining[BATCH:]
            try:
                self.requests.write("".join(f"{command} {name}\n" for name in batch).encode() + b"flush\n")
                self.requests.flush()
            except BrokenPipeError:
                raise self.stopped() from None
            for name in batch:
                line = self.replies.readline()
                if not line.endswith(b"\n"):
                    raise self.stopped()
                yield name, line.split()

    def read(self, objects: Iterable[str], limit: int = MOST_BYTES) -> Iterator[tuple[str, bytes]]:
        """Id and content of every object that exists and has at most `limit` bytes; git holds no larger one either."""
        remaining = list(objects)
        while remaining:
            batch, remaining = remaining[:BATCH], remaining[BATCH:]
            sizes = self.sizes(batch)
            for name, words in self.ask("contents", [name for name in batch if sizes.get(name, limit + 1) <= limit]):
                if len(words) == 3:
                    content = self.replies.read(int(words[2]) + 1)
                    if len(content) <= int(words[2]):
                        raise self.stopped()  # half a file is not the file
                    yield name, content[:-1]

    def stopped(self) -> SourceError:
        """Why git gives no more answers."""
        status = self.process.wait()
        self.complaints.seek(0)
        if status == -signal.SIGKILL or b"memory" in self.complaints.read(10_000):
            return TooLarge("an object of its history takes more memory than git may have")
        if status == -signal.SIGXCPU:
            return TooLarge(f"git took more than {sandbox.PROCESSOR_SECONDS} seconds of processor time to read it")
        return DamagedRepository("git stopped while its objects were read")

    def sizes(self, blobs: Iterable[str]) -> dict[str, int]:
        """The size in bytes of every object that exists; content is not read."""
        if len(self.known) > MOST_KNOWN:
            self.known.clear()
        wanted = dict.fromkeys(blobs)
        asked = self.ask("info", [name for name in wanted if name not in self.known])
        self.known |= {name: int(words[2]) for name, words in asked if len(words) == 3}
        return {name: self.known[name] for name in wanted if name in self.known}

    def resolve(self, revision: str) -> str | None:
        """The id of the commit that a revision leads to. Raises TooLarge where that is not for us to hold."""
        if not revision or any(character.isspace() or character == "\0" for character in revision):
            return None
        words = next(self.ask("info", [f"{revision}^{{commit}}"]))[1]
        if len(words) != 3 or words[1] != b"commit":
            return None
        if int(words[2]) > LARGEST_COMMIT:
            raise TooLarge(f"the commit has {int(words[2]):,} bytes; at most {LARGEST_COMMIT:,} are read")
        return words[0].decode()

    def commit(self, oid: str) -> Commit | None:
        return next(iter(self.line_of(oid, 1)), None)

    def line_of(self, oid: str, count: int) -> list[Commit]:
        """A commit and its first parents, at most `count`; empty when it is missing or too large."""
        names = [oid, *(f"{oid}~{back}" for back in range(1, count))]
        replies = [words for _, words in self.ask("info", names) if len(words) == 3 and words[1] == b"commit"]
        sizes = {words[0].decode(): int(words[2]) for words in replies}
        self.known |= sizes
        return [parse_commit(found, content) for found, content in self.read(sizes, LARGEST_COMMIT)]

    def commits_of(self, oids: Iterable[str]) -> Iterator[str | None]:
        """For each branch or tag, the commit that it leads to; None when it leads to none."""
        for _, words in self.ask("info", [f"{oid}^{{commit}}" for oid in oids]):
            yield words[0].decode() if len(words) == 3 and words[1] == b"commit" else None

    def tree_of(self, oid: str) -> str:
        content = next((content for _, content in self.read([oid], LARGEST_COMMIT)), b"")
        tree = content[5 : content.find(b"\n")].decode("ascii", "replace")
        if not content.startswith(b"tree ") or not OBJECT_ID.fullmatch(tree):
            raise DamagedRepository(f"commit {oid} cannot be read")
        return tree

    def tree(self, oid: str) -> list[tuple[bytes, bytes, str]] | None:
        """Mode, name and id of each entry; None when the tree is missing, broken or too large."""
        return next((parse_tree(content, len(oid) // 2) for _, content in self.read([oid], LARGEST_TREE)), None)


@contextmanager
def cat_file(environment: dict[str, str]) -> Iterator[Objects]:
    command = ["git", "cat-file", "--batch-command", "--buffer"]
    with (
        tempfile.TemporaryFile() as complaints,
        subprocess.Popen(
            command,
            env=environment,
            cwd="/",
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=complaints,
            preexec_fn=partial(sandbox.confine_git, sandbox.GIT_MEMORY_BYTES),
        ) as process,
    ):
        try:
            objects = Objects(process, complaints)
            objects.sizes(["0"])  # once it has answered, it has read all that it will of its git directory
            yield objects
        finally:  # not by a signal, which a confined process cannot send
            for pipe in (process.stdin, process.stdout):
                with suppress(OSError):
                    cast("IO[bytes]", pipe).close()
