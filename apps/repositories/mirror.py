"""The only writer of mirrors: our bare clones, which are whole and marked so, or count as absent.

A clone grows in a folder beside its place, is read back, marked, and renamed into place. An update fetches into the
standing mirror; where that turns out damaged, a new clone takes its place. The lock that keeps two writers apart
is inherited by git's own processes, so whatever else lies around when we hold it is the debris of a crash.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from apps.repositories import address, network, refs
from apps.repositories.failures import Damaged, Failure, Refused, TooSlow, Unreachable, explain
from apps.repositories.git import Failed, Git, Late, Progress, environment
from apps.repositories.refs import BRANCHES, NAMESPACES, Refs

__all__ = ["Damaged", "Failure", "Mirror", "Refused", "TooSlow", "Unreachable", "remove", "update"]

MARK = "mlhealth-ready"
REFSPECS = tuple(f"+{namespace}*:{namespace}*" for namespace in NAMESPACES)
DEBRIS = (
    *("*.lock", "packed-refs.new", "refs/**/*.lock", "objects/info/*.lock", "objects/pack/*.lock"),
    *("objects/pack/tmp_*", "objects/pack/.tmp-*", "objects/??/tmp_obj_*", "objects/tmp_objdir-*"),
)
# How often a push may come in between.
ATTEMPTS = 3
# Each fetch brings a pack, and git slows down with their number.
MOST_PACKS = 40


@dataclass(frozen=True)
class Mirror:
    """A whole bare clone."""

    path: Path
    head: str | None
    default_branch: str
    refs_digest: str


def silent(phase: str, done: int, total: int) -> None:
    """Progress that nobody watches."""


def update(url: str, target: Path, *, timeout: float, progress: Progress = silent) -> Mirror:
    """Make the mirror at `target` equal to the repository at `url`, or raise a Failure."""
    deadline = time.monotonic() + timeout
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with locked(target, deadline) as lock:
            url, variables = checked(url)
            held = follow(Git(variables, deadline, progress, lock), url, target)
    except Late:
        raise TooSlow(f"It was not fetched within {timeout:.0f} seconds.") from None
    except Failed as error:
        raise explain(str(error)) from error
    except OSError as error:
        raise Failure(f"The mirror cannot be written: {error.strerror}.") from error
    return Mirror(target, held.head, readable_name(held.default.removeprefix(BRANCHES)), held.digest)


def readable_name(branch: str) -> str:
    """A name for pages and rows; git's own may be any bytes."""
    return branch.encode(errors="surrogateescape").decode(errors="backslashreplace")


def remove(target: Path, *, timeout: float) -> None:
    """Remove a mirror and all that was kept beside it under its name."""
    if not target.parent.exists():
        return
    with locked(target, time.monotonic() + timeout):
        for path in (target, *target.parent.glob(f"{target.name}.*")):
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)


def checked(url: str) -> tuple[str, dict[str, str]]:
    """The address as git may have it, and the environment for it; a row is believed no more than a form."""
    try:
        source = address.parse(url, settings.LOCAL_ROOTS)
        if not source.host:
            return source.url, environment(protocol="file")
        return source.url, environment(protocol="https", pin=network.pin(source.host, source.port))
    except (address.AddressError, network.NotPublic) as error:
        raise Unreachable(str(error)) from error


def follow(git: Git, url: str, target: Path) -> Refs:
    """Fetch into the mirror that stands there, or put a new one in its place."""
    clone, former = beside(target)
    for leftover in (clone, former):
        shutil.rmtree(leftover, ignore_errors=True)
    offer = refs.offered(git, url)
    if is_ready(git, target, offer.width):
        try:
            return fetch(git, url, target, offer)
        except (Failed, Damaged):
            if is_ready(git, target, offer.width) and refs.readable(git, target, refs.standing(git, target)):
                raise
    (target / MARK).unlink(missing_ok=True)
    try:
        object_format = "sha256" if offer.width == 64 else "sha1"
        git.run("init", "--quiet", "--bare", "--template=", f"--object-format={object_format}", "--", str(clone))
        held = fetch(git, url, clone, offer)
        if target.exists():
            target.rename(former)
        clone.rename(target)
        synchronise(target.parent)
        return held
    finally:
        for leftover in (clone, former):
            shutil.rmtree(leftover, ignore_errors=True)


def fetch(git: Git, url: str, mirror: Path, offer: Refs) -> Refs:
    """Fetch what is offered, read it back, and mark the mirror as whole."""
    inside = ("--git-dir", str(mirror))
    # Not --atomic, which cannot replace a branch `a` by `a/b`; what is half done has no mark.
    options = ("--prune", "--no-tags", "--no-write-fetch-head", "--update-shallow", "--progress")
    sweep(mirror)
    try:
        for _ in range(ATTEMPTS):
            git.run(*inside, "fetch", *options, "--", url, *REFSPECS)
            if offer.default:
                git.run(*inside, "symbolic-ref", "HEAD", offer.default)
            held = refs.standing(git, mirror)
            before, offer = offer, offer if held == offer else refs.offered(git, url)
            if held.default == offer.default and held.between(before, offer):
                break
        else:
            raise Unreachable("It kept changing while it was fetched.")
        if not refs.readable(git, mirror, held):
            raise Damaged("What was fetched cannot be read back. Is the disk sound?")
        tidy(git, mirror)
        seal(mirror, held)
        return held
    finally:
        sweep(mirror)


def is_ready(git: Git, mirror: Path, width: int) -> bool:
    """Whether a mirror stands there whole, with ids as wide as the repository's."""
    try:
        digest, *packs = (mirror / MARK).read_text().split("\n")
        held = refs.standing(git, mirror)
    except (OSError, Failed):
        return False
    # A fetch that was killed may have brought a pack that no mark knows of.
    return digest == held.digest and held.width == width and inventory(mirror) >= set(packs)


def seal(mirror: Path, held: Refs) -> None:
    """Mark a mirror as whole, so that it stays so through a loss of power."""
    mark = mirror / MARK
    with mark.with_suffix(".lock").open("w") as file:
        file.write("\n".join([held.digest, *sorted(inventory(mirror))]))
        file.flush()
        os.fsync(file.fileno())
    mark.with_suffix(".lock").replace(mark)
    synchronise(mirror)


def inventory(mirror: Path) -> set[str]:
    """The packs and their sizes: no fetch notices that an old one is cut or gone."""
    return {f"{path.name} {path.stat().st_size}" for path in mirror.glob("objects/pack/*.*")}


def sweep(mirror: Path) -> None:
    """Remove what git leaves behind when it is killed or the disk is full."""
    for pattern in DEBRIS:
        for path in list(mirror.glob(pattern)):
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)


def tidy(git: Git, mirror: Path) -> None:
    if len(list(mirror.glob("objects/pack/*.pack"))) > MOST_PACKS:
        git.run("-c", "repack.writeBitmaps=false", "--git-dir", str(mirror), "repack", "-a", "-d", "-q")


def synchronise(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def beside(target: Path) -> tuple[Path, Path]:
    """Where a mirror's next clone grows, and where the one that it replaces waits for its end."""
    return target.with_name(f"{target.name}.new"), target.with_name(f"{target.name}.old")


def lock_file(target: Path) -> Path:
    return target.with_name(f"{target.name}.lock")


@contextmanager
def locked(target: Path, deadline: float) -> Iterator[int]:
    """Be the only one who writes to a mirror; waits for the git processes of a job that was killed."""
    descriptor = os.open(lock_file(target), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise Late from None
                time.sleep(0.05)
        yield descriptor
    finally:
        os.close(descriptor)
