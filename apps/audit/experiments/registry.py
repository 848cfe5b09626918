"""Model versions and stages as GTO keeps them: in the names of tags."""

from __future__ import annotations

from dataclasses import dataclass

from apps.audit.regex import regex

NAME = r"[a-zA-Z0-9](?:[a-zA-Z0-9/_-]{0,200}[a-zA-Z0-9])?"
VERSION = r"v(?:0|[1-9]\d{0,9})\.(?:0|[1-9]\d{0,9})\.(?:0|[1-9]\d{0,9})(?:[-+][0-9A-Za-z.+-]{1,100})?"
TAG = regex(
    rf"(?:(?P<folder>[a-zA-Z0-9_./-]{{1,200}})=)?(?P<name>{NAME})"
    rf"(?:(?:#(?P<stage>{NAME})|@(?P<version>{VERSION}))(?P<cancel>!?)|@(?P<state>deprecated|created))"
    r"(?:#(?P<counter>\d{1,9}))?"
)


@dataclass(frozen=True)
class Event:
    """What a tag says of a model: `kind` is version, stage, deprecated or created; `what` the version or stage.

    `counter` orders the events of one model and stage; `cancelled` takes back an earlier event of the same.
    """

    model: str
    kind: str
    what: str
    counter: int
    cancelled: bool


def event(tag: str) -> Event | None:
    """The event that a tag's name stands for; None for a tag that is none of GTO's."""
    match = TAG.fullmatch(tag)
    if match is None:
        return None
    model = f"{match['folder']}:{match['name']}" if match["folder"] else match["name"]
    kind = "stage" if match["stage"] else "version" if match["version"] else match["state"]
    what = match["stage"] or match["version"] or ""
    return Event(model, kind, what, int(match["counter"] or 0), bool(match["cancel"]))
