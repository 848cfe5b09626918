"""Markers, skips and assertions of a test."""

from __future__ import annotations

import re
from collections.abc import Iterator

from apps.audit.facts.python.modules import Assert, Call
from apps.audit.facts.suite.collecting import Found
from apps.audit.facts.suite.fixtures import decorator_name
from apps.audit.facts.suite.reach import Reach
from apps.audit.regex import words

ASSERTING = words(
    r"(^|[._])(assert\w*|fail|raises|warns|deprecated_call|verify\w*|check_\w+|should\w*|expect_\w+|gradcheck|check_call"
    r"|raise_for_status|run_layer_test|run_class_serialization_test)$"
)
VALIDATING = words(r"schema\w*(\(\))?\.validate$", re.IGNORECASE)
CLASS = words(r"\.[A-Z]\w*[a-z]\w*$")
# Calls that assert and yet cannot fail with what they are given.
EMPTY = {"self.assertTrue": [True], "self.assertFalse": [False], "self.assertIsNone": [None]}


def markers(found: Found) -> Iterator[str]:
    """Names of pytest's markers, of the function, its classes and its module."""
    module, name = found.index.module, found.function.name
    decorators = list(found.function.decorators)
    decorators += [each for owner in module.classes if name.startswith(f"{owner.name}.") for each in owner.decorators]
    for assignment in module.targets.get("pytestmark", ()):
        if name.startswith(assignment.scope):
            decorators += assignment.value if isinstance(assignment.value, list) else [assignment.value]
    for decorator in decorators:
        yield decorator_name(decorator).removeprefix("pytest.mark.")


def skip(marks: tuple[str, ...], found: Found) -> str:
    """ "skip" or "xfail" where it is so whatever the circumstances; a condition makes it none."""
    for mark in marks:
        if mark in {"skip", "unittest.skip"}:
            return "skip"
        if mark in {"xfail", "unittest.expectedFailure"} and not any(
            call.name == "pytest.mark.xfail" and (call.args or "condition" in call.keywords)
            for call in decorator_calls(found)
        ):
            return "xfail"
    return ""


def decorator_calls(found: Found) -> list[Call]:
    return [call for call in found.index.bodies[found.function.name].calls if call.line <= found.function.line]


def asserts(reach: Reach) -> bool:
    """Whether anything in it, or in a helper of the repository that it calls, can fail."""
    if any(not each.trivial and not is_import(each, reach) for each in reach.own.asserts):
        return True
    return any(is_assertion(call) for call in reach.own.calls)


def is_import(asserted: Assert, reach: Reach) -> bool:
    """Whether it demands no more than that an imported class is there, which it is once the import has succeeded."""
    if len(asserted.names) != 1 or asserted.bounds or not CLASS.search(asserted.names[0]):
        return False
    imports = reach.found.index.module.imports
    return any(each.name == asserted.names[0] and not each.guarded for each in imports)


def is_assertion(call: Call) -> bool:
    if call.name in EMPTY:
        return call.args[:1] != EMPTY[call.name]
    if call.name in {"subprocess.run"}:
        return call.keywords.get("check") is True
    return bool(ASSERTING.search(call.name) or VALIDATING.search(call.name)) and not call.name.startswith("pytest.mark")
