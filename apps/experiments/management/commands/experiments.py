"""List the experiments of a git repository, bare or not. No database is asked, and none of its code is run."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser


class Command(BaseCommand):
    help = __doc__
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("path", metavar="PATH", help="a git repository, bare or not")
        parser.add_argument("--format", choices=("table", "json"), default="table")

    def handle(self, *args: Any, **options: Any) -> None:
        """The reading is done by a process of its own, with nothing of ours in its environment."""
        command = [sys.executable, "-s", "-m", "apps.audit.experiments", "--format", options["format"]]
        path = str(Path(options["path"]).resolve())
        done = subprocess.run(
            [*command, "--", path], cwd=settings.BASE_DIR, env={}, stdout=subprocess.PIPE, check=False
        )
        self.stdout.write(done.stdout.decode(), ending="")
        if done.returncode:
            raise CommandError("The experiments could not be read.", returncode=done.returncode)
