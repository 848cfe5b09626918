"""The examples for administrators: they parse, what they start exists, and every variable is one that is read."""

from __future__ import annotations

import configparser
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
from django.core.management import get_commands

ROOT = Path(__file__).parents[1]
DEPLOY = ROOT / "deploy"
UNITS = sorted(DEPLOY.glob("*.service"))
HOME = "/opt/mlhealth/"


def unit(path: Path) -> configparser.ConfigParser:
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(path)
    return parser


def commands(path: Path) -> list[list[str]]:
    lines = re.findall(r"^ExecStart(?:Pre)?=(.*)$", path.read_text(), re.MULTILINE)
    return [shlex.split(line) for line in lines]


def test_there_is_a_unit_for_each_program() -> None:
    assert {path.stem for path in UNITS} == {"mlhealth-web", "mlhealth-worker", "mlhealth-scheduler"}


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_what_a_unit_starts_exists(path: Path) -> None:
    assert unit(path)["Service"]["WorkingDirectory"] == HOME.removesuffix("/")
    assert commands(path)
    for python, *arguments in commands(path):
        assert python == f"{HOME}.venv/bin/python"
        if arguments[0] == "manage.py":
            assert arguments[1] in get_commands()
        else:
            assert arguments[:2] == ["-m", "gunicorn"]
            assert (ROOT / f"{arguments[2].replace('.', '/')}.py").exists()


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_systemd_finds_no_fault(path: Path, tmp_path: Path) -> None:
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("systemd-analyze is not installed")
    # What it starts, and as whom, is this machine's here.
    text = re.sub(r"^(ExecStart(?:Pre)?)=\S+", r"\1=/bin/true", path.read_text(), flags=re.MULTILINE)
    copy = tmp_path / path.name
    copy.write_text(text.replace("User=mlhealth", "User=root"))
    verdict = subprocess.run([program, "verify", "--man=no", str(copy)], capture_output=True, text=True, check=False)
    about_it = [line for line in verdict.stderr.splitlines() if path.name in line]
    assert about_it == []


def test_every_variable_is_read_and_told() -> None:
    read = set(re.findall(r'env\.\w+\("([A-Z_]+)"', (ROOT / "mlhealth/environment.py").read_text()))
    named = set(re.findall(r"^MLHEALTH_(\w+)=", (DEPLOY / "mlhealth.env").read_text(), re.MULTILINE))
    listed = set(re.findall(r"^\| `MLHEALTH_(\w+)`", (ROOT / "README.md").read_text(), re.MULTILINE))
    assert named <= read
    assert listed == read


def test_nginx_passes_on_what_the_web_server_needs() -> None:
    text = (DEPLOY / "nginx.conf").read_text()
    assert text.count("{") == text.count("}")
    port = re.search(r"--bind (127\.0\.0\.1:\d+)", (DEPLOY / "mlhealth-web.service").read_text())
    assert port
    assert f"proxy_pass http://{port[1]};" in text
    assert text.count("X-Forwarded-Proto $scheme") == text.count("proxy_pass")
