"""Params as people paste them: a configuration, lines of `key=value`, or a `dvc exp run` with its `-S`."""

from __future__ import annotations

import io
import json
import math
import re
import shlex
from collections.abc import Iterator, Mapping
from typing import Any

from apps.audit.experiments.collecting import scalar
from apps.audit.experiments.values import flatten
from apps.audit.facts.yaml import parse_yaml

LONGEST, MOST_PARAMS, LONGEST_KEY = 20_000, 500, 200
OPTION = re.compile(r"(?:^|\s)(?:-S|--set-param\b)")
# A key as it stands before a sign: of Hydra's, `+` and `++` add to a configuration, and `file:` names the file.
ASSIGNED = re.compile(
    r"\s*\+{0,2}(?P<key>[^\s=:{}\[\]\"'#,]+(?::[^\s=:{}\[\]\"'#,]+)?)\s*=(?!=)\s*(?P<value>.*)", re.DOTALL
)
STATED = re.compile(r"\s*(?P<key>[^\s=:{}\[\]\"'#,]+):(?:\s+(?P<value>.*)|\Z)", re.DOTALL)
SWEEP = re.compile(r"(?:choice|range|interval|glob|sweep)\(.*\)\s*\Z", re.DOTALL)


class Unreadable(ValueError):
    """What was pasted is no params; the message says where, for the person who pasted it."""


def parse(text: str) -> dict[str, Any]:
    """Values by dotted key, as the params of runs have them. Raises Unreadable."""
    if len(text) > LONGEST:
        raise Unreadable(f"This is longer than {LONGEST:,} characters. The params that matter are enough.")
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    found = dict[str, Any]()
    for key, each in pairs(text):
        try:
            found |= flatten(each, key)
        except RecursionError:
            raise Unreadable(f"What {key[:60]} holds is nested too deep.") from None
        if len(found) > MOST_PARAMS:
            raise Unreadable(f"These are more than {MOST_PARAMS} params. Those that matter are enough.")
    if len(longest := max(found, key=len, default="")) > LONGEST_KEY:
        raise Unreadable(f"No param has a name as long as {longest[:40]}…")
    return {key: scalar(value) for key, value in found.items()}


def written(params: Mapping[str, Any]) -> str:
    """Lines of `key=value` that `parse` reads as these params, as many as it takes, without those that none can say."""
    lines = [line for key, each in params.items() if is_said(line := f"{key}={as_yaml(each)}", key)][:MOST_PARAMS]
    while sum(len(line) + 1 for line in lines) > LONGEST:
        lines.pop()
    return "\n".join(lines)


def is_said(line: str, key: str) -> bool:
    """Whether the line says nothing but a value of this key."""
    match = ASSIGNED.fullmatch(line)
    fits = match is not None and match["key"] == key and len(key) <= LONGEST_KEY
    return fits and not line.startswith(("#", "+")) and not OPTION.search(line)


def as_yaml(value: Any) -> str:
    if isinstance(value, float) and not math.isfinite(value):
        return {"nan": ".nan", "inf": ".inf", "-inf": "-.inf"}[str(value)]
    return json.dumps(value, ensure_ascii=False)


def pairs(text: str) -> Iterator[tuple[str, Any]]:
    """Keys and values, of which some are mappings still."""
    lines = [line for line in text.split("\n") if line.strip() and not line.lstrip().startswith("#")]
    if OPTION.search(text) and not any(STATED.fullmatch(line) for line in lines[:1]):
        return of_command(text)
    if text.lstrip().startswith("{") or not any(ASSIGNED.fullmatch(line) for line in lines):
        return of_document(text)
    # Indented, it may be a text of many lines in a configuration.
    nested = any(line[0].isspace() for line in lines) and isinstance(yaml(text).get("value"), dict)
    return of_document(text) if nested else of_lines(text)


def of_command(text: str) -> Iterator[tuple[str, Any]]:
    """What `-S` and `--set-param` set; the other words of the command say nothing of params."""
    text = text.replace("\\\n", " \n")
    stream = io.StringIO(text)
    lexer = shlex.shlex(stream, posix=True, punctuation_chars=False)
    lexer.whitespace_split, lexer.commenters = True, ""
    wanted = 0
    try:
        for word in lexer:
            line = lexer.lineno - text[: stream.tell()].endswith("\n")
            if wanted:
                yield assignment(word, wanted)
                wanted = 0
            elif word in {"-S", "--set-param"}:
                wanted = line
            elif word.startswith(("-S", "--set-param=")):
                yield assignment(word.removeprefix("-S").removeprefix("--set-param="), line)
    except ValueError as error:
        if isinstance(error, Unreadable):
            raise
        raise Unreadable(f"Line {lexer.lineno}: a quotation mark has no partner.") from None
    if wanted:
        raise Unreadable(f"Line {wanted}: nothing follows the last -S.")


def assignment(word: str, line: int) -> tuple[str, Any]:
    """One override, as Hydra writes it."""
    match = ASSIGNED.fullmatch(word)
    if match is None:
        raise Unreadable(f"Line {line}: “{word[:60]}” is no key=value.")
    key, written = match["key"], match["value"]
    if SWEEP.match(written) or ("," in written and not written.lstrip().startswith(("[", "{", '"', "'"))):
        raise Unreadable(f"Line {line}: {key} has several values. Ask for one of them at a time.")
    return key, value(written, line)


def of_lines(text: str) -> Iterator[tuple[str, Any]]:
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        match = ASSIGNED.fullmatch(line) or STATED.fullmatch(line)
        if match is None:
            raise Unreadable(f"Line {number}: “{line.strip()[:60]}” is neither key=value nor key: value.")
        yield match["key"], value(match["value"] or "", number)


def value(written: str, line: int) -> Any:
    """A value as YAML has it."""
    parsed = yaml(written)
    if parsed.get("error"):
        raise Unreadable(f"Line {line}: “{written.strip()[:60]}” cannot be read: {parsed['error']}.")
    return parsed["value"]


def yaml(text: str) -> Any:
    return parse_yaml(text.encode("utf-8", "replace"))


def of_document(text: str) -> Iterator[tuple[str, Any]]:
    """The entries of a mapping in JSON or YAML."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        parsed = yaml(text)
        if parsed.get("error"):
            line = f"Line {parsed['error_line']}: " if parsed["error_line"] else ""
            raise Unreadable(f"{line}this cannot be read as YAML or JSON: {parsed['error']}.") from None
        document = parsed["value"]
    if document is None:
        return iter(())
    if not isinstance(document, dict):
        raise Unreadable("Line 1: there are no keys here. Write key=value, one on each line, or paste a configuration.")
    return iter([(str(key), each) for key, each in document.items()])
