"""How a badge looks: two boxes with text, as wide as the words."""

from __future__ import annotations

import math
import unicodedata
from dataclasses import dataclass

# Dark enough for white letters at 4.5:1.
COLOURS = {"A": "#00707a", "B": "#2a6fbb", "C": "#8a6100", "D": "#b0500a", "F": "#b0320a", "": "#6a6a6a"}
NAMES = {"A": "blue", "B": "blue", "C": "yellow", "D": "orange", "F": "red", "": "lightgrey"}
NARROW, WIDE_CAPITALS = set("fijlrtI1.,:;!|'()[] "), set("mwMW%@")
PADDING = 6


@dataclass(frozen=True)
class Face:
    """What a badge says. `grade` colours it and is empty where there is none."""

    label: str
    message: str
    grade: str = ""

    @property
    def colour(self) -> str:
        return COLOURS[self.grade]

    @property
    def shield(self) -> dict[str, str | int]:
        """The JSON that shields.io's endpoint badge reads."""
        return {"schemaVersion": 1, "label": self.label, "message": self.message, "color": NAMES[self.grade]}

    @property
    def label_width(self) -> int:
        return text_width(self.label) + 2 * PADDING

    @property
    def message_width(self) -> int:
        return text_width(self.message) + 2 * PADDING

    @property
    def width(self) -> int:
        return self.label_width + self.message_width

    @property
    def label_middle(self) -> float:
        return self.label_width / 2

    @property
    def message_middle(self) -> float:
        return self.label_width + self.message_width / 2


def face(label: str, score: float | None, grade: str, *, audited: bool) -> Face:
    """The face of a score from 0 to 100, rounded down."""
    if not audited:
        return Face(label, "never audited")
    if score is None:
        return Face(label, "nothing to judge")
    return Face(label, f"{grade} {math.floor(score)}", grade)


UNKNOWN = Face("mlhealth", "unknown")


def text_width(text: str) -> int:
    """About how many pixels a text takes in an 11 px sans-serif."""
    return math.ceil(sum(map(character_width, text)))


def character_width(character: str) -> float:
    if unicodedata.east_asian_width(character) in "WF":
        return 11.5
    if unicodedata.combining(character):
        return 0
    return 3.9 if character in NARROW else 10 if character in WIDE_CAPITALS else 7.6 if character.isupper() else 6.8
