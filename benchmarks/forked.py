"""What processes cost that a worker forks: processor seconds, children included, to a hundredth."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))


class Worker:
    """Has the engine imported, as a worker of mlhealth does, and asks for processes as its jobs do."""

    def __enter__(self) -> Self:
        from django.conf import settings  # noqa: PLC0415  # a benchmark has no other use for it

        settings.configure(BASE_DIR=ROOT)
        from apps.jobs import interpreter  # noqa: PLC0415

        self.interpreter, self.preloaded = interpreter, interpreter.Preloaded()
        interpreter.preloaded = self.preloaded
        self.preloaded.ready()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.preloaded.close()

    def seconds(self, module: str, options: Sequence[str], told: bytes = b"") -> float:
        before = self.spent()
        said = self.interpreter.listen_to(module, options, told, seconds=300, most=1_000_000_000)
        if said.status:
            raise SystemExit(said.complaint)
        return self.spent() - before

    def spent(self) -> float:
        """What all that were forked, and have ended, have cost."""
        assert self.preloaded.process
        fields = Path(f"/proc/{self.preloaded.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[13]) + int(fields[14])) / os.sysconf("SC_CLK_TCK")
