"""The engine's process: a fresh interpreter with an empty environment, the policy on standard input, JSON back."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from functools import partial
from pathlib import Path
from tempfile import TemporaryFile
from threading import Timer
from typing import IO, Any, cast

from django.conf import settings

from apps.audit.check import Effort, Outcome
from apps.audit.policy import Policy
from apps.audit.snapshot import Json
from apps.jobs.processes import die_with

MOST_BYTES = 8_000_000
# In the mirror's own folder, so that it goes when that goes.
CACHE = "mlhealth-derived.sqlite3"


class AuditError(Exception):
    """The engine gave no usable answer; the message is for the person who reads the job."""


class DamagedMirror(AuditError):
    """The mirror's objects cannot be read; it has to be made anew."""


def audit(mirror: Path, commit: str, policy: Policy, left_out: int = 0) -> Json:
    """The audit of one commit of a mirror, as the contract has it. Raises AuditError.

    `left_out` is the size in bytes from which on files miss in the mirror, 0 where none do.

    The process stays in the caller's group and dies with the caller.
    """
    options = ["--revision", commit, "--format", "json", "--policy", "-", "--cache", str(mirror / CACHE)]
    options += ["--left-out", str(left_out)]
    command = [sys.executable, "-s", "-m", "apps.audit", *options, "--", str(mirror)]
    with TemporaryFile() as decided, TemporaryFile() as complaint:
        decided.write(json.dumps(policy.to_json()).encode())
        decided.seek(0)
        with subprocess.Popen(
            command,
            cwd=settings.BASE_DIR,
            env={},
            stdin=decided,
            stdout=subprocess.PIPE,
            stderr=complaint,
            preexec_fn=partial(die_with, os.getpid()),
        ) as process:
            timer = Timer(settings.AUDIT_SECONDS, process.kill)
            timer.start()
            said = cast("IO[bytes]", process.stdout).read(MOST_BYTES + 1)
            if len(said) > MOST_BYTES:
                process.kill()
            process.wait()
            late = not timer.is_alive()
            timer.cancel()
        complaint.seek(0)
        if late:
            raise AuditError(f"The audit took more than {settings.AUDIT_SECONDS} seconds.")
        return understand(said, complaint.read().decode(errors="replace"), commit)


def understand(said: bytes, complaint: str, commit: str) -> Json:
    """The engine's answer, once it is seen to be of the form that was agreed."""
    if len(said) > MOST_BYTES:
        raise AuditError(f"The audit's answer has {len(said):,} bytes, more than {MOST_BYTES:,}.")
    try:
        answer = json.loads(said)
    except ValueError:
        raise AuditError(f"The audit broke: {complaint.strip()[-2000:] or 'it said nothing'}") from None
    if isinstance(answer, dict) and isinstance(error := answer.get("error"), dict):
        raise (DamagedMirror if error.get("state") == "damaged" else AuditError)(str(error.get("message")))
    if fault := misfit(answer, commit):
        raise AuditError(f"The audit's answer is not of the agreed form: {fault}")
    return answer


SHAPE: dict[str, Any] = {
    "schema": int,
    "commit": str,
    "committed_at": str,
    "context": str,
    "engine": str,
    "policy": str,
    "score": (int, float, type(None)),
    "grade": str,
    "complete": bool,
    "areas": list,
    "results": list,
    "measures": dict,
}
RESULT: dict[str, Any] = {
    "check": str,
    "title": str,
    "outcome": str,
    "weight": (int, float),
    "effort": str,
    "reason": str,
    "findings": list,
    "evidence": list,
}
PLACE: dict[str, Any] = {"message": str, "path": str, "line": (int, type(None))}


def misfit(answer: Json, commit: str) -> str:
    """What is wrong with an answer's form; empty when nothing is."""
    if fault := mismatch(answer, SHAPE):
        return fault
    if answer["commit"] != commit:
        return f"commit {answer['commit']!r}"
    for result in answer["results"]:
        if fault := mismatch(result, RESULT):
            return f"results: {fault}"
        if result["outcome"] not in set(Outcome) or result["effort"] not in set(Effort):
            return f"results: {result['check']}: outcome or effort"
        for place in (*result["findings"], *result["evidence"]):
            if fault := mismatch(place, PLACE):
                return f"results: {result['check']}: {fault}"
    return ""


def mismatch(value: Json, shape: dict[str, Any]) -> str:
    if not isinstance(value, dict):
        return f"{type(value).__name__} for an object"
    return next((name for name, kind in shape.items() if not isinstance(value.get(name), kind)), "")
