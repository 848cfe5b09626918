"""Arithmetic that scales data by its own values."""

from __future__ import annotations

import pytest

from apps.audit.facts import Facts
from apps.audit.facts.python.modules import Modules
from apps.audit.facts.training.preparing import scalings
from apps.audit.sources import from_memory


@pytest.mark.parametrize(
    ("source", "scaled"),
    [
        ("x = x - x.mean()\n", ["x"]),
        ("df['a'] = (df['a'] - df['a'].mean()) / df['a'].std()\n", ["df"]),
        ("x = (x - np.mean(x, axis=0)) / np.std(x, axis=0)\n", ["x"]),
        ("def f(x):\n    return (x - x.mean()) / x.std()\n", ["x"]),
        ("def f(x):\n    return (x - np.mean(x)) / np.std(x)\n", ["x"]),
        ("def f(x):\n    return x.mean(), y.std()\n", []),
        ("def f(x):\n    print(f'{x.mean()} {x.std()}')\n", []),
        ("share = n * x.mean()\n", []),
        ("fit = 1 - loss / np.mean((y - np.mean(y)) ** 2)\n", []),
        ("a = (w / p) * (y - q) + q - q.mean()\n", []),
        ("x = (x - x.mean()) / (x.std() + eps)\n", ["x"]),
        ("average = sum(x) / len(x)\n", []),
        ("adv = (adv - adv.mean()) / (adv.std() + eps)\n", []),
        ("x.mean()\nx.std()\n", []),
    ],
)
def test_what_is_scaled_by_its_own_mean(source: str, scaled: list[str]) -> None:
    modules = Facts(from_memory({"t.py": f"import numpy as np\n{source}"})).get(Modules)
    assert [name for module in modules or () for name, _, _ in scalings(module)][:1] == scaled
