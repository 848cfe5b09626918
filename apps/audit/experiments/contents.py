"""Files of a history by object id: many are read at once, and each is parsed once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from apps.audit.cat_file import Objects
from apps.audit.experiments import values
from apps.audit.experiments.refusals import damaged_lock, refused_lock
from apps.audit.facts.documents import Document
from apps.audit.facts.dvc.parameters import LIMIT
from apps.audit.facts.yaml import dated
from apps.audit.snapshot import KILOBYTE

# Larger files are read one by one, so that what waits to be parsed needs no memory to speak of.
MOST_AHEAD = 20 * KILOBYTE
NO_MAPPING = "it is not a mapping"


@dataclass
class Contents:
    """Documents by path and object id; `ahead` has the bytes of what will be asked for."""

    objects: Objects
    documents: dict[tuple[str, str], Document] = field(default_factory=dict)
    locks: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    damages: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    values: dict[tuple[str, str], str] = field(default_factory=dict)
    ahead: dict[str, bytes] = field(default_factory=dict)

    def read_ahead(self, files: Iterable[tuple[str, str]]) -> None:
        """Read what of these paths and ids is not parsed yet."""
        wanted = {blob for path, blob in files if (path, blob) not in self.documents and (path, blob) not in self.locks}
        self.ahead |= self.objects.read(wanted - self.ahead.keys(), MOST_AHEAD)

    def content(self, blob: str) -> bytes | None:
        if (held := self.ahead.get(blob)) is not None:
            return held
        return next((content for _, content in self.objects.read([blob], LIMIT)), None)

    def open(self, path: str, blob: str) -> Document:
        """A file's values; `error` says why there are none."""
        if (known := self.documents.get((path, blob))) is None:
            known = self.documents[path, blob] = self.read(path, blob)
        return known

    def read(self, path: str, blob: str) -> Document:
        if (content := self.content(blob)) is not None:
            return values.parse(path, content)
        is_large = self.objects.sizes([blob]).get(blob, 0) > LIMIT
        return Document(path, error=f"it has more than {LIMIT:,} bytes" if is_large else "the object is missing")

    def refused_lock(self, path: str, blob: str) -> list[str]:
        """Why DVC 3 refuses a dvc.lock, by its outermost lines."""
        if (known := self.locks.get((path, blob))) is None:
            known = self.locks[path, blob] = list(refused_lock(path, self.content(blob) or b""))
        return known

    def damaged_lock(self, path: str, blob: str) -> list[str]:
        """Why DVC 3 refuses a dvc.lock, read to its end."""
        if (known := self.damages.get((path, blob))) is None:
            known = self.damages[path, blob] = list(damaged_lock(self.open(path, blob)))
        return known

    def refused_values(self, path: str, blob: str) -> str:
        """Why templates take no values from a file: none of it, or none that are dates. Empty where they take all."""
        if (known := self.values.get((path, blob))) is None:
            document = self.open(path, blob)
            kind = "" if isinstance(document.value, dict) else NO_MAPPING
            known = self.values[path, blob] = document.error or kind or dated(document.value)
        return known
