"""What continuous integration runs, and when."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Self

from apps.audit.facts import Fact
from apps.audit.facts.automation.ci_services import reader_of
from apps.audit.facts.automation.commands import Command
from apps.audit.facts.automation.jenkins import parse_jenkinsfile, read_jenkins
from apps.audit.facts.automation.pipelines import Job, Pipeline, Trigger, Use, job_of
from apps.audit.facts.automation.tasks import Tasks
from apps.audit.facts.documents import LIMIT, Documents
from apps.audit.facts.tree import Tree, is_template
from apps.audit.snapshot import Unknown, unreadable

__all__ = ["Command", "Job", "Pipeline", "Trigger", "Use", "Workflows"]

# What says that a change is sound before or when it lands.
ON_CHANGE = (Trigger.PUSH, Trigger.PULL_REQUEST)


@dataclass(frozen=True)
class Workflows(Fact):
    """Every pipeline of every service. One that does not parse has an error and runs nothing."""

    pipelines: tuple[Pipeline, ...]
    unread: tuple[Unknown, ...]
    tasks: Tasks

    absent = "no CI configuration"

    @classmethod
    def read(cls, tree: Tree, documents: Documents, tasks: Tasks) -> Self | None:
        pipelines, unread = list[Pipeline](), list[Unknown]()
        for entry in tree.entries:
            reader, is_jenkins = reader_of(entry.path), entry.name == "Jenkinsfile"
            if not (reader or is_jenkins) or is_template(entry.path) or (file := tree.get(entry.path)) is None:
                continue
            if reason := unreadable(file, LIMIT):
                unread.append(Unknown(reason, file.path))
            elif is_jenkins:
                steps = file.derive(parse_jenkinsfile, LIMIT)
                pipelines += [] if isinstance(steps, Unknown) else [read_jenkins(file.path, steps)]
            elif reader:
                document = documents.of(file)
                found = Pipeline("", file.path, {}, error=document.error) if document.error else reader(document)
                pipelines.append(found)
        whole = tuple(with_called(pipelines, documents))
        return cls(whole, tuple(unread), tasks) if whole or unread else None

    def __iter__(self) -> Iterator[Pipeline]:
        return iter(self.pipelines)

    def started_by(self, *triggers: Trigger) -> tuple[Pipeline, ...]:
        """Pipelines that one of these starts."""
        return tuple(pipeline for pipeline in self if pipeline.triggers.keys() & set(triggers))

    @cached_property
    def on_change(self) -> tuple[Command, ...]:
        """Everything that runs on push or pull request, followed through task runners and scripts of the tree."""
        jobs = [job for pipeline in self.started_by(*ON_CHANGE) for job in pipeline.jobs]
        return tuple(self.tasks.expand(command for job in jobs for command in job.commands))

    @cached_property
    def enforced(self) -> tuple[Command, ...]:
        """What of that stops a change when it fails."""
        jobs = [job for pipeline in self.started_by(*ON_CHANGE) for job in pipeline.jobs]
        return tuple(self.tasks.expand(each for job in jobs for each in job.commands if each not in job.lenient))

    @cached_property
    def lenient(self) -> frozenset[Command | Use]:
        """Steps on push or pull request that may fail."""
        return frozenset().union(*(job.lenient for each in self.started_by(*ON_CHANGE) for job in each.jobs))

    @property
    def unseen(self) -> tuple[Unknown, ...]:
        """Why not all is known of what runs on a change: a pipeline of another repository is called."""
        called = (use for use in self.uses_on_change if use.name.endswith((".yml", ".yaml")) and use.name[0] != ".")
        theirs = (use for use in called if use.name.count("/") > 2)
        return tuple(Unknown(f"it calls {use.name}, which is not in this repository", use.path) for use in theirs)

    @cached_property
    def uses_on_change(self) -> tuple[Use, ...]:
        """Every ready-made step that runs on push or pull request."""
        return tuple(use for pipeline in self.started_by(*ON_CHANGE) for job in pipeline.jobs for use in job.uses)


def with_called(pipelines: Iterable[Pipeline], documents: Documents) -> Iterator[Pipeline]:
    """The pipelines, each with the jobs of the files that it calls, and with the triggers of those that call it."""
    found = {pipeline.path: pipeline for pipeline in pipelines}
    for pipeline in list(found.values()):
        for called in pipeline.calls:
            if called in found:
                callee = found[called]
                found[called] = replace(callee, triggers=pipeline.triggers | callee.triggers)
                continue
            jobs = [job for path in action_files(called) for job in jobs_of(path, pipeline, documents)]
            found[pipeline.path] = replace(found[pipeline.path], jobs=(*found[pipeline.path].jobs, *jobs))
    yield from found.values()


def action_files(called: str) -> list[str]:
    if called.endswith((".yml", ".yaml")):
        return [called]
    return [f"{called}/action.yml", f"{called}/action.yaml"]


def jobs_of(path: str, caller: Pipeline, documents: Documents) -> tuple[Job, ...]:
    """The jobs of an included file, or the steps of a local action."""
    document, reader = documents.get(path), reader_of(caller.path)
    if document is None or document.error or reader is None:
        return ()
    return (job_of(document, (), {"run"}),) if document.get("runs") else reader(document).jobs
