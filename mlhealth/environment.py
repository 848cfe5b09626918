"""The MLHEALTH_ variables of the environment, checked; README lists them with their defaults."""

from __future__ import annotations

import base64
import os
import re
import socket
from dataclasses import dataclass, field
from email.utils import formataddr, parseaddr
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo

from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.core.validators import validate_email
from environs import Env, EnvError, validate

SMTP_PORTS = {"smtp": 25, "smtps": 465, "smtp+starttls": 587}
POSITIVE = validate.Range(min=1)
# A job, which is at most one fetch and two audits, may take an hour.
SECONDS_OF_FETCH, SECONDS_OF_AUDIT = validate.Range(min=1, max=2400), validate.Range(min=1, max=500)


def absolute_folders(text: str) -> list[Path]:
    """Folders separated by colons, as in PATH."""
    folders = [Path(part) for part in text.split(":") if part]
    if relative := [str(folder) for folder in folders if not folder.is_absolute()]:
        raise EnvError(f"folders must be absolute, not {', '.join(relative)}")
    return folders


def web_origin(text: str) -> str:
    """`http://host[:port]` or `https://host[:port]` and nothing more."""
    match = re.fullmatch(r"(https?://[a-zA-Z0-9.-]+|https?://\[[0-9a-fA-F:]+\])(:\d{1,5})?/?", text)
    if match is None:
        raise EnvError(f"must be an address such as https://mlhealth.example.org, not {text!r}")
    return text.removesuffix("/").lower()


def host_names(text: str) -> list[str]:
    """Names of hosts separated by commas, without scheme and port."""
    hosts = [part.strip().lower() for part in text.split(",") if part.strip()]
    if odd := [host for host in hosts if not re.fullmatch(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?", host)]:
        raise EnvError(f"must be names of hosts such as git.corp.example, not {', '.join(odd)}")
    return hosts


def queue_names(text: str) -> list[str]:
    """Some of the four queues, separated by commas."""
    names = [part.strip() for part in text.split(",") if part.strip()]
    if not names or not set(names) <= {"interactive", "audit", "history", "report"}:
        raise EnvError(f"must be some of interactive, audit, history and report, not {text!r}")
    return names


def encryption_keys(text: str) -> list[bytes]:
    """Keys of 32 bytes in URL-safe Base64, separated by commas; the first one seals, all of them open."""
    keys = []
    for part in filter(None, (part.strip() for part in text.split(","))):
        try:
            keys.append(base64.urlsafe_b64decode(part))
        except ValueError:
            keys.append(b"")
    if any(len(key) != 32 for key in keys):
        raise EnvError("each key must be 32 bytes in URL-safe Base64; the README says how to make one")
    return keys


def readable_file(text: str) -> Path | None:
    """The absolute path of a file that can be read, or None where nothing is set."""
    if not text:
        return None
    path = Path(text)
    if not (path.is_absolute() and path.is_file() and os.access(path, os.R_OK)):
        raise EnvError(f"must be the absolute path of a file that can be read, not {text!r}")
    return path


@dataclass(frozen=True)
class MailServer:
    """Where mail is handed over, and whether TLS comes at once (`smtps`) or by `smtp+starttls`; no host, no mail."""

    scheme: str = ""
    host: str = ""
    port: int = 0
    user: str = ""
    password: str = field(default="", repr=False)


def mail_server(text: str) -> MailServer:
    """`smtp+starttls://user:password@host:587`, `smtps://…` or `smtp://…`, with %40 and the like in a password."""
    if not text:
        return MailServer()
    try:
        parts = urlsplit(text)
        host, port = (parts.hostname or ""), parts.port or SMTP_PORTS[parts.scheme]
    except (ValueError, KeyError):
        host = ""
    if not host or parts.path.strip("/") or parts.query or parts.fragment:
        # What was typed may hold a password, and is not repeated.
        raise EnvError("must be an address such as smtp+starttls://user:password@mail.example.org:587") from None
    return MailServer(parts.scheme, host, port, unquote(parts.username or ""), unquote(parts.password or ""))


def mail_sender(text: str) -> str:
    """An address of e-mail, or a name with one: `mlhealth <mlhealth@example.org>`; "" where none is set."""
    if not text:
        return ""
    name, address = parseaddr(text if text.isprintable() else "")
    try:
        validate_email(address)
    except ValidationError as error:
        raise EnvError(f"must be an address such as mlhealth <mlhealth@example.org>, not {text!r}") from error
    return formataddr((name, address))


def time_zone(name: str) -> str:
    """The name of a time zone, such as Europe/Berlin."""
    try:
        return ZoneInfo(name).key
    except (ValueError, OSError, LookupError) as error:
        raise EnvError(f"must be a time zone such as Europe/Berlin, not {name!r}") from error


def reader() -> Env:
    """What reads our variables, with our own kinds of value among those it knows."""
    env = Env(prefix="MLHEALTH_")
    env.add_parser("folders", lambda value: absolute_folders(value))
    env.add_parser("origin", lambda value: web_origin(value))
    env.add_parser("zone", lambda value: time_zone(value))
    env.add_parser("hosts", lambda value: host_names(value))
    env.add_parser("queues", lambda value: queue_names(value))
    env.add_parser("keys", lambda value: encryption_keys(value))
    env.add_parser("mail_server", lambda value: mail_server(value))
    env.add_parser("mail_sender", lambda value: mail_sender(value))
    env.add_parser("file", lambda value: readable_file(value))
    return env


def read_environment(base: Path) -> dict[str, Any]:
    """Every MLHEALTH_ variable, checked; raises ImproperlyConfigured with the variable's name."""
    env = reader()
    try:
        port = env.int("PORT", 8000, validate=validate.Range(min=1, max=65535))
        data = Path(env.str("DATA", str(base / "var"))).absolute()
        return {
            "PORT": port,
            "DATA": data,
            "BIND": env.str("BIND", "127.0.0.1"),
            "URL": env.origin("URL", f"http://localhost:{port}"),
            "ALLOWED_HOSTS": env.list("ALLOWED_HOSTS", []),
            "DATABASE_URL": env.str("DATABASE_URL", f"sqlite:///{data / 'mlhealth.sqlite3'}"),
            "SECRET_KEY": env.str("SECRET_KEY", ""),
            "DEBUG": env.bool("DEBUG", False),
            "CREDENTIAL_KEYS": env.keys("CREDENTIAL_KEYS", ""),
            "LOCAL_ROOTS": env.folders("LOCAL_ROOTS", ""),
            "INTERNAL_HOSTS": env.hosts("INTERNAL_HOSTS", ""),
            "CA_FILE": env.file("CA_FILE", ""),
            "SMTP_URL": env.mail_server("SMTP_URL", ""),
            "MAIL_FROM": env.mail_sender("MAIL_FROM", ""),
            "BLOB_MEGABYTES": env.float("BLOB_MEGABYTES", 10, validate=validate.Range(min=0)),
            "MIRROR_MEGABYTES": env.int("MIRROR_MEGABYTES", 5000, validate=POSITIVE),
            "FREE_MEGABYTES": env.int("FREE_MEGABYTES", 1000, validate=validate.Range(min=0)),
            "ENGINE": env.str("ENGINE", "embedded", validate=validate.OneOf(["embedded", "rq", "celery"])),
            "BROKER_URL": env.str("BROKER_URL", "redis://127.0.0.1:6379/0"),
            "QUEUES": env.queues("QUEUES", "interactive,audit,history,report"),
            "SHARD": env.str("SHARD", socket.gethostname(), validate=validate.Regexp(r"[A-Za-z0-9._-]{1,100}\Z")),
            "LOG": env.str("LOG", "line", validate=validate.OneOf(["line", "json"])),
            "WORKERS": env.int("WORKERS", 2, validate=POSITIVE),
            "FETCH_SECONDS": env.int("FETCH_SECONDS", 900, validate=SECONDS_OF_FETCH),
            "AUDIT_SECONDS": env.int("AUDIT_SECONDS", 300, validate=SECONDS_OF_AUDIT),
            "TIME_ZONE": env.zone("TIME_ZONE", "UTC"),
        }
    except EnvError as error:
        raise ImproperlyConfigured(str(error)) from error
