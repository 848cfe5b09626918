"""The engine's process: a fresh interpreter with an empty environment, the policy on standard input, JSON back."""

from __future__ import annotations

import json
import re
import signal
from pathlib import Path
from tempfile import TemporaryFile

from django.conf import settings

from apps.audit import sandbox
from apps.audit.policy import Policy
from apps.audit.snapshot import Json
from apps.audit.storage import Storage
from apps.audit.text import clean_text
from apps.jobs.interpreter import listen_to
from apps.scorecards import answer

# In the mirror's own folder, so that it goes when that goes; in a folder of its own, as the engine may write there.
CACHE = Path("mlhealth-derived", "cache.sqlite3")
MOST_REFUSAL = 100_000
KEY = re.compile(r"(files/md5/)?[0-9a-f]{2}/[0-9a-f]{30}(\.dir)?")
# What ended the process where it could not say so itself.
DEATHS = {
    signal.SIGKILL: "The machine killed the audit, as it does when memory runs out.",
    signal.SIGXCPU: f"The audit took more than {sandbox.PROCESSOR_SECONDS} seconds of processor time.",
    signal.SIGXFSZ: "The audit's cache grew beyond what one file may hold.",
    signal.SIGSYS: "The audit tried what its sandbox forbids.",
}


class AuditError(Exception):
    """The engine gave no usable answer; the message is for the person who reads the job."""


class DamagedMirror(AuditError):
    """The mirror's objects cannot be read; it has to be made anew."""


def audit(mirror: Path, commit: str, policy: Policy, left_out: int = 0, storage: Storage | None = None) -> Json:
    """The audit of one commit of a mirror, as the contract has it. Raises AuditError.

    `left_out` is the size in bytes from which on files miss in the mirror, 0 where none do; `storage` is what was
    seen of its DVC remote.
    """
    options = ["--facts", "--left-out", str(left_out)]
    with TemporaryFile() as seen:
        if storage:
            seen.write(json.dumps(storage.to_json()).encode())
            seen.flush()
            options += ["--storage", f"/dev/fd/{seen.fileno()}"]
        said, complaint, status = run(mirror, commit, policy, options, seen.fileno())
    return understand(said, complaint, commit, status)


def needed(mirror: Path, commit: str) -> list[str]:
    """The keys of the objects that a commit needs from its DVC remote. Raises AuditError."""
    said, complaint, status = run(mirror, commit, Policy(), ["--needed"])
    if status or refusal(said):
        understand(said, complaint, commit, status)  # which says what went wrong
    try:
        keys = json.loads(said)["needed"]
    except (ValueError, TypeError, KeyError):
        raise AuditError("The engine did not say what the commit needs from its DVC remote.") from None
    return [str(key) for key in keys if KEY.fullmatch(str(key))]


def run(mirror: Path, commit: str, policy: Policy, options: list[str], *open_files: int) -> tuple[bytes, str, int]:
    """What the engine said, what it complained about, and its exit status. Raises AuditError."""
    options = ["--revision", commit, "--format", "json", "--policy", "-", "--cache", str(mirror / CACHE), *options]
    said = listen_to(
        "apps.audit",
        [*options, "--", str(mirror)],
        json.dumps(policy.to_json()).encode(),
        seconds=settings.AUDIT_SECONDS,
        most=answer.MOST_BYTES,
        open_files=open_files,
    )
    if said.late:
        raise AuditError(f"The audit took more than {settings.AUDIT_SECONDS} seconds.")
    return said.answer, said.complaint, said.status


def understand(said: bytes, complaint: str, commit: str, status: int = 0) -> Json:
    """The engine's answer, once it is seen to be of the form that was agreed. Raises AuditError."""
    if len(said) <= answer.MOST_BYTES and status < 0:
        number = signal.Signals(-status)
        raise AuditError(DEATHS.get(number, f"The audit's process ended with {number.name}."))
    if error := refusal(said):
        raise (DamagedMirror if error.get("state") == "damaged" else AuditError)(clean_text(str(error.get("message"))))
    if not said:
        raise AuditError(f"The audit broke: {complaint.strip()[-2000:] or 'it said nothing'}")
    try:
        return answer.parse(said, commit)
    except answer.Misfit as misfit:
        raise AuditError(f"The audit's answer is not of the agreed form: {misfit}") from None


def refusal(said: bytes) -> dict[str, Json]:
    """Why the engine audited nothing, where that is its answer."""
    if len(said) > MOST_REFUSAL:
        return {}
    try:
        document = json.loads(said)
    except (ValueError, RecursionError):
        return {}
    error = document.get("error") if isinstance(document, dict) else None
    return error if isinstance(error, dict) else {}
