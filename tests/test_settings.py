"""What the environment may say, and what happens when it says something else."""

from __future__ import annotations

import base64
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

KEY = base64.urlsafe_b64encode(bytes(32)).decode()
PRINT_KEY = "from mlhealth.settings import SECRET_KEY; print(SECRET_KEY)"


def start(code: str, data: Path, **environment: str) -> subprocess.Popen[str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("MLHEALTH_")}
    return subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=settings.BASE_DIR,
        env={**inherited, "MLHEALTH_DATA": str(data), **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "eighty"),
        ("PORT", "0"),
        ("PORT", "65536"),
        ("URL", "mlhealth.example.org"),
        ("URL", "ftp://mlhealth.example.org"),
        ("URL", "https://mlhealth.example.org/path"),
        ("URL", "https://mlhealth.example.org:port"),
        ("URL", "https://ada@mlhealth.example.org"),
        ("WORKERS", "0"),
        ("FETCH_SECONDS", "soon"),
        ("FETCH_SECONDS", "3600"),
        ("AUDIT_SECONDS", "-1"),
        ("DEBUG", "perhaps"),
        ("LOCAL_ROOTS", "relative/folder"),
        ("DATABASE_URL", "postgres://localhost:notaport/mlhealth"),
        ("DATABASE_URL", "nonsense"),
        ("DATABASE_URL", "mysql://localhost/mlhealth"),
        ("TIME_ZONE", "Mars/Olympus"),
        ("DATA", "/dev/null/data"),
        ("CREDENTIAL_KEYS", "short"),
        ("CREDENTIAL_KEYS", "é"),
        ("CREDENTIAL_KEYS", f"{KEY},{KEY[:-4]}"),
        ("INTERNAL_HOSTS", "https://git.corp.example"),
        ("INTERNAL_HOSTS", "git.corp.example:8443"),
        ("CA_FILE", "/nowhere/ca.pem"),
        ("CA_FILE", "README.md"),
        ("SMTP_URL", "mail.example.org"),
        ("SMTP_URL", "http://mail.example.org"),
        ("SMTP_URL", "smtp://:25"),
        ("SMTP_URL", "smtp://mail.example.org:port"),
        ("SMTP_URL", "smtp://mail.example.org/path"),
        ("MAIL_FROM", "mlhealth"),
        ("MAIL_FROM", "a@example.org\nBcc: b@example.org"),
        ("BLOB_MEGABYTES", "-1"),
        ("MIRROR_MEGABYTES", "0"),
        ("FREE_MEGABYTES", "much"),
    ],
)
def test_a_wrong_value_stops_the_start_and_is_named(tmp_path: Path, name: str, value: str) -> None:
    process = start("import mlhealth.settings", tmp_path, **{f"MLHEALTH_{name}": value})
    _, printed = process.communicate()
    assert process.returncode == 1
    assert "ImproperlyConfigured" in printed
    assert f"MLHEALTH_{name}" in printed


def test_the_key_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    first, second = (start(PRINT_KEY, tmp_path / "data").communicate()[0] for _ in range(2))
    assert first == second
    assert len(first) > 80
    assert stat.S_IMODE((tmp_path / "data").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "data" / "secret_key").stat().st_mode) == 0o600
    assert [path.name for path in (tmp_path / "data").iterdir()] == ["secret_key"]


def test_processes_that_start_together_agree_on_the_key(tmp_path: Path) -> None:
    together = [start(PRINT_KEY, tmp_path) for _ in range(6)]
    keys = {process.communicate()[0] for process in together}
    assert len(keys) == 1
    assert len(keys.pop()) > 80


def test_the_key_may_come_from_the_environment(tmp_path: Path) -> None:
    printed, _ = start(PRINT_KEY, tmp_path, MLHEALTH_SECRET_KEY="mine").communicate()
    assert printed == "mine\n"
    assert not list(tmp_path.iterdir())


def test_hosts_and_credential_keys_are_lists_and_megabytes_are_bytes(tmp_path: Path) -> None:
    show = "from mlhealth import settings as s; print(s.INTERNAL_HOSTS, [len(key) for key in s.CREDENTIAL_KEYS], "
    show += "s.LEFT_OUT_BYTES, s.MIRROR_BYTES, s.FREE_BYTES)"
    lists = {"MLHEALTH_INTERNAL_HOSTS": " Git.corp.example, 10.0.0.7", "MLHEALTH_CREDENTIAL_KEYS": f"{KEY}, {KEY}"}
    sizes = {"MLHEALTH_BLOB_MEGABYTES": "0.5", "MLHEALTH_MIRROR_MEGABYTES": "2", "MLHEALTH_FREE_MEGABYTES": "0"}
    printed, _ = start(show, tmp_path, **lists, **sizes).communicate()
    assert printed == "['git.corp.example', '10.0.0.7'] [32, 32] 500000 2000000 0\n"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("", "'' 0 '' '' False False"),
        ("smtp://mail", "'mail' 25 '' '' False False"),
        ("smtps://ada:p%40ss%2F@mail.example.org", "'mail.example.org' 465 'ada' 'p@ss/' False True"),
        ("smtp+starttls://ada:pass@mail.example.org:2525", "'mail.example.org' 2525 'ada' 'pass' True False"),
    ],
)
def test_where_mail_is_handed_over(tmp_path: Path, url: str, expected: str) -> None:
    show = "from mlhealth import settings as s; print(repr(s.EMAIL_HOST), s.EMAIL_PORT, repr(s.EMAIL_HOST_USER), "
    show += "repr(s.EMAIL_HOST_PASSWORD), s.EMAIL_USE_TLS, s.EMAIL_USE_SSL)"
    printed, _ = start(show, tmp_path, MLHEALTH_SMTP_URL=url).communicate()
    assert printed == f"{expected}\n"


def test_a_wrong_mail_server_is_refused_without_its_password(tmp_path: Path) -> None:
    wrong = "smtp+tls://ada:canary@mail.example.org"
    process = start("import mlhealth.settings", tmp_path, MLHEALTH_SMTP_URL=wrong)
    assert "canary" not in process.communicate()[1]


def test_whom_mail_is_from(tmp_path: Path) -> None:
    show = "from mlhealth.settings import DEFAULT_FROM_EMAIL as sender; print(sender)"
    printed, _ = start(show, tmp_path, MLHEALTH_URL="https://ml.example.org").communicate()
    assert printed == "mlhealth <mlhealth@ml.example.org>\n"
    printed, _ = start(show, tmp_path, MLHEALTH_MAIL_FROM="Health <health@example.org>").communicate()
    assert printed == "Health <health@example.org>\n"


def test_tests_keep_away_from_real_data() -> None:
    assert "mlhealth-tests-" in str(settings.DATA)
