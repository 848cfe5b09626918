"""The refs of a repository and of its mirror: branches, tags and DVC's experiments."""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass, replace
from pathlib import Path

from apps.repositories.failures import TooLarge
from apps.repositories.git import Failed, Git, careless, readable
from apps.repositories.transport import REMOTE, Link, in_memory

# Never refs/pull: a forge keeps every commit there that anyone ever proposed.
NAMESPACES = ("refs/heads/", "refs/tags/", "refs/exps/")
BRANCHES = NAMESPACES[0]
LIKELY_DEFAULTS = ("refs/heads/main", "refs/heads/master")
# A list of refs without end must fill neither our memory nor the machine's, nor keep a worker for long.
MOST_REFS, LISTING_SECONDS, LISTING_BYTES = 50_000, 60, 600_000_000
SMART, MOST_HEADERS = "application/x-git-upload-pack-advertisement", 1_000_000


@dataclass(frozen=True)
class Refs:
    """Each ref's object id, and the branch that HEAD means ("" where there is no branch)."""

    ids: dict[str, str]
    default: str

    @property
    def head(self) -> str | None:
        return self.ids.get(self.default)

    @property
    def width(self) -> int:
        """Characters of an object id, which tell SHA-1 from SHA-256; 0 where there is none."""
        return len(next(iter(self.ids.values()), ""))

    @property
    def digest(self) -> str:
        lines = [f"HEAD {self.default}", *(f"{self.ids[name]} {name}" for name in sorted(self.ids))]
        return hashlib.sha256("\n".join(lines).encode(errors="surrogateescape")).hexdigest()

    def between(self, before: Refs, after: Refs) -> bool:
        """Whether each ref is as it was before or after a push that may have come in between."""
        names = self.ids.keys() | before.ids.keys() | after.ids.keys()
        return all(self.ids.get(name) in {before.ids.get(name), after.ids.get(name)} for name in names)


def offered(git: Git, way: Link) -> Refs:
    """What a repository shows to the world. Raises Failed, Failure or Late."""
    brief = replace(
        git, deadline=min(git.deadline, time.monotonic() + LISTING_SECONDS), memory=LISTING_BYTES, watch=careless
    )
    with in_memory("") as trace:
        if way.source.scheme == "https":
            tracing = {"GIT_TRACE_CURL": trace, "GIT_TRACE_CURL_NO_DATA": "1"}
            brief = replace(brief, environment={**brief.environment, **tracing})
        try:
            lines = decoded(brief.run("ls-remote", "--symref", "--", REMOTE))
        except Failed as error:
            raise Failed(str(error), error.complaint, headers(git, trace)) from error
        # Any web page can pass for a repository of plain files without refs.
        if way.source.scheme == "https" and SMART not in headers(git, trace).lower():
            raise Failed("the answer is not that of a git server")
    return understood(lines)


def headers(git: Git, trace: str) -> str:
    """What a server answered, without its pages' content."""
    return readable(Path(trace).read_bytes()[:MOST_HEADERS], git.secrets)


def understood(lines: list[str]) -> Refs:
    ids: dict[str, str] = {}
    head = default = ""
    for line in lines:
        value, _, name = line.partition("\t")
        if name == "HEAD" and value.startswith("ref: "):
            default = value.removeprefix("ref: ")
        elif name == "HEAD":
            head = value
        elif name.startswith(NAMESPACES) and not name.endswith("^{}"):
            ids[name] = value
    if len(ids) > MOST_REFS:
        raise TooLarge(f"It has {len(ids):,} branches and tags; at most {MOST_REFS:,} can be followed.")
    return Refs(ids, default if default in ids else likely_default(ids, head))


def likely_default(ids: dict[str, str], head: str) -> str:
    """The branch to audit where HEAD is detached (at `head`) or points to nothing."""
    branches = (name for name in ids if name.startswith(BRANCHES))
    return min(branches, key=lambda name: (ids[name] != head, name not in LIKELY_DEFAULTS, name), default="")


def standing(git: Git, mirror: Path) -> Refs:
    """What a mirror holds."""
    output = git.run("--git-dir", str(mirror), "for-each-ref", "--format=%(objectname)%09%(refname)")
    ids = {name: oid for oid, _, name in (line.partition("\t") for line in decoded(output))}
    default = (mirror / "HEAD").read_text(errors="surrogateescape").strip().removeprefix("ref: ")
    return Refs(ids, default if default in ids else "")


def can_be_read(git: Git, mirror: Path, refs: Refs) -> bool:
    """Whether the object of each ref can be read, and the tree of each commit among them."""
    try:
        objects = look_up(git, mirror, [f"{oid}^{{}}" for oid in set(refs.ids.values())])
        commits = [oid for oid, kind in objects.items() if kind == "commit"]
        trees = look_up(git, mirror, [f"{commit}^{{tree}}" for commit in commits])
        everything = "".join(f"{oid}\n" for oid in (*commits, *trees))
        git.run("--git-dir", str(mirror), "cat-file", "--batch", stdin=everything.encode(), keep=False)
    except Failed:
        return False
    return True


def look_up(git: Git, mirror: Path, names: list[str]) -> dict[str, str]:
    """The id and kind of each object that is named. Raises Failed where one is missing."""
    stdin = "".join(f"{name}\n" for name in names).encode()
    found: dict[str, str] = {}
    for line in decoded(git.run("--git-dir", str(mirror), "cat-file", "--batch-check", stdin=stdin)):
        oid, kind, *size = line.split()
        if not size:
            raise Failed(line)
        found[oid] = kind
    return found


def decoded(output: bytes) -> list[str]:
    """Lines of git's; a ref's name may be any bytes."""
    return output.decode(errors="surrogateescape").split("\n")[:-1]
