"""Mirrors through crashes and full disks."""

from __future__ import annotations

import contextlib
import fcntl
import multiprocessing
import os
import random
import resource
import signal
import threading
import time
from pathlib import Path

import pytest

from apps.repositories import failures, mirror, mirror_folder
from tests.apps.repositories.origins import Origin, is_whole, refs_of

FORK = multiprocessing.get_context("fork")


def fetch_and_die(origin: Origin, target: Path, seconds: float, *, group: bool) -> None:
    """Update in a job's process, and kill -9 it (and its group, or it alone) after so long."""

    def job() -> None:
        os.setpgid(0, 0)
        mirror.update(str(origin), target, timeout=30)
        os._exit(0)

    process = FORK.Process(target=job)
    process.start()
    assert process.pid is not None
    time.sleep(seconds)
    with contextlib.suppress(ProcessLookupError):
        (os.killpg if group else os.kill)(process.pid, signal.SIGKILL)
    process.join()


def test_killed_at_random_moments_of_a_clone(origin: Origin, target: Path) -> None:
    noise = random.Random(1)
    for number in range(30):
        origin.push(f"branch-{number}", noise.randbytes(100_000))
    start = time.monotonic()
    expected = mirror.update(str(origin), target.with_name("expected"), timeout=30).refs_digest
    usual = time.monotonic() - start
    for attempt in range(30):
        fetch_and_die(origin, target, noise.uniform(0.0, 1.2 * usual), group=attempt % 2 == 0)
        if (target / mirror_folder.MARK).exists():
            assert refs_of(target) == refs_of(origin.path)
            assert is_whole(target)
            mirror.remove(target, timeout=10)
        else:
            assert not target.exists()
    assert mirror.update(str(origin), target, timeout=30).refs_digest == expected
    assert sorted(path.name for path in target.parent.iterdir()) == ["1", "1.lock", "expected", "expected.lock"]


def test_killed_at_random_moments_of_an_update(origin: Origin, target: Path) -> None:
    noise = random.Random(2)
    start = time.monotonic()
    mirror.update(str(origin), target, timeout=30)
    usual = time.monotonic() - start
    for attempt in range(15):
        origin.push("main", noise.randbytes(200_000))
        origin.push(f"branch-{attempt}", noise.randbytes(200_000))
        fetch_and_die(origin, target, noise.uniform(0.0, 1.2 * usual), group=attempt % 2 == 0)
        assert is_whole(target)
    held = mirror.update(str(origin), target, timeout=30)
    assert held.head == origin.git("rev-parse", "main")
    assert refs_of(target) == refs_of(origin.path)
    assert not list(target.rglob("tmp_*"))


def stall(origin: Origin) -> None:
    """Have git wait for ever: it opens a pipe that nobody writes to."""
    (origin.path / "config").unlink()
    os.mkfifo(origin.path / "config")


def wait_for_lock(target: Path, seconds: float) -> None:
    """Every git process holds the lock, so who gets it knows that all are gone."""
    end = time.monotonic() + seconds
    with target.with_name("1.lock").open() as lock:
        while True:
            try:
                return fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                assert time.monotonic() < end, "a git process is left"
                time.sleep(0.02)


def test_a_time_limit_leaves_nothing_behind(origin: Origin, target: Path) -> None:
    stall(origin)
    start = time.monotonic()
    with pytest.raises(failures.TooSlow, match="within 1 seconds"):
        mirror.update(str(origin), target, timeout=1)
    assert time.monotonic() - start < 5
    wait_for_lock(target, 2)
    assert not target.exists()


def test_a_killed_job_leaves_nothing_behind(origin: Origin, target: Path) -> None:
    stall(origin)
    fetch_and_die(origin, target, 0.5, group=True)
    wait_for_lock(target, 5)


def test_a_git_that_outlives_its_job_keeps_the_mirror_locked(origin: Origin, target: Path) -> None:
    stall(origin)
    fetch_and_die(origin, target, 0.5, group=False)
    with target.with_name("1.lock").open() as lock, pytest.raises(BlockingIOError):
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    while True:
        with contextlib.suppress(AssertionError):
            return wait_for_lock(target, 0)
        with contextlib.suppress(OSError):  # a writer that comes and goes lets git read on
            os.close(os.open(origin.path / "config", os.O_WRONLY | os.O_NONBLOCK))
        time.sleep(0.02)


def test_two_at_once_take_turns(origin: Origin, target: Path) -> None:
    held: list[mirror.Mirror] = []
    both = [
        threading.Thread(target=lambda: held.append(mirror.update(str(origin), target, timeout=30))) for _ in range(2)
    ]
    for each in both:
        each.start()
    for each in both:
        each.join()
    assert len(held) == 2
    assert held[0] == held[1]


@pytest.mark.parametrize(
    "lock",
    ["HEAD.lock", "config.lock", "packed-refs.lock", "packed-refs.new", "shallow.lock", "refs/heads/main.lock"],
)
def test_the_locks_of_a_crash_are_removed(origin: Origin, target: Path, lock: str) -> None:
    mirror.update(str(origin), target, timeout=30)
    (target / lock).touch()
    pushed = origin.push("main")
    assert mirror.update(str(origin), target, timeout=30).head == pushed
    assert not (target / lock).exists()


def test_the_debris_of_a_crash_is_removed(origin: Origin, target: Path) -> None:
    mirror.update(str(origin), target, timeout=30)
    debris = [target / "objects" / "pack" / name for name in ("tmp_pack_x", "tmp_idx_x", ".tmp-1-pack-x.pack")]
    debris += [target / "objects" / "tmp_objdir-incoming-x", target.with_name("1.new"), target.with_name("1.old")]
    for path in debris:
        path.mkdir() if path.suffix or "objdir" in path.name else path.touch()
    mirror.update(str(origin), target, timeout=30)
    assert not [path for path in debris if path.exists()]


def test_a_full_disk_leaves_what_was_there(origin: Origin, target: Path) -> None:
    expected = mirror.update(str(origin), target, timeout=30)
    for number in range(4):
        origin.push("main", random.Random(number).randbytes(900_000))

    def job() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))
        try:
            mirror.update(str(origin), target, timeout=30)
        except mirror.Failure:
            os._exit(17)

    process = FORK.Process(target=job)
    process.start()
    process.join()
    assert process.exitcode == 17
    assert (target / mirror_folder.MARK).exists()
    assert is_whole(target)
    assert refs_of(target)["refs/heads/main"] == expected.head
    assert sum(path.stat().st_size for path in target.rglob("*")) < 1_000_000
