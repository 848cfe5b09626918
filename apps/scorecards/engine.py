"""The engine's process: a fresh interpreter with an empty environment, the policy on standard input, JSON back."""

from __future__ import annotations

import json
import re
import signal
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryFile
from typing import NamedTuple

from django.conf import settings

from apps.audit import sandbox
from apps.audit.policy import Policy
from apps.audit.snapshot import Json
from apps.audit.storage import Storage
from apps.audit.text import clean_text
from apps.jobs.interpreter import Said, listen_to
from apps.scorecards import answer, answer_replay

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


class Portion(NamedTuple):
    """Some commits of a repository's past, the youngest first, and what came of the first of them."""

    header: answer_replay.Header
    verdicts: list[answer_replay.Verdict]

    @property
    def complete(self) -> bool:
        """Whether all of the last commits are known with it."""
        return self.header.complete and len(self.verdicts) == len(self.header.asked)


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
        said = run(mirror, commit, policy, options, seen.fileno())
    return understand(said, commit)


def needed(mirror: Path, commit: str) -> list[str]:
    """The keys of the objects that a commit needs from its DVC remote. Raises AuditError."""
    said = run(mirror, commit, Policy(), ["--needed"])
    if error := failure(said):
        raise error
    try:
        keys = json.loads(said.answer)["needed"]
    except (ValueError, TypeError, KeyError):
        raise AuditError("The engine did not say what the commit needs from its DVC remote.") from None
    return [str(key) for key in keys if KEY.fullmatch(str(key))]


def replay(mirror: Path, commit: str, policy: Policy, known: Iterable[str], left_out: int = 0) -> Portion:
    """Audits of some of the last commits that lead to this one and are not known. Raises AuditError.

    What was said before the process died counts; where that is nothing, its first commit is what it died of.
    """
    with TemporaryFile() as named:
        named.write("\n".join(known).encode())
        named.flush()
        options = ["--known", f"/dev/fd/{named.fileno()}", "--left-out", str(left_out)]
        said = start("apps.audit.replay", mirror, commit, policy, options, named.fileno())
    if refusal(said.answer) or b"\n" not in said.answer:
        raise failure(said) or AuditError("The engine did not say which commits it judges.")
    try:
        header, verdicts = answer_replay.parse(said.answer)
    except answer.Misfit as misfit:
        raise AuditError(f"The answer about past commits is not of the agreed form: {misfit}") from None
    if header.asked and not verdicts:
        error = failure(said) or broken(said)
        verdicts = [answer_replay.Verdict(commit=header.asked[0].commit, error=clean_text(str(error)))]
    return Portion(header, verdicts)


def run(mirror: Path, commit: str, policy: Policy, options: list[str], *open_files: int) -> Said:
    """What the engine said of one commit."""
    return start("apps.audit", mirror, commit, policy, ["--format", "json", *options], *open_files)


def start(module: str, mirror: Path, commit: str, policy: Policy, options: list[str], *open_files: int) -> Said:
    """What a module of the engine said."""
    options = ["--revision", commit, "--policy", "-", "--cache", str(mirror / CACHE), *options]
    return listen_to(
        module,
        [*options, "--", str(mirror)],
        json.dumps(policy.to_json()).encode(),
        seconds=settings.AUDIT_SECONDS,
        most=answer.MOST_BYTES,
        open_files=open_files,
    )


def understand(said: Said, commit: str) -> Json:
    """The engine's answer, once it is seen to be of the form that was agreed. Raises AuditError."""
    if error := failure(said):
        raise error
    try:
        return answer.parse(said.answer, commit)
    except answer.Misfit as misfit:
        raise AuditError(f"The audit's answer is not of the agreed form: {misfit}") from None


def failure(said: Said) -> AuditError | None:
    """Why there is no answer, where that is so."""
    if said.late:
        return AuditError(f"The audit took more than {settings.AUDIT_SECONDS} seconds.")
    if len(said.answer) <= answer.MOST_BYTES and said.death:
        return AuditError(DEATHS.get(said.death, f"The audit's process ended with {said.death.name}."))
    if error := refusal(said.answer):
        return (DamagedMirror if error.get("state") == "damaged" else AuditError)(clean_text(str(error.get("message"))))
    return None if said.answer else broken(said)


def broken(said: Said) -> AuditError:
    return AuditError(f"The audit broke: {said.complaint.strip()[-2000:] or 'it said nothing'}")


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
