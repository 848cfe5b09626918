"""Which seeds count, followed one step into arguments, options and configuration."""

from __future__ import annotations

import json

import pytest

from apps.audit.facts import Facts
from apps.audit.facts.training.randomness import Library, Randomness
from apps.audit.sources import from_memory

TORCH = "import torch\nimport lightning as L\n"
HANDS_ON = (
    "def f(x, seed=None):\n    torch.manual_seed(seed)\ndef g(x, seed=None):\n    f(x, seed=seed)\n    f(x, None)\n"
)


def randomness(files: dict[str, str]) -> Randomness:
    found = Facts(from_memory(files)).get(Randomness)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("source", "libraries"),
    [
        ("import random\nrandom.seed(7)\n", {"random"}),
        ("import numpy as np\nnp.random.seed(7)\n", {"numpy"}),
        ("from numpy.random import default_rng\nr = default_rng(7)\n", {"numpy"}),
        ("import torch as t\nt.cuda.manual_seed_all(7)\n", {"torch"}),
        ("from tensorflow.compat.v1 import set_random_seed\nset_random_seed(7)\n", {"tensorflow"}),
        ("import jax\nk = jax.random.key(7)\n", {"tensorflow"}),
        ("from lightning import seed_everything\nseed_everything(7)\n", {"random", "numpy", "torch"}),
        ("from transformers import set_seed\nset_seed(7)\n", {"random", "numpy", "torch", "tensorflow"}),
        ("import random\nrandom.seed(None)\n", set()),
        ("import numpy as np\nr = np.random.default_rng()\n", set()),
        ("import torch\ng = torch.Generator().manual_seed(7)\n", set()),
        ("import numpy as np\nnp.random.seed(7)\ndef seed():\n    pass\n", {"numpy"}),
        ("import torch\ntorch.manual_seed(7)\nclass G:\n    def manual_seed(self, s):\n        pass\n", {"torch"}),
        ("# random.seed(7)\nT = 'random.seed(7)'\neval('random.seed(7)')\n", set()),
    ],
)
def test_what_a_call_seeds(source: str, libraries: set[str]) -> None:
    found = randomness({"train.py": source})
    assert {library.value for library in Library if found.seeded(library)} == libraries


def test_a_helper_of_the_repository_is_judged_by_what_stands_in_it() -> None:
    files = {"u.py": "import random\ndef set_seeds(s=1):\n    random.seed(s)\n", "t.py": "import u\nu.set_seeds(7)\n"}
    found = randomness(files)
    assert found.seeded(Library.PYTHON)
    assert not found.seeded(Library.NUMPY)


@pytest.mark.parametrize(
    ("missing", "files"),
    [
        ("seed = None", {"t.py": f"{TORCH}def f(seed=None):\n    torch.manual_seed(seed)\n"}),
        ("", {"t.py": f"{TORCH}def f(seed=None):\n    torch.manual_seed(seed)\nf(7)\n"}),
        ("seed = None", {"t.py": f"{TORCH}def f(x, seed=None):\n    torch.manual_seed(seed)\nf(7)\n"}),
        ("seed = None", {"t.py": f"{TORCH}{HANDS_ON}"}),
        ("", {"t.py": f"{TORCH}{HANDS_ON}g(1, seed=7)\n"}),
        ("", {"t.py": f"{TORCH}def f(x, seed=None):\n    torch.manual_seed(seed)\nf(1, **options)\n"}),
        ("", {"t.py": f"{TORCH}class A:\n    def __init__(self, seed=None):\n        torch.manual_seed(seed)\nA(7)\n"}),
        ("", {"t.py": f"{TORCH}def f(seed=1):\n    torch.manual_seed(seed)\n"}),
        ("--seed without", {"t.py": f"{TORCH}p.add_argument('--seed', type=int)\ntorch.manual_seed(args.seed)\n"}),
        ("", {"t.py": f"{TORCH}p.add_argument('--seed', default=1)\ntorch.manual_seed(args.seed)\n"}),
        ("seed: null", {"t.py": f"{TORCH}L.seed_everything(cfg.seed)\n", "conf/c.yaml": "seed: null\n"}),
        ("", {"t.py": f"{TORCH}L.seed_everything(cfg.seed)\n", "conf/c.yaml": "seed: 7\n"}),
        ("", {"t.py": f"{TORCH}L.seed_everything(cfg.train.seed)\n", "conf/c.yaml": "seed: null\ntrain: {seed: 7}\n"}),
    ],
)
def test_follows_the_value_one_step(missing: str, files: dict[str, str]) -> None:
    found = randomness(files)
    assert bool(found.seeded(Library.PYTORCH)) is not bool(missing)
    assert [missing in place.what for place in found.missing(Library.PYTORCH)] == [True] * bool(missing)


def test_an_option_without_a_default_is_cited_where_it_is_declared() -> None:
    files = {"options.py": "p.add_argument('--seed', type=int)\n", "t.py": f"{TORCH}torch.manual_seed(args.seed)\n"}
    assert [(each.path, each.line) for each in randomness(files).missing(Library.PYTORCH)] == [("options.py", 1)]


def test_an_experiment_that_sets_a_seed_does_not_set_the_default() -> None:
    files = {
        "t.py": f"{TORCH}L.seed_everything(cfg.seed)\n",
        "configs/train.yaml": "defaults: [data: a]\nseed: null\n",
        "configs/experiment/best.yaml": "defaults: [override /data: b]\nseed: 7\n",
    }
    found = randomness(files)
    assert [(place.path, place.line) for place in found.missing(Library.PYTORCH)] == [("configs/train.yaml", 2)]


def test_tests_neither_draw_nor_seed() -> None:
    found = randomness({"tests/test_a.py": "import random\nrandom.seed(7)\nrandom.random()\n", "a.py": "x = 1\n"})
    assert not found.draws
    assert not found.seeds


def test_a_field_of_the_settings_beside_it_is_a_seed_and_another_programs_option_is_not() -> None:
    files = {
        "a/train.py": "class Settings:\n    seed: int = 0\ndef main(args):\n    random.seed(args.seed)\n",
        "b/run.py": "parser.add_argument('--seed')\n",
    }
    files["a/train.py"] = "import random\n" + files["a/train.py"]
    assert not randomness(files).missing(Library.PYTHON)


def test_an_examples_seed_is_that_of_its_own_folder() -> None:
    files = {
        "setup.py": "from setuptools import setup\nsetup(name='a', install_requires=['torch'])\n",
        "examples/one/train.py": "import torch\ntorch.manual_seed(7)\n",
        "examples/one/deep/net.py": "import torch\nx = torch.rand(1)\n",
        "examples/two/train.py": "import torch\nx = torch.rand(1)\n",
    }
    found = randomness(files)
    assert found.seeded_for(Library.PYTORCH, "examples/one/deep/net.py")
    assert not found.seeded_for(Library.PYTORCH, "examples/two/train.py")


def notebook(source: str) -> str:
    return json.dumps({"cells": [{"cell_type": "code", "source": source, "outputs": []}]})


def test_a_notebook_is_a_program_of_its_own() -> None:
    seeded, drawn = "import random\nrandom.seed(7)\nrandom.random()\n", "import random\nrandom.random()\n"
    files = {"n/a.ipynb": notebook(seeded), "n/b.ipynb": notebook(drawn), "n/helper.py": drawn}
    found = randomness(files)
    assert found.seeded_for(Library.PYTHON, "n/helper.py")
    assert not found.seeded_for(Library.PYTHON, "n/b.ipynb")


@pytest.mark.parametrize(
    ("files", "unseeded"),
    [
        ({"a.ipynb": "random.seed(7)", "b.ipynb": "random.random()", "c.ipynb": "random.random()"}, "b.ipynb c.ipynb"),
        ({"a.ipynb": "random.seed(7)", "b.ipynb": "random.seed(7)\nrandom.random()"}, ""),
        ({"a.ipynb": "random.seed()\nrandom.random()", "b.ipynb": "random.random()"}, "a.ipynb b.ipynb"),
        ({"a.ipynb": "random.random()", "t.py": "random.seed(7)\nrandom.random()"}, ""),
    ],
)
def test_each_notebook_that_draws_is_judged(files: dict[str, str], unseeded: str) -> None:
    sources = {path: f"import random\n{source}\n" for path, source in files.items()}
    cells = {path: notebook(source) if path.endswith("b") else source for path, source in sources.items()}
    found = randomness(cells).unseeded(Library.PYTHON)
    assert " ".join(place.path for place, _ in found) == unseeded
