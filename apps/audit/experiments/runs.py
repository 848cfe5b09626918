"""Runs: the commits, experiments of DVC and folders of MLflow in which a project tried something."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from apps.audit.experiments import messages, mlflow
from apps.audit.experiments.branches import branches_of
from apps.audit.experiments.messages import Note
from apps.audit.experiments.repository import DvcExperiment, History
from apps.audit.experiments.revisions import Reader, Revision
from apps.audit.experiments.run import Run
from apps.audit.regex import regex
from apps.audit.snapshot import Commit
from apps.audit.sources import LONGEST_LINE

BRANCH = regex(r"(?:exp|exps|experiment|experiments)/(?P<rest>.+)")
NOTHING = Revision("", {}, {})
LONGEST_SEARCH = 5000


@dataclass
class Runs:
    """Finds the runs of a history, or of its first `most` commits; DVC's experiments among `told` are left out.

    `known` are the commits of the runs that were found before: which commits on the way were some is not for a later
    reading to say, as branches have moved since.
    """

    history: History
    reader: Reader
    most: int | None = None
    told: frozenset[str] = frozenset()
    known: frozenset[str] = frozenset()
    commits: dict[str, Commit] = field(default_factory=dict)
    revisions: dict[str, Revision] = field(default_factory=dict)
    run_before: dict[str, str] = field(default_factory=dict)
    default_line: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.commits = {commit.id: commit for commit in self.history.read(self.history.commits)}
        self.readable = len(self.commits)
        self.batch = list(self.commits.values())[: self.most]
        self.revisions = {each.commit: each for each in self.reader.revisions(self.batch)}
        self.branches = branches_of(self.commits, self.history.branches, self.history.default_branch)
        self.default_commits = self.line(self.history.branches.get(self.history.default_branch, ""))

    @property
    def complete(self) -> bool:
        """Whether all commits of the history that can be read were looked at."""
        return len(self.batch) == self.readable

    def end_at(self, oid: str) -> None:
        """Take this commit for the batch's last; nothing changes where it is not in it."""
        ids = [commit.id for commit in self.batch]
        if oid in ids:
            self.batch = self.batch[: ids.index(oid) + 1]

    def all(self) -> Iterator[Run]:
        """Those of commits, parents before children; once these are complete, DVC's; and MLflow's. Each id once."""
        kept = {each.commit: each for each in self.history.experiments}
        for commit in self.batch:
            if run := self.of_commit(commit, kept.pop(commit.id, None)):
                yield run
        if not self.complete:
            return
        for experiment in kept.values():
            if (
                experiment.commit not in self.told
                and (found := self.commit(experiment.commit))
                and (run := self.of_commit(found, experiment))
            ):
                yield run
        seen = set[str]()
        for each in self.of_mlflow():
            if each.id not in seen:
                seen.add(each.id)
                yield each

    def of_commit(self, commit: Commit, experiment: DvcExperiment | None) -> Run | None:
        """The run that a commit is, if it is one."""
        branch, before = self.branches.get(commit.id, ""), self.before(commit)
        sources = ["dvc"] * bool(experiment) + self.sources(commit, branch)
        self.run_before[commit.id] = commit.id if sources else before
        if not sources:
            return None
        revision, note = self.revision(commit.id), messages.note(commit)
        group, name = named(sources[0], experiment, note, branch)
        baseline = experiment.baseline if experiment else before
        return Run(
            f"git:{commit.id}",
            sources[0],
            group,
            name,
            commit.id,
            baseline,
            branch or (self.branch_of(baseline) if experiment else ""),
            commit.author,
            commit.committed_at,
            commit.subject,
            revision.metrics or stated(note),
            revision.params,
            tuple(sources),
            before,
            None if commit.is_merge else note,
            revision.notes,
        )

    def sources(self, commit: Commit, branch: str) -> list[str]:
        """Why a commit is a run, apart from DVC; a merge is none."""
        if commit.is_merge:
            return []
        revision, note = self.revision(commit.id), messages.note(commit)
        has_values = bool(revision.metrics or revision.params)
        cites = {
            # Without a word or a value of an experiment, `exp:` may be the name of some part of a program.
            "message": note and (has_values or note.tells),
            "branch": BRANCH.fullmatch(branch),
            "commit": has_values and differ(revision, self.revision(first_parent(commit))),
        }
        return [source for source, cited in cites.items() if cited]

    def before(self, commit: Commit) -> str:
        """The nearest run among the first parents; empty where none was found."""
        if (parent := first_parent(commit)) in self.run_before:
            return self.run_before[parent]
        for found in islice(self.line(parent), LONGEST_SEARCH):
            if found.id in self.run_before:
                return self.run_before[found.id]
            if found.id in self.known:
                return found.id
        return ""

    def line(self, oid: str) -> Iterator[Commit]:
        """A commit and its first parents; ever more of them are read at once."""
        count = 1
        while oid:
            if (known := self.commits.get(oid)) is not None:
                read = [known]
            else:
                read = self.history.objects.line_of(oid, count)
                self.commits |= {commit.id: commit for commit in read}
                self.reader.trees.explore(commit.tree for commit in read)
                count = min(count * 2, LONGEST_LINE)
            yield from read
            oid = first_parent(read[-1]) if read else ""

    def branch_of(self, oid: str) -> str:
        """The branch of any commit, as far as its being on the default branch tells."""
        known = self.branches.get(oid, "")
        return self.history.default_branch if not known and self.is_on_default(oid) else known

    def is_on_default(self, oid: str) -> bool:
        """Whether the default branch itself has the commit, not only by a merge."""
        while oid not in self.default_line and (found := next(self.default_commits, None)):
            self.default_line.add(found.id)
        return oid in self.default_line

    def of_mlflow(self) -> Iterator[Run]:
        """Runs in the folders that the tips of branches hold."""
        default, known = self.history.default_branch, set[str]()
        ordered = sorted(self.history.branches.items(), key=lambda item: item[0] != default)
        unread = [tip for _, tip in ordered if tip not in self.commits]
        self.commits |= {commit.id: commit for commit in self.history.read(dict.fromkeys(unread))}
        self.reader.trees.explore(self.commits[tip].tree for _, tip in ordered if tip in self.commits)
        for branch, tip in ordered:
            commit = self.commits.get(tip)
            for path, blob in self.reader.trees.declarations(commit.tree) if commit else ():
                if path.rpartition("/")[2] == mlflow.FOLDER_NAME:
                    for run in mlflow.Shelf(self.history.objects, self.reader.trees, path, known).runs(blob):
                        yield of_mlflow_run(run, branch)

    def commit(self, oid: str) -> Commit | None:
        if oid and oid not in self.commits:
            self.commits |= {commit.id: commit for commit in self.history.read([oid])}
        return self.commits.get(oid)

    def revision(self, oid: str) -> Revision:
        """What a commit declares; nothing, where it is not here."""
        if oid not in self.revisions:
            commit = self.commit(oid)
            self.revisions[oid] = self.reader.revision(commit) if commit else NOTHING
        return self.revisions[oid]


def first_parent(commit: Commit) -> str:
    return commit.parents[0] if commit.parents else ""


def of_mlflow_run(run: mlflow.MlflowRun, branch: str) -> Run:
    return Run(
        f"mlflow:{run.id}",
        "mlflow",
        run.experiment,
        run.name,
        run.commit,
        "",
        branch,
        run.author,
        run.time,
        run.name,
        {f"{run.path}/metrics": run.metrics} if run.metrics else {},
        {f"{run.path}/params": run.params} if run.params else {},
        ("mlflow",),
    )


def differ(one: Revision, other: Revision) -> bool:
    return one.metrics != other.metrics or one.params != other.params


def stated(note: Note | None) -> dict[str, Any]:
    """Metrics that only a message tells."""
    return {"commit message": {each.name: each.value for each in note.metrics}} if note and note.metrics else {}


def named(source: str, experiment: DvcExperiment | None, note: Note | None, branch: str) -> tuple[str, str]:
    """Group and name of an experiment."""
    match = BRANCH.fullmatch(branch)
    folder, _, rest = (match["rest"] if match else branch).rpartition("/")
    if source == "dvc" and experiment:
        return folder, experiment.name
    if source == "message" and note:
        return note.group or folder, note.experiment or note.subject
    return folder, rest
