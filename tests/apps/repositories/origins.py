"""A repository that others push to while a test watches it."""

from __future__ import annotations

import subprocess
from pathlib import Path

from apps.repositories.example.story import commit, write


class Origin:
    """A bare repository with one commit on main, and the pushes that a test asks for."""

    def __init__(self, path: Path, object_format: str = "sha1") -> None:
        self.path = path
        write(path, [commit("2026-03-02", "feat: start", {"a.py": "import csv\n"})], object_format=object_format)

    def __str__(self) -> str:
        return str(self.path)

    def git(self, *arguments: str, stdin: bytes = b"") -> str:
        command = ["git", "-C", str(self.path), "-c", "user.name=Ada", "-c", "user.email=ada@example.org", *arguments]
        done = subprocess.run(command, input=stdin, check=True, capture_output=True)
        return done.stdout.decode(errors="surrogateescape").strip()

    def push(self, branch: str, content: bytes = b"print()\n", *, onto: str = "") -> str:
        """Commit a file with this content to a branch, on what is there unless `onto` says on what."""
        blob = self.git("hash-object", "-w", "--stdin", stdin=content)
        tree = self.git("mktree", stdin=f"100644 blob {blob}\tb.py\n".encode())
        parent = onto or self.git("for-each-ref", "--format=%(objectname)", f"refs/heads/{branch}")
        oid = self.git("commit-tree", "-m", "feat: more", *(["-p", parent] if parent else []), tree)
        self.git("update-ref", f"refs/heads/{branch}", oid)
        return oid


def refs_of(repository: Path) -> dict[str, str]:
    output = subprocess.run(["git", "--git-dir", str(repository), "show-ref"], capture_output=True, text=True).stdout
    return {name: oid for oid, name in (line.split(" ", 1) for line in output.splitlines())}


def is_whole(repository: Path) -> bool:
    """Whether git finds every object that a ref reaches, byte for byte."""
    command = ["git", "--git-dir", str(repository), "fsck", "--full", "--strict"]
    return subprocess.run(command, capture_output=True).returncode == 0
