"""All the patterns of one repository, matched within one bound."""

from __future__ import annotations

from apps.audit.facts.hooks.patterns import Pattern

# What a few seconds are enough for; the hooks and paths of large repositories take a tenth of it.
MOST_STEPS, MOST_PATTERNS = 1_000_000, 1_000


class Matcher:
    """Keeps what it compiled and what it answered. After too much work it says of the rest that it does not know."""

    def __init__(self) -> None:
        self.patterns: dict[str, Pattern | None] = {}
        self.answers: dict[tuple[str, str], bool] = {}
        self.steps_left = MOST_STEPS

    def matches(self, pattern: str, path: str) -> bool | None:
        """Whether the pattern is found in the path; None when it is not understood or all is too slow."""
        if (answer := self.answers.get((pattern, path))) is not None:
            return answer
        compiled = self.compiled(pattern) if self.steps_left > 0 else None
        if compiled is None:
            return None
        before = compiled.cost
        answer = self.answers[pattern, path] = compiled.found_in(path)
        self.steps_left -= compiled.cost - before
        return answer

    def compiled(self, pattern: str) -> Pattern | None:
        if pattern not in self.patterns and len(self.patterns) < MOST_PATTERNS:
            self.patterns[pattern] = Pattern.of(pattern)
        return self.patterns.get(pattern)
