"""Which branch a commit was made on. git does not say; first parents and the words of merges do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from apps.audit.regex import regex
from apps.audit.snapshot import Commit

# "Merge branch 'a' into main", "Merge remote-tracking branch 'origin/a'", "Merge pull request #3 from owner/a"
MERGED = regex(
    r"Merge (?:(?:remote-tracking )?branch '(?:origin/)?(?P<branch>[^']{1,200})'"
    r"|pull request #\d+ from [^/\s]{1,100}/(?P<request>\S{1,200}))"
)


def branches_of(commits: Mapping[str, Commit], tips: Mapping[str, str], default: str) -> dict[str, str]:
    """The branch of each commit: the default branch has its line of first parents, the others what that leaves."""
    found = dict[str, str]()
    for name in sorted(tips, key=lambda name: (name != default, name)):
        for commit in line(commits, tips[name], found):
            found[commit.id] = name
    for commit in reversed(list(commits.values())):
        merged = merged_branch(commit)
        for parent in commit.parents[1:]:
            for each in line(commits, parent, found):
                found[each.id] = merged or found.get(commit.id, "")
    return found


def line(commits: Mapping[str, Commit], oid: str, taken: Mapping[str, str]) -> Iterator[Commit]:
    """A commit and its first parents, as far as they are here and not taken."""
    while (commit := commits.get(oid)) is not None and oid not in taken:
        yield commit
        oid = commit.parents[0] if commit.parents else ""


def merged_branch(merge: Commit) -> str:
    """The branch that a merge's subject names; empty where it names none."""
    match = MERGED.match(merge.subject)
    return (match["branch"] or match["request"] or "") if match else ""
