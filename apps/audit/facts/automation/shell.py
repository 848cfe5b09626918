"""Shell scripts taken apart into simple commands and their words."""

from __future__ import annotations

import re

from apps.audit.regex import regex

LONGEST_SUBSTITUTION, MOST_UNCLOSED = 2_000, 20
HEREDOC = regex(r"<<-?[ \t]*(['\"]?)([A-Za-z_][A-Za-z0-9_]*)\1")


def split_script(text: str) -> list[tuple[int, list[str]]]:
    """The simple commands of a script: the number of the line (from 0) where each starts, and its words."""
    splitter = Splitter(text)
    splitter.split()
    return splitter.commands


class Splitter:
    """Reads a shell script once from left to right; what it does not understand stays part of a word."""

    def __init__(self, text: str) -> None:
        self.text, self.at, self.line = text, 0, 0
        self.commands: list[tuple[int, list[str]]] = []
        self.words: list[str] = []
        self.word: str | None = None
        self.start = 0
        self.dropped = False
        self.unclosed = 0
        self.heredocs: list[str] = []

    def split(self) -> None:
        while self.at < len(self.text):
            self.step(self.text[self.at])
        self.end_command()

    def step(self, char: str) -> None:
        if char == "\\":
            following = self.text[self.at + 1 : self.at + 2]
            self.take(2, None if following == "\n" else following)
        elif char in "'\"`":
            self.quoted(char)
        elif char == "$" and self.text[self.at + 1 : self.at + 2] in {"(", "{"} and self.unclosed < MOST_UNCLOSED:
            self.substitution()
        elif char == "#" and self.word is None:
            end = self.text.find("\n", self.at)
            self.at = len(self.text) if end < 0 else end
        elif char in "<>":
            self.redirection()
        elif char in "\n;&|()":
            self.end_command()
            self.take(1)
            if char == "\n":
                self.skip_heredocs()
        elif char.isspace():
            self.end_word()
            self.take(1)
        else:
            self.take(1, char)

    def take(self, count: int, add: str | None = None) -> None:
        """Go on by `count` characters; `add` is what they add to the word."""
        if add is not None:
            if self.word is None and not self.words:
                self.start = self.line
            self.word = (self.word or "") + add
        self.line += self.text.count("\n", self.at, self.at + count)
        self.at += count

    def quoted(self, quote: str) -> None:
        end = self.at + 1
        while end < len(self.text) and self.text[end] != quote:
            end += 2 if self.text[end] == "\\" and quote == '"' else 1
        inner = self.text[self.at + 1 : end]
        self.take(end + 1 - self.at, inner.replace('\\"', '"') if quote == '"' else inner)

    def substitution(self) -> None:
        """`$(…)`, `${…}` and `${{ … }}` stay as they are, spaces and all."""
        opening = self.text[self.at + 1]
        closing, depth = {"(": ")", "{": "}"}[opening], 0
        for end in range(self.at + 1, min(len(self.text), self.at + LONGEST_SUBSTITUTION)):
            depth += (self.text[end] == opening) - (self.text[end] == closing)
            if depth == 0:
                return self.take(end + 1 - self.at, self.text[self.at : end + 1])
        self.unclosed += 1
        return self.take(2, self.text[self.at : self.at + 2])

    def redirection(self) -> None:
        if self.word is not None and self.word.isdigit():
            self.word = None
        self.end_word()
        if match := HEREDOC.match(self.text, self.at):
            self.heredocs.append(match[2])
            return self.take(len(match[0]))
        count = 1
        while self.text[self.at + count : self.at + count + 1] in {"<", ">", "&", "|"}:
            count += 1
        self.take(count)
        self.dropped = True
        return None

    def skip_heredocs(self) -> None:
        for delimiter in self.heredocs:
            found = regex(rf"^[ \t]*{delimiter}[ \t]*$", re.MULTILINE).search(self.text, self.at)
            self.take((found.end() if found else len(self.text)) - self.at)
        self.heredocs = []

    def end_word(self) -> None:
        if self.word is not None and not self.dropped:
            self.words.append(self.word)
        if self.word is not None:
            self.dropped = False
        self.word = None

    def end_command(self) -> None:
        self.end_word()
        self.dropped = False
        if self.words:
            self.commands.append((self.start, self.words))
        self.words = []
