"""Dangers in files."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Mapping
from typing import Any

from apps.repositories.example.story import Content, Symlink, commit, write
from tests.hostile import HONEST, Danger, Place

Files = Mapping[Any, Content]
LAUGHS = "a: &a [x, x]\n" + "".join(
    f"{b}: &{b} [{', '.join([f'*{a}'] * 9)}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True)
)
MERGES = "a: &a {x: 1}\n" + "".join(
    f"{b}: &{b}\n  <<: [{', '.join([f'*{a}'] * 9)}]\n" for a, b in zip("abcdefg", "bcdefgh", strict=True)
)
MATRIX = "stages:\n  a:\n    matrix:\n" + "".join(f"      k{n}: [{', '.join('123456789')}]\n" for n in range(12))
TEMPLATES = "vars:\n" + "".join(f"- a{n + 1}: ${{a{n}}}${{a{n}}}\n" for n in range(60))
HANG = "repos:\n- repo: local\n  hooks:\n  - {id: a, entry: a, language: system, files: '^(a+)+$', exclude: '(x*)*y'}\n"


def holding(files: Files) -> Callable[[Place], None]:
    return lambda place: tell(place, files)


def tell(place: Place, files: Files) -> None:
    write(place.path, [commit("2026-01-01", "feat: start", HONEST | dict(files))])


def programs(place: Place) -> None:
    """All that somebody's tools would run, and all the addresses that they would ask."""
    touch, ask = f"open({str(place.canary)!r}, 'w')", place.address
    shell = f"touch {place.canary}; curl {ask}"
    code = f"import urllib.request\n{touch}\nurllib.request.urlopen({ask!r})\n"
    python = ("setup.py", "conftest.py", "sitecustomize.py", "noxfile.py", "apps/__init__.py", "numpy.py", "x.pth")
    tell(
        place,
        {
            **dict.fromkeys(python, code),
            ".gitattributes": "* filter=evil diff=evil merge=evil\n*.csv filter=lfs\n",
            ".lfsconfig": f"[lfs]\n\turl = {ask}\n",
            ".gitmodules": f'[submodule "a"]\n\tpath = a\n\turl = {ask}/a.git\n',
            ".dvc/config": f"[core]\n    remote = r\n['remote \"r\"']\n    url = {ask}/store\n",
            "data.dvc": f"deps:\n- path: {ask}/data.csv\nouts:\n- path: data.csv\n",
            "dvc.yaml": f"stages:\n  a:\n    cmd: {shell}\n    plots:\n    - {ask}/p.csv\n",
            ".pre-commit-config.yaml": f"repos:\n- repo: {ask}/hooks\n  rev: v1\n  hooks:\n  - id: a\n",
            "requirements.txt": f"--index-url {ask}/simple\n-e git+{ask}/p#egg=p\n-r {ask}/more.txt\nnumpy\n",
            "pyproject.toml": f'[build-system]\nrequires = ["p @ {ask}/p.whl"]\nbuild-backend = "x"\n',
            "Makefile": f"SHELL := $(shell {shell})\nall:\n\t{shell}\n",
            ".github/workflows/ci.yml": f"on: push\njobs:\n  a:\n    steps:\n    - run: {shell}\n",
            "model.pkl": pickle.dumps(Runs(str(place.canary))),
            "schema.xml": f'<!DOCTYPE a [<!ENTITY e SYSTEM "{ask}">]><a>&e;</a>\n',
        },
    )


class Runs:
    """Unpickled, it makes a file."""

    def __init__(self, path: str) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return open, (self.path, "w")


LINKS = {
    "README": Symlink("/etc/passwd"),
    "params.yaml": Symlink("../../../../../../etc/passwd"),
    "a": Symlink("b"),
    "b": Symlink("a"),
    "data/raw.csv": Symlink("/proc/self/environ"),
    "src/deep": Symlink("."),
}
NAMES = {
    b"models/m\n\xe2\x80\xae\xff.pkl": "x",
    "data/\x01\x1b[31m.csv": "a,b\n",
    " ": "x",
    "-rf": "x",
    "CON": "x",
    "a\\b.py": "x = 1\n",
    "é" * 100: "x",
}
ODD_JSON = {
    "params.json": '{"lr": NaN, "steps": 1e999, "name": "\\ud800", "nul": "\\u0000"}',
    "metrics.json": '{"accuracy": -Infinity}',
    "dvc.yaml": "stages:\n  a:\n    cmd: x\n    params: [params.json:]\n    metrics: [metrics.json]\n",
    "a.ipynb": '{"cells": [{"cell_type": "code", "source": "x = 1", "outputs": [{"n": NaN, "s": "\\ud800"}]}]}',
}
UNKNOWN, FAILED = "unknown", "failed"
DVC = ("dvc/", "structure/conformance")
DANGERS = {
    "aliases": Danger(holding({".pre-commit-config.yaml": LAUGHS}), "precommit/configured", FAILED, "aliases expand"),
    "merge keys": Danger(holding({"dvc.yaml": MERGES}), "dvc/pipeline-complete", UNKNOWN, "aliases expand", DVC),
    "depth": Danger(holding({"dvc.yaml": "[" * 100_000}), "dvc/pipeline-complete", UNKNOWN, "nested more than", DVC),
    "matrix": Danger(
        holding({"dvc.yaml": MATRIX + "    cmd: x\n"}), "dvc/pipeline-complete", UNKNOWN, "more than 2,000 stages", DVC
    ),
    "templates": Danger(holding({"dvc.yaml": TEMPLATES + "stages: {a: {cmd: '${a60}'}}\n"}), about=DVC),
    "costly python": Danger(
        holding({"bomb.py": "x = [" + "[]," * 160_000 + "]"}), "hygiene/source-parses", UNKNOWN, "too costly to parse"
    ),
    "long scopes": Danger(holding({"bomb.py": f"class {'C' * 100_000}:\n" + " x = f()\n" * 25_000})),
    "long keys": Danger(
        holding({"pyproject.toml": f"[{'k' * 100_000}]\n" + "".join(f"a{n} = 1\n" for n in range(30_000))})
    ),
    "patterns": Danger(
        holding({".pre-commit-config.yaml": HANG, "a" * 200 + "!": "", "x" * 200: ""}),
        "precommit/file-coverage",
        FAILED,
        about=("precommit/",),
    ),
    "ignores": Danger(
        holding({".gitignore": "**/" * 500 + "a\n" + "*a" * 2000 + "b\n" + "*\\\n" * 20_000}),
        about=("structure/ignore-rules",),
    ),
    "odd json": Danger(
        holding(ODD_JSON),
        "hygiene/notebook-outputs",
        FAILED,
        "1 output",
        ("dvc/", "structure/configuration-apart", "structure/conformance", "structure/notebooks-folder"),
    ),
    "names": Danger(holding(NAMES), "hygiene/model-binaries", FAILED, "models/m\\n\\u202e\\xff.pkl", ("structure/",)),
    "links": Danger(holding(LINKS)),
    "programs": Danger(
        programs,
        "hygiene/model-binaries",
        FAILED,
        "model.pkl",
        ("dvc/", "precommit/", "structure/", "reproducibility/dependencies-locked"),
    ),
}
