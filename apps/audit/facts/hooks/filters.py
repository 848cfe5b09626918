"""Which files a hook is given: its patterns, globs and types, applied as pre-commit applies them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from identify.identify import tags_from_filename

from apps.audit.facts.hooks.matcher import Matcher

NEVER = "^$"


@dataclass(frozen=True)
class Filter:
    """`types` must all fit, of `types_or` any, of `exclude_types` none; every one of `files` and no `excludes` matches.

    `globs` are lefthook's and lint-staged's; any of them may fit.
    """

    files: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    types_or: tuple[str, ...] = ()
    exclude_types: tuple[str, ...] = ()
    globs: tuple[str, ...] = ()
    matcher: Matcher = field(default_factory=Matcher, repr=False, compare=False)

    def includes(self, path: str) -> bool | None:
        """Whether the hook is given the file; None when a pattern is beyond what we match."""
        tags = tags_of(path)
        if not tags.issuperset(self.types) or (self.types_or and tags.isdisjoint(self.types_or)):
            return False
        if not tags.isdisjoint(self.exclude_types):
            return False
        found = [self.matcher.matches(pattern, path) for pattern in self.files if pattern]
        kept = [self.matcher.matches(pattern, path) for pattern in self.excludes if pattern not in {"", NEVER}]
        globs = [self.matcher.matches(from_glob(glob), path) for glob in self.globs]
        if False in found or True in kept or (globs and not any(each is not False for each in globs)):
            return False
        known = None not in found and None not in kept and (not globs or True in globs)
        return True if known else None


def tags_of(path: str) -> set[str]:
    """What pre-commit would call the file, as far as its name says so."""
    tags = tags_from_filename(path)
    return {"file", "non-executable", *tags} if tags else {"file", "non-executable", "text"}


def from_glob(glob: str) -> str:
    """The pattern of a glob such as `*.{py,pyi}` or `src/**/*.py`; `*` goes through folders, as lefthook has it."""
    text = re.escape(glob).replace(r"\*\*/", "(?:.*/)?").replace(r"\*\*", ".*").replace(r"\*", ".*")
    text = text.replace(r"\?", "[^/]").replace(r"\{", "(?:").replace(r"\}", ")").replace(",", "|")
    return f"^(?:.*/)?(?:{text})$" if "/" not in glob else f"^(?:{text})$"
