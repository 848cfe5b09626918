"""The programs that a shell script calls, each with its place; nothing is run."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from apps.audit.facts.automation.shell import split_script
from apps.audit.regex import regex

LONGEST_SCRIPT, DEEPEST = 200_000, 8

KEYWORDS = {"if", "then", "else", "elif", "fi", "do", "done", "while", "until", "!", "{", "}", "time", "esac"}
# `for x in a b` and `case x in` name no program.
HEADERS = {"for", "case", "select", "function"}
# Programs that only start another one.
PREFIXES = {
    *("sudo", "env", "command", "exec", "nohup", "nice", "xargs", "timeout", "stdbuf", "xvfb-run", "winpty", "dotenv"),
    *("uvx", "npx", "bunx", "pnpx", "entr", "retry", "bash", "sh", "cross-env", "chronic"),
}
# Programs that start another one after a word of theirs.
RUNNERS = {
    **dict.fromkeys(("poetry", "pdm", "pipenv", "rye", "pixi", "hatch", "conda", "mamba", "micromamba"), ("run",)),
    **dict.fromkeys(("coverage", "pipx", "doppler", "op"), ("run",)),
    "uv": ("run", "tool"),
    "mise": ("exec", "x"),
    "tox": ("exec",),
    "pnpm": ("exec", "dlx"),
    "yarn": ("exec", "dlx"),
}
OPTIONS_WITH_VALUE = {
    *("-n", "--name", "-p", "--python", "--with", "--extra", "--group", "--only-group", "--env-file", "-e", "-u", "-g"),
    *("--environment", "--project", "--directory", "--package", "--from", "--index", "--source", "--rcfile", "-C"),
    *("--with-requirements", "--with-editable", "--prefix", "-w", "--omit", "--include", "--data-file", "--spec"),
}
ASSIGNMENT = regex(r"[A-Za-z_][A-Za-z0-9_]*\+?=")
VARIABLE = regex(r"\$[({]{0,2} *([A-Za-z_]+)[ )}]*")


@dataclass(frozen=True)
class Command:
    """One program with its arguments. `uv run coverage run -m pytest` is three: uv, coverage and pytest."""

    tool: str
    args: tuple[str, ...] = ()
    path: str = ""
    line: int | None = None
    # The program as it is written, with its folder.
    program: str = ""

    @property
    def words(self) -> tuple[str, ...]:
        """The arguments that are no options."""
        return tuple(arg for arg in self.args if not arg.startswith("-"))

    def calls(self, tool: str, *words: str) -> bool:
        """Whether it is `tool`, with these first arguments (options aside)."""
        return self.tool == tool and self.words[: len(words)] == words

    def option(self, *names: str) -> str | None:
        """The value of an option, written `--name value` or `--name=value`; empty when it has none."""
        for position, arg in enumerate(self.args):
            name, equals, value = arg.partition("=")
            if name in names:
                following = self.args[position + 1 : position + 2]
                return value if equals else next((each for each in following if not each.startswith("-")), "")
        return None

    def __str__(self) -> str:
        return " ".join((self.tool, *self.args))


def commands_in(script: str, path: str = "", line: int | None = None, depth: int = 0) -> Iterator[Command]:
    """Every program of a shell script whose first line is `line` of `path`, starters and what they start."""
    for offset, words in split_script(script[:LONGEST_SCRIPT]):
        place = None if line is None else line + offset
        for layer in layers(words):
            command = Command(tool_name(layer[0]), tuple(layer[1:]), path, place, layer[0])
            yield command
            if (inner_script := script_within(command, layer)) and depth < DEEPEST:
                inner = commands_in(inner_script, path, place, depth + 1)
                yield from (replace(each, line=place) for each in inner)


def script_within(command: Command, words: list[str]) -> str:
    """The script that a shell is given as a word."""
    if command.tool == "eval":
        return " ".join(command.args)
    return words[words.index("-c") + 1] if command.tool in {"bash", "sh", "zsh"} and "-c" in words[:-1] else ""


def layers(words: list[str]) -> Iterator[list[str]]:
    """A command, then the command that it starts, and so on."""
    for _ in range(DEEPEST):
        while words and (words[0] in KEYWORDS or ASSIGNMENT.match(words[0])):
            words = words[1:]
        if not words or words[0] in HEADERS:
            return
        yield words
        words = started_by(words)


def started_by(words: list[str]) -> list[str]:
    """The command that a starter starts; empty when it starts none."""
    tool, rest = tool_name(words[0]), words[1:]
    if tool == "python" or (tool == "coverage" and "-m" in rest):
        at = rest.index("-m") + 1 if "-m" in rest else len(rest)
        return [rest[at].replace("_", "-"), *rest[at + 1 :]] if at < len(rest) else []
    if tool in {"bash", "sh"}:
        return rest if rest and not rest[0].startswith("-") else []
    if tool in RUNNERS:
        rest = without_options(rest)
        if not rest or rest[0] not in RUNNERS[tool]:
            return []
        rest = rest[1:]
        if tool == "uv" and rest[:1] == ["run"]:
            rest = rest[1:]
    elif tool not in PREFIXES:
        return []
    rest = without_options(rest)
    if tool == "timeout":
        rest = rest[1:]
    if tool == "hatch" and rest:
        rest = [rest[0].rpartition(":")[2], *rest[1:]]
    return rest


def without_options(words: list[str]) -> list[str]:
    """The words from the first that is no option on."""
    at = 0
    while at < len(words) and words[at].startswith("-"):
        if words[at] in {"--", "-m", "--module"}:
            return words[at + 1 :]
        at += 2 if words[at] in OPTIONS_WITH_VALUE else 1
    return words[at:]


def tool_name(word: str) -> str:
    """The program's plain name: `$(VENV)/bin/python3.11` and `${PYTHON}` are python, `ruff@0.14` is ruff."""
    name = word.lstrip("@").replace("\\", "/").rstrip("/").rpartition("/")[2] or word
    if variable := VARIABLE.fullmatch(name):
        name = variable[1].lower()
    name = re.split(r"(?<=.)(?:@|==|\[)", name, maxsplit=1)[0]
    name = name.removesuffix(".exe").removesuffix(".cmd")
    return "python" if re.fullmatch(r"py|\{?(env)?python[0-9.]*(_interpreter|_bin|_exe)?\}?", name) else name
