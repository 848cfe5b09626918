"""DVC's own answers for every revision of a repository, and ours in the same form."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[4]
DVC = Path(sys.executable).with_name("dvc")
# The command for params is gone since DVC 3; what it called is still there.
PARAMS = """\
import json, sys
from dvc.repo import Repo
def encode(value):
    if isinstance(value, Exception):
        return {"type": type(value).__name__, "msg": str(value)}
    return sorted(value) if isinstance(value, set) else str(value)
json.dump(Repo().params.show(all_commits=True), sys.stdout, default=encode)
"""
COMMANDS: dict[str, list[str | Path]] = {
    "metrics": [DVC, "metrics", "show", "--all-commits", "--json"],
    "params": [sys.executable, "-c", PARAMS],
}
Answers = dict[str, dict[str, Any]]


def environment(home: Path) -> dict[str, str]:
    return {
        "PATH": f"{DVC.parent}:{os.defpath}:/usr/local/bin",
        "HOME": str(home),
        "DVC_NO_ANALYTICS": "1",
        "DVC_SITE_CACHE_DIR": str(home / "site"),
        "GIT_CONFIG_NOSYSTEM": "1",
    }


def told_by_dvc(work_tree: Path, kind: str) -> Answers:
    """By commit: `data` by path, or the `error` for which DVC refuses the revision."""
    command = COMMANDS[kind]
    done = subprocess.run(
        command, cwd=work_tree, env=environment(work_tree.parent), capture_output=True, timeout=600, check=False
    )
    if done.returncode:
        raise RuntimeError(done.stderr.decode())
    answers = json.loads(done.stdout)
    answers.pop("workspace", None)
    ids = resolved(work_tree, [names.split(",")[0] for names in answers])
    return dict(zip(ids, answers.values(), strict=True))


def resolved(work_tree: Path, names: list[str]) -> list[str]:
    """The commits of branches, tags and (as they are) ids."""
    asked = "".join(f"{name}^{{commit}}\n" for name in names)
    command = ["git", "cat-file", "--batch-check=%(objectname)"]
    return subprocess.run(
        command, cwd=work_tree, input=asked, capture_output=True, text=True, check=True
    ).stdout.split()


def data(answer: dict[str, Any]) -> dict[str, Any]:
    """What DVC shows of a revision, files that it could not read aside."""
    return {path: each["data"] for path, each in answer.get("data", {}).items() if "data" in each}


def told_by_us(repository: Path) -> dict[str, Any]:
    command = [sys.executable, "-m", "apps.audit.experiments", str(repository), "--format", "json"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr.decode())
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def same(one: Any, other: Any) -> bool:
    """Equal as JSON: 1 is not 1.0 and not true, and NaN is itself."""
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)
