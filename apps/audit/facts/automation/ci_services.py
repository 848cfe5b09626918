"""Continuous integration as each service writes it."""

from __future__ import annotations

import posixpath
import shlex
from collections.abc import Callable, Iterator
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import Any

from apps.audit.facts.automation.commands import Command, commands_in
from apps.audit.facts.automation.pipelines import (
    Job,
    Pipeline,
    Trigger,
    Use,
    branches_below,
    first_line,
    job_of,
    names_of,
    strings,
    triggers_below,
)
from apps.audit.facts.documents import Document
from apps.audit.regex import regex

GITHUB = {
    "push": Trigger.PUSH,
    "pull_request": Trigger.PULL_REQUEST,
    "pull_request_target": Trigger.PULL_REQUEST,
    "merge_group": Trigger.PULL_REQUEST,
    "schedule": Trigger.SCHEDULE,
    "workflow_dispatch": Trigger.MANUAL,
    "repository_dispatch": Trigger.MANUAL,
}


def read_github(document: Document) -> Pipeline:
    key = "on" if document.get("on") is not None else "true"
    jobs = tuple(job_of(document, ("jobs", name), {"run"}) for name in document.table("jobs"))
    triggers, pushed = triggers_below(document, GITHUB, key), document.table(key, "push").keys()
    # A push of tags alone is a release.
    if pushed & {"tags", "tags-ignore"} and not pushed & {"branches", "branches-ignore"}:
        triggers[Trigger.OTHER] = triggers.pop(Trigger.PUSH, None)
    local = tuple(use.name[2:].rstrip("/") for job in jobs for use in job.uses if use.name.startswith("./"))
    return Pipeline("GitHub Actions", document.path, triggers, jobs, branches_below(document.get(key)), local)


GITLAB_SCRIPTS = {"before_script", "script", "after_script"}
GITLAB_GLOBAL = {"stages", "variables", "workflow", "include", "image", "services", "cache", "spec", *GITLAB_SCRIPTS}
# A push of tags alone is a release.
TAG = regex(r"\$\{?CI_COMMIT_TAG\b")
GITLAB_RULES = ("rules", "only")
# What `only` may name beside branches.
GITLAB_SOURCES = {"merge_requests", "external_pull_requests", "schedules", "tags", "triggers", "web", "api", "pushes"}


def read_gitlab(document: Document) -> Pipeline:
    """Jobs are the top-level mappings; one without rules runs on push."""
    names = [name for name in document.table() if name not in GITLAB_GLOBAL and document.table(name)]
    jobs = [job_of(document, (name,), GITLAB_SCRIPTS) for name in names]
    whole = {key: document.get(key) for key in GITLAB_SCRIPTS if document.get(key)}
    if whole:
        jobs.append(job_of(replace(document, value=whole), (), GITLAB_SCRIPTS, name="default"))
    triggers, branches = dict[Trigger, int | None](), list[str]()
    for name in [*(name for name in names if name != "default"), "workflow"]:
        rules = [entry for key in GITLAB_RULES for entry in strings(document.get(name, key), (name, key))]
        refs = [e.text for e in rules if e.keys[1] == "only" and e.text not in GITLAB_SOURCES]
        branches += refs
        texts = " ".join(TAG.sub("", entry.text) for entry in rules)
        for entry in rules:
            for word, trigger in (("merge_request", Trigger.PULL_REQUEST), ("schedule", Trigger.SCHEDULE)):
                if word in entry.text and "!=" not in entry.text:
                    triggers.setdefault(trigger, document.line(*entry.keys))
        unruled = (
            name != "workflow" and not name.startswith(".") and not document.get("workflow", "rules") and not rules
        )
        if unruled or refs or "CI_COMMIT" in texts or "push" in texts:
            triggers.setdefault(Trigger.PUSH, document.line(name))
    included = [entry for entry in strings(document.get("include")) if names_of(entry.keys) in ([], ["local"])]
    local = tuple(entry.text.lstrip("/") for entry in included)
    return Pipeline("GitLab CI", document.path, triggers, tuple(jobs), tuple(branches), local)


# What a pipeline says and a template for pipelines does not.
AZURE_PIPELINE = {"trigger", "pr", "pool", "schedules", "resources", "name", "stages"}
AZURE_SCRIPTS = {"script", "bash", "pwsh", "powershell", "inputs"}


def read_azure(document: Document) -> Pipeline:
    """Runs on push unless `trigger: none` says otherwise."""
    pushed, requested = document.get("trigger"), document.get("pr")
    triggers = dict[Trigger, int | None]()
    is_template = not document.table().keys() & AZURE_PIPELINE
    if pushed != "none" and not is_template:
        triggers[Trigger.PUSH] = document.line("trigger") or 1
    if requested not in (None, "none"):
        triggers[Trigger.PULL_REQUEST] = document.line("pr")
    if document.get("schedules"):
        triggers[Trigger.SCHEDULE] = document.line("schedules")
    environments = (e.text for e in strings(document.value) if names_of(e.keys)[-1:] == ["environment"])
    job = replace(job_of(document, (), AZURE_SCRIPTS), environment=next(environments, ""))
    folder = posixpath.dirname(document.path)
    used = [use.name for use in job.uses if use.name.endswith((".yml", ".yaml"))]
    local = tuple(posixpath.normpath(posixpath.join("/", folder, name)).lstrip("/") for name in used)
    branches = branches_below({"branches": [pushed, requested]})
    return Pipeline("Azure Pipelines", document.path, triggers, (job,), branches, local)


def read_circle(document: Document) -> Pipeline:
    names = [("jobs", name) for name in document.table("jobs")]
    names += [("commands", name) for name in document.table("commands")]
    jobs = tuple(job_of(document, name, {"run"}) for name in names)
    flows = list(strings(document.get("workflows"), ("workflows",)))
    triggers: dict[Trigger, int | None] = {Trigger.PUSH: document.line("workflows") or document.line("jobs") or 1}
    for entry in flows:
        if "cron" in entry.keys:
            triggers.setdefault(Trigger.SCHEDULE, document.line(*entry.keys))
    branches = tuple(entry.text for entry in flows if {"branches", "only"} <= set(entry.keys))
    return Pipeline("CircleCI", document.path, triggers, jobs, branches)


BITBUCKET = {
    "default": Trigger.PUSH,
    "branches": Trigger.PUSH,
    "pull-requests": Trigger.PULL_REQUEST,
    "custom": Trigger.MANUAL,
}


def read_bitbucket(document: Document) -> Pipeline:
    triggers = triggers_below(document, BITBUCKET, "pipelines")
    jobs = tuple(job_of(document, ("pipelines", name), {"script"}) for name in document.table("pipelines"))
    jobs += (job_of(document, ("definitions",), {"script"}),)
    return Pipeline(
        "Bitbucket Pipelines", document.path, triggers, jobs, tuple(document.table("pipelines", "branches"))
    )


SHELLS = {"bash", "sh"}


def read_cloud_build(document: Document) -> Pipeline:
    """Steps are images with arguments, or scripts; that a push starts them is said outside the repository."""
    commands, lenient = list[Command](), set[Command | Use]()
    for position, step in enumerate(document.items("steps")):
        for key, script in cloud_build_scripts(step if isinstance(step, dict) else {}):
            line = first_line(document.line("steps", position, key), script)
            commands += (said := list(commands_in(script, document.path, line)))
            lenient |= set(said) if step.get("allowFailure") is True else set()
    job = Job("steps", document.path, document.line("steps"), tuple(commands), lenient=frozenset(lenient))
    return Pipeline("Google Cloud Build", document.path, {Trigger.PUSH: job.line or 1}, (job,))


def cloud_build_scripts(step: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """What a step runs, and the key that says so; without an entry point, what its image is for."""
    arguments, image = [each.text for each in strings(step.get("args"))], str(step.get("name", ""))
    entry = str(step.get("entrypoint") or posixpath.basename(image).partition(":")[0])
    if isinstance(step.get("script"), str):
        yield "script", step["script"]
    elif posixpath.basename(entry) in SHELLS and arguments:
        yield "args", arguments[-1]
    elif entry:
        yield "args" if arguments else "name", shlex.join([entry, *arguments])


PLAIN_SCRIPTS = {"script", "commands", "command", "run", "install", "before_install", "before_script", "test_script"}


def read_plain(service: str) -> Callable[[Document], Pipeline]:
    """A service whose file runs on push unless told otherwise, and keeps its commands under one of a few keys."""

    def read(document: Document) -> Pipeline:
        job = job_of(document, (), PLAIN_SCRIPTS)
        triggers: dict[Trigger, int | None] = {Trigger.PUSH: job.commands[0].line if job.commands else 1}
        return Pipeline(service, document.path, triggers, (job,))

    return read


Reader = Callable[[Document], Pipeline]
READERS: tuple[tuple[str, Reader], ...] = (
    (".github/workflows/*.yml", read_github),
    (".gitea/workflows/*.yml", read_github),
    (".forgejo/workflows/*.yml", read_github),
    (".gitlab-ci.yml", read_gitlab),
    ("azure-pipelines*.yml", read_azure),
    (".azure-pipelines/*.yml", read_azure),
    (".azuredevops/*.yml", read_azure),
    (".pipelines/*.yml", read_azure),
    (".pipelines/*/*.yml", read_azure),
    ("azure-pipelines/*.yml", read_azure),
    ("azure-pipelines/*/*.yml", read_azure),
    (".ado/*.yml", read_azure),
    (".circleci/config.yml", read_circle),
    ("bitbucket-pipelines.yml", read_bitbucket),
    (".travis.yml", read_plain("Travis CI")),
    (".drone.yml", read_plain("Drone")),
    (".woodpecker*.yml", read_plain("Woodpecker")),
    ("appveyor.yml", read_plain("AppVeyor")),
    (".cirrus.yml", read_plain("Cirrus CI")),
    (".buildkite/*.yml", read_plain("Buildkite")),
    (".semaphore/semaphore.yml", read_plain("Semaphore")),
    ("cloudbuild*.yml", read_cloud_build),
    ("*/cloudbuild*.yml", read_cloud_build),
    (".cloudbuild/*.yml", read_cloud_build),
    ("cloudbuild/*.yml", read_cloud_build),
)


def reader_of(path: str) -> Reader | None:
    """Who reads the file at `path`; services look at fixed places of the root only."""
    if path.endswith(".yaml"):
        path = path.removesuffix(".yaml") + ".yml"
    if not path.endswith(".yml"):
        return None
    depth = path.count("/")
    return next((read for form, read in READERS if depth == form.count("/") and fnmatchcase(path, form)), None)
