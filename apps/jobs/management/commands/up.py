"""Start everything on this machine: the web server, a worker and the scheduler. Ctrl-C stops them."""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.contrib.staticfiles.storage import ManifestStaticFilesStorage, staticfiles_storage
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError, connection
from django.db.migrations.executor import MigrationExecutor

from apps.accounts.setup import link_token
from apps.jobs.supervisor import Program, supervise

THREADS, OLDEST_GIT = 8, (2, 37)


class Command(BaseCommand):
    help = __doc__
    requires_system_checks = ()  # the start is quick; `make test` and migrate run them

    def handle(self, *args: Any, **options: Any) -> None:
        require_git()
        with only_one(settings.DATA / "up.lock"), listen(settings.BIND, settings.PORT) as web:
            migrate()
            collect_static_files()
            self.stdout.write(f"mlhealth is at {settings.URL}/ (Ctrl-C stops it)")
            if token := link_token():
                self.stdout.write(f"Create the first administrator at {settings.URL}/setup/{token}/")
            self.stdout.flush()
            supervise(programs(web))
        self.stdout.write("mlhealth has stopped.")


def require_git() -> None:
    """Older ones lack `cat-file --batch-command`, or pass over the pin of a checked address without a word."""
    try:
        said = subprocess.run(["git", "--version"], capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError) as error:
        raise CommandError("git is not installed; mlhealth needs version 2.37 or newer.") from error
    version = tuple(map(int, re.findall(r"\d+", said)[:2]))
    if version < OLDEST_GIT:
        raise CommandError(f"{said.strip()} is too old; mlhealth needs version 2.37 or newer.")


@contextmanager
def only_one(path: Path) -> Iterator[None]:
    """Hold the lock of the data folder; the kernel lets go of it when we end, however we end."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            lock.seek(0)
            raise CommandError(
                f"mlhealth is already running on {path.parent} (process {lock.read().strip()})."
            ) from error
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


@contextmanager
def listen(host: str, port: int) -> Iterator[socket.socket]:
    """The web server's socket. It is ours, so that people wait instead of failing while the web server restarts."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as web:
        web.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            web.bind((host, port))
            web.listen(1024)
        except OSError as error:
            raise CommandError(
                f"Cannot listen on {host}, port {port}: {error.strerror}. "
                "Set MLHEALTH_PORT (or MLHEALTH_BIND) to another."
            ) from error
        yield web


def migrate() -> None:
    try:
        executor = MigrationExecutor(connection)
    except OperationalError as error:
        raise CommandError(f"MLHEALTH_DATABASE_URL: the database cannot be used: {str(error).strip()}") from error
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        call_command("migrate", interactive=False, verbosity=0)
    connection.close()


def collect_static_files() -> None:
    """Collect the static files if any of them has changed since the last time."""
    if not isinstance(staticfiles_storage, ManifestStaticFilesStorage):
        return
    mark = Path(settings.STATIC_ROOT) / ".sources"
    sources = digest_of_static_files()
    if not mark.exists() or mark.read_text() != sources:
        call_command("collectstatic", interactive=False, verbosity=0)
        mark.write_text(sources)


def digest_of_static_files() -> str:
    digest = hashlib.sha256()
    for finder in get_finders():
        for name, storage in finder.list(["CVS", ".*", "*~"]):
            status = os.stat(storage.path(name))
            digest.update(f"{storage.path(name)} {status.st_size} {status.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def programs(web: socket.socket) -> list[Program]:
    python, manage = sys.executable, str(settings.BASE_DIR / "manage.py")
    gunicorn = (
        *(python, "-m", "gunicorn", "mlhealth.wsgi", "--chdir", str(settings.BASE_DIR)),
        *("--bind", f"fd://{web.fileno()}", "--worker-class", "gthread", "--threads", str(THREADS)),
        *("--graceful-timeout", "15", "--log-level", "warning", "--no-control-socket"),
    )
    return [
        Program("web server", gunicorn, files=[web.fileno()]),
        Program("worker", (python, manage, "worker")),
        Program("scheduler", (python, manage, "scheduler")),
    ]
