"""Why a fetch failed, in the words of the page, and the state that it leaves the repository in."""

from __future__ import annotations

from apps.repositories.models import State


class Failure(Exception):
    """A repository could not be fetched; its mirror is as it was."""

    state = State.FAILED


class Unreachable(Failure):
    state = State.UNREACHABLE


class TooSlow(Failure):
    state = State.TOO_SLOW


class Refused(Failure):
    state = State.REFUSED


class Damaged(Failure):
    state = State.DAMAGED


PRIVATE = "It is private or does not exist. Only public repositories can be read."
MOVED = "It has moved. Open it in a browser and register the address that it has now, with .git at its end."
# What git says, and what that means; the first that is found counts.
MEANINGS: tuple[tuple[str, type[Failure], str], ...] = (
    ("No space left on device", Failure, "The disk that holds the mirrors is full."),
    ("fsck error", Refused, "Git's checks refuse its history: {said}"),
    ("could not read Username", Unreachable, PRIVATE),
    ("Authentication failed", Unreachable, PRIVATE),
    ("returned error: 40", Unreachable, PRIVATE),
    ("not found", Unreachable, PRIVATE),
    ("returned error: 30", Unreachable, MOVED),
    ("unable to update url base from redirection", Unreachable, MOVED),
    ("Operation too slow", TooSlow, "Its server sends almost nothing."),
    ("", Unreachable, "Git could not fetch it: {said}"),
)


def explain(said: str) -> Failure:
    """The failure behind a complaint of git's."""
    return next(kind(words.format(said=said)) for sign, kind, words in MEANINGS if sign in said)
