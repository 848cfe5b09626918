"""What git keeps of all commits: large files, and credentials in files that the audited commit no longer holds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush
from itertools import islice
from typing import NamedTuple, Self

from apps.audit.facts import Fact
from apps.audit.facts.history import History
from apps.audit.facts.secrets.credentials import Credential, find_credentials, finder_for, limit_of
from apps.audit.facts.tree import Tree
from apps.audit.snapshot import MEGABYTE, Commit, File, Json, Snapshot, Unknown, batched, unreadable

MOST_COMMITS = 50_000
# Smaller files are nobody's large ones.
LARGE = MEGABYTE // 10
# So many files are searched at a time, and so many bytes in all.
SOME, MOST_SEARCHED = 1_000, 1_000 * MEGABYTE


class PastFile(NamedTuple):
    """A file, and the last commit that wrote it."""

    file: File
    commit: Commit


class Deed(NamedTuple):
    """What is remembered of a commit: its date in seconds, its parents, and of the files that it wrote how many texts,
    the large ones, the credentials in them, and why which could not be read."""

    at: float
    parents: list[str]
    texts: int
    large: list[Json]
    credentials: list[Json]
    unread: list[Json]

    @classmethod
    def of(cls, commit: Commit) -> Self:
        return cls(commit.committed_at.timestamp(), list(commit.parents), 0, [], [], [])


@dataclass(frozen=True)
class Past(Fact):
    """`large`: each large content of the audited commit's past once. `credentials`: of all branches and tags, each
    kind once a path, with the last commit that wrote it. `texts` counts the versions of files that were searched."""

    large: tuple[PastFile, ...]
    credentials: tuple[tuple[Credential, Commit], ...]
    commits: int
    texts: int
    # What of the history could not be listed, and which listed texts could not be searched.
    unread: tuple[Unknown, ...]
    unsearched: tuple[Unknown, ...]

    absent = "no git history"

    @classmethod
    def read(cls, history: History, tree: Tree) -> Self:
        snapshot, log = history.snapshot, Log(history.snapshot)
        own = list(islice(log.walk([snapshot.commit]), MOST_COMMITS + 1))
        every = {*own, *islice(log.walk(ref.commit for ref in (*snapshot.branches, *snapshot.tags)), MOST_COMMITS)}
        unread, unsearched = log.learn(every)
        if len(own) > MOST_COMMITS:
            unread.append(Unknown(f"commits before the last {MOST_COMMITS:,} were not looked at"))
        present, ours = {file.blob for file in tree}, set(own[:MOST_COMMITS])
        large, found = dict[str, PastFile](), dict[tuple[str, str], tuple[Credential, Commit]]()
        for oid, deed in log.youngest(every):
            unsearched += (Unknown(reason, path) for reason, path, blob in deed.unread if blob not in present)
            for path, blob, size, left_out in deed.large if oid in ours else ():
                if blob not in large:
                    large[blob] = PastFile(File(path, blob, size, left_out=left_out), log.commit(oid))
            for path, blob, kind, line in deed.credentials:
                if blob not in present and (path, kind) not in found:
                    found[path, kind] = Credential(kind, File(path, blob, None), line), log.commit(oid)
        texts = sum(deed.texts for _, deed in log.youngest(every))
        credentials = tuple(found[key] for key in sorted(found))
        missed = tuple(dict.fromkeys(unsearched))
        return cls(tuple(large.values()), credentials, len(ours), texts, tuple(dict.fromkeys(unread)), missed)


@dataclass
class Log:
    """What each commit did, remembered from audit to audit: of one that is known, nothing is read again.

    What is remembered of a commit depends on that commit alone, so it makes no difference to a verdict what is; one
    whose files were not all there is looked at again.
    """

    snapshot: Snapshot
    known: dict[str, Deed] = field(init=False)
    fresh: dict[str, Commit] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        remembered = self.snapshot.cache.load(Deed, [self.key]).get(self.key, {})
        self.known = {oid: Deed(*each) for oid, each in remembered.items()}

    @property
    def key(self) -> str:
        return f"history, files left out from {self.snapshot.left_out} bytes on"

    def commit(self, oid: str) -> Commit:
        found = self.snapshot.ancestry.commit(oid)
        if found is None:
            raise LookupError(f"commit {oid} was here before")
        return found

    def youngest(self, commits: set[str]) -> list[tuple[str, Deed]]:
        known = [(oid, self.known[oid]) for oid in commits if oid in self.known]
        return sorted(known, key=lambda each: (-each[1].at, each[0]))

    def walk(self, tips: Iterable[str]) -> Iterator[str]:
        """Ids of these commits and of their ancestors, youngest first."""
        seen = dict.fromkeys(tips)
        waiting = [(-node.at, oid, node) for oid in seen if (node := self.node(oid))]
        heapify(waiting)
        while waiting:
            _, oid, node = heappop(waiting)
            yield oid
            for parent in node.parents:
                if parent not in seen and (before := self.node(parent)):
                    heappush(waiting, (-before.at, parent, before))
                seen[parent] = None

    def node(self, oid: str) -> Deed | None:
        """A commit's date and parents, and what else is known; None when its object is missing."""
        if oid in self.known:
            return self.known[oid]
        if commit := self.snapshot.ancestry.commit(oid):
            self.fresh[oid] = commit
            return Deed.of(commit)
        return None

    def learn(self, wanted: set[str]) -> tuple[list[Unknown], list[Unknown]]:
        """Look at those of the commits that are not known, and remember them.

        What could not be listed, and what was listed and could not be searched.
        """
        fresh = [commit for oid, commit in self.fresh.items() if oid in wanted]
        self.known |= {commit.id: Deed.of(commit) for commit in fresh}
        unread, unsearched, left = list[Unknown](), list[Unknown](), MOST_SEARCHED
        for some in batched(self.snapshot.ancestry.written(fresh), SOME):
            written = list(some)
            unread += (file for _, file in written if isinstance(file, Unknown))
            texts = self.note([(commit, file) for commit, file in written if isinstance(file, File)])
            left -= sum(file.size or 0 for file in texts)
            unsearched += self.search(texts) if left > 0 else ()
        if left <= 0:
            bound = f"over {MOST_SEARCHED // MEGABYTE:,} MB together"
            unsearched.append(Unknown(f"the oldest versions of text files were not looked at: {bound}"))
        if fresh and not unread and not unsearched:
            whole = {
                oid: deed for oid, deed in self.known.items() if all(size is not None for _, _, size, _ in deed.large)
            }
            self.snapshot.cache.store(Deed, {self.key: whole})
        return unread, unsearched

    def note(self, written: list[tuple[Commit, File]]) -> dict[File, list[str]]:
        """Note what is seen of files without reading them; those to be searched, with the commits that wrote them."""
        texts = dict[File, list[str]]()
        for commit, file in written:
            deed, finder = self.known[commit.id], finder_for(file.path)
            if file.size is None or file.size > LARGE:
                deed.large.append([file.path, file.blob, file.size, file.left_out])
            if finder and (reason := unreadable(file, limit_of(finder))):
                deed.unread.append([reason, file.path, file.blob])
            elif finder:
                texts.setdefault(file, []).append(commit.id)
                self.known[commit.id] = deed._replace(texts=deed.texts + 1)
        return texts

    def search(self, texts: dict[File, list[str]]) -> list[Unknown]:
        """Note the credentials in texts; which of them could not be searched."""
        credentials, _, unread = find_credentials(texts)
        for each in credentials:
            for oid in texts[each.file]:
                self.known[oid].credentials.append([each.file.path, each.file.blob, each.kind, each.line])
        return unread
