"""Regular expressions that are compiled when first used: there are hundreds of them, and most audits need few."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any, AnyStr, cast

# Names of which the answers are remembered, for each pattern or set of patterns.
MOST_NAMES = 1_000


class Lazy:
    """Stands in for a pattern; after the first use, its methods are the compiled pattern's own."""

    def __init__(self, pattern: str | bytes, flags: int) -> None:
        self.pattern, self.flags = pattern, flags

    def __getattr__(self, name: str) -> Any:
        method = getattr(re.compile(self.pattern, self.flags), name)
        setattr(self, name, method)
        return method


class Remembering(Lazy):
    """Stands in for a pattern that is asked of the same names again and again; its answers are remembered."""

    def __getattr__(self, name: str) -> Any:
        method = lru_cache(MOST_NAMES)(super().__getattr__(name))
        setattr(self, name, method)
        return method


def regex(pattern: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
    """The pattern, not compiled yet; a mistake in it shows at the first use."""
    return cast("re.Pattern[AnyStr]", Lazy(pattern, flags))


def words(pattern: str, flags: int = 0) -> re.Pattern[str]:
    """A pattern for names that come again and again; not compiled yet."""
    return cast("re.Pattern[str]", Remembering(pattern, flags))


def any_of(*patterns: re.Pattern[str]) -> Callable[[str], bool]:
    """Whether one of the patterns is that of a name. Names come again and again, so the answers are remembered."""
    return lru_cache(MOST_NAMES)(lambda name: any(pattern.fullmatch(name) for pattern in patterns))
