"""What a HEAD audit costs, cold, warm and after a push, beside `ruff check --select ALL` on a checkout of it.

    python benchmarks/audit_head.py REPO…

REPO is a git directory. Figures are processor seconds, children included; the least of three runs. Fresh processes
are what the command costs; forked ones, from a process that has imported the engine, what a worker's audits cost.
Machines differ and are noisy: compare the columns of one run, not the runs.
"""

from __future__ import annotations

import argparse
import gc
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
from typing import Any, NamedTuple

from forked import Worker

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

RUNS = 3
SHOWN_PHASES = 9


def processor_seconds(command: list[str | Path], cwd: Path = ROOT) -> tuple[float, bytes]:
    """User and system time of a command and its children, and what it printed."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        command, cwd=cwd, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, done.stdout


def least(measure: Callable[[], float]) -> float:
    return min(measure() for _ in range(RUNS))


class Costs(NamedTuple):
    """Processor seconds of audits with an empty cache, a full one, and that of some commits before."""

    cold: float
    warm: float
    pushed: float


def measure(repository: Path) -> None:
    """Print what audits of one repository cost: cold, warm, after a push, beside ruff."""
    commit, share = some_commits_before(repository)
    costs = costs_of_audits(repository, commit, fresh)
    with Worker() as worker:
        forked = costs_of_audits(repository, commit, lambda options: worker.seconds("apps.audit", options))
    with tempfile.TemporaryDirectory() as folder:
        checkout = Path(folder, "checkout")
        files, size = check_out(repository, git(repository, "rev-parse", "HEAD").strip(), checkout)
        ruff = Path(sys.executable).with_name("ruff")
        command: list[str | Path] = [ruff, "check", "--select", "ALL", "--no-cache", "--isolated", "--quiet", "."]
        linted = least(lambda: processor_seconds(command, checkout)[0])
    phases = json.loads(processor_seconds([sys.executable, __file__, "--phases", repository])[1])
    secrets = phases.get("fact Credentials", 0) + phases.get("fact Past", 0)
    print(f"{repository}\n  {files:,} files, {size:.1f} MB; peak {peak_megabytes(repository):.0f} MB")
    print(f"  cold {costs.cold:.2f} s, of which secrets and history {secrets:.2f} s; ruff {linted:.2f} s", end="; ")
    print(f"cold/ruff {costs.cold / linted:.2f}, without secrets {(costs.cold - secrets) / linted:.2f}")
    print(f"  warm {costs.warm:.2f} s, 1/{costs.cold / costs.warm:.0f} of cold", end="; ")
    changed = f"after a push that changed {share:.1%} of the files"
    print(f"{changed} {costs.pushed:.2f} s, 1/{costs.cold / costs.pushed:.0f}")
    print(
        f"  forked: cold {forked.cold:.2f} s, cold/ruff without secrets {(forked.cold - secrets) / linted:.2f}",
        end="; ",
    )
    print(
        f"warm {forked.warm:.2f} s; after that push {forked.pushed:.2f} s, 1/{forked.cold / forked.pushed:.0f} of cold"
    )
    for phase, seconds in sorted(phases.items(), key=lambda item: -item[1])[:SHOWN_PHASES]:
        print(f"  {seconds:6.2f} s  {phase}")


def fresh(options: list[str]) -> float:
    return processor_seconds([sys.executable, "-m", "apps.audit", *options])[0]


def costs_of_audits(repository: Path, before: str, run: Callable[[list[str]], float]) -> Costs:
    with tempfile.TemporaryDirectory() as folder:
        cache = Path(folder, "cache")

        def audit(revision: str = "HEAD") -> float:
            return run(["--revision", revision, "--format", "json", "--cache", str(cache), str(repository)])

        def after(revision: str = "") -> float:
            for left in Path(folder).glob("cache*"):
                left.unlink()
            if revision:
                audit(revision)
            return audit()

        return Costs(least(after), least(audit), least(lambda: after(before)))


def git(repository: Path, *words: str) -> str:
    command = ["git", "-c", "safe.directory=*", "--git-dir", str(repository), *words]
    return subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True).stdout


def some_commits_before(repository: Path) -> tuple[str, float]:
    """The first of HEAD's first parents from which on at least one file in a hundred changed, and the share."""
    files = len(git(repository, "ls-tree", "-r", "--name-only", "HEAD").splitlines())
    commits = git(repository, "rev-list", "--first-parent", "--max-count=100", "HEAD").split()
    for commit in commits[1:]:
        changed = len(git(repository, "diff-tree", "-r", "--name-only", commit, commits[0]).splitlines())
        if changed >= files / 100:
            return commit, changed / files
    return commits[-1], 0.0


def peak_megabytes(repository: Path) -> float:
    """The largest resident memory of one process of a cold audit."""
    code = "import resource, subprocess, sys; subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL);"
    code += "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    command: list[str | Path] = [
        sys.executable,
        "-c",
        code,
        sys.executable,
        "-m",
        "apps.audit",
        repository,
        "--format",
        "json",
    ]
    return int(processor_seconds(command)[1]) / 1000


def check_out(repository: Path, commit: str, folder: Path) -> tuple[int, float]:
    """A work tree of the commit without what its objects lack; how many files it has, and their megabytes."""
    folder.mkdir()
    command = ["git", "-c", "safe.directory=*", "--git-dir", str(repository), "--work-tree", str(folder)]
    environment = {**os.environ, "GIT_INDEX_FILE": str(folder.with_name("index"))}
    subprocess.run([*command, "read-tree", commit], env=environment, check=True)
    subprocess.run([*command, "checkout-index", "-a", "-q"], env=environment, stderr=subprocess.DEVNULL, check=False)
    sizes = [path.stat().st_size for path in folder.rglob("*") if path.is_file()]
    return len(sizes), sum(sizes) / 1_000_000


def show_phases(repository: Path) -> None:
    """Print, as JSON, where one cold audit's time goes: its facts, each without those it is made of, and the rest."""
    gc.disable()  # as the engine does
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
    print(json.dumps(spent))


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("repositories", metavar="REPO", type=Path, nargs="+")
    options.add_argument("--phases", action="store_true", help=argparse.SUPPRESS)
    chosen = options.parse_args()
    for repository in chosen.repositories:
        show_phases(repository.resolve()) if chosen.phases else measure(repository.resolve())


if __name__ == "__main__":
    main()
