"""What keeps a message from arriving."""

from __future__ import annotations


class Undelivered(Exception):
    """Why, in words for a team's lead; `final` where another try would end alike.

    Nothing that the other side said is in it: answers may hold what is not for the lead's eyes.
    """

    def __init__(self, why: str, *, final: bool = False) -> None:
        super().__init__(why)
        self.final = final
