"""What kind of project a tree is, and where it trains."""

from __future__ import annotations

import pytest

from apps.audit.facts import Facts
from apps.audit.facts.project import Project, ProjectKind
from apps.audit.facts.training.training import Training
from apps.audit.sources import from_memory

Files = dict[str, str | bytes]
LIBRARY: Files = {
    "pyproject.toml": '[project]\nname = "tool"\nlicense = "MIT"\n',
    "tool/__init__.py": "",
    "tool/trainer.py": "def go(x):\n    loss.backward()\n",
}
FIT = "model.fit(x)\n"
MADE = "import fastapi\ndef get():\n    return fastapi.FastAPI()\n"
APP = "import fastapi\napp = fastapi.FastAPI()\n"


@pytest.mark.parametrize(
    ("files", "kind", "path"),
    [
        ({"src/train.py": FIT}, ProjectKind.TRAINING, "src/train.py"),
        ({"week_1/train.py": FIT, "week_2/a.py": "", "week_3/a.py": ""}, ProjectKind.TRAINING, "week_1/train.py"),
        ({"train.py": FIT, "app.py": APP}, ProjectKind.TRAINING, "train.py"),
        ({"app.py": APP}, ProjectKind.SERVICE, "app.py"),
        (
            {"app.py": f"def create_app():\n    {APP.splitlines()[1]}\n".replace("fastapi.", "flask.")},
            ProjectKind.OTHER,
            "",
        ),
        ({".dev/app.py": APP}, ProjectKind.OTHER, ""),
        (LIBRARY, ProjectKind.LIBRARY, "pyproject.toml"),
        (LIBRARY | {"projects/chat/launch.py": APP}, ProjectKind.LIBRARY, "pyproject.toml"),
        (
            LIBRARY | {"ops/setup.py": "from setuptools import setup\nsetup(name='ops')", "ops/a/__init__.py": ""},
            ProjectKind.LIBRARY,
            "pyproject.toml",
        ),
        (LIBRARY | {"tool/app.py": APP}, ProjectKind.SERVICE, "tool/app.py"),
        (
            LIBRARY | {"tool/app.py": MADE, "tool/main.py": "from tool.app import a\n"},
            ProjectKind.LIBRARY,
            "pyproject.toml",
        ),
        (LIBRARY | {"tool/app.py": f"{MADE}app = get()\n"}, ProjectKind.SERVICE, "tool/app.py"),
        (
            LIBRARY | {"tool/app.py": MADE, "tool/main.py": "from tool.app import get\napp = get()\n"},
            ProjectKind.SERVICE,
            "tool/app.py",
        ),
        (LIBRARY | {"scripts/train.py": FIT, "examples/train.py": FIT}, ProjectKind.LIBRARY, "pyproject.toml"),
        (LIBRARY | {"tool/train.py": FIT}, ProjectKind.LIBRARY, "pyproject.toml"),
        (
            LIBRARY | {"tool_train/__init__.py": "", "tool_train/main.py": FIT},
            ProjectKind.TRAINING,
            "tool_train/main.py",
        ),
        (LIBRARY | {"tool/train/main.py": FIT}, ProjectKind.LIBRARY, "pyproject.toml"),
        (LIBRARY | {"tool/train.py": FIT, "confs/training.yaml": "a: 1"}, ProjectKind.TRAINING, "tool/train.py"),
        (
            LIBRARY | {"tool/train.py": FIT, "configs.example/trainer/train.yaml": "a: 1"},
            ProjectKind.TRAINING,
            "tool/train.py",
        ),
        (
            LIBRARY | {"tool/train.py": FIT, "tool/configs/base.py": "def get_config():\n    return 1\n"},
            ProjectKind.TRAINING,
            "tool/train.py",
        ),
        (LIBRARY | {f"papers/{name}.py": FIT for name in "abcde"}, ProjectKind.TRAINING, "papers/a.py"),
        ({"1_intro/a.md": "", "2_basics/a.md": "", "3_more/a.md": ""}, ProjectKind.COURSE, "1_intro"),
        (
            {f"{each}/a.ipynb": '{"cells": []}' for each in ("01_data_prep", "02_training", "03_deployment")},
            ProjectKind.NOTEBOOKS,
            "01_data_prep/a.ipynb",
        ),
        (
            {f"{each}/a.ipynb": '{"cells": []}' for each in ("01_intro", "02_data", "03_training", "04_deployment")},
            ProjectKind.COURSE,
            "01_intro",
        ),
        (
            {f"0{each}_model.ipynb": '{"cells": []}' for each in range(1, 6)},
            ProjectKind.NOTEBOOKS,
            "01_model.ipynb",
        ),
        ({"eda.ipynb": '{"cells": []}'}, ProjectKind.NOTEBOOKS, "eda.ipynb"),
        ({"cookiecutter.json": "{}", "{{ cookiecutter.x }}/train.py": FIT}, ProjectKind.TEMPLATE, "cookiecutter.json"),
        ({"readme.md": ""}, ProjectKind.OTHER, ""),
        ({"broken.py": "def (:", "x.ipynb": "{", "setup.py": "setup("}, ProjectKind.OTHER, ""),
    ],
)
def test_kind(files: Files, kind: ProjectKind, path: str) -> None:
    project = Facts(from_memory(files)).get(Project)
    assert project is not None
    assert (project.kind, project.path) == (kind, path)


@pytest.mark.parametrize(
    ("code", "trains"),
    [
        ("model.fit(x, y)", True),
        ("loss.backward()", True),
        ("import lightgbm as lgb\nlgb.train(p, d)", True),
        ("from transformers import Trainer\nTrainer(model).train()", True),
        ("import jax\nstep = jax.value_and_grad(loss)", True),
        ("model.train()", False),
        ("scaler.fit(x)", False),
        ("from sklearn.preprocessing import StandardScaler\nStandardScaler().fit(x)", False),
        ("from sklearn.feature_extraction.text import CountVectorizer\ncv = CountVectorizer()\ncv.fit(x)", False),
        ("from eli5.sklearn import PermutationImportance\np = PermutationImportance(m).fit(x)", False),
        ("autoencoder.fit(x)", True),
        ("from sentence_transformers import SentenceTransformer\nm = SentenceTransformer()\nm.fit(x)", True),
        ("import scipy.stats\nscipy.stats.norm.fit(x)", False),
        ("# model.fit(x)", False),
        ("text = 'model.fit(x)'", False),
    ],
)
def test_what_trains(code: str, trains: bool) -> None:
    assert (Facts(from_memory({"a.py": code})).get(Training) is not None) is trains


def test_a_script_may_leave_training_to_a_function() -> None:
    files: Files = {
        "src/train.py": "from src.loops import train_model\nif __name__ == '__main__':\n    train_model(1)\n",
        "src/split.py": "from sklearn.model_selection import train_test_split\ntrain_test_split(x)\n",
    }
    training = Facts(from_memory(files)).get(Training)
    assert training is not None
    assert [each.path for each in training.scripts] == ["src/train.py"]


def test_a_starter_may_leave_training_to_a_function_without_asking_whether_it_is_run() -> None:
    loops = "def train_model(x):\n    loss.backward()\n"
    for starter, found in (("{}", True), ("def go():\n    {}", False)):
        files: Files = {
            "run.py": f"from loops import train_model\n{starter.format('train_model(1)')}\n",
            "loops.py": loops,
        }
        training = Facts(from_memory(files)).get(Training)
        assert training is not None
        assert [each.path for each in training.scripts] == ["run.py"] * found


def test_a_file_named_after_training_is_the_better_proof() -> None:
    training = Facts(from_memory({"explore.py": FIT, "src/train.py": FIT})).get(Training)
    assert training is not None
    assert [each.path for each in training.scripts] == ["src/train.py", "explore.py"]
