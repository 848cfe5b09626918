"""The configurations of lefthook, husky with lint-staged, and overcommit."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from apps.audit.facts.automation.commands import commands_in
from apps.audit.facts.documents import Document
from apps.audit.facts.hooks.filters import Filter
from apps.audit.facts.hooks.hook import Configured, Hook, Remote, words
from apps.audit.facts.hooks.precommit import read_precommit

LEFTHOOK_STAGES = ("pre-commit", "pre-push", "commit-msg", "prepare-commit-msg", "post-checkout", "post-merge")


def read_lefthook(document: Document) -> Configured:
    if document.error or not isinstance(document.value, dict):
        return Configured("lefthook", document.path, document.error or "it is empty", document.error_line)
    hooks = [hook for stage in LEFTHOOK_STAGES for hook in lefthook_stage(document, stage)]
    remotes = tuple(
        Remote(str(each.get("git_url")), str(each.get("ref") or ""), document.path, document.line("remotes", at))
        for at, each in enumerate(document.items("remotes"))
        if isinstance(each, dict)
    )
    return Configured("lefthook", document.path, remotes=remotes, hooks=tuple(hooks))


def lefthook_stage(document: Document, stage: str) -> Iterator[Hook]:
    """Commands and scripts by name, and the jobs of newer versions, groups of them too."""
    for name, entry in document.table(stage, "commands").items():
        yield from lefthook_hook(document, entry, (stage, "commands", name), name)
    for name in document.table(stage, "scripts"):
        yield Hook(name, "lefthook", document.path, document.line(stage, "scripts", name), stages=(stage,))
    waiting: list[tuple[str | int, ...]] = [(stage, "jobs")]
    while waiting:
        keys = waiting.pop(0)
        for at, entry in enumerate(document.items(*keys)):
            yield from lefthook_hook(document, entry, (*keys, at), "")
            waiting.append((*keys, at, "group", "jobs"))


def lefthook_hook(document: Document, entry: Any, keys: tuple[str | int, ...], name: str) -> Iterator[Hook]:
    if not isinstance(entry, dict) or not isinstance(entry.get("run"), str) or entry.get("skip") is True:
        return
    line = document.line(*keys, "run")
    commands = tuple(commands_in(entry["run"], document.path, line))
    title = name or str(entry.get("name") or next((each.tool for each in commands), "job"))
    root = entry.get("root")
    chosen = Filter(
        files=(f"^{str(root).strip('/')}/",) if isinstance(root, str) and root.strip("./") else (),
        globs=words(entry.get("glob")),
        excludes=words(entry.get("exclude")) if isinstance(entry.get("exclude"), str) else (),
    )
    yield Hook(
        title,
        "lefthook",
        document.path,
        line,
        title,
        entry=entry["run"],
        stages=(str(keys[0]),),
        filter=chosen,
        commands=commands,
    )


def read_lint_staged(document: Document) -> Configured | None:
    """lint-staged's own file, or its and husky's sections of package.json."""
    keys = ("lint-staged",) if document.path.endswith("package.json") else ()
    if document.error:
        return None if keys else Configured("lint-staged", document.path, document.error, document.error_line)
    hooks = [hook for glob in document.table(*keys) for hook in staged_hooks(document, (*keys, glob), glob)]
    if keys:
        for stage in document.table("husky", "hooks"):
            hooks += staged_hooks(document, ("husky", "hooks", stage), "")
    return Configured("lint-staged", document.path, hooks=tuple(hooks)) if hooks or not keys else None


def staged_hooks(document: Document, keys: tuple[str, ...], glob: str) -> Iterator[Hook]:
    """One hook a command, as each runs by itself."""
    line = document.line(*keys)
    for text in words(document.get(*keys)):
        commands = tuple(commands_in(text, document.path, line))
        if commands and all(command.tool != "lint-staged" for command in commands):
            chosen = Filter(globs=(glob,) if glob else ())
            tool = commands[-1].tool
            yield Hook(tool, "lint-staged", document.path, line, tool, entry=text, filter=chosen, commands=commands)


def read_overcommit(document: Document) -> Configured:
    if document.error or not isinstance(document.value, dict):
        return Configured("overcommit", document.path, document.error or "it is empty", document.error_line)
    hooks = list[Hook]()
    for stage in ("PreCommit", "PrePush", "CommitMsg"):
        for name, entry in document.table(stage).items():
            if name != "ALL" and isinstance(entry, dict) and entry.get("enabled") is True:
                line = document.line(stage, name)
                text = " ".join(words(entry.get("command")))
                commands = tuple(commands_in(text, document.path, line))
                hooks.append(Hook(name, "overcommit", document.path, line, name, entry=text, commands=commands))
    return Configured("overcommit", document.path, hooks=tuple(hooks))


NO_HOOK = {
    ".",
    "source",
    "echo",
    "exit",
    "cd",
    "export",
    "set",
    "[",
    "[[",
    "command",
    "printf",
    "husky.sh",
    "lint-staged",
}


def read_husky(path: str, script: str) -> Configured:
    """A script below `.husky`: each line that runs something is a hook."""
    hooks = list[Hook]()
    for number, line in enumerate(script.splitlines(), 1):
        commands = tuple(commands_in(line, path, number))
        if commands and all(command.tool not in NO_HOOK for command in commands):
            tool = commands[-1].tool
            hooks.append(Hook(tool, "husky", path, number, tool, entry=line, commands=commands))
    return Configured("husky", path, hooks=tuple(hooks))


Reader = Callable[[Document], Configured | None]
# By file name: the manager, and who reads it. Of one manager the file nearest to the root is used.
READERS: dict[str, tuple[str, Reader]] = {
    "prek.toml": ("pre-commit", read_precommit),
    ".pre-commit-config.yaml": ("pre-commit", read_precommit),
    ".pre-commit-config.yml": ("pre-commit", read_precommit),
    **{
        f"{dot}lefthook.{ending}": ("lefthook", read_lefthook)
        for dot in ("", ".")
        for ending in ("yml", "yaml", "toml", "json")
    },
    ".lintstagedrc": ("lint-staged", read_lint_staged),
    ".lintstagedrc.json": ("lint-staged", read_lint_staged),
    ".lintstagedrc.yaml": ("lint-staged", read_lint_staged),
    ".lintstagedrc.yml": ("lint-staged", read_lint_staged),
    "package.json": ("lint-staged", read_lint_staged),
    ".overcommit.yml": ("overcommit", read_overcommit),
}
