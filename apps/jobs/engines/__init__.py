"""What delivers bells and runs workers: a module each, chosen by MLHEALTH_ENGINE."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import Protocol, cast

from django.conf import settings

from apps.jobs.supervisor import Program

EMBEDDED = "embedded"


class Silence(Exception):
    """The broker does not answer."""


class Engine(Protocol):
    """Both broker's engines. Bells are strings; see `apps.jobs.bells`."""

    def ring(self, bell: str) -> None:
        """Have somebody who listens answer; raises Silence."""

    def unanswered(self, bell: str) -> int:
        """How often it was rung without an answer so far; raises Silence."""

    def programs(self, slots: int, bells: Sequence[str]) -> list[Program]:
        """What to keep running, so that as many bells at a time are answered."""


def chosen() -> Engine:
    return cast(Engine, import_module(f"{__name__}.{settings.ENGINE}"))
