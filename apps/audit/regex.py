"""Regular expressions that are compiled when first used: there are hundreds of them, and most audits need few."""

from __future__ import annotations

import re
from typing import Any, AnyStr, cast


class Lazy:
    """Stands in for a pattern; after the first use, its methods are the compiled pattern's own."""

    def __init__(self, pattern: str | bytes, flags: int) -> None:
        self.pattern, self.flags = pattern, flags

    def __getattr__(self, name: str) -> Any:
        method = getattr(re.compile(self.pattern, self.flags), name)
        setattr(self, name, method)
        return method


def regex(pattern: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
    """The pattern, not compiled yet; a mistake in it shows at the first use."""
    return cast("re.Pattern[AnyStr]", Lazy(pattern, flags))
