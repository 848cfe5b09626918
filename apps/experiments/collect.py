"""Starts the process that reads a repository's experiments, and understands its answer."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from django.conf import settings

from apps.audit.text import clean_text
from apps.experiments import answer
from apps.experiments.answer import Answer
from apps.jobs.interpreter import listen_to


class CollectError(Exception):
    """The process gave no usable answer; the message is for the person who reads the job."""


def portion(mirror: Path, known: Sequence[str], runs: Sequence[str]) -> Answer:
    """What is new since `known`: see `apps.audit.experiments.collecting`. Raises CollectError."""
    said = listen_to(
        "apps.audit.experiments",
        ["--since", "-", "--format", "json", "--", str(mirror)],
        json.dumps({"known": list(known), "runs": list(runs)}).encode(),
        seconds=settings.AUDIT_SECONDS,
        most=answer.MOST_BYTES,
    )
    if said.late:
        raise CollectError(f"Reading its experiments took more than {settings.AUDIT_SECONDS} seconds.")
    if said.death and len(said.answer) <= answer.MOST_BYTES:
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
