"""Starts the process that reads a repository's experiments, and understands its answer."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

from django.conf import settings

from apps.audit.experiments.collecting import Asked
from apps.audit.text import clean_text
from apps.experiments import answer
from apps.experiments.answer import Answer
from apps.jobs.interpreter import listen_to


class CollectError(Exception):
    """The process gave no usable answer; the message is for the person who reads the job."""


def portion(mirror: Path, asked: Asked) -> Answer:
    """What is new since what is known. Raises CollectError."""
    said = listen_to(
        "apps.audit.experiments",
        ["--since", "-", "--format", "json", "--", str(mirror)],
        json.dumps(asdict(asked)).encode(),
        seconds=settings.AUDIT_SECONDS,
        most=answer.MOST_BYTES,
    )
    if said.late:
        raise CollectError(f"Reading its experiments took more than {settings.AUDIT_SECONDS} seconds.")
    if len(said.answer) > answer.MOST_BYTES:
        raise CollectError(f"What was read of its experiments has more than {answer.MOST_BYTES:,} bytes.")
    if said.death:
        raise CollectError(f"The process that reads its experiments ended with {said.death.name}.")
    if said.status:
        raise CollectError(refusal(said.answer) or f"Reading its experiments broke: {said.complaint.strip()[-2000:]}")
    try:
        return answer.parse(said.answer)
    except answer.Misfit as misfit:
        raise CollectError(f"What was read of its experiments is not of the agreed form: {misfit}") from None


def refusal(said: bytes) -> str:
    """Why nothing was read, where that is the answer; empty otherwise."""
    try:
        return clean_text(str(json.loads(said)["error"]["message"]))
    except (ValueError, TypeError, KeyError, RecursionError):
        return ""
