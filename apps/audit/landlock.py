"""Landlock: a Linux process gives up files and, where the kernel knows how, the network and signals. Needs no rights.

See https://docs.kernel.org/userspace-api/landlock.html; the numbers are the same on every architecture.
"""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Iterable
from functools import cache
from pathlib import Path

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
VERSION, PATH_BENEATH = 1, 1
WRITE_FILE, READ_FILE, READ_DIR, REMOVE_FILE, MAKE_REG = 1 << 1, 1 << 2, 1 << 3, 1 << 5, 1 << 8
TRUNCATE = 1 << 14
READ = READ_FILE | READ_DIR
WRITE = READ | WRITE_FILE | REMOVE_FILE | MAKE_REG | TRUNCATE
FILES_ONLY = READ_FILE | WRITE_FILE | TRUNCATE
# All rights that a version of the interface knows: those of files, by version, and then the others.
FILE_RIGHTS = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 5: (1 << 16) - 1}
NET_RIGHTS, SCOPES = (4, 0b11), (6, 0b11)


class RulesetAttributes(ctypes.Structure):
    _fields_ = (("files", ctypes.c_uint64), ("net", ctypes.c_uint64), ("scoped", ctypes.c_uint64))


class PathBeneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("allowed", ctypes.c_uint64), ("parent", ctypes.c_int32))


@cache
def version() -> int:
    """Of the kernel's interface; 0 where there is none."""
    if sys.platform != "linux":
        return 0
    return max(0, int(ctypes.CDLL(None).syscall(CREATE_RULESET, None, 0, VERSION)))


def restrict(readable: Iterable[Path], writable: Iterable[Path]) -> None:
    """Leave this process only what is below these paths, for good. Needs `no_new_privs`; raises OSError."""
    known = version()
    rights = FILE_RIGHTS[max(number for number in FILE_RIGHTS if number <= known)]
    wanted = RulesetAttributes(rights, NET_RIGHTS[1] * (known >= NET_RIGHTS[0]), SCOPES[1] * (known >= SCOPES[0]))
    size = 8 if known < NET_RIGHTS[0] else 16 if known < SCOPES[0] else 24
    ruleset = call(CREATE_RULESET, ctypes.byref(wanted), size, 0)
    try:
        for allowed, paths in ((READ, readable), (WRITE, writable)):
            for path in paths:
                allow(ruleset, path, allowed & rights)
        call(RESTRICT_SELF, ruleset, 0)
    finally:
        os.close(ruleset)


def allow(ruleset: int, path: Path, rights: int) -> None:
    try:
        parent = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return  # what is not there cannot be read
    try:
        rule = PathBeneath(rights if path.is_dir() else rights & FILES_ONLY, parent)
        call(ADD_RULE, ruleset, PATH_BENEATH, ctypes.byref(rule), 0)
    finally:
        os.close(parent)


def call(*arguments: object) -> int:
    libc = ctypes.CDLL(None, use_errno=True)
    result = int(libc.syscall(*arguments))
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result
