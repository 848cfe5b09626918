"""Credentials in files that the audited commit no longer holds."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import Self

from apps.audit.facts import Fact
from apps.audit.facts.history import History
from apps.audit.facts.past_files import MOST_COMMITS, PastFiles
from apps.audit.facts.secrets.credentials import Credential, find_credentials
from apps.audit.facts.tree import Tree
from apps.audit.snapshot import Commit, File, Unknown


@dataclass(frozen=True)
class PastCredentials(Fact):
    """What looks like a credential in any commit of any branch or tag: each kind once a path, with the last commit."""

    found: tuple[tuple[Credential, Commit], ...]
    files: int
    unread: tuple[Unknown, ...]

    absent = "no git history"

    @classmethod
    def read(cls, history: History, past: PastFiles, tree: Tree) -> Self:
        elsewhere, missing = files_elsewhere(history)
        held = elsewhere | dict(past.files)
        present = {file.blob for file in tree}
        gone = {file.blob: file for file in held if file.blob not in present}
        credentials, files, unread = find_credentials(gone.values())
        last = dict[tuple[str, str], tuple[Credential, Commit]]()
        for each in sorted(credentials, key=lambda each: held[each.file].committed_at):
            last[each.file.path, each.kind] = each, held[each.file]
        found = tuple(last[key] for key in sorted(last))
        return cls(found, files, (*past.unread, *missing, *unread))


def files_elsewhere(history: History) -> tuple[dict[File, Commit], list[Unknown]]:
    """Files of commits that only other branches and tags reach, and what of them is missing."""
    ancestry, own = history.snapshot.ancestry, {commit.id for commit in history.commits()}
    refs = (*history.snapshot.branches, *history.tags)
    tips = [commit for ref in refs if (commit := ancestry.commit(ref.commit))]
    commits = (commit for commit in history.commits(*tips) if commit.id not in own)
    held = list(ancestry.files(islice(commits, MOST_COMMITS)))
    files = {each: commit for commit, each in held if isinstance(each, File)}
    return files, [each for _, each in held if isinstance(each, Unknown)]
