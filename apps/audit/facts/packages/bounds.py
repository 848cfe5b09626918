"""Which version of a package a file gets, as far as lock files and specifiers say."""

from __future__ import annotations

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import InvalidVersion, Version

from apps.audit.facts.packages.dependencies import Dependencies
from apps.audit.regex import regex

# No package has come so far.
FAR = "99999"
CARET = regex(r"(\^|~(?!=))\s*")
AT_LEAST = {">=", ">", "==", "~="}


def is_at_least(dependencies: Dependencies, name: str, version: str, path: str) -> bool | None:
    """Whether a file gets this version of a package or a later one; None where nothing says so."""
    locked = (lock.packages[name] for lock in dependencies.locks_serving(path) if name in lock.packages)
    if (found := next(locked, None)) and (exact := parsed(found)):
        return exact >= Version(version)
    declared = (each for manifest in dependencies.serving(path) for each in manifest.packages if each.name == name)
    answers = (allows(each.specifier, version) for each in declared)
    return next((answer for answer in answers if answer is not None), None)


def allows(specifier: str, version: str) -> bool | None:
    """Whether a specifier allows only versions from this one on; False where it allows only earlier ones."""
    try:
        found = SpecifierSet(CARET.sub(">=", specifier))
    except InvalidSpecifier:
        return None
    least = [parsed(each.version.removesuffix(".*")) for each in found if each.operator in AT_LEAST]
    if any(each and each >= Version(version) for each in least):
        return True
    later = found.contains(version) or found.contains(FAR)
    return None if later else False


def parsed(version: str) -> Version | None:
    try:
        return Version(version)
    except InvalidVersion:
        return None
