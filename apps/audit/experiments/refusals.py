"""What DVC 3 refuses to read, although git holds it: forms that DVC 0, 1 and 2 wrote. Source: dvc/schema.py of 3.67."""

from __future__ import annotations

from collections.abc import Iterator

from apps.audit.facts.documents import Document
from apps.audit.facts.dvc.stages import entries
from apps.audit.regex import regex

POINTER = {"md5", "wdir", "deps", "outs", "locked", "frozen", "meta", "always_changed", "desc"}
POINTED_OUT = {
    "md5",
    "checksum",
    "etag",
    "size",
    "nfiles",
    "isexec",
    "version_id",
    "path",
    "persist",
    "cloud",
    "hash",
    "desc",
    "type",
    "labels",
    "meta",
    "cache",
    "remote",
    "push",
    "files",
    "fs_config",
}
PIPELINE = {"datasets", "plots", "stages", "vars", "params", "metrics", "artifacts"}
STAGE = {
    "matrix",
    "cmd",
    "wdir",
    "deps",
    "params",
    "vars",
    "frozen",
    "meta",
    "desc",
    "always_changed",
    "outs",
    "metrics",
    "plots",
}
LOCK_SCHEMA = regex(rb"(^|\n)schema: *['\"]?2\.0['\"]?\s")


def refused_pipeline(document: Document) -> Iterator[str]:
    """Why DVC 3 refuses a dvc.yaml; nothing where it does not."""
    unknown = [key for key in document.table() if key not in PIPELINE]
    for name, stage in document.table("stages").items():
        stage = stage if isinstance(stage, dict) else {}
        body = stage["do"] if {"foreach", "do"} & stage.keys() else stage
        unknown += [f"{name}.{key}" for key in (body if isinstance(body, dict) else {}) if key not in STAGE]
    if unknown:
        yield f"DVC 3 refuses {document.path}: it knows no {unknown[0]}"


def refused_pointer(document: Document) -> Iterator[str]:
    """Why DVC 3 refuses a .dvc file; nothing where it does not."""
    unknown = [key for key in document.table() if key not in POINTER]
    unknown += [f"outs.{key}" for out in entries(document.get("outs")) for key in out if key not in POINTED_OUT]
    if unknown:
        yield f"DVC 3 refuses {document.path}: it knows no {unknown[0]}"


def refused_lock(path: str, content: bytes) -> Iterator[str]:
    """Why DVC 3 refuses a dvc.lock; nothing where it does not."""
    if content.strip() and not LOCK_SCHEMA.search(content):
        yield f"DVC 3 refuses {path}: it has no schema 2.0, as DVC 1 wrote it"
