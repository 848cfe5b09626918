import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from apps.audit.check import Check, Effort, Evidence, Finding, fails, ignores, passes
from apps.audit.facts.documents import Document
from apps.audit.facts.dvc.config import Configs, unquote
from apps.audit.regex import regex

SECRET = regex(
    r"password|passphrase|token|\w+_token|access_key_id|secret_access_key|account_key|connection_string|client_secret"
    r"|gdrive_client_secret|oss_key_id|oss_key_secret|sse_customer_key|secret|api_key"
)
PLACEHOLDER = regex(
    r"|x+|\*+|\.+|-+|<.*>|\$\{?\w+\}?|%\(?\w+\)?s?%?|none|null|changeme|change_me|placeholder|dummy|todo|password123"
    r"|(my|your|the|some|example)[-_ ].*|.*[-_ ]here",
    re.IGNORECASE,
)
SIGNED = regex(r"[?&](sig|signature|token|access_token|x-amz-signature|password|key)=[^&]{4}", re.IGNORECASE)


class NoSecretsInConfig(Check):
    """No secret in DVC's configuration

    `.dvc/config` is committed, so a key in it is known to everyone who ever cloned the repository.

    Fix: revoke the credential, then keep the new one out of git: `dvc remote modify --local storage password …` writes
    it to `.dvc/config.local`, which is ignored; or use the environment or the cloud's own profile.
    """

    weight = 5
    effort = Effort.HOURS

    def run(self, configs: Configs) -> Iterator[Finding | Evidence]:
        for config in configs.configs:
            document = config.document
            if document.error:
                yield Finding(f"cannot be read: {document.error}", document.path, document.error_line)
            found = list(secrets(document))
            yield from found
            if not found:
                yield Evidence(f"{sum(map(len, document.table().values()))} settings, no credential", document.path)

    examples = (
        passes({".dvc/config": "[core]\nremote = s\n['remote \"s\"']\nurl = s3://b/p\nask_password = true\n"}),
        passes({".dvc/config": "['remote \"s\"']\nurl = ssh://h/p\npassword = ${PASSWORD}\n"}),
        fails({".dvc/config": "['remote \"s\"']\nurl = ssh://h/p\npassword = hunter42x\n"}, "password of remote s"),
        fails({".dvc/config": "['remote \"s\"']\nurl = https://me:hunter42x@h/p\n"}, "password in the url of remote s"),
        fails({".dvc/config": "", ".dvc/config.local": "['remote \"s\"']\naccess_key_id = AKIA5\n"}, "access_key_id"),
        ignores({"dvc.yaml": "stages: {}\n"}, "no .dvc/config"),
    )


def secrets(document: Document) -> Iterator[Finding]:
    for section, options in document.table().items():
        kind, _, name = section.partition(" ")
        owner = f"{kind} {unquote(name)}".strip()
        for key, value in options.items():
            text, line = unquote(value), document.line(section, key)
            if SECRET.fullmatch(key.lower()) and not PLACEHOLDER.fullmatch(text):
                yield Finding(f"{key} of {owner} is committed", document.path, line)
            elif key == "url" and has_password(text):
                yield Finding(f"a password in the url of {owner} is committed", document.path, line)


def has_password(url: str) -> bool:
    try:
        password = urlsplit(url).password or ""
    except ValueError:
        return False
    return bool(SIGNED.search(url)) or not PLACEHOLDER.fullmatch(password)
