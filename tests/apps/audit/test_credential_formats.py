"""Credentials are told from what looks like them. All values are drawn here, so that no scanner finds one in git."""

from __future__ import annotations

import json
import random
import string
import time

import pytest

from apps.audit.facts.secrets.credential_search import find_formats_only, find_in_notebook, find_in_text

DRAW = random.Random(11)
WORD, HEX, UPPER = string.ascii_letters + string.digits, "0123456789abcdef", "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"


def drawn(alphabet: str, length: int) -> str:
    """Characters drawn by lot, none beside one that is equal or next to it, so that nothing looks like a run."""
    characters = [DRAW.choice(alphabet)]
    while len(characters) < length:
        candidate = DRAW.choice(alphabet)
        if abs(ord(candidate.lower()) - ord(characters[-1].lower())) > 1:
            characters.append(candidate)
    return "".join(characters)


VALUES = {
    "an AWS access key": "AKIA" + drawn(UPPER, 16),
    "a Google API key": "AIza" + drawn(WORD, 35),
    "a GitHub token": "ghs_" + drawn(WORD, 36),
    "a GitLab token": "glpat-" + drawn(WORD, 20),
    "a Slack token": "xoxb-" + drawn(string.digits, 12) + "-" + drawn(WORD, 24),
    "a Stripe key": "sk_live_" + drawn(WORD, 24),
    "a Telegram bot token": drawn(string.digits, 10) + ":AA" + drawn(WORD, 33),
    "a Hugging Face token": "hf_" + drawn(WORD, 34),
    "an OpenAI key": "sk-proj-" + drawn(WORD, 24) + "T3Blbk" + "FJ" + drawn(WORD, 24),
    "an Anthropic key": "sk-ant-api03-" + drawn(WORD, 95),
    "a W&B key": 'wandb.login(key="' + drawn(HEX, 40) + '")',
    "a Kaggle key": '{"username":"ada","key":"' + drawn(HEX, 32) + '"}',
    "a Databricks token": "dapi" + drawn(HEX, 32),
    "an npm token": "npm_" + drawn(WORD, 36),
    "a PyPI token": "pypi-AgEIcHlwaS5vcmc" + drawn(WORD, 60),
    "an Azure storage key": "AccountKey=" + drawn(WORD, 86) + "==",
}


@pytest.mark.parametrize("kind", VALUES)
def test_format_is_found_in_data_too(kind: str) -> None:
    assert find_formats_only(f"first line\nx = {VALUES[kind]}\n".encode()) == [[kind, 2]]


@pytest.mark.parametrize("kind", VALUES)
def test_value_stays_inside(kind: str) -> None:
    found = find_in_text(f'api_token = "{VALUES[kind]}"'.encode())
    assert found
    assert VALUES[kind] not in json.dumps(found)


@pytest.mark.parametrize(
    "line",
    [
        'password = "correct-horse-battery-staple"',
        'token = "bert-base-uncased-finetuned-sst-2-english"',
        "eos_token: <|endoftext|>",
        "api_key = os.environ['SERVICE_API_KEY_2024']",
        "api_key=config.services.openai.api_key_v2",
        'secret = "my-Sup3r-S3cret-Passw0rd"',
        "TOKEN=${{ secrets.PYPI_TOKEN_4_RELEASES }}",
        'password: "{{ vault_db_password_9f8a }}"',
        f'hashed_password = "{drawn(HEX, 64)}"',
        f'cache_token_sha256: "{drawn(HEX, 64)}"',
        'token = "123e4567-e89b-12d3-a456-426614174000"',
        "aws_access_key_id = AKIA" + "IOSFODNN7EXAMPLE",
        "mongodb://root:root@mongo:27017",
        "postgresql://user:password@db.acme.io/x",
        f'token = "{drawn(WORD, 32)}"  # gitleaks:allow',
        f'"image/png": "{drawn(WORD, 400)}"',
        "tokenizer = AutoTokenizer.from_pretrained('t5-11b')",
    ],
)
def test_look_alike_is_none(line: str) -> None:
    assert find_in_text(line.encode()) == []


@pytest.mark.parametrize(
    "line",
    [
        f'SECRET_KEY = "{drawn(WORD, 50)}"',
        f'os.environ["OPENAI_API_KEY"] = "{drawn(WORD, 40)}"',
        f'client_secret: "{drawn(HEX, 40)}"',
        f"NEPTUNE_API_TOKEN={drawn(WORD, 60)}",
        f'"password": "{drawn(WORD, 9)}#7x!Q"',
        f'connect(host, password="{drawn(WORD, 10)}%4zT")',
        f"mysql://app:{drawn(WORD, 14)}7@db.acme.io/churn",
    ],
)
def test_random_literal_is_found(line: str) -> None:
    assert [place for _, place in find_in_text(f"\n{line}\n".encode())] == [2]


def test_each_version_of_a_file_is_judged_by_itself() -> None:
    """What is remembered of a line must not leak into other files."""
    line = f'SECRET_KEY = "{drawn(WORD, 50)}"'
    key = "-----BEGIN RSA PRIVATE " + "KEY-----\n"
    assert find_formats_only(line.encode()) == []
    assert [place for _, place in find_in_text(f"a\n{line}\n".encode())] == [2]
    assert [place for _, place in find_in_text(f"a\nb\n{line}\n{line}\n".encode())] == [3, 4]
    assert find_in_text(f"{key}...\n".encode()) == []
    assert find_in_text(f"{key}{drawn(WORD, 64)}\n".encode()) == [["a private key", 1]]


def test_key_of_a_search_box_is_public() -> None:
    call = "{box}({{\n  appId: 'a',\n  apiKey: '" + drawn(HEX, 32) + "',\n  indexName: 'docs',\n}});\n"
    assert find_in_text(call.format(box="docsearch").encode()) == []
    assert [place for _, place in find_in_text(call.format(box="connect").encode())] == [3]


def test_notebook_is_judged_by_its_sources() -> None:
    cell = {"cell_type": "code", "source": ["x = 1"], "outputs": [{"text": VALUES["a GitHub token"]}]}
    typed = cell | {"source": ["import wandb\n", VALUES["a W&B key"]]}
    assert find_in_notebook(json.dumps({"cells": [cell]}).encode()) == []
    assert [kind for kind, _ in find_in_notebook(json.dumps({"cells": [cell, typed]}).encode())] == ["a W&B key"]


@pytest.mark.parametrize(
    "content",
    [
        b"\x00" + b"token = x" * 9,
        b"\xff\xfe token=\xff",
        b"token=" * 200000,
        b"://a:" * 200000,
        b"AKIA" * 250000,
        b"-----BEGIN PRIVATE KEY-----\n" * 30000,
        b'password = "' + b"a1" * 500000,
        b"token\n" * 150000,
        b"".join(b"token = %d-aaaa\n" % number for number in range(100_000)),
        b"".join(b"://a:bcd%d@x\n" % number for number in range(100_000)),
    ],
)
def test_hostile_bytes_are_read_in_time(content: bytes) -> None:
    before = time.process_time()
    assert find_in_text(content) == []
    assert time.process_time() - before < 5
