"""Declared packages and locks, as every ecosystem writes them."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.audit.check import MEGABYTE, Outcome
from apps.audit.checks.structure.dependencies_declared import DependenciesDeclared
from apps.audit.engine import Audit
from apps.audit.facts import Facts
from apps.audit.facts.packages.bounds import allows
from apps.audit.facts.packages.dependencies import Dependencies
from apps.audit.facts.packages.distributions import providers
from apps.audit.facts.packages.requirements import Group, conda_specifier, parse_requirements
from apps.audit.facts.packages.setup_script import parse_setup
from apps.audit.policy import Policy
from apps.audit.sources import from_memory

Files = dict[str, str | bytes]
RUNTIME, DEVELOPMENT, OPTIONAL = Group.RUNTIME, Group.DEVELOPMENT, Group.OPTIONAL


def read(files: Files) -> Dependencies:
    found = Facts(from_memory(files)).get(Dependencies)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("path", "content", "expected"),
    [
        ("requirements.txt", "torch==2.4 # fast\n-r other.txt\n# sh\n", [("torch", "==2.4", RUNTIME, 1)]),
        ("src/requirements.in", "Py_YAML[libyaml]>=6 ; python_version>'3'\n", [("py-yaml", ">=6", RUNTIME, 1)]),
        ("requirements/dev.txt", "\npytest\n", [("pytest", "", DEVELOPMENT, 2)]),
        ("requirements-test.txt", "a==1 \\\n  --hash=sha256:00\nb\n", [
            ("a", "==1", DEVELOPMENT, 1), ("b", "", DEVELOPMENT, 3)
        ]),
        ("requirements.txt", "git+https://x.org/r.git@v1#egg=tool\n-e .\n./local\n", [
            ("tool", "@ git+https://x.org/r.git@v1#egg=tool", RUNTIME, 1)
        ]),
        ("requirements.txt", "git+https://x.org/a/peft.git@v0.33.0\ngit+ssh://git@x.org/a/b_c\n", [
            ("peft", "@ git+https://x.org/a/peft.git@v0.33.0", RUNTIME, 1),
            ("b-c", "@ git+ssh://git@x.org/a/b_c", RUNTIME, 2),
        ]),
        ("pyproject.toml", '[project]\ndependencies = [\n  "torch>=2",\n  "numpy",\n]\n', [
            ("torch", ">=2", RUNTIME, 3), ("numpy", "", RUNTIME, 4)
        ]),
        ("pyproject.toml", '[project.optional-dependencies]\nonnx = ["onnx"]\ntest = ["pytest"]\n', [
            ("onnx", "", OPTIONAL, 2), ("pytest", "", DEVELOPMENT, 3)
        ]),
        ("pyproject.toml", '[dependency-groups]\nlint = ["ruff", {include-group = "x"}]\n', [
            ("ruff", "", DEVELOPMENT, 2)
        ]),
        ("pyproject.toml", '[tool.poetry.dependencies]\npython = "^3.9"\nx = {version = "1.0", optional = true}\n', [
            ("python", "^3.9", RUNTIME, 2), ("x", "==1.0", OPTIONAL, 3)
        ]),
        ("pyproject.toml", '[tool.poetry.group.dev.dependencies]\nblack = "*"\n', [("black", "", DEVELOPMENT, 2)]),
        ("pyproject.toml", '[tool.uv]\ndev-dependencies = ["ruff"]\n', [("ruff", "", DEVELOPMENT, 2)]),
        ("pyproject.toml", '[tool.pdm.dev-dependencies]\na = ["tox"]\n', [("tox", "", DEVELOPMENT, 2)]),
        ("pixi.toml", '[dependencies]\npytorch = ">=2"\n[feature.dev.dependencies]\nruff = "*"\n', [
            ("pytorch", ">=2", RUNTIME, 2), ("ruff", "", DEVELOPMENT, 4)
        ]),
        ("Pipfile", '[packages]\ntorch = "*"\n[dev-packages]\nblack = "==24.1"\n', [
            ("torch", "", RUNTIME, 2), ("black", "==24.1", DEVELOPMENT, 4)
        ]),
        ("setup.cfg", "[options]\ninstall_requires =\n    torch>=2\n    numpy\n", [
            ("torch", ">=2", RUNTIME, 3), ("numpy", "", RUNTIME, 4)
        ]),
        ("environment.yml", "dependencies:\n  - conda-forge::numpy=1.26.4=py_0\n  - pip:\n    - onnx\n", [
            ("numpy", "==1.26.4", RUNTIME, 2), ("onnx", "", RUNTIME, 4)
        ]),
        ("setup.py", "R = ['torch']\nsetup(\n  install_requires=R + ['numpy>=1'],\n  extras_require={'dev': R},\n)\n", [
            ("torch", "", RUNTIME, 1), ("numpy", ">=1", RUNTIME, 3), ("torch", "", DEVELOPMENT, 1)
        ]),
    ],
)  # fmt: skip
def test_reads(path: str, content: str, expected: list[tuple[str, str, Group, int]]) -> None:
    assert [(p.name, p.specifier, p.group, p.line) for p in read({path: content}).packages] == expected


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("uv.lock", 'version = 1\n\n[[package]]\nname = "Torch"\nversion = "2.4.0"\n'),
        ("poetry.lock", '[[package]]\nname = "torch"\nversion = "2.4.0"\n'),
        ("Pipfile.lock", '{\n    "default": {\n        "torch": {\n            "hashes": [\n'
         '                "sha256:0"\n            ],\n            "version": "==2.4.0"\n        }\n    }\n}\n'),
        ("conda-lock.yml", "package:\n- name: torch\n  manager: conda\n  version: 2.4.0\n"),
        ("pixi.lock", "packages:\n- conda: https://conda.example/linux-64/torch-2.4.0-py311_0.conda\n"),
    ],
)  # fmt: skip
def test_reads_locks(path: str, content: str) -> None:
    (lock,) = read({path: content}).locks
    assert lock.packages == {"torch": "2.4.0"}


def test_a_compiled_file_is_a_lock_where_something_else_declares() -> None:
    compiled: Files = {"requirements.txt": "# This file is autogenerated by pip-compile\ntorch==2.4.0\n"}
    assert [each.path for each in read(compiled).manifests] == ["requirements.txt"]
    both = read(compiled | {"requirements.in": "torch\n"})
    assert [each.path for each in both.manifests] == ["requirements.in"]
    assert [each.path for each in both.locks] == ["requirements.txt"]


def test_manifests_serve_the_folders_below_them() -> None:
    found = read({"a/requirements/base.txt": "torch\n", "b/requirements.txt": "onnx\n", "a/x.py": ""})
    assert [each.path for each in found.serving("a/src/x.py")] == ["a/requirements/base.txt"]
    assert [each.path for each in found.serving("c/x.py")] == ["a/requirements/base.txt", "b/requirements.txt"]


def test_a_folder_of_environments_is_for_the_folder_around_it() -> None:
    files: Files = {"a/environments/training/requirements.txt": "torch\n", "b/env/conda.yml": "dependencies: [onnx]\n"}
    assert [each.folder for each in read(files).manifests] == ["a", "b"]
    assert read({"docs/examples/requirements.txt": "torch\n"}).manifests[0].folder == "docs/examples"


def test_only_settings_of_tools_declare_nothing() -> None:
    assert read({"pyproject.toml": "[tool.black]\n", "deploy/cluster_env.yaml": "base: x\n"}).declaring == ()


@pytest.mark.parametrize(
    ("text", "expected"), [("=1.2.3", "==1.2.3"), ("=1.2", "=1.2"), ("=2.*", "=2.*"), ("=1.2=h_0", "==1.2")]
)
def test_conda_pins(text: str, expected: str) -> None:
    assert conda_specifier(text) == expected


@given(st.binary(max_size=300))
def test_never_raises(content: bytes) -> None:
    parse_requirements(content)
    parse_setup(content)


def test_setup_that_multiplies_is_bounded() -> None:
    names = "\n".join(f"A{n} = [{', '.join([f'A{n + 1}'] * 200)}]" for n in range(11))
    started = time.process_time()
    parse_setup(f"{names}\nA11 = ['x']\nsetup(install_requires=A0)".encode())
    assert time.process_time() - started < 2


def test_a_manifest_that_is_too_large_to_read_leaves_what_is_declared_unknown() -> None:
    files: Files = {"requirements.txt": "#" * 2 * MEGABYTE, "a.py": "import torch\n"}
    audit = Audit(from_memory(files), Policy(), only=DependenciesDeclared.slug)
    assert audit.results[DependenciesDeclared.slug].outcome is Outcome.UNKNOWN


@pytest.mark.parametrize(("imported", "declared"), [("tavily", "tavily-python"), ("dateutil", "python-dateutil")])
def test_the_usual_ways_to_say_for_python(imported: str, declared: str) -> None:
    assert declared in providers(imported)


@pytest.mark.parametrize(
    ("specifier", "expected"),
    [
        ("==2.0.8", True),
        (">=1.5", True),
        ("^1.4.21", True),
        ("~=1.4.21", True),
        ("==1.4.20", False),
        ("<1.4", False),
        ("==1.3.*", False),
        (">=1.3,<2", None),
        ("^1.3", None),
        ("", None),
        ("@ https://a.org/b.whl", None),
    ],
)
def test_what_a_specifier_says_of_a_version(specifier: str, expected: bool | None) -> None:
    assert allows(specifier, "1.4.21") is expected


def test_pinned_packages_are_counted_once_whether_a_lock_or_a_manifest_pins_them() -> None:
    lock = '[[package]]\nname = "torch"\nversion = "2.4.0"\n[[package]]\nname = "numpy"\nversion = "2.1"\n'
    found = read({"requirements.txt": "torch==2.4.0\npandas==3.0\nscipy>=1\n", "uv.lock": lock})
    assert found.measures() == {"reproducibility.pinned_dependencies": 3}
