"""The configuration of pre-commit and prek."""

from __future__ import annotations

import shlex
from typing import Any

from apps.audit.facts.automation.commands import commands_in
from apps.audit.facts.documents import Document
from apps.audit.facts.hooks.filters import Filter
from apps.audit.facts.hooks.hook import Configured, Hook, Remote, words
from apps.audit.facts.hooks.manifests import manifest

NO_REMOTE = {"local", "meta", "builtin"}
# Languages of pre-commit whose entry is no command.
NO_COMMAND = {"pygrep", "fail", "docker_image"}


def read_precommit(document: Document) -> Configured:
    """`.pre-commit-config.yaml` and `prek.toml`, which say the same."""
    manager = "prek" if document.path.endswith(".toml") else "pre-commit"
    if document.error or not isinstance(document.get("repos"), list):
        error = document.error or "it has no list of repos"
        return Configured(manager, document.path, error, document.error_line)
    remotes, hooks = list[Remote](), list[Hook]()
    for at, repo in enumerate(document.items("repos")):
        if not isinstance(repo, dict) or not isinstance(repo.get("repo"), str):
            return Configured(manager, document.path, "an entry of repos names no repo", document.line("repos", at))
        url = "" if repo["repo"] in NO_REMOTE else repo["repo"]
        remote = Remote(url, str(repo.get("rev") or ""), document.path, document.line("repos", at, "rev"))
        remotes += [remote] if url else []
        for index, entry in enumerate(document.items("repos", at, "hooks")):
            if isinstance(entry, dict) and isinstance(entry.get("id"), str):
                line = document.line("repos", at, "hooks", index, "id")
                hooks.append(precommit_hook(document, entry, manager, remote, line))
    ci = document.line("ci") if "ci" in document.table() else None
    return Configured(manager, document.path, remotes=tuple(remotes), hooks=tuple(hooks), ci_line=ci)


def precommit_hook(document: Document, entry: dict[str, Any], manager: str, remote: Remote, line: int | None) -> Hook:
    own_pattern, text = str(entry.get("files") or ""), str(entry.get("entry") or "")
    if remote.url or not text:
        # What is said here replaces what the publisher says, one by one.
        entry = manifest(remote.url, entry["id"], remote.rev) | entry
    args, language = words(entry.get("args")), str(entry.get("language") or "")
    runs = text and language not in NO_COMMAND
    files, excludes = ((document.get(key), entry.get(key)) for key in ("files", "exclude"))
    return Hook(
        id=entry["id"],
        manager=manager,
        path=document.path,
        line=line,
        name=str(entry.get("name") or entry["id"]),
        repo=remote.url,
        args=args,
        entry=text,
        language=language,
        files=own_pattern,
        stages=words(entry.get("stages")) or words(document.get("default_stages")),
        filter=Filter(
            files=tuple(each for each in files if isinstance(each, str) and each),
            excludes=tuple(each for each in excludes if isinstance(each, str) and each),
            types=words(entry.get("types")),
            types_or=words(entry.get("types_or")),
            exclude_types=words(entry.get("exclude_types")),
        ),
        commands=tuple(commands_in(f"{text} {shlex.join(args)}", document.path, line)) if runs else (),
    )
