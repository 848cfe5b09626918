"""The objects that a commit needs from DVC's default remote."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Self

from apps.audit.facts import Fact
from apps.audit.facts.dvc.config import Configs
from apps.audit.facts.dvc.pipelines import Dvc
from apps.audit.facts.dvc.stages import Path, Stage
from apps.audit.snapshot import Snapshot
from apps.audit.storage import Held, Storage

# Options of a remote that keeps files under their own names.
BY_NAME = ("version_aware", "worktree")


@dataclass(frozen=True)
class Needed(Fact):
    """Outs that `dvc push` brings to a remote, by what is known of each."""

    # In the default remote, by DVC's own layout; `key` of what is recorded says where.
    stored: tuple[tuple[Stage, Path], ...]
    # In remotes of their own, or under other names than their hashes.
    elsewhere: tuple[tuple[Stage, Path], ...]
    storage: Storage | None

    absent = "no DVC files"

    @classmethod
    def read(cls, dvc: Dvc, configs: Configs | None, snapshot: Snapshot) -> Self:
        recorded = [(stage, out) for stage, out in dvc.cached if out.recorded and out.push and not fetched(stage)]
        shared = configs.shared if configs else ()
        defaults = [each.remotes[each.default] for each in shared if each.default in each.remotes]
        names = {"", *(remote.name for remote in defaults)}
        by_hash = not any(remote.options.get(key) == "true" for remote in defaults for key in BY_NAME)
        here, elsewhere = list[tuple[Stage, Path]](), list[tuple[Stage, Path]]()
        for stage, out in recorded:
            (here if by_hash and key_of(out) and out.remote in names else elsewhere).append((stage, out))
        return cls(tuple(here), tuple(elsewhere), snapshot.storage)

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """Where the remote should hold something, each once."""
        return tuple(sorted({key_of(out) for _, out in self.stored}))

    def held(self) -> Iterator[tuple[Stage, Path, Held]]:
        """Each object once, with the first out that needs it and what the remote holds of it."""
        objects, seen = self.storage.objects if self.storage else {}, set[str]()
        for stage, out in self.stored:
            if (key := key_of(out)) not in seen:
                seen.add(key)
                yield stage, out, objects.get(key, Held(0, 1, "it was not asked for"))


def key_of(out: Path) -> str:
    return out.recorded.key if out.recorded else ""


def fetched(stage: Stage) -> bool:
    """Whether a pointer is an import that is pinned to a commit of another repository."""
    return any(dep.revision for dep in stage.deps)
