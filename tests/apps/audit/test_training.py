"""Which calls train a model."""

from __future__ import annotations

import json

import pytest

from apps.audit.facts import Facts
from apps.audit.facts.python.modules import Module, Modules
from apps.audit.facts.training.training import Training
from apps.audit.sources import from_memory

TF1 = "import tensorflow.compat.v1 as tf\n"


@pytest.mark.parametrize(
    ("source", "call"),
    [
        ("loss.backward()\n", "loss.backward"),
        ("self.optimizer.apply_gradients(zip(g, v))\n", "self.optimizer.apply_gradients"),
        (f"{TF1}op = tf.train.AdamOptimizer(1).minimize(loss)\n", "tensorflow.train.AdamOptimizer().minimize"),
        (f"{TF1}tf.estimator.train_and_evaluate(e, a, b)\n", "tensorflow.estimator.train_and_evaluate"),
        ("estimator.train(inputs, max_steps=10)\n", "estimator.train"),
        ("from scipy import optimize\nr = optimize.minimize(f, x)\n", ""),
        ("model.train()\n", ""),
    ],
)
def test_what_trains(source: str, call: str) -> None:
    found = Facts(from_memory({"train.py": source})).get(Training)
    assert [each.call for each in found or ()] == [call] * bool(call)


def only_module(files: dict[str, str]) -> Module:
    found = Facts(from_memory(files)).get(Modules)
    assert found
    return found.modules[0]


def test_a_version_of_tensorflow_within_it_is_tensorflow() -> None:
    source = f"{TF1}import tensorflow\ntf.nn.relu(x)\ntensorflow.compat.v2.nn.relu(x)\ntensorflow.compat.as_str(x)\n"
    module = only_module({"a.py": source})
    again = ["tensorflow.nn.relu", "tensorflow.compat.as_str"]
    assert [call.name for call in module.calls] == ["tensorflow.nn.relu", *again]


def test_a_command_of_a_notebook_is_a_call_on_its_line() -> None:
    source = ["!wget -O a \\\n", "    https://a.org/b\n", "%matplotlib inline\n", "run(1)\n"]
    cells: list[object] = [
        {"cell_type": "code", "source": source, "outputs": [], "metadata": {}, "execution_count": None}
    ]
    notebook = json.dumps({"cells": cells, "nbformat": 4, "nbformat_minor": 5, "metadata": {}}, indent=1)
    module = only_module({"a.ipynb": notebook})
    system, run = (call for call in module.calls if call.name != "get_ipython")
    assert (system.name, system.args) == ("get_ipython().system", ["wget -O a \\ https://a.org/b"])
    assert run.name == "run"
    assert run.line - system.line == 3
