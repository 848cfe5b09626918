"""A git directory opened for its whole history: commits, branches, tags and the experiments that DVC keeps as refs."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from apps.audit import git
from apps.audit.cat_file import LARGEST_COMMIT, Objects, cat_file
from apps.audit.objects import LATEST, parse_commit
from apps.audit.regex import regex
from apps.audit.snapshot import Commit
from apps.audit.sources import default_branch
from apps.audit.text import clean_text

EXPERIMENTS = "refs/exps"
# refs/exps/<baseline, cut in two>/<name>; what DVC is working on lies in folders of other names.
EXPERIMENT = regex(r"refs/exps/(?P<start>[0-9a-f]{2})/(?P<rest>[0-9a-f]{38}|[0-9a-f]{62})/(?P<name>[^/]{1,250})")
TAG_FIELDS = "%(refname)%00%(objectname)%00%(creatordate:unix)"


class Tag(NamedTuple):
    """A tag: the commit that it leads to, its own object, and when it was made (None: unknown)."""

    name: str
    commit: str
    object: str
    time: datetime | None


class DvcExperiment(NamedTuple):
    """An experiment as DVC keeps it: a commit on top of its baseline."""

    name: str
    baseline: str
    commit: str


@dataclass(frozen=True)
class History:
    """`commits` are ids, parents before children: all that lead to branches and tags, those already known aside.

    `reachable` are all commits that do; told only where some that were known before may no longer be among them.
    `open_branches` are those with commits that the default branch does not have.
    """

    objects: Objects
    default_branch: str
    branches: dict[str, str]
    tags: tuple[Tag, ...]
    experiments: tuple[DvcExperiment, ...]
    commits: tuple[str, ...]
    reachable: frozenset[str] | None = None
    open_branches: tuple[str, ...] = ()

    def read(self, oids: Iterable[str]) -> list[Commit]:
        """The commits that are there, in order; all at once, for git answers one question after the other."""
        return [parse_commit(oid, content) for oid, content in self.objects.read(oids, LARGEST_COMMIT)]


@contextmanager
def opened(path: Path, known: Collection[str] = (), kept: Collection[str] = ()) -> Iterator[History]:
    """The history of the git directory at `path`. Raises SourceError.

    `known` are commits that need no telling, `kept` those that DVC's refs led to.
    """
    with ExitStack() as stack:
        with git.borrowed(path) as (environment, head):
            refs = git.list_refs(environment, (*git.NAMESPACES, EXPERIMENTS))
            objects = stack.enter_context(cat_file(environment))
            commits = {name: oid for name, oid in zip(refs, objects.commits_of(refs.values()), strict=True) if oid}
            told = tag_fields(environment)
            own = {name: oid for name, oid in commits.items() if not name.startswith(f"{EXPERIMENTS}/")}
            tips = [*own.values(), *detached(head)]
            listed = git.list_commits(environment, tips, known)
            # Of what leads to no tip, nothing else needs to be asked of git.
            loose = set(known).difference(tips, *listed.values())
            lost = (
                not set(kept) <= set(commits.values())
                or len(objects.sizes(known)) < len(known)
                or (loose and git.list_commits(environment, loose, tips))
            )
            everything = listed if not known else git.list_commits(environment, tips) if lost else None
            branches, tags = git.branches_and_tags(own)
            default = default_branch(head, branches)
            merged = [branch.commit for branch in branches if branch.name == default]
            apart = frozenset(git.list_commits(environment, [branch.commit for branch in branches], merged))
        yield History(
            objects,
            default,
            {branch.name: branch.commit for branch in branches},
            tuple(Tag(tag.name, tag.commit, *told.get(tag.name, ("", None))) for tag in tags),
            tuple(dvc_experiments(commits)),
            tuple(listed),
            None if everything is None else frozenset(everything),
            tuple(branch.name for branch in branches if merged and branch.commit in apart),
        )


def detached(head: str) -> list[str]:
    """The commit of a HEAD that is on no branch."""
    return [] if head.startswith("ref:") else [head]


def dvc_experiments(commits: Mapping[str, str]) -> Iterator[DvcExperiment]:
    for name, oid in commits.items():
        if match := EXPERIMENT.fullmatch(name):
            yield DvcExperiment(match["name"], match["start"] + match["rest"], oid)


def tag_fields(environment: dict[str, str]) -> dict[str, tuple[str, datetime | None]]:
    """The object of each tag, and when it was made."""
    command = ["for-each-ref", f"--format={TAG_FIELDS}", "refs/tags"]
    said = git.ask(environment, command, "its tags cannot be read")
    lines = (line.split("\0") for line in said.decode("utf-8", "backslashreplace").splitlines())
    return {
        clean_text(fields[0].removeprefix("refs/tags/")): (fields[1], moment(fields[2]))
        for fields in lines
        if len(fields) == 3
    }


def moment(seconds: str) -> datetime | None:
    if not seconds.isdecimal() or int(seconds) > LATEST.timestamp():
        return None
    return datetime.fromtimestamp(int(seconds), UTC)
