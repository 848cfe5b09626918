"""Why a fetch failed, in the words of the page, and the state that it leaves the repository in."""

from __future__ import annotations

import re

from django.conf import settings

from apps.repositories import address
from apps.repositories.git import Failed
from apps.repositories.models import State


class Failure(Exception):
    """A repository could not be fetched; its mirror is as it was. Where it is `final`, trying again will not help."""

    state = State.FAILED
    final = False


class Unreachable(Failure):
    state = State.UNREACHABLE


class NoAccess(Failure):
    state, final = State.NO_ACCESS, True


class HostKey(Failure):
    """The host showed a key that is not known as its own; `offered` is what it shows."""

    state, final = State.HOST_KEY, True
    offered: tuple[str, ...] = ()


class Moved(Failure):
    state, final = State.MOVED, True


class TooSlow(Failure):
    state = State.TOO_SLOW


class TooLarge(Failure):
    state, final = State.TOO_LARGE, True


class DiskFull(Failure):
    state = State.DISK_FULL


class Refused(Failure):
    state, final = State.REFUSED, True


class Damaged(Failure):
    state = State.DAMAGED


NOT_FOR_ALL = "It is private, or does not exist. Give it access if it is private, or correct its address."
NOT_FOR_US = "Its server refuses the credential that we have. Replace it, or let it read this repository."
NOT_THERE = "Its server has no such repository, or hides it from us. Correct its address, or give it access."
OTHER_KEY = "Its host shows another key than the one that is known. An administrator has to compare and confirm it."
NEW_KEY = "Its host shows a key that nobody has confirmed. An administrator has to compare and confirm it."
LOGIN = "Its server sends us to another page, as it does to who has to log in. Give it access, or correct its address."
CERTIFICATE = "Its host's certificate cannot be verified. For a host of your own, set MLHEALTH_CA_FILE. {said}"
QUOTA = "It takes more than {quota} MB. An administrator can allow more by MLHEALTH_MIRROR_MEGABYTES."
MEMORY = "Git would need more memory to read it than it may have."
# What git, ssh and servers say, and what that means; the first that is found counts.
MEANINGS: tuple[tuple[str, type[Failure], str], ...] = (
    ("No space left on device", DiskFull, "The disk that holds the mirrors is full."),
    ("File too large", TooLarge, QUOTA),
    ("[Oo]ut of memory|cannot allocate|Cannot allocate", TooLarge, MEMORY),
    ("fsck error", Refused, "Git's checks refuse its history: {said}"),
    ("HOST IDENTIFICATION HAS CHANGED|[Hh]ost key .* has changed", HostKey, OTHER_KEY),
    ("Host key verification failed|No .* host key is known", HostKey, NEW_KEY),
    ("could not read Username|could not read Password", NoAccess, NOT_FOR_ALL),
    (r"[Aa]uthentication failed|returned error: 40[13]|Permission denied \(", NoAccess, NOT_FOR_US),
    ("[Aa]ccess denied|Unauthorized", NoAccess, NOT_FOR_US),
    ("returned error: 40[04]|not found|does not exist|not be found|not appear to be a git", Unreachable, NOT_THERE),
    ("Operation too slow", TooSlow, "Its server sends almost nothing."),
    ("certificate", Unreachable, CERTIFICATE),
    ("", Unreachable, "Git could not fetch it: {said}"),
)
REDIRECTED = re.compile(r"returned error: 30\d|unable to update url base from redirection")
LOCATION = re.compile(r"<= Recv header: location: (\S+)", re.IGNORECASE)


def explain(error: Failed, identified: bool = False) -> Failure:
    """The failure behind a complaint of git's; `identified` says that a credential was shown."""
    if REDIRECTED.search(error.complaint):
        return moved(error.heard)
    kind, words = next((kind, words) for sign, kind, words in MEANINGS if re.search(sign, error.complaint))
    if kind is NoAccess:
        words = NOT_FOR_US if identified else NOT_FOR_ALL
    return kind(words.format(said=error, quota=quota()))


def quota() -> str:
    return f"{settings.MIRROR_BYTES // 1_000_000:,}"


def moved(heard: str) -> Failure:
    """Where a server sends us, if that is an address that could be watched."""
    location = LOCATION.search(heard)
    target, service, _ = location[1].partition("/info/refs") if location else ("", "", "")
    if location and not service:
        return NoAccess(LOGIN)
    try:
        return Moved(f"It has moved. Change its address to {address.parse(target, [], settings.INTERNAL_HOSTS).url}.")
    except address.AddressError:
        return Moved("It has moved. Open it in a browser, and change its address to the one that it has now.")
