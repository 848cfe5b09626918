"""Digests name the code that judges: they change with it, and with nothing else."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from apps.audit import digests
from apps.audit.facts.python.modules import Modules
from apps.audit.facts.python.python import parse_notebook_code, parse_python

ROOT = Path(digests.__file__).parent
CODE = 'def f() -> int:\n    """Says one."""\n    return 1\n'


def digest(tmp_path: Path, text: str) -> str:
    path = tmp_path / f"{len(list(tmp_path.iterdir()))}.py"
    path.write_text(text)
    return digests.digest(path)


def test_docstrings_do_not_count_and_code_does(tmp_path: Path) -> None:
    plain = digest(tmp_path, CODE)
    assert digest(tmp_path, CODE.replace("Says one.", "Says\n\n    a longer thing.")) == digest(tmp_path, CODE)
    assert digest(tmp_path, CODE.replace("return 1", "return 2")) != plain
    assert digest(tmp_path, CODE + 'TEXT = """\nmatters\n"""\n') != digest(tmp_path, CODE + 'TEXT = """\ncounts\n"""\n')


def test_a_function_is_named_with_what_its_module_imports() -> None:
    names = {entry.partition("=")[0] for entry in digests.modules(parse_python.__module__)}
    assert {"apps.audit.facts.python.python", "apps.audit.facts.notebooks", "apps.audit.snapshot"} <= names
    assert Modules.__module__ not in names
    assert digests.function(parse_python) != digests.function(parse_notebook_code)


@pytest.mark.parametrize("path", sorted(ROOT.rglob("*.py")), ids=lambda path: path.stem)
def test_our_own_code_keeps_the_habits_that_digests_rely_on(path: Path) -> None:
    text = path.read_text()
    tree = ast.parse(text)
    kinds = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    documented = [node for node in ast.walk(tree) if isinstance(node, kinds) and ast.get_docstring(node, clean=False)]
    assert len(digests.DOCSTRING.findall(text)) == len(documented)
    imported = {
        node.module
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("apps.audit")
    }
    assert imported <= set(digests.imports(path))
