"""Metrics and params of every revision beside the real dvc's: how many are equal, and what they cost.

    python benchmarks/experiments.py REPO…

REPO is a git directory, of which a copy is made: with pull requests as remote branches, so that dvc walks them too,
and with an empty remote of DVC, so that nothing waits for a network. Figures are processor seconds, children
included, of fresh processes; ours are the least of three runs. The collections are what a worker asks for, with the
data and the code that each run was made from; a push is one that knows all commits but the last. "Without start"
leaves out what both take before they read anything: the interpreter and its imports. "Forked" is what a worker
pays, whose processes come from one that has imported the engine: the mean of thirty.
Machines differ and are noisy: compare the columns of one run, not the runs.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

from forked import Worker

ROOT = Path(__file__).resolve().parent.parent

DVC = Path(sys.executable).with_name("dvc")
RUNS, FORKS = 3, 30
# dvc has no command for params since its version 3; what that called is still there.
PARAMS = """\
import json, sys
from dvc.repo import Repo
def encode(value):
    if isinstance(value, Exception):
        return {"type": type(value).__name__, "msg": str(value)}
    return sorted(value) if isinstance(value, set) else str(value)
json.dump(Repo().params.show(all_commits=True), sys.stdout, default=encode)
"""
METRICS: list[str | Path] = [DVC, "metrics", "show", "--all-commits", "--json"]
STARTS: dict[str, list[str | Path]] = {
    "dvc": [sys.executable, "-c", "import dvc.cli, dvc.commands.metrics, dvc.repo, dvc.repo.metrics.show, scmrepo.git"],
    "ours": [sys.executable, "-c", "import apps.audit.experiments.cli"],
}


class Done(NamedTuple):
    """Processor seconds of a command and its children, and what it printed."""

    seconds: float
    printed: bytes


def run(command: list[str | Path], cwd: Path = ROOT, stdin: bytes = b"") -> Done:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment |= {"DVC_NO_ANALYTICS": "1", "DVC_SITE_CACHE_DIR": str(cwd.parent / "site")}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, cwd=cwd, env=environment, input=stdin, capture_output=True, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise SystemExit(done.stderr.decode())
    return Done(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, done.stdout)


def least(command: list[str | Path], stdin: bytes = b"") -> float:
    return min(run(command, stdin=stdin).seconds for _ in range(RUNS))


def git(folder: Path, *words: str, stdin: str = "") -> str:
    command = ["git", "-c", "safe.directory=*", "-C", str(folder), *words]
    return subprocess.run(command, input=stdin, stdout=subprocess.PIPE, check=True, text=True).stdout


def prepared(repository: Path, folder: Path) -> Path:
    """A copy with a work tree, pull requests as remote branches, and a remote of DVC that is empty."""
    project = folder / "project"
    source = next(each for each in (repository / ".git", repository) if (each / "HEAD").is_file())
    shutil.copytree(source, project / ".git", symlinks=True)
    git(project, "config", "core.bare", "false")
    refs = git(project, "for-each-ref", "--format=%(refname) %(objectname)", "refs/pull").splitlines()
    moved = (line.split() for line in refs)
    git(project, "update-ref", "--stdin", stdin="".join(f"create {on_remote(name)} {oid}\n" for name, oid in moved))
    git(project, "reset", "--quiet", "--hard")
    (folder / "empty").mkdir()
    (project / ".dvc").mkdir(exist_ok=True)
    settings = (
        f"[core]\n    analytics = false\n    remote = empty\n['remote \"empty\"']\n    url = {folder / 'empty'}\n"
    )
    (project / ".dvc/config.local").write_text(settings)
    return project


def on_remote(name: str) -> str:
    return name.replace("refs/pull/", "refs/remotes/pull/", 1)


def compared(project: Path, answers: dict[str, Any], ours: dict[str, Any], kind: str) -> Counter[str]:
    """How many revisions are equal, different, refused by DVC, and of those, how many we say so of."""
    answers.pop("workspace", None)
    names = [names.split(",")[0] for names in answers]
    asked = "".join(f"{name}^{{commit}}\n" for name in names)
    ids = git(project, "cat-file", "--batch-check=%(objectname)", stdin=asked).split()
    found = Counter[str]()
    for oid, answer in zip(ids, answers.values(), strict=True):
        told = ours.get(oid, {"metrics": None, "params": None, "notes": []})
        shown = {path: each["data"] for path, each in answer.get("data", {}).items() if "data" in each}
        if "error" in answer:
            found["refused"] += 1
            found["said"] += bool(told["notes"])
        else:
            found["equal" if same(shown, told[kind]) else "different"] += 1
            found["empty"] += not shown
    return found


def same(one: Any, other: Any) -> bool:
    """Equal as JSON: 1 is not 1.0, and NaN is itself."""
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


def asking(known: list[str]) -> bytes:
    """What a worker asks, who knows these commits and what they build on."""
    return json.dumps({"known": known, "runs": [], "kept": []}).encode()


def tips_before(project: Path, last: str) -> list[str]:
    """What branches and tags led to before the last commit was pushed."""
    refs = git(project, "for-each-ref", "--format=%(refname)^{commit}", "refs/heads", "refs/remotes", "refs/tags")
    tips = git(project, "cat-file", "--batch-check=%(objectname)", stdin=refs).split()
    parents = git(project, "rev-parse", f"{last}^@").split()
    return list(dict.fromkeys(oid for oid in [*tips, *parents] if oid != last))


def measure(repository: Path) -> None:
    """Print how equal one repository's revisions are, and what they cost."""
    with tempfile.TemporaryDirectory() as folder:
        project = prepared(repository, Path(folder))
        ours: list[str | Path] = [sys.executable, "-m", "apps.audit.experiments", project, "--format", "json"]
        told = json.loads(run(ours).printed)["revisions"]
        print(f"{repository}\n  {len(told):,} revisions")
        metrics = run(METRICS, project)
        params = run([sys.executable, "-c", PARAMS], project)
        for kind, done in (("metrics", metrics), ("params", params)):
            found = compared(project, json.loads(done.printed), told, kind)
            print(f"  {kind}: {found['equal']} equal ({found['empty']} of them empty), {found['different']} different")
            print(f"    {found['refused']} refused by dvc, of which we say so of {found['said']}")
        workers: list[str | Path] = [*ours, "--since", "-"]
        first, push = asking([]), asking(tips_before(project, list(told)[-1]))
        costs = {
            "every revision": least(ours),
            "first collection": least(workers, first),
            "push of one commit": least(workers, push),
        }
        asked = {"first collection": first, "push of one commit": push}
        forked = forks(project, asked)
        starts = {name: least(command) for name, command in STARTS.items()}
        print(f"  dvc metrics show --all-commits: {metrics.seconds:.2f} s, of which start {starts['dvc']:.2f} s")
        for name, seconds in costs.items():
            print(f"  {name}: {seconds:.3f} s, of which start {starts['ours']:.3f} s", end="; ")
            rest = (metrics.seconds - starts["dvc"]) / max(seconds - starts["ours"], 0.001)
            print(f"{metrics.seconds / seconds:.0f} times less, without start {rest:.0f} times")
        for name, seconds in forked.items():
            print(f"  {name}, forked: {seconds:.3f} s; {metrics.seconds / seconds:.0f} times less")


def forks(project: Path, asked: dict[str, bytes]) -> dict[str, float]:
    """Processor seconds of a worker's collections."""
    options = ["--since", "-", "--format", "json", "--", str(project)]
    with Worker() as worker:
        return {
            name: sum(worker.seconds("apps.audit.experiments", options, told) for _ in range(FORKS)) / FORKS
            for name, told in asked.items()
        }


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("repositories", metavar="REPO", type=Path, nargs="+")
    for repository in options.parse_args().repositories:
        measure(repository.resolve())


if __name__ == "__main__":
    main()
