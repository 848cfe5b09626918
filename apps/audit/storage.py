"""What a DVC remote holds of a commit, as it was seen by whoever may ask it. The engine itself asks nobody."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self


class StorageError(ValueError):
    """Not what `--storage` reads."""


@dataclass(frozen=True)
class Held:
    """Of one object, or of a folder's list and its files: how many miss; `why` says what could not be found out."""

    missing: int
    of: int
    why: str = ""


@dataclass(frozen=True)
class Storage:
    """A remote and, by key, what it holds; `error` says why it could not be asked at all."""

    url: str
    objects: Mapping[str, Held]
    error: str = ""

    @classmethod
    def parse(cls, document: Any) -> Self:
        """The inverse of `to_json`. Raises StorageError."""
        try:
            objects = {str(key): Held(int(missing), int(of), str(why)) for key, missing, of, why in document["objects"]}
            return cls(str(document["url"]), objects, str(document["error"]))
        except (KeyError, TypeError, ValueError) as error:
            raise StorageError(f"--storage: not of the form that is written for it: {error!r}") from error

    def to_json(self) -> Any:
        held = [[key, each.missing, each.of, each.why] for key, each in sorted(self.objects.items())]
        return {"url": self.url, "objects": held, "error": self.error}
