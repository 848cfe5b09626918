"""Credentials in files that the audited commit no longer holds."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate, islice
from typing import Self

from apps.audit.facts import Fact
from apps.audit.facts.history import History
from apps.audit.facts.past_files import MOST_COMMITS
from apps.audit.facts.secrets.credentials import Credential, find_credentials, finder_for
from apps.audit.facts.tree import Tree
from apps.audit.snapshot import MEGABYTE, Commit, File, Unknown

# Small files come first: credentials are in those.
MOST_BYTES = 300 * MEGABYTE


@dataclass(frozen=True)
class PastCredentials(Fact):
    """What looks like a credential in any commit of any branch or tag, with the last commit that holds it."""

    found: tuple[tuple[Credential, Commit], ...]
    files: int
    unread: tuple[Unknown, ...]

    absent = "no git history"

    @classmethod
    def read(cls, history: History, tree: Tree) -> Self:
        ancestry, present = history.snapshot.ancestry, {file.blob for file in tree}
        refs = (*history.snapshot.branches, *history.tags)
        tips = [commit for ref in refs if (commit := ancestry.commit(ref.commit))]
        held = list(ancestry.files(islice(history.commits(*tips), MOST_COMMITS)))
        unread = [each for _, each in held if isinstance(each, Unknown)]
        gone = [
            (each, commit)
            for commit, each in held
            if isinstance(each, File) and each.blob not in present and finder_for(each)
        ]
        chosen = within(MOST_BYTES, gone)
        if len(chosen) < len(gone):
            bound = f"over {MOST_BYTES // MEGABYTE} MB together"
            unread.append(Unknown(f"{len(gone) - len(chosen):,} earlier versions were not looked at: {bound}"))
        found, files, missing = find_credentials(chosen)
        return cls(tuple((each, chosen[each.file]) for each in found), files, (*unread, *missing))


def within(most: int, held: list[tuple[File, Commit]]) -> dict[File, Commit]:
    """The smallest files, as many as weigh `most` bytes together."""
    ordered = sorted(held, key=lambda item: item[0].size or 0)
    totals = accumulate(file.size or 0 for file, _ in ordered)
    return {file: commit for (file, commit), total in zip(ordered, totals, strict=True) if total <= most}
