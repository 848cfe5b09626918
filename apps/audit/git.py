"""A git directory, read by object id through `git cat-file` and `git diff-tree`. Its configuration is never read."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from apps.audit import sandbox
from apps.audit.cat_file import Objects, cat_file
from apps.audit.diff_tree import Changes, diff_tree
from apps.audit.faults import DamagedRepository, NotARepository
from apps.audit.objects import OBJECT_ID
from apps.audit.snapshot import Ref
from apps.audit.text import clean_text

# Nothing is inherited: a variable of the caller could make git trace, page or run something.
ENVIRONMENT = {
    "PATH": os.defpath + ":/usr/local/bin:/opt/homebrew/bin",
    "LC_ALL": "C.UTF-8",
    "HOME": "/nonexistent",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_OPTIONAL_LOCKS": "0",
}
REFS_SECONDS, COMMITS_SECONDS = 60, 280
NAMESPACES = ("refs/heads", "refs/remotes", "refs/tags")


def git_directory(path: Path) -> Path | None:
    """The git directory at `path`: bare, below a work tree, or named by the `.git` file of a linked work tree."""
    dot_git = path / ".git"
    if dot_git.is_file():
        named = dot_git.read_text(errors="replace").removeprefix("gitdir:").strip()
        dot_git = path / named
    return next((folder for folder in (path, dot_git) if (folder / "HEAD").is_file()), None)


def common_directory(directory: Path) -> Path:
    """Where objects and refs are: linked work trees share those of the main one."""
    pointer = directory / "commondir"
    return (directory / pointer.read_text().strip()).resolve() if pointer.is_file() else directory


@dataclass(frozen=True)
class Opened:
    """A git directory that is being read. `head` is the text of its HEAD file.

    `commit` is what `revision` leads to, None where that is nowhere.
    """

    objects: Objects
    changes: Changes
    head: str
    revision: str
    commit: str | None
    branches: list[Ref]
    tags: list[Ref]


@contextmanager
def opened(path: Path, revision: str = "HEAD") -> Iterator[Opened]:
    """The git directory at `path`, readable as long as the context is open. Raises SourceError."""
    with ExitStack() as stack:
        with borrowed(path) as (environment, head):
            refs = list_refs(environment)
            objects = stack.enter_context(cat_file(environment))
            changes = stack.enter_context(diff_tree(environment))
            commit = objects.resolve(revision)
        commits = zip(refs, objects.commits_of(refs.values()), strict=True)
        branches, tags = branches_and_tags({name: oid for name, oid in commits if oid})
        yield Opened(objects, changes, head, revision, commit, branches, tags)


@contextmanager
def borrowed(path: Path) -> Iterator[tuple[dict[str, str], str]]:
    """An environment in which git reads the git directory at `path`, and the text of its HEAD. Raises SourceError.

    git is given an empty directory of our own with the other's refs and objects, so that a foreign configuration
    (which can name programs to run) is never read. Once all names are resolved, it is no longer needed.
    """
    directory = git_directory(path)
    if directory is None or not (common := common_directory(directory)).joinpath("objects").is_dir():
        raise NotARepository(f"{path} is not a git repository")
    if (common / "objects/info/alternates").exists():
        raise NotARepository(f"{path} borrows objects from another repository (objects/info/alternates)")
    with tempfile.TemporaryDirectory(prefix="mlhealth-") as empty:
        own = Path(empty)
        head = (directory / "HEAD").read_text(errors="replace").strip()
        prepare(own, common, head)
        yield ENVIRONMENT | {"GIT_DIR": empty, "GIT_OBJECT_DIRECTORY": str((common / "objects").resolve())}, head


def prepare(own: Path, common: Path, head: str) -> None:
    """Make `own` a git directory whose refs are those of `common`."""
    (own / "refs").symlink_to((common / "refs").resolve())
    for name in ("packed-refs", "shallow"):
        if (common / name).is_file():
            (own / name).symlink_to((common / name).resolve())
    (own / "HEAD").write_text(f"{head}\n")
    sha256 = "[core]\n\trepositoryformatversion = 1\n[extensions]\n\tobjectformat = sha256\n"
    (own / "config").write_text(sha256 if has_long_ids(common, head) else "")


def has_long_ids(common: Path, head: str) -> bool:
    """Whether object ids are SHA-256: told by the first ref, since the configuration is not read."""
    candidates = [head]
    if (packed := common / "packed-refs").is_file():
        with packed.open(errors="replace") as lines:
            candidates += [line.split(" ")[0] for line in lines if line[:1] not in {"#", "^"}][:1]
    loose = (path for path in (common / "refs").rglob("*") if path.is_file() and not path.is_symlink())
    candidates += [path.read_text(errors="replace").strip() for path, _ in zip(loose, range(1), strict=False)]
    return any(len(candidate) == 64 and OBJECT_ID.fullmatch(candidate) for candidate in candidates)


def list_refs(environment: dict[str, str], namespaces: Iterable[str] = NAMESPACES) -> dict[str, str]:
    """Object id of each branch, remote branch and tag, by full name; no object is looked at."""
    command = ["for-each-ref", "--format=%(refname) %(objectname)", *namespaces]
    said = ask(environment, command, "its branches and tags cannot be listed")
    lines = said.decode("utf-8", "backslashreplace").splitlines()
    return {clean_text(name): oid for name, _, oid in (line.rpartition(" ") for line in lines)}


def list_commits(environment: dict[str, str], tips: Iterable[str], known: Iterable[str] = ()) -> dict[str, list[str]]:
    """The commits that lead to `tips` and not to `known`, parents before children; of each, its parents.

    Raises SourceError.
    """
    command = ["rev-list", "--stdin", "--ignore-missing", "--topo-order", "--reverse", "--parents"]
    asked = "".join([*(f"{oid}\n" for oid in tips), *(f"^{oid}\n" for oid in known)])
    said = ask(environment, command, "its commits cannot be listed", told=asked.encode(), seconds=COMMITS_SECONDS)
    lines = (line.split() for line in said.decode("ascii", "replace").splitlines())
    return {oid: parents for oid, *parents in lines}


def ask(
    environment: dict[str, str], command: list[str], failure: str, *, told: bytes = b"", seconds: float = REFS_SECONDS
) -> bytes:
    """What git lists, within bounds. Raises DamagedRepository with the words of `failure`."""
    try:
        return subprocess.run(
            ["git", *command],
            input=told,
            env=environment,
            cwd="/",
            capture_output=True,
            timeout=seconds,
            check=True,
            preexec_fn=partial(sandbox.confine_git, sandbox.GIT_MEMORY_BYTES),
        ).stdout
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        raise DamagedRepository(failure) from error


def branches_and_tags(refs: Mapping[str, str]) -> tuple[list[Ref], list[Ref]]:
    """Local branches and, for what exists only there, the branches of remotes; tags."""
    remote = {name: oid for name, oid in refs.items() if name.startswith("refs/remotes/") and name.count("/") > 2}
    branches = {name.split("/", 3)[-1]: oid for name, oid in remote.items()}
    branches.pop("HEAD", None)
    branches |= {name.removeprefix("refs/heads/"): oid for name, oid in refs.items() if name.startswith("refs/heads/")}
    tags = [Ref(name.removeprefix("refs/tags/"), oid) for name, oid in refs.items() if name.startswith("refs/tags/")]
    return [Ref(name, oid) for name, oid in sorted(branches.items())], tags
