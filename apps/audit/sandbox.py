"""What the engine's process gives up before it reads a byte from a repository. More confinement goes here."""

from __future__ import annotations

import ctypes
import resource
import sys

MEMORY_BYTES = 2_000_000_000
GIT_MEMORY_BYTES = 1_000_000_000
PROCESSOR_SECONDS = 280
LARGEST_WRITE_BYTES = 400_000_000
OPEN_FILES = 64
PR_SET_NO_NEW_PRIVS = 38


def confine() -> None:
    """Bound memory, processor time, file size and open files, forbid core dumps and new privileges, for good."""
    limit(resource.RLIMIT_AS, MEMORY_BYTES)
    limit(resource.RLIMIT_CPU, PROCESSOR_SECONDS)
    limit(resource.RLIMIT_FSIZE, LARGEST_WRITE_BYTES)
    limit(resource.RLIMIT_NOFILE, OPEN_FILES)
    limit(resource.RLIMIT_CORE, 0)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)


def confine_git() -> None:
    """Bound what a git that reads objects for us may take, between its fork and its start."""
    limit(resource.RLIMIT_DATA, GIT_MEMORY_BYTES)  # packs that are mapped are the kernel's to drop
    limit(resource.RLIMIT_CORE, 0)


def limit(kind: int, value: int) -> None:
    """Lower a limit; one that is lower already stays."""
    _, hard = resource.getrlimit(kind)
    wanted = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(kind, (wanted, wanted))
