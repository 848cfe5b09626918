"""The refs of a repository and of its mirror: branches, tags and DVC's experiments."""

from __future__ import annotations

import hashlib
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

from apps.repositories.git import Failed, Git

# Never refs/pull: a forge keeps every commit there that anyone ever proposed.
NAMESPACES = ("refs/heads/", "refs/tags/", "refs/exps/")
BRANCHES = NAMESPACES[0]
LIKELY_DEFAULTS = ("refs/heads/main", "refs/heads/master")


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


def offered(git: Git, url: str) -> Refs:
    """What a repository shows to the world."""
    ids: dict[str, str] = {}
    head = default = ""
    # Any web page can pass for a plain-file repository without refs, so packets must have been exchanged.
    with tempfile.NamedTemporaryFile() as packets:
        tracing = replace(git, environment={**git.environment, "GIT_TRACE_PACKET": packets.name})
        lines = decoded(tracing.run("ls-remote", "--symref", "--", url))
        if not packets.read(1):
            raise Failed("the answer is not that of a git server")
    for line in lines:
        value, _, name = line.partition("\t")
        if name == "HEAD" and value.startswith("ref: "):
            default = value.removeprefix("ref: ")
        elif name == "HEAD":
            head = value
        elif name.startswith(NAMESPACES) and not name.endswith("^{}"):
            ids[name] = value
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


def readable(git: Git, mirror: Path, refs: Refs) -> bool:
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
