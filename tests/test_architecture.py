"""The shape of the code: who may import whom, and how large things may grow."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SOURCES = sorted(
    path
    for folder in ("apps", "mlhealth")
    for path in (ROOT / folder).rglob("*.py")
    if "migrations" not in path.parts and "project" not in path.parts
)
CHECKS = sorted((ROOT / "apps/audit/checks").glob("*/[!_]*.py"))
TEMPLATES = sorted((ROOT / "templates").rglob("*.*"))
# Clock and randomness would make two audits of one commit differ.
IMPURE = {"random", "secrets", "socket", "time", "urllib.request", "http.client", "django"}
VAGUE = {"utils", "helpers", "common", "services", "managers", "signals", "constants", "misc"}
HEAVY = {"pandas", "numpy", "plotly", "dvc", "celery", "rq", "git"}


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    tree = ast.parse(path.read_text())
    return (node for node in ast.walk(tree) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)))


def test_import_contracts_hold() -> None:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("path", sorted((ROOT / "apps/audit").rglob("*.py")), ids=lambda path: path.stem)
def test_engine_is_pure(path: Path) -> None:
    assert IMPURE.isdisjoint(imported(path))
    calls = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Attribute)]
    assert not [node.attr for node in calls if node.attr in {"now", "utcnow", "today"}]


@pytest.mark.parametrize("path", CHECKS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_checks_see_facts_and_nothing_else(path: Path) -> None:
    own = {name for name in imported(path) if name.startswith("apps.")}
    assert all(name.startswith(("apps.audit.check", "apps.audit.facts", "apps.audit.regex")) for name in own)


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_files_and_functions_stay_small(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= (120 if path in CHECKS else 250)
    for function in functions(path):
        assert (function.end_lineno or 0) - function.lineno < 40, function.name
        arguments = [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
        assert len([each for each in arguments if each.arg not in {"self", "cls"}]) <= 6, function.name


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_templates_stay_small_and_escape(path: Path) -> None:
    text = path.read_text()
    assert len(text.splitlines()) <= 150
    assert "autoescape off" not in text
    assert " style=" not in text
    assert not re.search(r"\s[a-z-]+=\{\{", text), "an attribute without quotes"


def test_names_say_their_subject() -> None:
    assert not [path for path in SOURCES if path.stem in VAGUE]


def test_web_process_starts_without_heavy_imports() -> None:
    code = (
        "import django, sys; django.setup(); from django.urls import get_resolver; get_resolver().url_patterns;"
        f"print(sorted({HEAVY} & set(sys.modules)))"
    )
    environment = {"DJANGO_SETTINGS_MODULE": "mlhealth.settings", "MLHEALTH_SECRET_KEY": "test"}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip().endswith("[]")
