"""Targets of task runners, and what a command leads to through them."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.audit.facts import Facts
from apps.audit.facts.automation.commands import commands_in
from apps.audit.facts.automation.tasks import Tasks
from apps.audit.sources import from_memory


def tasks_of(files: dict[str, str]) -> Tasks:
    found = Facts(from_memory(files)).get(Tasks)
    assert found is not None
    return found


def reached(files: dict[str, str], script: str) -> list[str]:
    """What `script` leads to in a repository with these files."""
    return [str(command) for command in tasks_of(files).expand(commands_in(script))]


MAKEFILE = """\
RUN := uv run
.PHONY: style clean
style:
\tblack .
\t$(RUN) flake8 \\
\t  src
clean: style  ## Clean
\t@rm -rf dist
ifeq ($(OS), Linux)
\t-isort .
endif
"""


@pytest.mark.parametrize(
    ("files", "script", "expected"),
    [
        (
            {"Makefile": MAKEFILE},
            "make clean",
            ["rm -rf dist", "isort .", "black .", "uv run flake8 src", "flake8 src"],
        ),
        ({"Makefile": MAKEFILE}, "make", ["black .", "uv run flake8 src", "flake8 src"]),
        (
            {"justfile": "t *args: lint\n    pytest {{args}}\nlint:\n    ruff check\n"},
            "just t",
            ["pytest {{args}}", "ruff check"],
        ),
        (
            {"Taskfile.yml": "tasks:\n  ci:\n    deps: [lint]\n    cmds:\n      - pytest\n  lint: ruff check\n"},
            "task ci",
            ["pytest", "ruff check"],
        ),
        (
            {"tox.ini": "[testenv:lint]\ncommands =\n    pre-commit run -a\n[testenv]\ncommands = pytest\n"},
            "tox -e lint",
            ["pre-commit run -a"],
        ),
        ({"tox.ini": "[testenv]\ncommands = pytest {posargs}\n"}, "tox -e py311", ["pytest {posargs}"]),
        (
            {"noxfile.py": "import nox\n@nox.session(tags=['a'])\ndef lint(s):\n    s.run('ruff', 'check')\n"},
            "nox -s lint",
            ["ruff check"],
        ),
        (
            {"tasks.py": "from invoke import task\n@task\ndef unit_tests(c):\n    c.run('pytest -q')\n"},
            "inv unit-tests",
            ["pytest -q"],
        ),
        (
            {
                "tasks/__init__.py": "from invoke import Collection\nfrom . import quality\nns = Collection(quality)\n",
                "tasks/quality.py": "import invoke\n@invoke.task(pre=[])\ndef test(c):\n    c.run('pytest -q')\n",
            },
            "invoke quality.test",
            ["pytest -q"],
        ),
        (
            {"locustfile.py": "from locust import task\nimport invoke\n@task(5)\ndef test(c):\n    c.run('pytest')\n"},
            "invoke test",
            [],
        ),
        ({"Pipfile": '[scripts]\nlint = "pylint src"\n'}, "pipenv run lint", ["lint", "pylint src"]),
        (
            {"pyproject.toml": "[tool.poe.tasks]\nci = ['lint', 'test']\nlint = 'ruff check'\ntest.cmd = 'pytest'\n"},
            "uv run poe ci",
            ["ruff check", "pytest"],
        ),
        ({"pyproject.toml": "[tool.hatch.envs.test.scripts]\nrun = 'pytest'\n"}, "hatch run test:run", ["pytest"]),
        (
            {"pyproject.toml": "[tool.pixi.tasks]\nlint = 'ruff'\ntest = { cmd = 'pytest', depends-on = ['lint'] }\n"},
            "pixi run test",
            ["pytest", "ruff"],
        ),
        ({"mise.toml": "[tasks.check]\nrun = ['ruff check', 'mypy .']\n"}, "mise run check", ["ruff check", "mypy ."]),
        ({"package.json": '{"scripts": {"lint": "eslint ."}}'}, "npm run lint", ["eslint ."]),
        ({"run.sh": "#!/bin/bash\n# mypy\npytest tests\n"}, "bash run.sh", ["pytest tests"]),
        (
            {"ci/run.sh": "pytest tests\n", "job.yaml": "entrypoint: bash ci/run.sh\n"},
            "submit job.yaml",
            ["pytest tests"],
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_follows_a_command_to_what_it_runs(files: dict[str, str], script: str, expected: list[str]) -> None:
    assert set(expected) <= set(reached(files, script))


def test_a_target_that_is_not_named_is_not_followed() -> None:
    assert "isort ." not in reached({"Makefile": MAKEFILE}, "make style")


def test_a_script_beside_is_followed_into_its_functions_and_words() -> None:
    files = {
        "ci/run.sh": 'source "$(dirname "$0")/common.sh"\nrun_tests\n',
        "ci/common.sh": 'run_tests() {\n  eval "pytest ${args}"\n}\n',
    }
    assert "pytest" in {name.split()[0] for name in reached(files, "bash ci/run.sh")}


def test_sessions_of_one_name_cost_little() -> None:
    session = "@nox.session\ndef a(session):\n    session.run('pytest')\n"
    before = time.process_time()
    assert len(list(tasks_of({"noxfile.py": "import nox\n" + session * 4_000}))) == 1
    assert time.process_time() - before < 10


def test_targets_that_need_each_other_end() -> None:
    assert "pytest" in reached({"Makefile": "a: b\n\tpytest\n\tmake b\nb: a\n\tmake a\n"}, "make a")


def test_a_command_has_the_line_of_its_recipe() -> None:
    recipe = tasks_of({"Makefile": MAKEFILE}).tasks[0].commands
    assert [(command.tool, command.line) for command in recipe] == [("black", 4), ("uv", 5), ("flake8", 5)]


@pytest.mark.parametrize(
    ("script", "tools"),
    [
        ("A=1 pytest -q 2>&1 | tee log && ruff check .", ["pytest", "tee", "ruff"]),
        ("if [ -f x ]; then\n  sudo -E mypy .\nfi", ["[", "sudo", "mypy"]),
        ("# pytest\necho 'pytest' # pytest", ["echo"]),
        ("cat <<EOF > x\npytest\nEOF\nblack .", ["cat", "black"]),
        ("uv run --extra dev coverage run -m pytest", ["uv", "coverage", "pytest"]),
        ("$(VENV)/bin/python3.11 -m pre_commit run", ["python", "pre-commit"]),
        ("bash -c 'pytest && mypy .'", ["bash", "pytest", "mypy"]),
        ("uvx ruff@0.14 check", ["uvx", "ruff"]),
        ("pytest ${{ matrix.a && 'x' }}", ["pytest"]),
    ],
)
def test_programs_of_a_script(script: str, tools: list[str]) -> None:
    assert [command.tool for command in commands_in(script)] == tools


def test_lines_of_a_script() -> None:
    found = commands_in("pip install \\\n  pytest\npytest \\\n  -q", "ci.yml", 10)
    assert [(command.tool, command.line) for command in found] == [("pip", 10), ("pytest", 12)]


@pytest.mark.parametrize("hostile", ["$(" * 100_000, "<<A\n" * 50_000, "'" * 100_001, "\\" * 100_001, "bash -c '" * 9])
def test_hostile_scripts_end(hostile: str) -> None:
    assert len(list(commands_in(hostile))) <= 100_000


WORDS = [
    "tool",
    "poe",
    "tasks",
    "cmd",
    "cmds",
    "shell",
    "deps",
    "task",
    "scripts",
    "stages",
    "a",
    "b",
    "make a",
    "(",
    "",
]
LEAVES = st.sampled_from(WORDS) | st.none() | st.booleans() | st.integers(-3, 3)
DOCUMENTS = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=4),
    max_leaves=20,
)


@given(st.sampled_from(["Taskfile.yml", "package.json", "dvc.yaml", "job.yaml"]), DOCUMENTS)
def test_any_document_is_read(path: str, document: object) -> None:
    files = {path: json.dumps({"tasks": document, "scripts": document, "stages": document, "command": document})}
    assert isinstance(reached(files, "task a; npm run a; dvc repro; sh job.yaml"), list)


@given(st.text("ab:=\t\n \\$(){}@-#|;&'\"<>`", max_size=60))
def test_any_makefile_and_justfile_is_read(text: str) -> None:
    assert isinstance(reached({"Makefile": text, "justfile": text}, "make a; just a; make; just"), list)
