"""The processes that a test started, whoever started them for it: workers, what is between, jobs, git, engines."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Process:
    pid: int
    parent: int
    group: int
    command: bytes


def ours(folder: Path) -> dict[int, Process]:
    """Those whose environment or arguments name the test's folder, and what they started, which may name nothing."""
    mark, everybody, found = str(folder).encode(), dict[int, Process](), set[int]()
    for path in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            command, environment = (path / "cmdline").read_bytes(), (path / "environ").read_bytes()
            state, parent, group = (path / "stat").read_text().rpartition(")")[2].split()[:3]
            if state != "Z":
                everybody[int(path.name)] = Process(int(path.name), int(parent), int(group), command)
                found |= {int(path.name)} if mark in command or mark in environment else set()
    while more := {pid for pid, process in everybody.items() if process.parent in found} - found:
        found |= more
    return {pid: everybody[pid] for pid in found}


def kind_of(process: Process, among: dict[int, Process], workers: Collection[int], schedulers: Collection[int]) -> str:
    """What a process is there for. Jobs and what is between are forks, of which a job leads a group of its own."""
    if process.pid in workers:
        return "worker"
    if process.pid in schedulers:
        return "scheduler"
    if b"apps.audit" in process.command or b"apps.jobs.preloaded" in process.command:
        return "engine"
    if process.command.startswith(b"git"):
        return "git"
    leaders = [each for each in among.values() if each.pid == each.group and is_fork(each, among)]
    if process in leaders and not any(each.parent == process.pid for each in leaders):
        return "job"
    return "between"


def is_fork(process: Process, among: dict[int, Process]) -> bool:
    return process.parent in among and among[process.parent].command == process.command
