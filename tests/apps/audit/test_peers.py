"""Verdicts that other tools got wrong on real repositories, each with the right one. Names say who and what."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from apps.audit import catalog, git, sources
from apps.audit.check import Outcome
from apps.audit.engine import Audit
from apps.audit.folder import from_folder
from apps.audit.policy import Policy
from apps.audit.snapshot import Snapshot
from apps.audit.sources import from_memory

PASSED, FAILED = Outcome.PASSED, Outcome.FAILED
PROJECT = '[project]\nname = "churn"\nversion = "1"\ndependencies = ["pandas>=2"]\n'
UV = 'version = 1\n\n[[package]]\nname = "pandas"\nversion = "2.2.0"\n'
TRAIN = "from sklearn.ensemble import RandomForestClassifier\nm = RandomForestClassifier(random_state=1)\nm.fit(x, y)\n"


def hooks(*entries: str) -> dict[str, str]:
    return {"a.py": "x = 1\n", ".pre-commit-config.yaml": "repos:\n" + "".join(f"- {each}\n" for each in entries)}


BLACK = "{repo: 'https://github.com/psf/black', rev: 23.1.0, hooks: [{id: black, args: [--line-length, '99']}]}"
ISORT = "{repo: 'https://github.com/PyCQA/isort.git', rev: 5.12.0, hooks: [{id: isort}]}"
FLAKE8 = "{repo: 'https://github.com/PyCQA/flake8', rev: 6.0.0, hooks: [{id: flake8}]}"
BANDIT = "{repo: 'https://github.com/PyCQA/bandit', rev: '1.7.5', hooks: [{id: bandit}]}"
LOCAL = "{repo: local, hooks: [{id: r, name: r, language: system, entry: uv run ruff check}]}"
LEFTHOOK = "pre-commit:\n  commands:\n    lint: {run: 'ruff check {staged_files}', glob: '*.py'}\n"
PIPELINE = "stages:\n  prepare:\n    cmd: python prepare.py\n    deps: [data.xml]\n    outs: [prepared]\n"
POINTER = "outs:\n- {path: data.xml, hash: md5, md5: 22a1a2931c8370d3aeedd7183606fd7f}\n"
REMOTE = "[core]\nremote = s\n['remote \"s\"']\nurl = https://remote.dvc.org/get-started\n"
CASES: dict[str, tuple[dict[str, str], str, Outcome]] = {
    "mllint: PEP 621 with uv.lock is no dependency management": (
        {"pyproject.toml": PROJECT, "uv.lock": UV, "train.py": f"import pandas\n{TRAIN}"},
        "reproducibility/dependencies-locked",
        PASSED,
    ),
    "mllint: src/requirements.txt declares nothing": (
        {"src/requirements.txt": "pandas==2.2.0\n", "src/a.py": "import pandas\n"},
        "structure/dependencies-declared",
        PASSED,
    ),
    "mllint: hooks of black, isort, flake8 and bandit are no linters": (
        hooks(BLACK, ISORT, FLAKE8, BANDIT),
        "precommit/python-lint",
        PASSED,
    ),
    "mllint: bandit as a hook is none": (hooks(BANDIT), "precommit/security-lint", PASSED),
    "mllint: black with a line length of its own fails": (hooks(BLACK), "precommit/python-format", PASSED),
    "mllint: ruff by lefthook is no linter": (
        {"a.py": "x = 1\n", "lefthook.yml": LEFTHOOK},
        "precommit/python-lint",
        PASSED,
    ),
    "mllint: DVC has no files where its remote cannot be asked": (
        {".dvc/config": REMOTE, "data.xml.dvc": POINTER, "dvc.yaml": PIPELINE, "a.py": ""},
        "dvc/pointers-valid",
        PASSED,
    ),
    "sp-repo-review: lefthook is no hook manager": (
        {"a.py": "x = 1\n", "lefthook.yml": LEFTHOOK},
        "precommit/configured",
        PASSED,
    ),
    "sp-repo-review: prek.toml is no configuration of hooks": (
        {"a.py": "", "prek.toml": '[[repos]]\nrepo = "builtin"\nhooks = [{id = "end-of-file-fixer"}]\n'},
        "precommit/configured",
        PASSED,
    ),
    "sp-repo-review: ruff as a local hook is none": (hooks(LOCAL), "precommit/python-lint", PASSED),
    "sp-repo-review: an address that ends in .git is another repository": (
        hooks(ISORT),
        "precommit/import-order",
        PASSED,
    ),
    "sp-repo-review: features of behave are no tests": (
        {"a.py": "x = 1\n", "features/a.feature": "Feature: a\n  Scenario: it trains\n    Given data\n"},
        "testing/has-tests",
        PASSED,
    ),
    "sp-repo-review: a Makefile is no task runner": (
        {"a.py": "", "Makefile": "test:\n\tpytest\nlint:\n\truff check .\n"},
        "structure/task-runner",
        PASSED,
    ),
    "sp-repo-review: mise.toml is no task runner": (
        {"a.py": "", "mise.toml": '[tasks.test]\nrun = "pytest"\n[tasks.lint]\nrun = "ruff check"\n'},
        "structure/task-runner",
        PASSED,
    ),
    "sp-repo-review: tasks.py is no task runner": (
        {
            "a.py": "",
            "tasks.py": "from invoke import task\n@task\ndef test(c):\n    c.run('pytest')\n"
            "@task\ndef train(c):\n    c.run('python train.py')\n",
        },
        "structure/task-runner",
        PASSED,
    ),
    "doctor: a comment seeds": (
        {"a.py": "import numpy as np\n# np.random.seed(0)\nx = np.random.rand(3)\n"},
        "reproducibility/seed-numpy",
        FAILED,
    ),
    "doctor: a comment loads a pickle": (
        {"a.py": "import pickle, sys\n# m = pickle.load(open(sys.argv[1], 'rb'))\n"},
        "hygiene/unsafe-loading",
        PASSED,
    ),
    "doctor: dvclive tracks no experiments": (
        {"requirements.txt": "dvclive\n", "a.py": f"from dvclive import Live\nwith Live() as live:\n    pass\n{TRAIN}"},
        "reproducibility/experiment-tracking",
        PASSED,
    ),
    "doctor: a split by random.random() is none": (
        {
            "prepare.py": "import random\nrandom.seed(7)\ndef split(lines, train, test, share):\n"
            "    for line in lines:\n        (test if random.random() > share else train).write(line)\n"
        },
        "reproducibility/splits-seeded",
        PASSED,
    ),
    "doctor: config/*.py is no configuration": (
        {"train.py": TRAIN, "config/train_small.py": "batch_size = 8\nmax_iters = 100\n", "config/eval.py": "lr = 1\n"},
        "structure/configuration-apart",
        PASSED,
    ),
    "doctor: hydra is not declared by hydra-core": (
        {"requirements.txt": "hydra-core\n", "a.py": "import hydra\n"},
        "structure/dependencies-declared",
        PASSED,
    ),
    "doctor: setup.py declares nothing": (
        {
            "setup.py": "from setuptools import setup\nsetup(name='a', install_requires=['optuna'])\n",
            "a/b.py": "import optuna\n",
        },
        "structure/dependencies-declared",
        PASSED,
    ),
    "doctor: a script beside another is a package": (
        {"requirements.txt": "numpy\n", "s/data.py": "x = 1\n", "s/main.py": "import data\n"},
        "structure/dependencies-declared",
        PASSED,
    ),
    "doctor: dev-requirements.txt is not read": (
        {"dev-requirements.txt": "pexpect\n", "tests/test_a.py": "import pexpect\n"},
        "structure/dependencies-declared",
        PASSED,
    ),
    "doctor: python=3.10 of environment.yaml pins nothing": (
        {"environment.yaml": "dependencies:\n  - python=3.10\n", "a.py": ""},
        "reproducibility/python-version",
        PASSED,
    ),
    "doctor: mlflow.db is a dataset": ({"mlflow.db": "x", "a.py": ""}, "hygiene/tracking-stores", FAILED),
    "doctor: git+https is a package named git": (
        {"requirements.txt": "git+https://github.com/openai/CLIP.git\n", "a.py": "import clip\n"},
        "structure/dependencies-declared",
        PASSED,
    ),
    "reprolint: seed_everything of lightning is no seed": (
        {"train.py": "import lightning as L\ndef main(cfg):\n    L.seed_everything(cfg.seed)\n    L.Trainer()\n"},
        "reproducibility/seed-pytorch",
        PASSED,
    ),
    "reprolint: random_state is no seed": ({"train.py": TRAIN}, "reproducibility/estimators-seeded", PASSED),
    "reprolint: the end of a path is an absolute one": (
        {"a.py": "path = root + '/modeling/train.py'\n"},
        "reproducibility/no-absolute-paths",
        PASSED,
    ),
    "reproguard: ../configs is a path of one machine": (
        {"a.py": "import hydra\n@hydra.main(config_path='../configs')\ndef main(cfg): ...\n"},
        "reproducibility/no-absolute-paths",
        PASSED,
    ),
    "reproguard: YOUR_API_KEY is a secret": ({"a.py": 'api_key = "YOUR_API_KEY"\n'}, "hygiene/secrets", PASSED),
    "reproguard: metrics are the numbers of credit cards": (
        {"a.ipynb": '{"cells": [{"cell_type": "code", "source": ["recall = 0.8586387434554974"], "outputs": []}]}'},
        "hygiene/secrets",
        PASSED,
    ),
    "reproguard: _pytest is not declared by pytest": (
        {"requirements.txt": "pytest\n", "tests/conftest.py": "from _pytest.config import Config\n"},
        "structure/dependencies-declared",
        PASSED,
    ),
    "reproguard: a clean clone lacks its data": (
        {".dvc/config": REMOTE, "data.xml.dvc": POINTER, "a.py": "open('data.xml')\n"},
        "dvc/data-is-versioned",
        PASSED,
    ),
    "repo-health: uv.lock is no lock file": (
        {"pyproject.toml": PROJECT, "uv.lock": UV, "train.py": TRAIN},
        "reproducibility/dependencies-locked",
        PASSED,
    ),
}


def outcomes(snapshot: Snapshot) -> dict[str, Outcome]:
    return {slug: result.outcome for slug, result in Audit(snapshot, Policy()).results.items()}


@pytest.mark.parametrize("claim", CASES)
def test_right_verdict(claim: str) -> None:
    files, slug, expected = CASES[claim]
    result = Audit(from_memory(files), Policy(), slug).results[slug]
    assert result.outcome is expected, (result.reason, result.findings)


def test_mllint_no_dvc_costs_once() -> None:
    files = {"a.py": "import pandas\npandas.read_csv('data/a.csv')\n", "data/a.csv": "a,b\n" * 500_000}
    failed = [slug for slug, outcome in outcomes(from_memory(files)).items() if outcome is FAILED]
    assert [slug for slug in failed if slug.startswith("dvc/")] == ["dvc/data-is-versioned"]


def test_mllint_without_python_there_is_a_score_and_no_broken_check() -> None:
    answer = Audit(from_memory({"README.md": "# Slides\n"}), Policy()).to_json()
    assert answer["score"] == answer["score"]
    assert not [each["check"] for each in answer["results"] if each["outcome"] == "errored"]


def test_sp_repo_review_a_broken_workflow_breaks_nothing_else() -> None:
    broken = {"a.py": "import random\nrandom.random()\n", ".github/workflows/ci.yml": "on: [push\njobs:\n\t- {"}
    found = outcomes(from_memory(broken))
    assert len(found) == len(catalog.checks())
    assert Outcome.ERRORED not in found.values()
    assert found["reproducibility/seed-python"] is FAILED


def test_sp_repo_review_a_repository_of_scripts_has_an_answer() -> None:
    files = {"README.md": "# a\n", "train.py": TRAIN, "model.py": "import torch\nm = torch.nn.Linear(1, 1)\n"}
    judged = [each for each in outcomes(from_memory(files)).values() if each in {PASSED, FAILED}]
    assert len(judged) > 30


def run(folder: Path, *words: str) -> None:
    identity = [part for name in ("name", "email") for part in ("-c", f"user.{name}=ada@acme.io")]
    subprocess.run(["git", *identity, *words], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "own"
    (folder / ".github/workflows").mkdir(parents=True)
    (folder / ".github/workflows/ci.yml").write_text("on: [push]\njobs: {a: {runs-on: x, steps: [{run: pytest}]}}\n")
    (folder / "train.py").write_text(TRAIN)
    (folder / ".gitignore").write_text("/data/\n")
    run(folder, "init", "-q")
    run(folder, "add", ".")
    run(folder, "commit", "-qm", "feat: begin")
    (folder / "data").mkdir()
    (folder / "data/big.csv").write_bytes(b"1,2\n" * 1_000_000)
    return folder


def judged(folder: Path) -> dict[str, Outcome]:
    with git.opened(folder) as opened:
        return outcomes(sources.from_git(opened))


def test_mllint_a_tag_on_a_file_hides_nothing(repository: Path) -> None:
    before = judged(repository)
    run(repository, "tag", "a-file", "HEAD:train.py")
    assert judged(repository) == before


def test_mllint_a_linked_work_tree_has_its_workflows(repository: Path) -> None:
    run(repository, "worktree", "add", "-q", "../linked")
    assert judged(repository.parent / "linked")["structure/continuous-integration"] is PASSED


def test_mllint_the_audit_leaves_nothing_behind(repository: Path) -> None:
    before = sorted(repository.rglob("*"))
    judged(repository)
    outcomes(from_folder(repository))
    assert sorted(repository.rglob("*")) == before


def test_doctor_what_git_ignores_is_not_committed(repository: Path) -> None:
    assert judged(repository)["hygiene/data-files"] is PASSED
