"""Hooks of every manager: what they do, to which files; and patterns that cannot hang us."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.audit.facts import Facts
from apps.audit.facts.hooks import manifests
from apps.audit.facts.hooks.filters import Filter
from apps.audit.facts.hooks.hooks import Hooks
from apps.audit.facts.hooks.matcher import Matcher
from apps.audit.facts.hooks.patterns import Pattern
from apps.audit.snapshot import Kind
from apps.audit.sources import from_memory

PRECOMMIT = ".pre-commit-config.yaml"


def hooks_of(files: dict[str, str]) -> Hooks:
    found = Facts(from_memory(files)).get(Hooks)
    assert found is not None
    return found


def local(entry: str, more: str = "") -> str:
    return f"repos:\n- repo: local\n  hooks:\n  - id: own\n    language: system\n    entry: {entry}\n{more}"


def remote(hook: str, more: str = "") -> str:
    return f"repos:\n- repo: https://example.org/hooks.git\n  rev: v1\n  hooks:\n  - id: {hook}\n{more}"


SELECTS_I = {"pyproject.toml": "[tool.ruff.lint]\nselect = ['E', 'I']\n"}
COMMENTED = {"pyproject.toml": "[tool.ruff.lint]\nselect = [\n  'E',\n  # 'I', 'S',\n]\n"}


@pytest.mark.parametrize(
    ("files", "does"),
    [
        ({PRECOMMIT: remote("black")}, {"python-format"}),
        ({PRECOMMIT: remote("ruff-check")}, {"python-lint", "notebooks"}),
        ({PRECOMMIT: remote("ruff-check"), **SELECTS_I}, {"python-lint", "notebooks", "import-order"}),
        ({PRECOMMIT: remote("ruff-check"), **COMMENTED}, {"python-lint", "notebooks"}),
        (
            {PRECOMMIT: remote("ruff", "    args: [--select, 'E,I,S']\n")},
            {"python-lint", "notebooks", "import-order", "security-lint"},
        ),
        ({PRECOMMIT: local("ruff format"), **SELECTS_I}, {"python-format", "notebooks"}),
        ({PRECOMMIT: local("uv run mypy src")}, {"type-check"}),
        (
            {PRECOMMIT: local("make style"), "Makefile": "style: order\n\tblack .\norder:\n\tisort .\n"},
            {"python-format", "import-order"},
        ),
        ({PRECOMMIT: local("bash -c 'gitleaks protect'")}, {"secrets"}),
        ({PRECOMMIT: local("jupyter nbconvert --clear-output --inplace")}, {"notebook-outputs", "notebooks"}),
        ({PRECOMMIT: local("jupyter nbconvert --to html")}, set()),
        ({PRECOMMIT: remote("nb-clean", "    args: [--preserve-cell-outputs]\n")}, {"notebooks"}),
        ({PRECOMMIT: local("dvc status")}, {"dvc"}),
        ({PRECOMMIT: local("dvc pull")}, set()),
        ({PRECOMMIT: local("echo black")}, set()),
        ({PRECOMMIT: remote("black", "    stages: [manual]\n")}, set()),
        ({"prek.toml": "[[repos]]\nrepo = 'https://x'\nrev = 'v1'\nhooks = [{ id = 'isort' }]\n"}, {"import-order"}),
        (
            {"lefthook.yml": "pre-commit:\n  commands:\n    a: {run: 'uv run ruff format {staged_files}'}\n"},
            {"python-format", "notebooks"},
        ),
        ({"lefthook.yml": "pre-push:\n  jobs:\n  - group:\n      jobs:\n      - run: mypy .\n"}, {"type-check"}),
        (
            {
                ".husky/pre-commit": "npx lint-staged\n",
                "package.json": '{"lint-staged": {"*.py": ["black", "flake8"]}}',
            },
            {"python-format", "python-lint"},
        ),
        ({".husky/pre-commit": "#!/bin/sh\ngitleaks git --staged\n"}, {"secrets"}),
        (
            {".overcommit.yml": "PreCommit:\n  PythonFlake8: {enabled: true}\n  Pylint: {enabled: false}\n"},
            {"python-lint"},
        ),
    ],
)
def test_what_hooks_do(files: dict[str, str], does: set[str]) -> None:
    assert {ability.value for hook in hooks_of(files) for ability in hook.abilities} == does


def test_a_hook_has_its_place() -> None:
    (hook,) = hooks_of({PRECOMMIT: remote("black")})
    assert (hook.path, hook.line, hook.repo) == (PRECOMMIT, 5, "https://example.org/hooks.git")
    (made,) = hooks_of({PRECOMMIT: remote("black")}).remotes
    assert (made.rev, made.line) == ("v1", 3)


def of_repository(url: str, hook: str, rev: str = "v1") -> str:
    return f"repos:\n- repo: {url}\n  rev: {rev}\n  hooks:\n  - {{id: {hook}}}\n"


@pytest.mark.parametrize(
    ("text", "given", "not_given"),
    [
        (of_repository("https://github.com/astral-sh/ruff-pre-commit", "ruff-format"), "a.ipynb b.pyi c.py", "d.md"),
        (of_repository("https://github.com/astral-sh/ruff-pre-commit", "ruff", "v0.6.0"), "c.py", "a.ipynb"),
        (of_repository("https://github.com/astral-sh/ruff-pre-commit", "ruff", "v0.6.1"), "a.ipynb", "d.md"),
        (of_repository("https://github.com/astral-sh/ruff-pre-commit", "ruff", "9b9a1b5"), "a.ipynb", "d.md"),
        (of_repository("https://github.com/pre-commit/mirrors-isort", "isort"), "c.py", "e.pyx d.md"),
        (of_repository("git@github.com:pycqa/isort.git", "isort"), "c.py e.pyx b.pyi", "d.md"),
        (of_repository("https://git.example.org/copies/isort-fork", "isort"), "c.py", "d.md"),
        (of_repository("https://github.com/mwouts/jupytext", "jupytext"), "a.ipynb d.md c.py", "f.yaml"),
        (of_repository("https://github.com/tox-dev/pyproject-fmt/", "pyproject-fmt"), "pyproject.toml", "g.toml"),
        (of_repository("https://github.com/pre-commit/pre-commit-hooks", "check-yaml"), "f.yaml .clang-format", "c.py"),
        (of_repository("https://github.com/pappasam/toml-sort", "toml-sort"), "g.toml", "uv.lock"),
        # What is said here replaces what the publisher says, one by one: black's types_or stays beside these types.
        (remote("black", "    types: [pyi]\n"), "b.pyi", "c.py"),
        (remote("black", "    types_or: [jupyter]\n"), "a.ipynb", "c.py"),
        (remote("black", "    files: ^src/\n"), "src/c.py", "c.py src/d.md"),
        (remote("flake8", "    types: [file]\n    files: notes\n"), "notes.txt", "c.py"),
        # A hook of the repository's own is not the published one of that id.
        (local("black .").replace("id: own", "id: black"), "c.py d.md", ""),
    ],
)
def test_a_published_hook_is_given_the_files_of_its_manifest(text: str, given: str, not_given: str) -> None:
    (hook,) = hooks_of({PRECOMMIT: text})
    assert [path for path in given.split() if not hook.filter.includes(path)] == []
    assert [path for path in not_given.split() if hook.filter.includes(path)] == []


def test_manifests_are_of_many_repositories_each_with_its_commit() -> None:
    text = Path(manifests.__file__).with_suffix(".json").read_text(encoding="utf-8")
    published = json.loads(text)["repositories"]
    assert len(published) >= 60
    assert len(manifests.repositories()) == len(published)
    for url, said in published.items():
        assert re.fullmatch(r"https://github\.com/[\w.-]+/[\w.-]+", url)
        assert re.fullmatch("[0-9a-f]{40}", said["commit"])
        assert said["hooks"]


def test_patterns_of_manifests_are_understood() -> None:
    """But for one, of forms on GitHub, that excludes a name in the middle."""
    hooks = [hook for each in manifests.repositories().values() for hook in each.values()]
    patterns = {pattern for hook in hooks for key in ("files", "exclude") if (pattern := hook.get(key))}
    assert len(patterns) > 30
    unclear = [pattern for pattern in patterns if Pattern.of(pattern) is None]
    assert all("ISSUE_TEMPLATE" in pattern for pattern in unclear), unclear


@pytest.mark.parametrize(
    ("text", "error"),
    [("repos: [\n", "expected"), ("hooks: []\n", "no list of repos"), ("repos:\n- hooks: []\n", "names no repo")],
)
def test_a_broken_configuration_says_so(text: str, error: str) -> None:
    (configured,) = hooks_of({PRECOMMIT: text}).configured
    assert error in configured.error or configured.error_line


def test_a_template_has_hooks_of_its_own() -> None:
    assert not hooks_of({"{{ cookiecutter.name }}/.pre-commit-config.yaml": remote("black")}).configured


def test_a_link_is_followed() -> None:
    snapshot = from_memory({"tools/hooks.yaml": remote("black"), PRECOMMIT: "tools/hooks.yaml"})
    files = tuple(
        type(file)(file.path, file.blob, file.size, Kind.SYMLINK if file.path == PRECOMMIT else file.kind, file.store)
        for file in snapshot.files
    )
    found = Facts(type(snapshot)(**{**vars(snapshot), "files": files})).get(Hooks)
    assert found is not None
    assert [hook.path for hook in found] == [PRECOMMIT]


@pytest.mark.parametrize(
    ("chosen", "path", "given"),
    [
        (Filter(), "a.py", True),
        (Filter(types_or=("python", "pyi")), "a/b.pyi", True),
        (Filter(types_or=("python",)), "a.yaml", False),
        (Filter(types=("text", "python")), "a.py", True),
        (Filter(exclude_types=("jupyter",)), "a.ipynb", False),
        (Filter(files=("^src/",), excludes=("_pb2",)), "src/a.py", True),
        (Filter(files=("^src/",), excludes=("_pb2",)), "src/a_pb2.py", False),
        (Filter(files=("^src/", r"\.py$")), "tests/a.py", False),
        (Filter(files=(r"(a)\1",)), "aa", None),
        (Filter(excludes=("^$",)), "a.py", True),
        (Filter(globs=("*.{py,pyi}",)), "src/a.pyi", True),
        (Filter(globs=("src/**/*.py",)), "src/a.py", True),
        (Filter(globs=("*.py",)), "a.yaml", False),
    ],
)
def test_filters(chosen: Filter, path: str, given: bool | None) -> None:
    assert chosen.includes(path) is given


WORDS = [
    *(
        "repos",
        "repo",
        "hooks",
        "id",
        "args",
        "entry",
        "files",
        "exclude",
        "types",
        "ci",
        "rev",
        "local",
        "black",
        "[",
        "",
    ),
    *("pre-commit", "commands", "jobs", "run", "glob", "group", "scripts", "remotes", "root", "lint-staged", "husky"),
    *("PreCommit", "enabled", "command", "stages", "manual", "language", "*.py", "make a", "(", "default_stages"),
]
CONFIGURATIONS = [PRECOMMIT, "lefthook.yml", "package.json", ".lintstagedrc", ".overcommit.yml"]
LEAVES = st.sampled_from(WORDS) | st.none() | st.booleans() | st.integers(-3, 3)
DOCUMENTS = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=4),
    max_leaves=20,
)


@given(st.sampled_from(CONFIGURATIONS), st.dictionaries(st.sampled_from(WORDS), DOCUMENTS, max_size=4))
def test_any_document_is_read(path: str, document: dict[str, object]) -> None:
    hooks = hooks_of({path: json.dumps(document)})
    assert all(isinstance(hook.filter.includes("a.py"), bool) for hook in hooks)


PIECES = [
    "a",
    "b",
    "/",
    ".",
    r"\.",
    "[ab]",
    "[^a]",
    r"\w",
    "(a|b)",
    "(?:ab)*",
    "a+",
    "b?",
    "a{1,2}",
    "^",
    "$",
    "|",
    ".*?",
]


@given(st.lists(st.sampled_from(PIECES), max_size=6).map("".join), st.text("ab/.", max_size=6))
def test_patterns_match_as_python_does(pattern: str, text: str) -> None:
    compiled = Pattern.of(pattern)
    assert compiled is None or compiled.found_in(text) == bool(re.search(pattern, text))


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        ("^(?!docs/|tests/).*", "docs/a.py", False),
        ("^(?!docs/|tests/).*", "src/a.py", True),
        ("(?x)^(\n  a/b  # why\n  | c/.*\n)$", "c/d", True),
        ("(?i)readme", "README.md", True),
    ],
)
def test_idioms_of_hook_configurations(pattern: str, text: str, found: bool) -> None:
    compiled = Pattern.of(pattern)
    assert compiled
    assert compiled.found_in(text) is found


@pytest.mark.parametrize(
    "hostile", ["(a+)+$", ".*" * 300 + "$x", "^" + "(a|a)*" * 100 + "$", "(a?){200}" + "a" * 200 + "$"]
)
def test_patterns_that_hang_python_do_not_hang_us(hostile: str) -> None:
    if compiled := Pattern.of(hostile):
        assert not compiled.found_in("a" * 4_000 + "!")


def test_many_hostile_patterns_are_given_up_in_time() -> None:
    matcher, paths = Matcher(), [f"{'a/b' * 60}{number}.py" for number in range(300)]
    before = time.process_time()
    answers = {matcher.matches(".*" * 40 + f"x{number}", path) for number in range(2_000) for path in paths}
    assert time.process_time() - before < 10
    assert answers == {False, None}


def test_parser_of_python_is_the_one_that_is_understood() -> None:
    """Its tree is private to Python: another version may name or nest its parts in another way."""
    for pattern in [r"^a\.b$", "[^a-c]", "(a|b)?", "a{2,3}?", r"\w\d\s", "^(?!a|b).*", "(?i)a", "(?x) a # b", "(?:a)+"]:
        assert Pattern.of(pattern), pattern
    assert Pattern.of("(?<=a)b") is None


@pytest.mark.parametrize("absurd", ["(" * 5_000 + ")" * 5_000, "a{65000}", "((a{200}){200}){200}", "(?<=a)b", "["])
def test_patterns_that_are_not_understood(absurd: str) -> None:
    assert Pattern.of(absurd) is None
