"""What files cost that were made to cost much: they are unknown, or broken in words, and nothing else suffers."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from apps.audit import git
from apps.audit.check import Outcome
from apps.audit.engine import Audit
from apps.audit.facts.documents import parse_ini, parse_json, parse_toml
from apps.audit.facts.notebooks import parse_notebook
from apps.audit.facts.python import modules
from apps.audit.facts.python.parsing import MOST_PARTS, TOO_COSTLY
from apps.audit.facts.python.python import parse_notebook_code, parse_python
from apps.audit.facts.yaml import SEPARATOR, parse_yaml
from apps.audit.policy import Policy
from apps.audit.snapshot import Memory, Unknown, derive
from apps.audit.sources import from_git, from_memory
from apps.repositories.example.story import commit, write

LONG = "k" * 100_000
HONEST = {"README.md": "# Churn\n", "train.py": "import torch\ntorch.manual_seed(1)\n"}
COSTLY = {
    "lists": b"x = [" + b"[]," * MOST_PARTS + b"]",
    "fields": b"f'" + b"{a}" * MOST_PARTS + b"'",
    "lines": b"a\n" * MOST_PARTS,
    "semicolons": b"a;" * MOST_PARTS,
}
# Seconds of processor time and bytes of memory in which a child must be done with one of these: ten times the usual.
CHILD = """
import resource, sys
resource.setrlimit(resource.RLIMIT_CPU, (10, 10))
resource.setrlimit(resource.RLIMIT_AS, (600_000_000, 600_000_000))
from tests.apps.audit.test_bounds import SLOW
parse, content = SLOW[sys.argv[1]]
parse(content)
"""
SLOW = {
    "long scopes": (parse_python, f"class {LONG}:\n".encode() + b" y = g()\n" * 25_000),
    "deep scopes": (
        parse_python,
        b"".join(b" " * i + b"def " + b"f" * 1000 + b"():\n" for i in range(95)) + b" " * 95 + b"g('ab');" * 20_000,
    ),
    "empty lines": (parse_python, b"\n" * 140_000 + b"("),
    "empty lines in a cell": (
        parse_notebook_code,
        json.dumps({"cells": [{"cell_type": "code", "source": "\n" * 140_000 + "("}]}).encode(),
    ),
    "long imports": (parse_python, f"import {LONG} as b\n".encode() + b"b();" * 30_000),
    "many small cells": (
        parse_notebook,
        b'{"cells": [' + b",".join([b'{"cell_type": "code", "source": ""}'] * 250_000) + b"]}",
    ),
    "gap": (parse_ini, b"[s]\na" + b" " * 500_000 + b"b"),
    "defaults": (
        parse_ini,
        b"[DEFAULT]\n"
        + b"".join(b"a%d=1\n" % i for i in range(3000))
        + b"".join(b"[b%d]\n" % i for i in range(40_000)),
    ),
    "open table": (parse_toml, b"[" + b" " * 500_000),
    "long yaml": (parse_yaml, f"? {LONG}\n:\n".encode() + b"".join(b"  a%d: 1\n" % i for i in range(30_000))),
    "long toml": (parse_toml, f"[{LONG}]\n".encode() + b"".join(b"a%d = 1\n" % i for i in range(40_000))),
    "long ini": (parse_ini, f"[{LONG}]\n".encode() + b"".join(b"a%d = 1\n" % i for i in range(40_000))),
}


@pytest.mark.parametrize("name", COSTLY)
def test_python_that_is_too_costly_is_not_parsed(name: str) -> None:
    assert parse_python(COSTLY[name])["error"] == TOO_COSTLY
    audit = Audit(from_memory(HONEST | {"bomb.py": COSTLY[name]}), Policy())
    results = {slug: (result.outcome, result.reason) for slug, result in audit.results.items()}
    assert results["hygiene/source-parses"] == (Outcome.UNKNOWN, f"bomb.py: {TOO_COSTLY}")
    assert Outcome.ERRORED not in {outcome for outcome, _ in results.values()}


def test_cells_are_counted_together() -> None:
    cells = [{"cell_type": "code", "source": "a;" * (MOST_PARTS // 4)}] * 3
    assert parse_notebook_code(json.dumps({"cells": cells}).encode())["error"] == TOO_COSTLY


@pytest.mark.parametrize("name", SLOW)
def test_what_was_slow_or_large(name: str) -> None:
    done = subprocess.run([sys.executable, "-c", CHILD, name], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_keys_that_are_too_long_are_named() -> None:
    for name in ("long yaml", "long toml", "long ini"):
        parse, content = SLOW[name]
        assert parse(content)["error"] == "its keys are too long"


def test_keys_of_json_have_lines() -> None:
    text = '{\n "a": {"b": 1,\n  "c d": [{"x": 1}],\n  "e": "q: {\\" [\\""},\n "f": 2\n}'
    lines = parse_json(text.encode())["lines"]
    assert {key.replace(SEPARATOR, "/"): line for key, line in lines.items()} == {
        "a": 2,
        "a/b": 2,
        "a/c d": 3,
        "a/e": 4,
        "f": 5,
    }


def test_lines_of_cells() -> None:
    text = '{"cells": [\n{"cell_type": "code", "source": "a"},\n\n{"cell_type": "code", "source": "b"}]}'
    assert [cell[4] for cell in parse_notebook(text.encode())["cells"]] == [2, 4]


def test_more_python_than_is_read_in_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(modules, "MOST_BYTES", 100)
    seen = Audit(from_memory({f"{n}.py": "x = 1\n" * n for n in range(10)}), Policy()).results
    unread = {result.reason for result in seen.values() if result.outcome is Outcome.UNKNOWN}
    assert any(reason.startswith("4 Python files were not looked at") for reason in unread)


def test_numbers_that_are_none_stay_out_of_the_answer() -> None:
    files = HONEST | {
        "params.yaml": "lr: .nan\nsteps: .inf\n",
        "dvc.yaml": "stages: {a: {cmd: x, params: [lr, steps]}}\n",
    }
    answer = Audit(from_memory(files), Policy()).to_json(with_facts=True)
    assert json.loads(json.dumps(answer, allow_nan=False)) == answer


def test_an_audit_that_is_stopped_has_not_worked_in_vain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("apps.audit.snapshot.AT_ONCE", 2)
    cache, looked_at = Memory(), list[bytes]()

    def stopped_at_the_third(content: bytes) -> int:
        looked_at.append(content)
        if len(looked_at) == 3:
            raise KeyboardInterrupt
        return len(content)

    files = from_memory({str(n): "x" * n for n in range(5)}, derived=cache).files
    with pytest.raises(KeyboardInterrupt):
        derive(files, stopped_at_the_third)
    assert [value for _, value in derive(files, stopped_at_the_third)] == [0, 1, 2, 3, 4]
    assert len(looked_at) == 3 + 3


def test_a_name_that_no_disk_could_hold_is_not_looked_at(tmp_path: Path) -> None:
    write(
        tmp_path / "r.git", [commit("2026-01-01", "feat: start", HONEST | {"a/" + "b" * 256: "", "a/" + "c" * 255: ""})]
    )
    with git.opened(tmp_path / "r.git") as opened:
        seen = from_git(opened)
    assert [file.path for file in seen.files] == ["README.md", "a/" + "c" * 255, "train.py"]
    assert seen.unread == (Unknown("a name of more than 255 bytes", "a/"),)
