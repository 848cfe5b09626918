"""Findings in a notebook cite the line of its file that the code stands on."""

from __future__ import annotations

import json

import pytest

from apps.audit.facts import Facts
from apps.audit.facts.python.modules import Modules
from apps.audit.facts.secrets.credentials import Credentials
from apps.audit.sources import from_memory

LINES = ["import numpy\n", "%matplotlib inline\n", "\n", "def draw(é):\n", "    return numpy.random.rand(3)\n"]


def cell(source: object) -> dict[str, object]:
    printed = [{"name": "stdout", "output_type": "stream", "text": ["import numpy\n", "import this\n"]}]
    return {"cell_type": "code", "execution_count": 1, "metadata": {}, "outputs": printed, "source": source}


def line_of_the_draw(notebook: str) -> tuple[int, str]:
    found = Facts(from_memory({"a.ipynb": notebook})).get(Modules)
    assert found is not None
    (module,) = found
    (call,) = (each for each in module.calls if each.name == "numpy.random.rand")
    return call.line, notebook.splitlines()[call.line - 1]


@pytest.mark.parametrize("plain", [True, False])
@pytest.mark.parametrize("indent", [1, 2])
def test_each_line_of_a_cell_has_its_own(indent: int, plain: bool) -> None:
    notebook = {"cells": [cell(["x = 1\n"]), {"cell_type": "markdown", "source": LINES}, cell(LINES)]}
    line, text = line_of_the_draw(json.dumps(notebook, indent=indent, ensure_ascii=plain))
    assert "numpy.random.rand(3)" in text
    assert line > 30


@pytest.mark.parametrize(("source", "indent"), [("".join(LINES), 1), (LINES, None)])
def test_where_lines_share_one_the_cell_is_cited(source: object, indent: int | None) -> None:
    _, text = line_of_the_draw(json.dumps({"cells": [cell(["x = 1\n"]), cell(source)]}, indent=indent))
    assert '"cell_type": "code"' in text


def test_a_credential_in_a_notebook_has_the_line_of_the_code() -> None:
    token = "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"
    notebook = json.dumps({"cells": [cell(["x = 1\n", f'TOKEN = "{token}"\n'])]}, indent=1)
    found = Facts(from_memory({"a.ipynb": notebook})).get(Credentials)
    assert found is not None
    assert [token in notebook.splitlines()[(each.line or 0) - 1] for each in found.found] == [True]
