"""What a HEAD audit costs, cold and warm, beside `ruff check --select ALL` on a checkout of the same commit.

    python benchmarks/audit_head.py REPO…

REPO is a git directory. Figures are processor seconds, children included, of fresh processes; the least of three
runs. Machines differ and are noisy: compare the columns of one run, not the runs.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
RUNS = 3
SHOWN_PHASES = 8


def processor_seconds(command: list[str | Path], cwd: Path = ROOT) -> tuple[float, bytes]:
    """User and system time of a command and its children, and what it printed."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, done.stdout


def least(measure: Callable[[], float]) -> float:
    return min(measure() for _ in range(RUNS))


def audit_command(repository: Path, cache: Path) -> list[str | Path]:
    return [sys.executable, "-m", "apps.audit", repository, "--format", "json", "--cache", cache]


def measure(repository: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        cache, checkout = Path(folder, "cache"), Path(folder, "checkout")

        def cold() -> float:
            for left in Path(folder).glob("cache*"):
                left.unlink()
            return processor_seconds(audit_command(repository, cache))[0]

        cold_seconds = least(cold)
        answer = json.loads(processor_seconds(audit_command(repository, cache))[1])
        warm_seconds = least(lambda: processor_seconds(audit_command(repository, cache))[0])
        files, megabytes = check_out(repository, answer["commit"], checkout)
        ruff = Path(sys.executable).with_name("ruff")
        command: list[str | Path] = [ruff, "check", "--select", "ALL", "--no-cache", "--isolated", "--quiet", "."]
        ruff_seconds = least(lambda: processor_seconds(command, checkout)[0])
    print(f"{repository}\n  {files:,} files, {megabytes:.1f} MB", end="; ")
    print(f"cold {cold_seconds:.2f} s, warm {warm_seconds:.2f} s, ruff {ruff_seconds:.2f} s", end="; ")
    print(f"cold/ruff {cold_seconds / ruff_seconds:.2f}, cold/warm {cold_seconds / warm_seconds:.1f}")
    for line in processor_seconds([sys.executable, __file__, "--phases", repository])[1].decode().splitlines():
        print(f"    {line}")


def check_out(repository: Path, commit: str, folder: Path) -> tuple[int, float]:
    """A work tree of the commit without what its objects lack; how many files it has, and their megabytes."""
    folder.mkdir()
    git = ["git", "-c", "safe.directory=*", "--git-dir", str(repository), "--work-tree", str(folder)]
    environment = {**os.environ, "GIT_INDEX_FILE": str(folder.with_name("index"))}
    subprocess.run([*git, "read-tree", commit], env=environment, check=True)
    subprocess.run([*git, "checkout-index", "-a", "-q"], env=environment, stderr=subprocess.DEVNULL, check=False)
    sizes = [path.stat().st_size for path in folder.rglob("*") if path.is_file()]
    return len(sizes), sum(sizes) / 1_000_000


def show_phases(repository: Path) -> None:
    """Where one cold audit's time goes: its facts, each without the facts it is made of, and the rest."""
    spent = defaultdict[str, float](float)
    from apps.audit import catalog, git, sources  # noqa: PLC0415  # what is measured is their import, too
    from apps.audit.engine import Audit  # noqa: PLC0415
    from apps.audit.facts import Facts  # noqa: PLC0415
    from apps.audit.policy import Policy  # noqa: PLC0415

    catalog.checks()
    spent["start: interpreter and imports"] = time.process_time()
    inner, read = [0.0], Facts.read

    def timed(self: Facts, kind: Any) -> Any:
        began = time.process_time()
        inner.append(0.0)
        value = read(self, kind)
        took = time.process_time() - began
        spent[f"fact {kind.__name__}"] += took - inner.pop()
        inner[-1] += took
        return value

    Facts.read = timed  # type: ignore[method-assign]
    with git.opened(repository) as opened:
        began = time.process_time()
        snapshot = sources.from_git(opened)
        spent["snapshot"] = time.process_time() - began
        began = time.process_time()
        audit = Audit(snapshot, Policy())
        spent["checks"] = time.process_time() - began - inner[0]
        began = time.process_time()
        audit.to_json()
        spent["answer"] = time.process_time() - began
    for phase, seconds in sorted(spent.items(), key=lambda item: -item[1])[:SHOWN_PHASES]:
        print(f"{seconds:6.2f} s  {phase}")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("repositories", metavar="REPO", type=Path, nargs="+")
    options.add_argument("--phases", action="store_true", help=argparse.SUPPRESS)
    chosen = options.parse_args()
    for repository in chosen.repositories:
        show_phases(repository.resolve()) if chosen.phases else measure(repository.resolve())


if __name__ == "__main__":
    main()
