"""The real `dvc` command as oracle: what its status says of a full work tree, we say of the commit alone."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from apps.audit import git
from apps.audit.facts import Facts
from apps.audit.facts.dvc.drift import Drift
from apps.audit.facts.dvc.graph import Graph
from apps.audit.facts.dvc.pipelines import Dvc
from apps.audit.sources import from_git

DVC = Path(sys.executable).with_name("dvc")

FILES = {
    "params.yaml": """\
split: 0.20
models: [cnn, rnn]
sizes: {small: {units: 8, wide: false}, large: {units: 64, wide: true}}
train: {lr: 1e-3, epochs: 10, layers: [1, 2], name: 'a b', flags: {fast: true, deep: false}}
grid: {lr: [0.1, 0.01], kind: [x, y]}
""",
    "config/more.toml": 'title = "report"\n[limits]\nrows = 10\nratio = 0.5\n',
    "config/vars.yaml": "paths:\n  clean: data/clean.csv\nunused: 1\n",
    "config/extra.json": '{"seed": 42, "nested": {"deep": [1, 2.5, null]}}\n',
    "config/model.py": "DEPTH = 3\nNAMES = ('a', 'b')\n\nclass Model:\n    rate = 0.5\n",
    "src/prepare.py": "print('prepare')\n",
    "src/train.py": "print('train')\n",
    "lib/a.py": "a = 1\n",
    "lib/deep/b.py": "b = 2\n",
    "data/raw.csv": "x,y\n1,2\n",
    "data/images/1.txt": "one\n",
    "data/images/2.txt": "two\n",
    "dos.txt": "one\r\ntwo\r\n",
    "reports/template.md": "# report\n",
    "sub/params.yaml": "alpha: 1\n",
    "sub/run.sh": "echo run\n",
    "dvc.yaml": """\
vars:
- config/vars.yaml:paths
- suffix: txt
stages:
  prepare:
    cmd:
    - mkdir -p data
    - cp data/raw.csv ${paths.clean}
    deps: [data/raw.csv, src/prepare.py]
    params: [split]
    outs:
    - ${paths.clean}
  fit:
    foreach: ${models}
    do:
      cmd: echo ${item} ${train.lr} > fit-${item}.${suffix}
      deps: [src/train.py, data/clean.csv]
      params:
      - train.lr
      - config/extra.json: [seed, nested.deep]
      outs: ["fit-${item}.${suffix}"]
  size:
    foreach: ${sizes}
    do:
      cmd: echo ${key} ${item.units} ${item.wide} > size-${key}.txt
      outs:
      - size-${key}.txt: {cache: false}
  grid:
    matrix: {lr: "${grid.lr}", kind: [x, z]}
    cmd: echo ${item.lr} ${item.kind} ${key} > grid-${key}.txt
    deps: [lib]
    outs: ["grid-${key}.txt"]
  args:
    cmd: "echo ${train} > args.txt; echo \\\\${HOME}"
    params:
    - config/more.toml:
    - config/model.py: [DEPTH, Model.rate, NAMES]
    outs: [args.txt]
  features:
    cmd: mkdir -p features && cp data/images/1.txt features/ && echo '{"n":1}' > metrics.json
    deps: [data/images]
    outs: [features]
    metrics:
    - metrics.json: {cache: false}
  report:
    wdir: reports
    cmd: cp template.md out.md
    deps: [template.md, ../data/clean.csv, ../data/shared.csv, ../data/url.csv, ../dos.txt]
    params: [../config/more.toml: [title, limits.rows]]
    outs: [out.md]
  frozen:
    frozen: false
    cmd: cp src/train.py frozen.txt
    deps: [src/train.py]
    outs: [frozen.txt]
""",
    "sub/dvc.yaml": """\
stages:
  inner:
    cmd: sh run.sh ${alpha} && mkdir -p kept && echo 1 > kept/a && echo 2 > kept/b
    deps: [run.sh, ../lib/deep]
    params: [alpha]
    outs:
    - kept: {cache: false}
""",
}


def run(folder: Path, *command: str | Path) -> str:
    environment = {
        "PATH": f"{DVC.parent}:{os.defpath}:/usr/local/bin",
        "HOME": str(folder.parent),
        "DVC_NO_ANALYTICS": "1",
        "DVC_SITE_CACHE_DIR": str(folder.parent / "site"),
        "GIT_CONFIG_NOSYSTEM": "1",
        **{f"GIT_{who}_{what}": "ada@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
    }
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def commit(folder: Path) -> None:
    run(folder, "git", "add", "--all")
    run(folder, "git", "commit", "--quiet", "--allow-empty", "--message", "feat: change")


@pytest.fixture(scope="session")
def reproduced(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A work tree in which everything was run and committed."""
    folder = tmp_path_factory.mktemp("dvc") / "project"
    for name, text in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(text.encode())
    run(folder, "git", "init", "--quiet")
    run(folder, DVC, "init", "--quiet")
    run(folder, DVC, "config", "core.check_update", "false")
    run(folder, DVC, "add", "data/raw.csv", "data/images")
    other = tmp_path_factory.mktemp("other")
    (other / "shared.csv").write_text("a,b\n")
    run(other, "git", "init", "--quiet")
    commit(other)
    run(folder, DVC, "import", other, "shared.csv", "--out", "data/shared.csv")
    run(folder, DVC, "import-url", other / "shared.csv", "data/url.csv")
    run(folder, DVC, "repro", "--all-pipelines")
    edit("dvc.yaml", "frozen: false", "frozen: true")(folder)
    commit(folder)
    return folder


@pytest.fixture
def project(reproduced: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(reproduced, tmp_path / "project", symlinks=True))


def told_by_dvc(folder: Path, never_run: set[str]) -> set[tuple[str, str]]:
    """Stage and subject of everything in `dvc status`, outs that only the cache has aside."""
    tracked = run(folder, "git", "ls-files").splitlines()
    told = set()
    for stage, entries in json.loads(run(folder, DVC, "status", "--json")).items():
        for entry in entries if stage not in never_run else ():
            if entry == "changed command":
                told.add((stage, "the command"))
            for kind, changes in entry.items() if isinstance(entry, dict) else ():
                for path, change in changes.items():
                    if isinstance(change, dict):
                        told |= {(stage, key) for key in change}
                    elif (kind, change) == ("changed deps", "modified") or any(
                        name == path or name.startswith(f"{path}/") for name in tracked
                    ):
                        told.add((stage, path))
    return told


def told_by_us(folder: Path) -> tuple[set[tuple[str, str]], set[str], set[str]]:
    """Stage and subject of every change, paths that are unknown, and stages that never ran."""
    with git.opened(folder) as opened:
        facts = Facts(from_git(opened))
        drift, dvc, graph = facts.get(Drift), facts.get(Dvc), facts.get(Graph)
    assert drift
    assert dvc
    assert graph
    assert not dvc.unexpanded
    told = {(address(each.stage.path, each.stage.name), each.subject) for each in drift.changes}
    for stage, dep, writers in graph.consumed():
        if dep.recorded and dep.recorded.value not in {out.recorded.value for _, out in writers if out.recorded}:
            told.add((address(stage.path, stage.name), dep.path))
    never = {address(stage.path, stage.name) for stage in dvc.stages if not stage.lock}
    return told, {unknown.path for unknown in drift.unknown}, never


def address(path: str, name: str) -> str:
    return name if path in {"dvc.yaml", name} else f"{path}:{name}"


def edit(name: str, old: str, new: str) -> Callable[[Path], None]:
    def mutate(folder: Path) -> None:
        content = (folder / name).read_bytes()
        assert old.encode() in content
        (folder / name).write_bytes(content.replace(old.encode(), new.encode()))

    return mutate


def written_by_dvc_2(folder: Path) -> None:
    """The lock as DVC 2 left it: no `hash`, and text hashed with the line ends of Unix."""
    text = (folder / "dvc.lock").read_text().replace("      hash: md5\n", "")
    dos = (folder / "dos.txt").read_bytes()
    old, new = (hashlib.md5(each).hexdigest() for each in (dos, dos.replace(b"\r\n", b"\n")))
    assert old in text
    (folder / "dvc.lock").write_text(text.replace(old, new))


def add(name: str) -> Callable[[Path], None]:
    """Other data, added and not used yet."""

    def mutate(folder: Path) -> None:
        path = folder / name
        (path / "3.txt" if path.is_dir() else path).write_text("x,y\n3,4\n")
        run(folder, DVC, "add", name)

    return mutate


CASES: dict[str, list[Callable[[Path], None]]] = {
    "nothing": [],
    "no difference": [
        edit("params.yaml", "0.20", "0.2"),
        edit("config/vars.yaml", "unused: 1", "unused: 2"),
        edit("config/extra.json", '{"seed"', '{"new": 1, "seed"'),
    ],
    "code": [
        edit("src/train.py", "train", "TRAIN"),
        edit("lib/deep/b.py", "2", "3"),
        edit("dos.txt", "\r\n", "\n"),
        edit("sub/run.sh", "run", "walk"),
    ],
    "parameters": [
        edit("params.yaml", "split: 0.20\n", ""),
        edit("params.yaml", "1e-3", "0.01"),
        edit("config/more.toml", "rows = 10", "rows = 11\nmore = 1"),
        edit("config/extra.json", "2.5", "3.5"),
        edit("config/model.py", "rate = 0.5", "rate = 0.6"),
        edit("config/model.py", "'a'", "'c'"),
        edit("sub/params.yaml", "1", "2"),
    ],
    "templates": [
        edit("params.yaml", "[cnn, rnn]", "[cnn, gru]"),
        edit("params.yaml", "[0.1, 0.01]", "[0.1, 0.02]"),
        edit("params.yaml", "wide: false", "wide: true"),
        edit("params.yaml", "deep: false", "deep: true"),
    ],
    "definitions": [
        edit("dvc.yaml", "cp template.md", "cp -v template.md"),
        edit("dvc.yaml", "- mkdir -p data\n", "- mkdir -p data/\n"),
        edit("dvc.yaml", "deps: [template.md,", "deps: [../src/train.py, template.md,"),
        edit("dvc.yaml", "params: [split]", "params: [split, models]"),
        edit("dvc.yaml", "    cmd: cp src/train.py frozen.txt", "    cmd: cp -v src/train.py frozen.txt"),
    ],
    "outputs in git": [
        edit("metrics.json", "1", "2"),
        edit("sub/kept/b", "2", "3"),
        edit("size-small.txt", "8", "9"),
    ],
    "data": [add("data/raw.csv"), add("data/images")],
    "a lock of DVC 2": [written_by_dvc_2],
    "a lock of DVC 2 and other code": [written_by_dvc_2, edit("dos.txt", "two", "three")],
}
DIFFERENCES = dict(zip(CASES, (0, 0, 9, 14, 2, 5, 3, 2, 0, 1), strict=True))


@pytest.mark.parametrize("case", CASES)
def test_drift_is_what_dvc_status_says(case: str, project: Path) -> None:
    for mutate in CASES[case]:
        mutate(project)
    commit(project)
    ours, unknown, never_run = told_by_us(project)
    assert not unknown
    assert ours == told_by_dvc(project, never_run)
    assert len(ours) == DIFFERENCES[case], sorted(ours)
