"""The only writer of mirrors: our bare clones, which are whole and marked so, or count as absent.

A clone grows in a folder beside its place, is read back, marked, and renamed into place. An update fetches into the
standing mirror; where that turns out damaged, a new clone takes its place. The lock that keeps two writers apart
is inherited by git's own processes, so whatever else lies around when we hold it is the debris of a crash.
Files from a size on are left out where the server can do so, and nobody fetches them later.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from django.conf import settings

from apps.repositories import address, mirror_folder, network, refs, transport
from apps.repositories.failures import (
    QUOTA,
    Damaged,
    DiskFull,
    Failure,
    HostKey,
    TooLarge,
    TooSlow,
    Unreachable,
    explain,
    quota,
)
from apps.repositories.git import Failed, Git, Late, Progress, environment, silent
from apps.repositories.mirror_folder import beside, locked
from apps.repositories.refs import BRANCHES, NAMESPACES, Refs
from apps.repositories.transport import NOBODY, REMOTE, Access, Link

__all__ = ["Failure", "HostKey", "Mirror", "descends", "look", "remove", "update"]

REFSPECS = tuple(f"+{namespace}*:{namespace}*" for namespace in NAMESPACES)
# How often a push may come in between.
ATTEMPTS = 3
# Each fetch brings a pack, and git slows down with their number.
MOST_PACKS = 40
# A server in trouble can show a repository without branches; it is asked again before it is believed.
SECOND_LOOK_SECONDS = 10.0


@dataclass(frozen=True)
class Mirror:
    """A whole bare clone, without files of more than `left_out` bytes (0: with all)."""

    path: Path
    head: str | None
    default_branch: str
    refs_digest: str
    left_out: int


def update(url: str, target: Path, *, timeout: float, progress: Progress = silent, access: Access = NOBODY) -> Mirror:
    """Make the mirror at `target` equal to the repository at `url`, or raise a Failure."""
    deadline = time.monotonic() + timeout
    with told(timeout, access):
        target.parent.mkdir(parents=True, exist_ok=True)
        with locked(target, deadline) as lock, reached(url, access, Git({}, deadline, progress, lock)) as (git, way):
            held, left_out = follow(git, way, target)
    name = held.default.removeprefix(BRANCHES)
    return Mirror(target, held.head, readable_name(name), held.digest, left_out)


def look(url: str, *, timeout: float, access: Access = NOBODY) -> None:
    """List the repository's branches, as a fetch would begin, or raise a Failure."""
    with told(timeout, access), reached(url, access, Git({}, time.monotonic() + timeout)) as (git, way):
        refs.offered(git, way)


def descends(mirror: Path, commit: str, ancestor: str, *, timeout: float) -> bool:
    """Whether a commit of a mirror has another among its ancestors, or is it."""
    try:
        local(Git({}, time.monotonic() + timeout)).run(
            "--git-dir", str(mirror), "merge-base", "--is-ancestor", ancestor, commit
        )
    except (Failed, Late):
        return False
    return True


def remove(target: Path, *, timeout: float) -> None:
    """Remove a mirror and all that was kept beside it under its name."""
    if target.parent.exists():
        with locked(target, time.monotonic() + timeout):
            mirror_folder.remove(target)


def readable_name(branch: str) -> str:
    """A name for pages and rows; git's own may be any bytes."""
    return branch.encode(errors="surrogateescape").decode(errors="backslashreplace")


@contextmanager
def told(timeout: float, access: Access) -> Iterator[None]:
    """Turn what goes wrong into a Failure."""
    try:
        yield
    except Late:
        raise TooSlow(f"It was not fetched within {timeout:.0f} seconds.") from None
    except Failed as error:
        raise explain(error, identified=bool(access.secret)) from error
    except (address.AddressError, network.NotPublic) as error:
        raise Unreachable(str(error)) from error
    except OSError as error:
        raise Failure(f"The mirror cannot be written: {error.strerror}.") from error


@contextmanager
def reached(url: str, access: Access, git: Git) -> Iterator[tuple[Git, Link]]:
    """Git with a way to a repository; a row is believed no more than a form."""
    source = address.parse(url, settings.LOCAL_ROOTS, settings.INTERNAL_HOSTS)
    with transport.link(source, access) as way:
        git = replace(git, environment=way.environment, secrets=way.secrets)
        try:
            yield git, way
        except Failed as error:
            failure = explain(error, identified=bool(access.secret))
            if isinstance(failure, HostKey):
                failure.offered = transport.scan(git, way)
            raise failure from error


def local(git: Git) -> Git:
    """The same, without a way to anywhere: whatever is missing stays missing."""
    return replace(git, environment=environment(), secrets=())


def follow(git: Git, way: Link, target: Path) -> tuple[Refs, int]:
    """Fetch into the mirror that stands there, or put a new one in its place; also from which size on files miss."""
    for leftover in beside(target):
        shutil.rmtree(leftover, ignore_errors=True)
    offer, limit = refs.offered(git, way), settings.LEFT_OUT_BYTES
    if standing := ready(git, target):
        held, limit = standing
        if held.ids and not offer.ids:
            time.sleep(SECOND_LOOK_SECONDS)
            offer = refs.offered(git, way)
        if offer.width in {0, held.width}:
            try:
                return fetch(git, way, target, offer, limit), limit
            except (Failed, Damaged) as error:
                if is_strict(error, limit):
                    return replace_by_clone(git, way, target, offer, 0), 0
                standing = ready(git, target)
                if standing and refs.can_be_read(local(git), target, standing[0]):
                    raise
    (target / mirror_folder.MARK).unlink(missing_ok=True)
    try:
        return replace_by_clone(git, way, target, offer, limit), limit
    except Failed as error:
        if not is_strict(error, limit):
            raise
        return replace_by_clone(git, way, target, offer, 0), 0


def is_strict(error: Failed | Damaged, limit: int) -> bool:
    """Whether a whole mirror may succeed where this failed: git before 2.45 forgives nothing in a partial one."""
    return isinstance(error, Failed) and limit > 0 and "fsck error" in error.complaint


def replace_by_clone(git: Git, way: Link, target: Path, offer: Refs, limit: int) -> Refs:
    clone, former = beside(target)
    try:
        object_format = "sha256" if offer.width == 64 else "sha1"
        local(git).run("init", "--quiet", "--bare", "--template=", f"--object-format={object_format}", "--", str(clone))
        fetched = fetch(git, way, clone, offer, limit)
        if target.exists():
            target.rename(former)
        clone.rename(target)
        mirror_folder.synchronise(target.parent)
        return fetched
    finally:
        for leftover in (clone, former):
            shutil.rmtree(leftover, ignore_errors=True)


def ready(git: Git, mirror: Path) -> tuple[Refs, int] | None:
    """What a mirror holds that stands there whole, and from which size on files are left out."""
    try:
        held = refs.standing(local(git), mirror)
        limit = mirror_folder.limit_of(mirror, held.digest)
    except (OSError, ValueError, Failed):
        return None
    return (held, limit) if limit in {0, settings.LEFT_OUT_BYTES} else None


def fetch(git: Git, way: Link, mirror: Path, offer: Refs, limit: int) -> Refs:
    """Fetch what is offered, read it back, and mark the mirror as whole."""
    inside = ("--git-dir", str(mirror))
    # Not --atomic, which cannot replace a branch `a` by `a/b`; what is half done has no mark.
    options = ["--prune", "--no-tags", "--no-write-fetch-head", "--update-shallow", "--progress"]
    if limit:
        options.append(f"--filter=blob:limit={limit}")
    bounded = replace(git, watch=partial(check_room, mirror), largest_file=settings.MIRROR_BYTES)
    mirror_folder.sweep(mirror)
    check_room(mirror)
    try:
        for _ in range(ATTEMPTS):
            bounded.run(*inside, "fetch", *options, "--", REMOTE, *REFSPECS)
            if offer.default:
                local(git).run(*inside, "symbolic-ref", "HEAD", offer.default)
            held = refs.standing(local(git), mirror)
            before, offer = offer, offer if held == offer else refs.offered(git, way)
            if held.default == offer.default and held.between(before, offer):
                break
        else:
            raise Unreachable("It kept changing while it was fetched.")
        if not refs.can_be_read(local(git), mirror, held):
            raise Damaged("What was fetched cannot be read back. Is the disk sound?")
        tidy(local(git), mirror)
        mirror_folder.mark(mirror, held.digest, limit)
        return held
    finally:
        mirror_folder.sweep(mirror)


def check_room(mirror: Path) -> None:
    """Leave others their share of the disk."""
    if mirror_folder.size(mirror) > settings.MIRROR_BYTES:
        raise TooLarge(QUOTA.format(quota=quota()))
    if (free := shutil.disk_usage(mirror).free) < settings.FREE_BYTES:
        raise DiskFull(
            f"The disk that holds the mirrors has {free // 1_000_000:,} MB left, less than the "
            f"{settings.FREE_BYTES // 1_000_000:,} MB of MLHEALTH_FREE_MEGABYTES. An administrator has to make room."
        )


def tidy(git: Git, mirror: Path) -> None:
    if len(list(mirror.glob("objects/pack/*.pack"))) > MOST_PACKS:
        git.run("-c", "repack.writeBitmaps=false", "--git-dir", str(mirror), "repack", "-a", "-d", "-q")
