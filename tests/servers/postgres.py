"""A PostgreSQL server of our own on this machine, which a test may stop and start again."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.servers.brokers import free_port

OWNER = "postgres"


class Postgres:
    """A cluster that asks for no password. It refuses to run as root, and then runs as the user of Debian's package."""

    def __init__(self, folder: Path) -> None:
        programs = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
        if not programs:
            pytest.skip("PostgreSQL's initdb is not installed")
        self.programs, self.folder, self.port = programs[-1], folder, free_port()
        folder.mkdir()
        self.user = OWNER if os.getuid() == 0 else None
        if self.user:
            try:
                pwd.getpwnam(self.user)
            except KeyError:
                pytest.skip("PostgreSQL does not run as root, and there is no user postgres")
            shutil.chown(folder, self.user)
        self.run("initdb", "--no-sync", "--auth", "trust", "--username", OWNER)

    @property
    def url(self) -> str:
        return f"postgres://{OWNER}@127.0.0.1:{self.port}/postgres"

    def run(self, program: str, *arguments: str) -> None:
        command = [str(self.programs / program), "-D", str(self.folder / "data"), *arguments]
        subprocess.run(
            command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/", user=self.user
        )

    def start(self) -> None:
        options = f"-p {self.port} -k {self.folder} -c listen_addresses=127.0.0.1 -c fsync=off"
        self.run("pg_ctl", "-w", "-l", str(self.folder / "log"), "-o", options, "start")

    def stop(self) -> None:
        """As when its machine loses power: what it had not promised is gone."""
        self.run("pg_ctl", "-m", "immediate", "stop")
