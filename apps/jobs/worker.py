"""A job's own process: what a handler is given, and how its end is recorded.

A handler is a function `audit(job: Running) -> dict | None` in an app's `jobs` module. It may be killed at any
moment and be run again, so it writes inside `job.fenced()` and can be repeated. The programs it starts stay in
its process group, which is killed with it; one that needs a group of its own also needs `processes.die_with`.
"""

from __future__ import annotations

import logging
import time
import traceback
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any, Protocol, cast

from django.apps import apps
from django.utils.module_loading import import_string

from apps.jobs import claims
from apps.jobs.claims import Claim, Fenced
from apps.jobs.models import Job

__all__ = ["Fenced", "Handler", "Permanent", "Running", "perform"]

logger = logging.getLogger(__name__)

PROGRESS_SECONDS = 1.0


class Permanent(Exception):
    """Trying again will not help; the message is for the person who asked."""


class Running:
    """The job in hand, as its handler sees it."""

    def __init__(self, claim: Claim) -> None:
        self.claim = claim
        self.job_id, self.subject = claim.job_id, claim.subject
        self.phase, self.told_at = "", 0.0

    def progress(self, phase: str, done: int | None = None, total: int | None = None) -> None:
        """Say how far we are. Cheap to call often: within a phase, one call a second reaches the database."""
        now = time.monotonic()
        if phase == self.phase and now - self.told_at < PROGRESS_SECONDS:
            return
        if phase != self.phase:
            logger.info("%s", phase)
        self.phase, self.told_at = phase, now
        if not self.claim.rows().update(phase=phase, done=done, total=total):
            raise Fenced(f"job {self.job_id} is no longer ours")

    def fenced(self) -> AbstractContextManager[Job]:
        """A transaction that only we can write in; raises Fenced when the job is no longer ours."""
        return self.claim.held()


class Handler(Protocol):
    def __call__(self, job: Running) -> dict[str, Any] | None: ...


def handler(kind: str) -> Handler:
    """`scorecards.audit` is the function `audit` of the scorecards app's `jobs` module."""
    app, function = kind.split(".")
    return cast(Handler, import_string(f"{apps.get_app_config(app).name}.jobs.{function}"))


def perform(claim: Claim, retry_in: timedelta = claims.BACKOFF) -> None:
    """Do the job and record how it ended, unless it is no longer ours."""
    logger.info("started")
    try:
        claims.succeed(claim, handler(claim.kind)(Running(claim)))
    except Fenced:
        logger.warning("it is no longer ours")
    except Permanent as error:
        logger.info("failed: %s", error)
        claims.fail(claim, str(error), hopeless=True)
    except Exception as error:
        logger.warning("failed: %s", error)
        claims.fail(claim, traceback.format_exc(), retry_in=retry_in)
    else:
        logger.info("done")
