"""Why a path cannot be audited."""

from __future__ import annotations


class SourceError(Exception):
    """The path cannot be audited; `state` is one word for programs, the text is for people."""

    state = "unreadable"


class NotARepository(SourceError):
    state = "not_a_repository"


class EmptyRepository(SourceError):
    state = "empty"


class RevisionNotFound(SourceError):
    state = "revision_not_found"


class DamagedRepository(SourceError):
    state = "damaged"


class TooLarge(SourceError):
    state = "too_large"
