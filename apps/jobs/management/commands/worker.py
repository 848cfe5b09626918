"""Do the jobs of the queue, until told to stop."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from apps.jobs import claims
from apps.jobs.pool import Pool


class Command(BaseCommand):
    help = __doc__
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        lease, retry_in = claims.LEASE.total_seconds(), claims.BACKOFF.total_seconds()
        parser.add_argument("--slots", type=int, default=settings.WORKERS, help="jobs side by side")
        parser.add_argument("--lease", type=float, default=lease, help="seconds until a lost worker is given up")
        parser.add_argument("--retry-in", type=float, default=retry_in, help="seconds until the first retry")

    def handle(self, *args: Any, **options: Any) -> None:
        lease, retry_in = timedelta(seconds=options["lease"]), timedelta(seconds=options["retry_in"])
        Pool(options["slots"], lease=lease, retry_in=retry_in).run()
