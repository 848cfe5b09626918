"""What a mirror's folder holds beside git's own: the mark that it is whole, its lock, and what a crash leaves."""

from __future__ import annotations

import fcntl
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from apps.repositories.git import Late

MARK = "mlhealth-ready"
DEBRIS = (
    *("*.lock", "packed-refs.new", "refs/**/*.lock", "objects/info/*.lock", "objects/pack/*.lock"),
    *("objects/pack/tmp_*", "objects/pack/.tmp-*", "objects/??/tmp_obj_*", "objects/tmp_objdir-*"),
)


def limit_of(mirror: Path, digest: str) -> int:
    """From which size on a mirror was left without files (0: none were), when its refs were those of the digest.

    Raises ValueError where it is not whole, and OSError where nothing says that it ever was.
    """
    first, *packs = (mirror / MARK).read_text().split("\n")
    marked, _, limit = first.partition(" ")
    # A fetch that was killed may have brought a pack that no mark knows of.
    if marked != digest or not inventory(mirror) >= set(packs):
        raise ValueError(f"{mirror} is not as it was marked")
    return int(limit)


def mark(mirror: Path, digest: str, limit: int) -> None:
    """Mark a mirror as whole, so that it stays so through a loss of power."""
    place = mirror / MARK
    with place.with_suffix(".lock").open("w") as file:
        file.write("\n".join([f"{digest} {limit}", *sorted(inventory(mirror))]))
        file.flush()
        os.fsync(file.fileno())
    place.with_suffix(".lock").replace(place)
    synchronise(mirror)


def inventory(mirror: Path) -> set[str]:
    """The packs and their sizes: no fetch notices that an old one is cut or gone."""
    return {f"{path.name} {path.stat().st_size}" for path in mirror.glob("objects/pack/*.*")}


def size(mirror: Path) -> int:
    """Bytes in packs, finished or not, which is nearly all that a mirror takes."""
    with os.scandir(mirror / "objects" / "pack") as entries:
        return sum(size_of(entry) for entry in entries)


def size_of(entry: os.DirEntry[str]) -> int:
    """Git renames its packs while we look."""
    try:
        return entry.stat().st_size
    except FileNotFoundError:
        return 0


def sweep(mirror: Path) -> None:
    """Remove what git leaves behind when it is killed or the disk is full; only for who holds the lock.

    Every process of git holds that too, so a lock of git's is nobody's, however young it is.
    """
    for pattern in DEBRIS:
        for path in list(mirror.glob(pattern)):
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)


def synchronise(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def beside(target: Path) -> tuple[Path, Path]:
    """Where a mirror's next clone grows, and where the one that it replaces waits for its end."""
    return target.with_name(f"{target.name}.new"), target.with_name(f"{target.name}.old")


def remove(target: Path) -> None:
    """Remove a mirror and all that was kept beside it under its name."""
    for path in (target, *target.parent.glob(f"{target.name}.*")):
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


@contextmanager
def locked(target: Path, deadline: float) -> Iterator[int]:
    """Be the only one who writes to a mirror; waits for the git processes of a job that was killed."""
    descriptor = os.open(target.with_name(f"{target.name}.lock"), os.O_RDWR | os.O_CREAT, 0o600)
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
