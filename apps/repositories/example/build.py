"""Build the example project's repository: offline, in a second or so, the same object ids every time."""

from __future__ import annotations

import tempfile
from pathlib import Path

from apps.repositories.example.history import tell
from apps.repositories.example.story import write


def build(path: Path) -> None:
    """Create the bare repository `path`; nothing is there until all of it is."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{path.name}-", dir=path.parent) as folder:
        finished = Path(folder) / path.name
        write(finished, tell())
        finished.rename(path)
