"""A program that ends in every way one can, for those who listen to it."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path


def prepare() -> None:
    """There is nothing to prepare."""


def repeat() -> int:
    print(sys.stdin.read())
    print("that is all", file=sys.stderr)
    return 3


def tell() -> None:
    """Our process group, our environment and our open files, as others would see them."""
    names = sorted(name for name in os.environ if name != "LC_CTYPE")  # Python itself sets that one
    print(os.getpgrp(), names, [file for file in range(3, 500) if Path(f"/proc/self/fd/{file}").exists()])


def read(path: str) -> None:
    print(Path(path).read_text())


def shout() -> None:
    print("x" * 100_000)


def hang(path: str) -> None:
    Path(path).write_text(str(os.getpid()))
    time.sleep(60)


def break_off() -> None:
    raise KeyError("odd")


def leave() -> None:
    sys.exit(4)


def be_killed() -> None:
    os.kill(os.getpid(), signal.SIGXCPU)


WAYS: dict[str, Callable[..., int | None]] = {
    way.__name__: way for way in (repeat, tell, read, shout, hang, break_off, leave, be_killed)
}


def main(arguments: list[str] | None = None) -> int:
    way, *options = sys.argv[1:] if arguments is None else arguments
    return WAYS[way](*options) or 0
