"""The past of the audited commit, and the branches and tags around it."""

from __future__ import annotations

import heapq
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import islice
from typing import Self

from apps.audit.facts import Fact
from apps.audit.regex import regex
from apps.audit.snapshot import Commit, Ref, Snapshot

# Branches that are never judged: the default one, integration and release branches, pages and bots.
PERMANENT = regex(
    r"main|master|trunk|dev|develop|development|staging|release/.*|releases/.*|v.*-release|gh-pages"
    r"|dependabot/.*|renovate/.*|pre-commit-ci.*|snyk-.*|pyup-.*|imgbot.*|all-contributors/.*|allcontributors/.*"
)
BOT = regex(r"\[bot\]|dependabot|renovate|pre-commit-ci|github-actions|pyup-bot|greenkeeper|snyk-bot", re.IGNORECASE)


@dataclass(frozen=True)
class Branch:
    """A live branch and its last commit; the commit is None when its object is missing."""

    name: str
    commit: Commit | None


@dataclass(frozen=True)
class History(Fact):
    """Commits that the audited one reaches, its date, live branches and tags."""

    snapshot: Snapshot
    head: Commit

    absent = "no git history"

    @classmethod
    def read(cls, snapshot: Snapshot) -> Self | None:
        head = snapshot.ancestry.commit(snapshot.commit) if snapshot.commit else None
        return cls(snapshot, head) if head else None

    @property
    def committed_at(self) -> datetime:
        """The date everything is measured against."""
        return self.head.committed_at

    @property
    def tags(self) -> tuple[Ref, ...]:
        return self.snapshot.tags

    def commits(self, *others: Commit) -> Iterator[Commit]:
        """The audited commit, the others, and the ancestors of all of them, youngest first."""
        tips = {commit.id: commit for commit in (self.head, *others)}
        waiting, seen = [(-tip.committed_at.timestamp(), tip.id, tip) for tip in tips.values()], set(tips)
        heapq.heapify(waiting)
        while waiting:
            _, _, commit = heapq.heappop(waiting)
            yield commit
            for oid in commit.parents:
                if oid not in seen and (parent := self.snapshot.ancestry.commit(oid)):
                    seen.add(oid)
                    heapq.heappush(waiting, (-parent.committed_at.timestamp(), oid, parent))

    def first_parents(self) -> Iterator[Commit]:
        """The audited commit and its first parents: what happened on its branch itself."""
        commit: Commit | None = self.head
        while commit:
            yield commit
            commit = self.snapshot.ancestry.commit(commit.parents[0]) if commit.parents else None

    @cached_property
    def written(self) -> tuple[Commit, ...]:
        """The last commits that a person wrote: no merges, no bots; youngest first, at most 1,000."""
        return tuple(islice((c for c in self.commits() if not c.is_merge and not is_bot(c)), 1000))

    @cached_property
    def branches(self) -> tuple[Branch, ...]:
        """Branches that are judged: neither the default one nor a permanent one nor a bot's."""
        judged = (
            ref
            for ref in self.snapshot.branches
            if ref.name != self.snapshot.default_branch and not PERMANENT.fullmatch(ref.name)
        )
        return tuple(Branch(ref.name, self.snapshot.ancestry.commit(ref.commit)) for ref in judged)


def is_bot(commit: Commit) -> bool:
    return bool(BOT.search(commit.author) or BOT.search(commit.email))
