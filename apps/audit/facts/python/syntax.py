"""Why Python source does not parse: another version of the language, or a mistake."""

from __future__ import annotations

import re
import sys

from apps.audit.regex import regex

# Blanks, but no line ends: from each of many empty lines, they would be gone through again.
PYTHON_2 = regex(
    rb"^[ \t\f]*(print\s+[\"'\w]|exec\s+[\"'\w]|raise\s+\w+\s*,|except\s+[\w.]+\s*,\s*\w+\s*:)", re.MULTILINE
)
# Type aliases and type parameters (3.12); quotes inside quotes of an f-string (3.12) fail with a message of their own.
PYTHON_NEWER = regex(rb"^[ \t\f]*(type\s+\w+(\[.*\])?\s*=\s|(async\s+)?def\s+\w+\[|class\s+\w+\[)", re.MULTILINE)
NEWER = f"syntax newer than Python {sys.version_info.major}.{sys.version_info.minor}"


def reason(problem: BaseException, content: bytes) -> str:
    """Why a file does not parse."""
    message = str(getattr(problem, "msg", "")) or type(problem).__name__
    if PYTHON_2.search(content):
        return "Python 2"
    newer = PYTHON_NEWER.search(content) or message.startswith("f-string: ")
    return NEWER if newer and sys.version_info < (3, 12) else message
