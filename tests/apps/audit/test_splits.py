"""Splits that are made by hand: by position, and by a hash."""

from __future__ import annotations

import json

import pytest

from apps.audit.facts import Facts
from apps.audit.facts.training.splits import Splits
from apps.audit.sources import from_memory

CUT = "train = rows[:80]\ntest = rows[80:]\n"
ORDER = "its order"
BY_FOLD = "train = df[df['fold'] != k]\nvalid = df[df['fold'] == k]\n"
PARTED = "def split(rows):\n    train = rows[:80]\n    test = rows[80:]\n    return train, test\n"


def kept(source: str, path: str = "t.py") -> list[str]:
    imports = "import random, zlib, torch, hashlib\nimport numpy as np\n"
    found = Facts(from_memory({path: imports + source})).get(Splits)
    return [split.kept_by for split in found or ()]


@pytest.mark.parametrize(
    ("source", "kept_by"),
    [
        (CUT, [ORDER]),
        ("train, test = rows[:80], rows[80:]\n", [ORDER]),
        ("train_df = df.iloc[:n].copy()\ntest_df = df.iloc[n:].copy()\n", [ORDER]),
        ("train_ds = ds.take(n)\nval_ds = ds.skip(n)\n", [ORDER]),
        ("def f(rows):\n    train = rows[:80]\n    test = rows[80:]\n    x = random.choice(train)\n", [ORDER]),
        (f"random.shuffle(others)\n{CUT}", [ORDER]),
        (f"random.shuffle(rows)\n{CUT}", [""]),
        (f"random.seed(7)\nrandom.shuffle(rows)\n{CUT}", ["random.seed in t.py"]),
        (f"rows = rows.sample(frac=1)\n{CUT}", [""]),
        (f"rows = rows.sample(frac=1, random_state=7)\n{CUT}", ["its random_state"]),
        (f"order = np.random.permutation(100)\nrows = data[order]\n{CUT}", [""]),
        (f"rows = torch.randperm(100)\n{CUT}", [""]),
        (f"rng = np.random.default_rng(7)\nrng.shuffle(rows)\n{CUT}", ["numpy.random.default_rng, which gets a seed"]),
        (f"rng = np.random.default_rng()\nrng.shuffle(rows)\n{CUT}", [""]),
        (f"rows = np.random.RandomState(0).permutation(100)\n{CUT}", ["numpy.random.RandomState, which gets a seed"]),
        ("def f(rows):\n    random.shuffle(rows)\n    train = rows[:80]\n    test = rows[80:]\n", [""]),
        (f"{PARTED}random.shuffle(data)\nsplit(data)\n", [""]),
        (f"{PARTED}random.seed(7)\nrandom.shuffle(data)\nsplit(data)\n", ["random.seed in t.py"]),
        (f"{PARTED}random.shuffle(others)\nsplit(data)\n", [ORDER]),
        (f"{PARTED}def main():\n    data = load().sample(frac=1)\n    split(rows=data)\n", [""]),
        (f"def load():\n    random.shuffle(x)\n    return x\nrows = load()\n{CUT}", [""]),
        (f"def show():\n    random.shuffle(x)\nshow()\nrows = load()\n{CUT}", [ORDER]),
        (BY_FOLD, ["that column"]),
        ("train = df[df['fold'] != k]\ntest = df[df['age'] == k]\n", ["that column"]),
        ("train = df[df['age'] > 3]\ntest = df[df['age'] <= 3]\n", []),
        (f"df['fold'] = np.random.randint(0, 5, len(df))\n{BY_FOLD}", ["that column", ""]),
        (
            f"np.random.seed(1)\ndf['fold'] = np.random.randint(0, 5)\n{BY_FOLD}",
            ["that column", "numpy.random.seed in t.py"],
        ),
        ("df['age'] = np.random.randint(0, 5, len(df))\n", []),
        ("train = parts['train'][:10]\ntest = parts['test'][:10]\n", []),
        ("train_x = rows[:, 1:]\ntest_y = rows[:, 0]\n", []),
        ("x_train = rows[:80, 1:]\nx_test = rows[80:, 1:]\n", [ORDER]),
        ("train = a[:10]\ntest = b[:10]\n", []),
        ("def split(key):\n    return zlib.crc32(key) % 10 < 8\n", ["the hash of a key"]),
        ("def split(key):\n    return hash(key) % 10 < 8\n", [""]),
        ("def in_test_set(key):\n    return int(hashlib.md5(key).hexdigest(), 16) % 10\n", ["the hash of a key"]),
        ("def download(key):\n    return hashlib.md5(key).hexdigest()\n", []),
        ("q = 'SELECT MOD(ABS(FARM_FINGERPRINT(id)), 10) < 8'\n", ["the hash of a key"]),
        ("q = \"SELECT IF(RAND() <= 0.8, 'TRAIN', 'TEST') AS ml_use FROM t\"\n", [""]),
        (f"q = \"SELECT {'a, ' * 200} CASE WHEN 0.8 > random() THEN 'train' END FROM t\"\n", [""]),
        ("q = \"SELECT IF(rand(7) < 0.8, 'train', 'test') FROM t\"\n", ["its seed"]),
        ("q = 'SELECT a FROM t ORDER BY RAND() LIMIT 10'\n", []),
        ("q = 'SELECT a FROM t WHERE RAND() < 0.1'\n", []),
    ],
)
def test_what_keeps_a_split_that_is_made_by_hand(source: str, kept_by: list[str]) -> None:
    assert kept(source) == kept_by


def test_a_cell_that_shuffles_comes_before_the_one_that_cuts() -> None:
    cells = [{"cell_type": "code", "source": source, "outputs": []} for source in ("import random", "", CUT)]
    cells[1]["source"] = "random.shuffle(rows)"
    found = Facts(from_memory({"a.ipynb": json.dumps({"cells": cells}, indent=1)})).get(Splits)
    assert [split.kept_by for split in found or ()] == [""]


def test_queries_in_files_of_their_own_split_too() -> None:
    query = "SELECT *,\n  IF(RAND() < 0.8, 'train', 'test') AS part\nFROM t\n"
    found = Facts(from_memory({"sql/split.sql": query, "tests/a.sql": query, "a.py": ""})).get(Splits)
    assert [(split.path, split.line, split.kept_by) for split in found or ()] == [("sql/split.sql", 2, "")]
