"""A DVC remote on a server of ssh: listed and read by OpenSSH's sftp, which is told of no other command."""

from __future__ import annotations

import posixpath
import re
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Self

from django.conf import settings

from apps.access import host_keys
from apps.repositories import address, network, transport
from apps.repositories.address import AddressError
from apps.repositories.failures import HostKey, explain
from apps.repositories.git import Failed, Git, environment
from apps.repositories.transport import Access, Link

# Of a file that is read, in bytes: a folder of a hundred thousand files has a list of ten million.
LARGEST = 20_000_000
# Of `ls -ln`: mode, links, owner, group, size, date, path.
LISTED = re.compile(r"-\S+\s+\S+\s+\S+\s+\S+\s+(\d+)\s+\S+\s+\S+\s+\S+\s+(.+)")
# sftp's own quotes and patterns are not for a path to use.
PLAIN = re.compile(r"[A-Za-z0-9/._~+,=-]+")


@dataclass(frozen=True)
class Sftp:
    """Read access below a folder of a server."""

    git: Git
    command: tuple[str, ...]
    root: str

    @classmethod
    @contextmanager
    def opened(cls, url: str, secret: str) -> Iterator[Self]:
        """The way to `ssh://user@host/path`, by a private key. Raises AddressError, NotPublic and Failure."""
        source = address.parse(url, (), settings.INTERNAL_HOSTS)
        root = "/" + source.url.removeprefix("ssh://").partition("/")[2]
        if not PLAIN.fullmatch(root):
            raise AddressError("The path holds odd characters; it can be letters, digits and / . _ ~ + , = -.")
        host = network.addresses_of(source.host, source.port, settings.INTERNAL_HOSTS)[0]
        access = Access(secret=secret, host_keys=host_keys.known(source))
        with transport.ssh_options(source, host, access) as options:
            command = ("sftp", *options, "-P", str(source.port), "-b", "-", "--", f"{source.user}@{source.host}")
            git = Git(environment(), time.monotonic() + settings.FETCH_SECONDS, largest_file=LARGEST)
            try:
                yield cls(git, command, root)
            except Failed as error:
                failure = explain(error, identified=True)
                if isinstance(failure, HostKey):
                    host_keys.note(source.server, transport.scan(git, Link(source, host, {}, ())))
                raise failure from None

    def sizes(self, keys: Iterable[str]) -> dict[str, int]:
        wanted = set(keys)
        folders = sorted({posixpath.dirname(key) for key in wanted})
        # A hyphen before a command lets the next one run where a folder is not there.
        said = self.call(f"cd {self.root}", *(f"-ls -ln {folder}" for folder in folders))
        listed = (match for line in said.splitlines() if (match := LISTED.fullmatch(line.strip())))
        return {match[2]: int(match[1]) for match in listed if match[2] in wanted}

    def read(self, key: str) -> bytes:
        with TemporaryDirectory() as folder:
            self.call(f"get {self.root}/{key} {folder}/object")
            return Path(folder, "object").read_bytes()

    def call(self, *commands: str) -> str:
        return self.git.call(*self.command, stdin="\n".join(commands).encode()).decode(errors="replace")
