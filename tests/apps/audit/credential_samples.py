"""Labelled lines: credentials in the formats of real services with values drawn here, and what looks like them.

The shapes of the look-alikes are those of public repositories. Nothing here is a literal that a scanner could find.
"""

from __future__ import annotations

import base64
import json
import random
import string
from collections.abc import Callable, Iterator
from typing import NamedTuple

DRAW = random.Random(4)
WORD, HEX, UPPER = string.ascii_letters + string.digits, "0123456789abcdef", string.ascii_uppercase + "234567"
BASE64 = WORD + "+/"


class Sample(NamedTuple):
    """A file and the line of its one credential; `line` is None where it has none."""

    path: str
    text: str
    line: int | None


def drawn(alphabet: str, length: int) -> str:
    """Characters drawn by lot, none beside one that is equal or next to it, so that nothing looks like a run."""
    found = [DRAW.choice(alphabet)]
    while len(found) < length:
        candidate = DRAW.choice(alphabet)
        if abs(ord(candidate.lower()) - ord(found[-1].lower())) > 1:
            found.append(candidate)
    return "".join(found)


def mixed(length: int) -> str:
    """A password as a generator makes it."""
    return f"{drawn(WORD, length - 5)}7#k!4"


def jwt() -> str:
    claims = base64.urlsafe_b64encode(json.dumps({"sub": drawn(WORD, 12), "exp": 1893456000}).encode()).decode()
    return f"eyJhbGciOiJIUzI1NiJ9.{claims.rstrip('=')}.{drawn(WORD, 43)}"


FORMATS: dict[str, Callable[[], str]] = {
    "AWS_ACCESS_KEY_ID": lambda: "AKIA" + drawn(UPPER, 16),
    "AWS_SESSION_KEY": lambda: "ASIA" + drawn(UPPER, 16),
    "AWS_SECRET_ACCESS_KEY": lambda: drawn(BASE64, 40),
    "GOOGLE_API_KEY": lambda: "AIza" + drawn(WORD, 35),
    "AZURE_CLIENT_SECRET": lambda: f"{drawn(WORD, 3)}8Q~{drawn(WORD, 34)}",
    "GITHUB_TOKEN": lambda: "ghp_" + drawn(WORD, 36),
    "GITHUB_OAUTH": lambda: "gho_" + drawn(WORD, 36),
    "GITHUB_APP_TOKEN": lambda: "ghs_" + drawn(WORD, 36),
    "GITHUB_PAT": lambda: f"github_pat_{drawn(WORD, 22)}_{drawn(WORD, 59)}",
    "GITLAB_TOKEN": lambda: "glpat-" + drawn(WORD, 20),
    "SLACK_TOKEN": lambda: f"xoxb-{drawn(string.digits, 12)}-{drawn(string.digits, 12)}-{drawn(WORD, 24)}",
    "STRIPE_KEY": lambda: "sk_live_" + drawn(WORD, 24),
    "SENDGRID_API_KEY": lambda: f"SG.{drawn(WORD, 22)}.{drawn(WORD, 43)}",
    "TWILIO_AUTH_TOKEN": lambda: drawn(HEX, 32),
    "TELEGRAM_TOKEN": lambda: f"{drawn(string.digits, 10)}:AA{drawn(WORD, 33)}",
    "HF_TOKEN": lambda: "hf_" + drawn(WORD, 34),
    "OPENAI_API_KEY": lambda: f"sk-{drawn(WORD, 20)}T3Blbk" + f"FJ{drawn(WORD, 20)}",
    "OPENAI_PROJECT_KEY": lambda: f"sk-proj-{drawn(WORD, 24)}T3Blbk" + f"FJ{drawn(WORD, 24)}",
    "ANTHROPIC_API_KEY": lambda: "sk-ant-api03-" + drawn(WORD, 95),
    "COHERE_API_KEY": lambda: drawn(WORD, 40),
    "REPLICATE_API_TOKEN": lambda: "r8_" + drawn(WORD, 37),
    "WANDB_API_KEY": lambda: drawn(HEX, 40),
    "NEPTUNE_API_TOKEN": lambda: "eyJhcGlfYWRkcmVzcyI6" + drawn(WORD, 100),
    "COMET_API_KEY": lambda: drawn(WORD, 25),
    "DATABRICKS_TOKEN": lambda: "dapi" + drawn(HEX, 32),
    "NPM_TOKEN": lambda: "npm_" + drawn(WORD, 36),
    "PYPI_TOKEN": lambda: "pypi-AgEIcHlwaS5vcmc" + drawn(WORD, 80),
    "DOCKER_TOKEN": lambda: "dckr_pat_" + drawn(WORD, 27),
    "DIGITALOCEAN_TOKEN": lambda: "dop_v1_" + drawn(HEX, 64),
    "SERVICE_TOKEN": jwt,
    "DATABASE_PASSWORD": lambda: mixed(18),
    "MINIO_SECRET_KEY": lambda: drawn(WORD, 32),
    "MLFLOW_TRACKING_PASSWORD": lambda: mixed(20),
    "DJANGO_SECRET_KEY": lambda: drawn(WORD + "!#%&*", 50),
}
# How people write a setting down; the line that holds the value comes last.
WRITTEN = (
    (".env", "# settings\n{name}={value}\n", 2),
    ("src/settings.py", 'import os\n\n{name} = "{value}"\n', 3),
    ("config/local.yaml", "service:\n  {lower}: {value}\n", 2),
    ("notes/setup.md", "Run this first:\n\n    export {name}='{value}'\n", 3),
)
WHOLE: dict[str, Callable[[], tuple[str, int]]] = {
    "db.py": lambda: (
        f'engine = create_engine("postgresql://churn:{mixed(16).replace("#", "x")}@db.acme.io/churn")\n',
        1,
    ),
    "queue.yaml": lambda: (f"broker: amqp://worker:{drawn(WORD, 14)}9x@mq.acme.io:5672/jobs\n", 1),
    "mongo.js": lambda: (f'connect("mongodb+srv://app:{drawn(WORD, 18)}7@cluster0.ab1cd.mongodb.net/x")\n', 1),
    "cache.py": lambda: (f"import redis\nr = redis.from_url('redis://:{drawn(WORD, 20)}5@cache.acme.io:6379')\n", 2),
    "id_rsa": lambda: (f"-----BEGIN RSA PRIVATE {'KEY'}-----\n{drawn(BASE64, 64)}\n{drawn(BASE64, 64)}\n", 1),
    "deploy.pem": lambda: (f"-----BEGIN PRIVATE {'KEY'}-----\n{drawn(BASE64, 64)}\n", 1),
    "id_ed25519": lambda: (f"-----BEGIN OPENSSH PRIVATE {'KEY'}-----\n{drawn(BASE64, 70)}\n", 1),
    "account.json": lambda: (
        '{\n"type": "service_account",\n"private_key": "-----BEGIN PRIVATE '
        + f'KEY-----\\n{drawn(BASE64, 64)}\\n{drawn(BASE64, 64)}\\n"\n}}\n',
        3,
    ),
    "storage.cfg": lambda: (
        f"conn = DefaultEndpointsProtocol=https;AccountName=ml;AccountKey={drawn(WORD, 86)}==\n",
        1,
    ),
    "hook.py": lambda: (
        "URL = 'https://hooks.slack.com/services/" + f"T{drawn(UPPER, 8)}/B{drawn(UPPER, 8)}/{drawn(WORD, 24)}'\n",
        1,
    ),
    "login.py": lambda: (f'import wandb\nwandb.login(key="{drawn(HEX, 40)}")\n', 2),
    "kaggle.json": lambda: (f'{{"username":"ada","key":"{drawn(HEX, 32)}"}}\n', 1),
    "cell.ipynb": lambda: (
        json.dumps({"cells": [{"cell_type": "code", "source": [f"token = 'hf_{drawn(WORD, 34)}'\n"], "outputs": []}]}),
        1,
    ),
    "Dockerfile": lambda: (f"FROM python:3.11\nENV API_TOKEN={drawn(WORD, 32)}\n", 2),
    "main.tf": lambda: (f'variable "db" {{\n  password = "{mixed(16)}"\n}}\n', 2),
    "call.py": lambda: (f'client = Client(host, api_key="{drawn(WORD, 36)}")\n', 1),
}


def credentials() -> Iterator[Sample]:
    for number, (name, make) in enumerate(FORMATS.items()):
        for path, template, line in (WRITTEN[number % 4], WRITTEN[(number + 1) % 4], WRITTEN[(number + 2) % 4]):
            yield Sample(path, template.format(name=name, lower=name.lower(), value=make()), line)
    for path, whole in WHOLE.items():
        yield Sample(path, *whole())


def look_alikes() -> Iterator[Sample]:
    for path, lines in LOOK_ALIKES.items():
        for text in lines:
            yield Sample(path, f"{text}\n", None)
    cells = [{"cell_type": "code", "source": ["plot()"], "outputs": [{"data": {"image/png": drawn(BASE64, 4000)}}]}]
    yield Sample("plots.ipynb", json.dumps({"cells": cells}), None)


LOOK_ALIKES: dict[str, list[str]] = {
    ".env.example": [
        "API_KEY=YOUR_KEY",
        f"SECRET_KEY={drawn(WORD, 40)}",
        "DB_PASSWORD=changeme",
        "TOKEN=xxxxxxxxxxxxxxxxxxxx",
    ],
    "src/a.py": [
        "password = os.environ['DB_PASSWORD']",
        'api_key = os.getenv("OPENAI_API_KEY")',
        "token = config.get('hub', 'token')",
        "secret = secretmanager.access(name='projects/1/secrets/db/versions/latest')",
        'password = "password123"',
        'password = "changeme_changeme_1"',
        'api_key = "YOUR_API_KEY_HERE"',
        'api_key = "sk-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"',
        'token = "<your-hugging-face-token>"',
        'token = f"{prefix}-{uuid.uuid4()}"',
        'HF_TOKEN = "hf_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"',
        'secret = "qwertyuiopasdfghjkl1234567890"',
        'pad_token = "<|endoftext|>"',
        'sep_token="[SEP]", cls_token="[CLS]", mask_token="[MASK]"',
        'tokenizer = AutoTokenizer.from_pretrained("bert-base-uncased", token=True)',
        'tokenizer_name = "sentence-transformers/paraphrase-multilingual-mpnet-base-v2"',
        'token_type = "word_piece_v2_large_cased_2021"',
        f'revision = "{drawn(HEX, 40)}"',
        f'model_sha256 = "{drawn(HEX, 64)}"',
        f'hashed_password = "{drawn(HEX, 64)}"',
        f'"token_hash": "{drawn(HEX, 64)}"',
        f'CACHE_KEY_TOKEN_MD5 = "{drawn(HEX, 32)}"  # gitleaks:allow',
        'run_id = "1x2fbb0c8a7d4e6f9b3a5c7d9e1f3a5b"',
        'request_token = "123e4567-e89b-12d3-a456-426614174000"',
        'password = getpass.getpass("Password: ")',
        'parser.add_argument("--token", type=str, default=None, help="The token of the hub")',
        'raise ValueError("Invalid token: expected a string of 40 characters")',
        'secret_key = Field(..., description="The secret key of the bucket")',
        'access_key = "minioadmin"',
        "key = jax.random.PRNGKey(20240101)",
        'password: str = "correct-horse-battery-staple"',
        'PASSWORD_RESET_TOKEN_EXPIRES = "24 hours after the request"',
        "url = 'postgresql://user:password@db.acme.io/x'",
        "url = 'postgresql://postgres:postgres@localhost:5432/test'",
        "url = f'postgresql://{user}:{password}@{host}/{name}'",
        "url = 'https://user:pass@example.com/path'",
        "broker = 'amqp://guest:guest@rabbitmq:5672//'",
        "path = '/home/ada/.config/token-cache/9f8e7d6c5b4a39281706f5e4d3c2b1a0'",
        "secret_name = 'prod/churn/database-credentials-v2'",
        'TOKEN_URL = "https://login.microsoftonline.com/common/oauth2/v2.0/token"',
        'public_key = "' + drawn(BASE64, 60) + '"',
        'next_page_token = "' + drawn(WORD, 40) + '"',
        'csrf_token = "' + drawn(WORD, 32) + '"',
    ],
    "config/a.yaml": [
        "password: ${oc.env:DB_PASSWORD}",
        "password: {{ vault_db_password_9f8a }}",
        "api_key: !vault |",
        "secret: ENC[AES256_GCM,data:p673w==,iv:YY=,aad:UQ=,tag:A=]",
        "token: null",
        "eos_token: </s>",
        "bos_token: <s>",
        "secretKeyRef: {name: db-credentials, key: password}",
        "password_policy: at-least-12-characters-1-digit",
        "existingSecret: mlflow-tracking-credentials-2",
        "max_tokens: 4096",
        "md5: d41d8cd98f00b204e9800998ecf8427e.dir",
        "image: registry.acme.io/token-service@sha256:" + drawn(HEX, 64),
    ],
    ".github/workflows/ci.yml": [
        "  token: ${{ secrets.GITHUB_TOKEN }}",
        "  password: ${{ secrets.PYPI_API_TOKEN_4_RELEASES }}",
        "  uses: actions/checkout@" + drawn(HEX, 40),
        "  run: echo ::add-mask::$API_TOKEN",
        "  secure: " + drawn(BASE64, 20) + '"',
    ],
    "dvc.lock": [f"md5: {drawn(HEX, 32)}", f"    md5: {drawn(HEX, 32)}.dir"],
    "poetry.lock": [f'{{file = "a.whl", hash = "sha256:{drawn(HEX, 64)}"}}'],
    "uv.lock": [f'sdist = {{ url = "https://x/y.tar.gz", hash = "sha256:{drawn(HEX, 64)}" }}'],
    "package-lock.json": [f'"integrity": "sha512-{drawn(BASE64, 86)}=="'],
    "requirements.txt": [f"torch==2.4.0 --hash=sha256:{drawn(HEX, 64)}"],
    "vocab.json": [f'{{"{word}": {number}}}' for number, word in enumerate(("token", "password", "secret", "Ġkey"))],
    "merges.txt": ["s ecret", "pass word", "t oken"],
    "README.md": [
        "Set `OPENAI_API_KEY` to the key of your account before you start.",
        "export WANDB_API_KEY=<your key>",
        "export HF_TOKEN=hf_...",
        "aws configure set aws_access_key_id AKIA" + "IOSFODNN7EXAMPLE",
        "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCY" + "EXAMPLEKEY",
        "The token is passed as a header: `Authorization: Bearer TOKEN`.",
        f"![badge](https://codecov.io/gh/a/b/branch/main/graph/badge.svg?token={drawn(WORD, 10).upper()})",
        f"![logo](data:image/png;base64,{drawn(BASE64, 400)})",
        "https://colab.research.google.com/drive/" + drawn(WORD, 33),
        "https://drive.google.com/file/d/" + drawn(WORD, 33) + "/view",
        "https://wandb.ai/acme/churn/runs/" + drawn(WORD, 8).lower(),
        "[1]: https://doi.org/10.1000/xyz123-token-bucket-secrets",
    ],
    "cert.pem": [f"-----BEGIN CERTIFICATE-----\n{drawn(BASE64, 64)}\n-----END CERTIFICATE-----"],
    "id_rsa.pub": [f"ssh-rsa AAAAB3NzaC1yc2E{drawn(BASE64, 200)} ada@laptop"],
    "tests/fixtures/a.py": [f'API_TOKEN = "{drawn(WORD, 32)}"'],
    "tests/test_login.py": [f'password = "{mixed(16)}"', 'token = "not-a-real-token-1234567"'],
    "static/app.min.js": [f'var a="{drawn(WORD, 300)}",token="{drawn(WORD, 24)}"'],
    "docs/conf.py": ["docsearch({apiKey: '" + drawn(HEX, 32) + "', indexName: 'a'})"],
    "data/users.csv": [f"ada,password,{drawn(HEX, 32)}"],
}
