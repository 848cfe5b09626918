"""Our reading of .gitignore files against git's own."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

import pytest

from apps.audit.facts import Facts
from apps.audit.facts.ignores import Ignores, match_name
from apps.audit.folder import from_folder
from apps.audit.sources import from_memory

PATHS = [
    "a.csv",
    "b.csv.dvc",
    "data/raw.csv",
    "data/raw/1.csv",
    "data/.hidden",
    "src/data/x.py",
    "src/deep/data/models/m.pkl",
    "models/m.pkl",
    "week_1/models/best.ckpt",
    "[x].txt",
    "star*.txt",
    "sp ace ",
    "build",
    "out/build/log",
    "Ünïcode.txt",
]
PATTERNS = [
    "*.csv",
    "/*.csv",
    "data",
    "data/",
    "/data/",
    "data/*",
    "data/**",
    "**/data",
    "**/data/**",
    "a/**/b",
    "src/**/models",
    "*/models/*",
    "models/*\n!models/m.pkl",
    "/models/\n!/models/m.pkl",
    "*\n!*/\n!*.py",
    "data/**\n!data/**/\n!data/**/*.csv",
    "[abc].csv",
    "[!a-c].csv",
    "[^b]*",
    "\\[x\\].txt",
    "star\\*.txt",
    "sp ace\\ ",
    "sp ace ",
    "# comment\n\\#x\n\\!y",
    "build/",
    "build\r\n*.pkl\r",
    "?.csv",
    "??????",
    "m.*",
    "**",
    "**/",
    "*/",
    "src/data",
    "deep/data",
    "/src/*/data",
    "Ü*",
    "foo[",
]


@pytest.mark.parametrize("pattern", PATTERNS)
def test_ignores_what_git_ignores(pattern: str, tmp_path: Path) -> None:
    for path in PATHS:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text("x")
    (tmp_path / ".gitignore").write_bytes(pattern.encode())
    (tmp_path / "src/.gitignore").write_text("!deep\nx.*\n")
    folders = sorted({str(parent) for path in PATHS for parent in Path(path).parents} - {"."})
    ignores = Facts(from_folder(tmp_path)).get(Ignores)
    assert ignores
    ours = {path for path in PATHS if ignores.rule(path)} | {path for path in folders if ignores.rule(path, True)}
    subprocess.run(["git", "init", "--quiet", tmp_path], check=True)
    asked = "\0".join([*PATHS, *folders])
    command = ["git", "-C", str(tmp_path), "check-ignore", "--no-index", "--stdin", "-z"]
    done = subprocess.run(command, input=asked, capture_output=True, text=True, check=False)
    assert ours == set(done.stdout.split("\0")) - {""}


def test_names_the_rule() -> None:
    files = {".gitignore": "*.log\n", "data/.gitignore": "# data\n/raw.csv\n"}
    ignores = Facts(from_memory(files)).get(Ignores)
    assert ignores
    rule = ignores.rule("data/raw.csv")
    assert rule
    assert (rule.path, rule.line, rule.text) == ("data/.gitignore", 2, "/raw.csv")
    assert ignores.rule("raw.csv") is None


def test_a_hostile_pattern_takes_no_time() -> None:
    started = time.process_time()
    assert not match_name("*a" * 200 + "b", "a" * 4000)
    assert time.process_time() - started < 5
