"""Why a path cannot be audited."""

from __future__ import annotations

import json
import sys

from apps.audit.text import clean_text

# What a command exits with that could read nothing.
REFUSED = 2


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


def refuse(error: Exception, form: str) -> int:
    """Say why nothing was read, in the form that was asked for; the exit status."""
    state = error.state if isinstance(error, SourceError) else "refused"
    if form == "json":
        print(json.dumps({"schema": 1, "error": {"state": state, "message": clean_text(str(error))}}))
    else:
        print(clean_text(str(error)), file=sys.stderr)
    return REFUSED
