"""Versions of Python, images, prose and configuration, as repositories really write them."""

from __future__ import annotations

import pytest

from apps.audit.facts import Facts
from apps.audit.facts.configuration import Configuration
from apps.audit.facts.packages.environment import Environment, Image
from apps.audit.facts.packages.imports import Imports
from apps.audit.facts.packages.metadata import Metadata
from apps.audit.facts.prose import Prose
from apps.audit.sources import from_memory

Files = dict[str, str | bytes]


@pytest.mark.parametrize(
    ("path", "content", "expected"),
    [
        ("pyproject.toml", '[project]\nname = "a"\nrequires-python = ">=3.9"\n', [(">=3.9", False)]),
        (
            "pyproject.toml",
            '[tool.poetry]\nname = "a"\n[tool.poetry.dependencies]\npython = "^3.9"\n',
            [("^3.9", True)] * 2,
        ),
        ("setup.py", "setup(name='a', python_requires='>=3.8,<4')\n", [(">=3.8,<4", True)]),
        (".python-version", "3.11.4\n", [("3.11.4", True)]),
        ("runtime.txt", "python-3.10.2\n", [("python-3.10.2", True)]),
        (".tool-versions", "nodejs 3.14\npython 3.12\n", [("3.12", True)]),
        ("Dockerfile", "# FROM python:3.8\nFROM debian\nRUN apt-get install python3.9\n", [("3.9", True)]),
        ("Pipfile", '[requires]\npython_version = "3.8"\n', [("3.8", True)]),
        (".gitlab-ci.yml", "test:\n  image: python:3.10-slim\n  script: [pytest]\n", [("3.10", True)]),
        ("README.md", "Use Python 3.8\n", []),
    ],
)
def test_python_versions(path: str, content: str, expected: list[tuple[str, bool]]) -> None:
    environment = Facts(from_memory({path: content})).get(Environment)
    assert environment is not None
    assert [(each.text, each.bounded) for each in environment.pythons] == expected


def test_images_follow_arguments_and_leave_stages_out() -> None:
    text = "ARG TAG=12.1-base\nFROM --platform=linux/amd64 nvidia/cuda:${TAG} AS base\nFROM base\nFROM $UNKNOWN\n"
    environment = Facts(from_memory({"Dockerfile": text})).get(Environment)
    assert environment is not None
    assert environment.images == (Image("nvidia/cuda:12.1-base", "Dockerfile", 2),)


@pytest.mark.parametrize(
    ("name", "fixed"),
    [
        ("python:3.11", True),
        ("python", False),
        ("host:5000/python", False),
        ("a/b:latest", False),
        ("a@sha256:00", True),
    ],
)
def test_fixed_images(name: str, fixed: bool) -> None:
    assert Image(name, "", 1).is_fixed is fixed


def test_prose_finds_headings_and_commands_not_in_plain_words() -> None:
    text = (
        "Title\n=====\n\nRun it well.\n\n## Use\n\n```bash\n# pip is old\n$ python train.py\n```\nThen `make test`.\n"
    )
    prose = Facts(from_memory({"README.md": text, "tests/README.md": "x"})).get(Prose)
    assert prose is not None
    assert prose.readme is not None
    assert [(each.text, each.line) for each in prose.readme.headings] == [("Title", 1), ("Use", 6)]
    assert [(each.command, each.line) for each in prose.readme.instructions] == [
        ("python train.py", 10),
        ("make test", 12),
    ]


def test_configuration_is_found_by_role() -> None:
    files: Files = {
        "conf/base.yml": "a: 1",
        "params.yaml": "a: 1",
        "config/small.py": "lr = 0.1\n",
        "src/config.py": "LR = 0.1\n",
        "src/settings.py": "LR = 0.1\ndef load():\n    return 1\n",
        ".github/config.yml": "a: 1",
        "mkdocs.yml": "a: 1",
        "environment.yml": "dependencies: []",
        "docs/conf.py": "project = 'x'\n",
        "tests/config.yaml": "a: 1",
    }
    configuration = Facts(from_memory(files)).get(Configuration)
    assert configuration is not None
    assert configuration.paths == {"conf/base.yml", "params.yaml", "config/small.py", "src/config.py"}


def test_imports_leave_neighbours_and_the_standard_library_out() -> None:
    files: Files = {
        "src/a.py": "import os, b, torch.nn\nfrom . import c\nfrom google.colab import drive\n",
        "src/b.py": "try:\n    import wandb\nexcept ImportError:\n    pass\nimport helpers\n",
        "lib/helpers.py": "import src\n",
        "scripts/transformers/run.py": "import transformers\n",
        "noxfile.py": "import nox\n",
    }
    imports = Facts(from_memory(files)).get(Imports)
    assert imports is not None
    assert [(each.name, each.path, each.line) for each in imports] == [
        ("transformers", "scripts/transformers/run.py", 1),
        ("torch", "src/a.py", 1),
    ]


def test_metadata_reads_setup_scripts_without_running_them() -> None:
    text = "import os\nos.abort()\nNAME = 'churn'\nsetup(name=NAME, license='MIT', packages=find_packages())\n"
    metadata = Facts(from_memory({"setup.py": text})).get(Metadata)
    assert metadata is not None
    (found,) = metadata.distributions
    assert (found.name, found.licence and found.licence.value, found.packages) == ("churn", "MIT", ("find:",))
