"""What is logged says which job it is about; a job's own log is kept with it."""

from __future__ import annotations

import logging
import os
from contextvars import ContextVar
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:  # logging is set up before models can be imported
    from apps.jobs.claims import Claim

AT_WORK: ContextVar[Claim | None] = ContextVar("AT_WORK", default=None)
MOST_BYTES = 20_000


class AboutTheJob(logging.Filter):
    """Adds `job`, `kind` and `subject`; of audits and collections the subject is the repository's id."""

    def filter(self, record: logging.LogRecord) -> bool:
        if claim := AT_WORK.get():
            record.__dict__.update(job=claim.job_id, kind=claim.kind, subject=claim.subject)
        return True


class Line(logging.Formatter):
    """For people: one line, with the job that it is about where there is one."""

    def format(self, record: logging.LogRecord) -> str:
        about = [str(record.__dict__[name]) for name in ("job", "kind", "subject") if name in record.__dict__]
        record.about = f" [{' '.join(about)}]" if about else ""
        return super().format(record)


def begin(claim: Claim, log: IO[bytes]) -> None:
    """In a job's process: everything logged from here on is the job's, and goes to its log too."""
    AT_WORK.set(claim)
    handler = logging.StreamHandler(open(log.fileno(), "w", encoding="utf-8", closefd=False, buffering=1))  # noqa: SIM115
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    logging.getLogger().addHandler(handler)


def end(log: IO[bytes]) -> str:
    """The last that a job logged."""
    log.seek(max(log.seek(0, os.SEEK_END) - MOST_BYTES, 0))
    return log.read().decode(errors="replace").replace("\0", "")
