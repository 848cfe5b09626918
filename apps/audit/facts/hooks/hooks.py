"""Hooks that run before a commit or a push: what each does, to which files, and where it is configured."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Self

from apps.audit.facts import Fact
from apps.audit.facts.automation.tasks import Tasks, read_text
from apps.audit.facts.documents import LIMIT, Documents
from apps.audit.facts.hooks.abilities import Ability, is_named_for_validation, of_command, of_hook
from apps.audit.facts.hooks.hook import Configured, Hook, Remote
from apps.audit.facts.hooks.hook_managers import READERS, read_husky
from apps.audit.facts.hooks.matcher import Matcher
from apps.audit.facts.hooks.ruff import Ruff
from apps.audit.facts.tree import Tree, is_fixture, is_template, is_vendored
from apps.audit.snapshot import File, Unknown, unreadable

__all__ = ["Ability", "Configured", "Hook", "Hooks", "Remote"]


@dataclass(frozen=True)
class Hooks(Fact):
    """Every hook of every manager's configuration; `configured` names the files, with the errors of broken ones."""

    hooks: tuple[Hook, ...]
    configured: tuple[Configured, ...]
    unread: tuple[Unknown, ...]

    @classmethod
    def read(cls, tree: Tree, documents: Documents, tasks: Tasks, ruff: Ruff) -> Self:
        configured, unread = dict[str, Configured](), list[Unknown]()
        for link in sorted(own_configurations(tree), key=lambda file: file.path.count("/")):
            manager, reader = READERS.get(link.name, ("husky", None))
            if manager in configured and reader:
                continue
            file, key = tree.get(link.path), manager if reader else link.path
            if file is None:
                configured[key] = Configured(manager, link.path, "the link leads out of the tree")
            elif reason := unreadable(file, LIMIT):
                unread.append(Unknown(reason, link.path))
            elif reader is None:
                configured[key] = read_husky(link.path, str(file.derive(read_text, LIMIT)))
            # A link's target is parsed and cited under the link's own name.
            elif found := reader(documents.of(replace(file, path=link.path))):
                configured[key] = found
        matcher = Matcher()
        hooks = tuple(
            with_abilities(replace(hook, filter=replace(hook.filter, matcher=matcher)), tasks, ruff)
            for each in configured.values()
            for hook in each.hooks
        )
        return cls(hooks, tuple(configured.values()), tuple(unread))

    def __iter__(self) -> Iterator[Hook]:
        """Hooks that run by themselves: those kept for calling by hand are left out."""
        return (hook for hook in self.hooks if not hook.is_manual)

    @property
    def path(self) -> str:
        """The configuration that a finding about a missing hook names."""
        return self.configured[0].path if self.configured else ""

    @property
    def remotes(self) -> tuple[Remote, ...]:
        """Every repository that hooks come from."""
        return tuple(remote for each in self.configured for remote in each.remotes)

    def doing(self, *abilities: Ability) -> list[Hook]:
        """The hooks that do one of these."""
        return [hook for hook in self if not hook.abilities.isdisjoint(abilities)]

    def measures(self) -> dict[str, float]:
        return {"precommit.hooks": len(self.hooks)}


def own_configurations(tree: Tree) -> Iterator[File]:
    """Files and links that managers read; those of templates, fixtures and vendored code are others' own."""
    for file in tree.entries:
        is_script = file.folder == ".husky" and file.name in {"pre-commit", "pre-push", "commit-msg"}
        if (file.name in READERS or is_script) and not (
            is_vendored(file.path) or is_template(file.path) or is_fixture(file.path)
        ):
            yield file


def with_abilities(hook: Hook, tasks: Tasks, ruff: Ruff) -> Hook:
    """The hook with what it does; commands of the repository's own are followed, and its id is believed last."""
    commands = tuple(tasks.expand(hook.commands))
    does = frozenset().union(*(of_command(command, ruff) for command in commands))
    if not does:
        does = of_hook(hook.id, hook.args, ruff)
    if not hook.repo and is_named_for_validation(hook.id):
        does |= {Ability.CONFIG_VALIDATION}
    return replace(hook, commands=commands, abilities=does)
