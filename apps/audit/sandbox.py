"""What the engine's process gives up before it parses a byte from a repository."""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import sys
from collections.abc import Iterable
from pathlib import Path

from apps.audit import landlock, seccomp

MEMORY_BYTES = 1_500_000_000
MEMORY = f"{MEMORY_BYTES / 1_000_000_000:.2g} GB of memory"
GIT_MEMORY_BYTES = 1_000_000_000
# git lists all that a commit wrote before it tells any of it; a million files are enough.
DIFF_MEMORY_BYTES = 250_000_000
PROCESSOR_SECONDS = 280
LARGEST_WRITE_BYTES = 400_000_000
OPEN_FILES = 64
PR_SET_PDEATHSIG, PR_SET_NO_NEW_PRIVS = 1, 38
# Python, the libraries that its modules load, and our own code; of the machine's other files, none.
OWN_CODE = Path(__file__).resolve().parents[1]
LIBRARIES = ("/usr/lib", "/usr/lib64", "/lib", "/lib64", "/usr/share/zoneinfo", "/etc/ld.so.cache")


def confine(readable: Iterable[Path] = (), writable: Iterable[Path] = ()) -> None:
    """Bound memory, processor time, file size and open files, and forbid core dumps and new privileges, for good.

    Where the kernel can do so, only Python, our own code, `readable` and `writable` are left of the files, and no
    network, program, process or signal.
    """
    limit(resource.RLIMIT_AS, MEMORY_BYTES)
    limit(resource.RLIMIT_CPU, PROCESSOR_SECONDS)
    limit(resource.RLIMIT_FSIZE, LARGEST_WRITE_BYTES)
    limit(resource.RLIMIT_NOFILE, OPEN_FILES)
    limit(resource.RLIMIT_CORE, 0)
    if sys.platform != "linux":
        return
    ctypes.CDLL(None).prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    if landlock.version():
        python = (Path(sys.prefix), Path(sys.base_prefix), OWN_CODE, *map(Path, LIBRARIES))
        landlock.restrict((*python, *installed(), *readable), (Path(os.devnull), *writable))
    if seccomp.is_known_here():
        seccomp.restrict()


def installed() -> list[Path]:
    """Where modules are found: a person's own packages are not below Python's prefix.

    Not the folder we were started in, which for a worker is the one with the keys.
    """
    return [folder for entry in sys.path if entry and (folder := Path(entry).resolve()) != Path.cwd()]


def gaps() -> list[str]:
    """What this machine cannot take away from the engine's process."""
    missing = [] if landlock.version() else ["files (Landlock, Linux 5.13 or newer)"]
    return missing + ([] if seccomp.is_known_here() else ["network and programs (seccomp on x86_64 or aarch64)"])


def confine_git(memory: int) -> None:
    """Bound what a git that reads objects for us may take, between its fork and its start; it ends when we do."""
    limit(resource.RLIMIT_DATA, memory)  # packs that are mapped are the kernel's to drop
    limit(resource.RLIMIT_CPU, PROCESSOR_SECONDS)
    limit(resource.RLIMIT_CORE, 0)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def limit(kind: int, value: int) -> None:
    """Lower a limit; one that is lower already stays."""
    _, hard = resource.getrlimit(kind)
    wanted = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(kind, (wanted, wanted))
