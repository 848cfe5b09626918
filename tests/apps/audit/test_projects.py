"""Which folders of a repository are projects of their own, and what is judged for each of them."""

from __future__ import annotations

import pytest

from apps.audit.check import Check, Outcome
from apps.audit.checks.reproducibility.seed_numpy import SeedNumpy
from apps.audit.checks.reproducibility.splits_seeded import SplitsSeeded
from apps.audit.engine import Audit
from apps.audit.facts import Facts
from apps.audit.facts.projects import Projects
from apps.audit.policy import Policy
from apps.audit.sources import from_memory

FIT = "model.fit(x)\n"
SEEDED, DRAWN = (
    f"import numpy as np\n{seed}m = np.random.rand(9)\ndef split(x):\n    m = np.random.rand(9)\n"
    "    train = x[m < 1]\n    test = x[m > 1]\nmodel.fit(x)\n"
    for seed in ("np.random.seed(1)\n", "")
)
TWO = {"a/requirements.txt": "torch\n", "b/requirements.txt": "torch\n"}


def projects(files: dict[str, str]) -> Projects:
    found = Facts(from_memory(files)).get(Projects)
    assert found is not None
    return found


def test_folders_with_manifests_of_their_own_are_projects() -> None:
    found = projects(TWO)
    assert (found.of("a/src/x.py"), found.of("c/x.py")) == ("a", "")
    assert not projects({"a/requirements.txt": "torch\n"}).folders


def test_a_folder_around_projects_that_needs_nothing_to_run_is_none() -> None:
    tools = '[tool.poetry.dependencies]\npython = "^3.11"\n[tool.poetry.dev-dependencies]\nruff = "*"\n'
    assert projects({**TWO, "pyproject.toml": tools}).of("a/train.py") == "a"
    assert not projects({**TWO, "requirements.txt": "numpy"}).folders


def test_below_a_root_that_needs_packages_those_that_train_are_projects() -> None:
    files = {**TWO, "requirements.txt": "numpy\n", "a/src/train.py": FIT, "c/requirements.txt": "flask\n"}
    assert not projects(files).folders
    assert projects({**files, "b/src/train.py": FIT}).folders == {"a", "b"}
    assert projects({**files, "b/src/train.py": FIT, "train.py": FIT}).folders == {"a", "b"}


@pytest.mark.parametrize("check", [SeedNumpy, SplitsSeeded])
def test_a_seed_is_that_of_its_own_project(check: type[Check]) -> None:
    files = {**TWO, "requirements.txt": "numpy\n", "a/train.py": SEEDED, "b/train.py": DRAWN}
    result = Audit(from_memory(files), Policy(), only=check.slug).results[check.slug]
    assert [finding.path for finding in result.findings] == ["b/train.py"]
    result = Audit(from_memory({**files, "b/train.py": SEEDED}), Policy(), only=check.slug).results[check.slug]
    assert result.outcome is Outcome.PASSED
