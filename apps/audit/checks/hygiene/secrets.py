from collections.abc import Iterator

from apps.audit.check import Check, Effort, Evidence, Finding, Unknown, fails, passes
from apps.audit.facts.secrets.credentials import Credentials

# Invented, and in two parts, so that no scanner takes them for real.
TOKEN = "ghp_" + "x7Qm2LpV9tRb4WzK1sYd8NcF3hJg6TaE5uOi"
KEY_HEAD, KEY_BODY = "-----BEGIN RSA PRIVATE " + "KEY-----", "MIIEpAIBAAKCAQEAx7Qm2LpV9tRb4WzK1sYd8NcF3hJg6TaE5uOi"
LITERAL = "q8Zr4" + "Kw1Tn6Yp3Vd9Xb2Lm7"


class Secrets(Check):
    """No secrets in tracked files

    Whoever can read the repository, a fork or a CI log has the credential, and deleting the line leaves it in history.

    Fix: revoke the credential first, issue a new one, and hand it over outside git:
        api_key = os.environ["API_KEY"]     # with .env in .gitignore and .env.example in git
    """

    weight = 5
    effort = Effort.HOURS

    def run(self, credentials: Credentials) -> Iterator[Finding | Evidence | Unknown]:
        for credential in credentials.found:
            yield Finding(f"{credential.kind} in plain text", credential.file.path, credential.line)
        yield from credentials.unread
        if not credentials.found:
            yield Evidence(f"no credential in {credentials.files:,} text files")

    examples = (
        passes({"train.py": "import os\ntoken = os.environ['HF_TOKEN']\n"}, "no credential in 1 text files"),
        passes({".env.example": "API_KEY=YOUR_KEY\nDB_PASSWORD=password123\nSECRET=changeme_changeme_1\n"}),
        passes({"config.yaml": "pad_token: '<|endoftext|>'\nmodel_token: bert-base-uncased-finetuned-sst-2-english\n"}),
        passes({"compose.yml": "url: postgresql://mlflow:mlflow@db:5432/mlflow\nother: redis://:${PASSWORD}@cache\n"}),
        passes({"poetry.lock": f'token = "{LITERAL}"\n', "tests/fixtures/fake.env": f"API_TOKEN={TOKEN}\n"}),
        passes({"README.md": "export GITHUB_TOKEN=ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n"}),
        passes({"keys.md": f"{KEY_HEAD}\n...\n", "ci.yml": "token: ${{ secrets.TOKEN_4_DEPLOYS_OF_2024 }}\n"}),
        passes({"test_api.py": f"token = '{TOKEN}'  # pragma: allowlist secret\n"}),
        fails({"deploy.sh": f"\nexport GITHUB_TOKEN={TOKEN}\n"}, "a GitHub token in plain text"),
        fails({"key.json": f'{{"private_key": "{KEY_HEAD}\\n{KEY_BODY}"}}'}, "a private key in plain text"),
        fails({"settings.py": f'DB_PASSWORD: str = "{LITERAL}"\n'}, "a literal given to DB_PASSWORD in plain text"),
        fails({".env": f"AWS_SECRET_ACCESS_KEY={LITERAL}{LITERAL}\n"}, "a literal given to AWS_SECRET_ACCESS_KEY"),
        fails({"db.yaml": f"url: postgres://app:{LITERAL[:12]}@db.acme.io/x\n"}, "an address with a password"),
    )
