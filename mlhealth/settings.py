"""Settings, each knob from the environment."""

from __future__ import annotations

import os
import secrets
import sys
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any
from urllib.parse import urlsplit

import dj_database_url
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from mlhealth.environment import read_environment

BASE_DIR = Path(__file__).resolve().parent.parent


ENVIRONMENT = read_environment(BASE_DIR)
TESTING = "pytest" in sys.modules

# Where all state lives: database, mirrors, caches, keys.
DATA = ENVIRONMENT["DATA"]
MIRRORS = DATA / "mirrors"
EXAMPLES = DATA / "examples"
# Where the web server listens, and the address people type.
PORT, BIND, URL = ENVIRONMENT["PORT"], ENVIRONMENT["BIND"], ENVIRONMENT["URL"]
# Folders whose git directories may be registered by path; our own example is always among them.
LOCAL_ROOTS = [*ENVIRONMENT["LOCAL_ROOTS"], EXAMPLES]
# Hosts that may lead to private networks, and the certificates that theirs are checked against.
INTERNAL_HOSTS, CA_FILE = ENVIRONMENT["INTERNAL_HOSTS"], ENVIRONMENT["CA_FILE"]
# Files from this size on are left out of mirrors (0: none are), and the most that one mirror may take.
LEFT_OUT_BYTES = int(ENVIRONMENT["BLOB_MEGABYTES"] * 1_000_000)
MIRROR_BYTES = ENVIRONMENT["MIRROR_MEGABYTES"] * 1_000_000
# Below this much free space nothing is fetched.
FREE_BYTES = ENVIRONMENT["FREE_MEGABYTES"] * 1_000_000
# What credentials are sealed with, newest first; where none is set, those of this file, made when first needed.
CREDENTIAL_KEYS, CREDENTIAL_KEY_FILE = ENVIRONMENT["CREDENTIAL_KEYS"], DATA / "credential_keys"
# Who delivers jobs, through which broker; which queues this worker serves, and whose mirrors it shares.
ENGINE, BROKER_URL = ENVIRONMENT["ENGINE"], ENVIRONMENT["BROKER_URL"]
QUEUES, SHARD = ENVIRONMENT["QUEUES"], ENVIRONMENT["SHARD"]
# A worker that is not heard of for so long is given up; what failed is first tried again after so long.
LEASE_SECONDS, RETRY_SECONDS = 60.0, 15.0
# How many jobs one worker runs side by side, and how long a fetch and an audit may take, in seconds.
WORKERS = ENVIRONMENT["WORKERS"]
FETCH_SECONDS, AUDIT_SECONDS = ENVIRONMENT["FETCH_SECONDS"], ENVIRONMENT["AUDIT_SECONDS"]


def secret_key() -> str:
    """The key from the environment, or one made once and kept in the data folder."""
    if ENVIRONMENT["SECRET_KEY"]:
        return str(ENVIRONMENT["SECRET_KEY"])
    path: Path = DATA / "secret_key"
    try:
        DATA.mkdir(mode=0o700, parents=True, exist_ok=True)  # password hashes and sessions are in there
        if not path.exists():
            keep_new_key(path)
        return path.read_text()
    except OSError as error:
        raise ImproperlyConfigured(f"MLHEALTH_DATA: {error}") from error


def keep_new_key(path: Path) -> None:
    """Of processes that start together one wins, and nobody reads half a key."""
    with NamedTemporaryFile("w", dir=path.parent) as draft:  # only we can read it
        draft.write(secrets.token_urlsafe(64))
        draft.flush()
        with suppress(FileExistsError):
            os.link(draft.name, path)


SECRET_KEY = secret_key()
DEBUG = ENVIRONMENT["DEBUG"]
HTTPS = URL.startswith("https://")
ALLOWED_HOSTS = [urlsplit(URL).hostname, "localhost", "127.0.0.1", "[::1]", *ENVIRONMENT["ALLOWED_HOSTS"]]
CSRF_TRUSTED_ORIGINS = [URL]

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "axes",
    "csp",
    "django_htmx",
    "apps.access",
    "apps.accounts",
    "apps.alerts",
    "apps.badges",
    "apps.dashboard",
    "apps.jobs",
    "apps.outbox",
    "apps.policies",
    "apps.remotes",
    "apps.reports",
    "apps.repositories",
    "apps.scorecards",
    "apps.experiments",
]
if ENGINE == "rq":
    INSTALLED_APPS.append("django_rq")
    RQ_QUEUES = {
        queue: {"URL": BROKER_URL, "SERIALIZER": "rq.serializers.JSONSerializer"}
        for queue in ("interactive", "audit", "history", "report")
    }
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "mlhealth.urls"
WSGI_APPLICATION = "mlhealth.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
            ],
        },
    },
]


def database(url: str) -> dict[str, Any]:
    """Django's settings for a database URL; SQLite gets what keeps many processes from locking each other out."""
    try:
        settings: dict[str, Any] = dict(dj_database_url.parse(url, conn_max_age=600, conn_health_checks=True))
    except ValueError as error:
        raise ImproperlyConfigured("MLHEALTH_DATABASE_URL: not a database's address; see README") from error
    if settings["ENGINE"] not in {"django.db.backends.sqlite3", "django.db.backends.postgresql"}:
        raise ImproperlyConfigured("MLHEALTH_DATABASE_URL: begins with sqlite:/// or postgres://")
    if settings["ENGINE"] == "django.db.backends.sqlite3":
        settings["OPTIONS"] = {
            # A read that turns into a write fails at once under DEFERRED, whatever the timeout.
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;PRAGMA foreign_keys=ON;"
            "PRAGMA temp_store=MEMORY;PRAGMA journal_size_limit=67108864;PRAGMA cache_size=-20000",
        }
        # Forked workers and the live server need a database that other processes can open.
        settings["TEST"] = {"NAME": str(DATA / "test.sqlite3")}
    return settings


DATABASES = {"default": database(ENVIRONMENT["DATABASE_URL"])}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL, LOGIN_REDIRECT_URL, LOGOUT_REDIRECT_URL = "login", "fleet", "login"
# One person's typing errors must not lock out a colleague, nor an attacker the administrator everywhere.
AXES_FAILURE_LIMIT, AXES_COOLOFF_TIME = 5, 0.25
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_LOCKOUT_TEMPLATE = "accounts/locked_out.html"
AXES_RESET_ON_SUCCESS, AXES_VERBOSE = True, False

LANGUAGE_CODE, USE_I18N, USE_TZ, TIME_ZONE = "en-gb", False, True, ENVIRONMENT["TIME_ZONE"]

# The mail server; without one, e-mail waits and says so.
SMTP = ENVIRONMENT["SMTP_URL"]
EMAIL_HOST, EMAIL_PORT, EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = SMTP.host, SMTP.port, SMTP.user, SMTP.password
EMAIL_USE_TLS, EMAIL_USE_SSL, EMAIL_TIMEOUT = SMTP.scheme == "smtp+starttls", SMTP.scheme == "smtps", 30
DEFAULT_FROM_EMAIL = ENVIRONMENT["MAIL_FROM"] or f"mlhealth <mlhealth@{urlsplit(URL).hostname}>"

STATIC_URL = "static/"
STATIC_ROOT = DATA / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if TESTING or DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        # The hash of nothing: Plotly adds a style element, and fills it in a way that no policy forbids.
        "style-src": [SELF, "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='"],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
# A monitor asks the web server itself.
SECURE_REDIRECT_EXEMPT = [r"^(healthz|readyz)$"]
SECURE_SSL_REDIRECT = SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SESSION_COOKIE_AGE = 30 * 24 * 3600

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"()": "apps.jobs.logs.Line", "format": "%(asctime)s %(levelname)s %(name)s%(about)s: %(message)s"},
        "json": {
            "()": "pythonjsonlogger.json.JsonFormatter",
            "format": "%(asctime)s %(levelname)s %(name)s %(message)s",
        },
    },
    "filters": {"job": {"()": "apps.jobs.logs.AboutTheJob"}},
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": ENVIRONMENT["LOG"], "filters": ["job"]},
    },
    # Of others' doings only what an administrator must see.
    "loggers": {name: {"level": "WARNING"} for name in ("axes", "celery", "rq", "weasyprint")},
    "root": {"handlers": ["console"], "level": "INFO"},
}
