import posixpath
from collections.abc import Iterator

from apps.audit.check import Check, Effort, Evidence, Finding, fails, passes
from apps.audit.checks.precommit.configured import Configured
from apps.audit.facts.automation.commands import Command
from apps.audit.facts.hooks.hooks import Ability, Hook, Hooks
from apps.audit.facts.tree import Tree

OPTIONS = {
    *("-c", "--config", "--config-file", "--configfile", "--config-path", "--configuration", "--rcfile", "--conf"),
    *("--settings-path", "--settings-file", "--settings", "--baseline", "--schemafile", "--project", "--ini"),
}
ENDINGS = (".toml", ".cfg", ".ini", ".yaml", ".yml", ".json", ".baseline", ".py", ".sh", ".pylintrc", ".flake8", ".txt")
# Signs of a pattern, a variable or an address.
NO_PATH = set("*?[]{}()|^$%<>,;: \n")


class NoDeadHooks(Check):
    """Every hook can do its work

    A hook whose configuration was moved or whose pattern matches nothing passes for ever, or breaks for everyone.

    Fix: correct the path or the `files:` pattern that the finding names, or remove the hook.
    """

    weight = 1
    effort = Effort.MINUTES
    requires = (Configured,)

    def run(self, hooks: Hooks, tree: Tree) -> Iterator[Finding | Evidence]:
        paths = [entry.path for entry in tree.entries]
        sound = list[Hook]()
        for hook in hooks:
            findings = [*missing_paths(hook, tree), *idle_pattern(hook, paths)]
            yield from findings
            if not findings:
                sound.append(hook)
        if sound:
            yield Evidence(f"{len(sound)} hooks name only what exists", sound[0].path, sound[0].line)

    examples = (
        passes(
            {
                "ruff.toml": "",
                "a.py": "",
                ".pre-commit-config.yaml": "repos: [{repo: x, hooks: [{id: ruff, args: [--config=ruff.toml]}]}]",
            },
            "1 hooks name only what exists",
        ),
        passes(
            {
                "a.py": "",
                ".pre-commit-config.yaml": "repos: [{repo: x, hooks: [{id: nbstripout},"
                " {id: black, args: [-l, '99']}]}]",
            },
            "2 hooks",
        ),
        passes(
            {
                "a.py": "",
                ".pre-commit-config.yaml": "repos: [{repo: local, hooks: [{id: a, language: fail, entry: no,"
                " files: '[.]pt$'}]}]",
            },
            "1 hooks",
        ),
        fails(
            {"a.py": "", ".pre-commit-config.yaml": "repos: [{repo: x, hooks: [{id: bandit, args: [-c, b.yaml]}]}]"},
            "bandit names b.yaml, which does not exist",
        ),
        fails(
            {
                "a.py": "",
                ".pre-commit-config.yaml": "repos: [{repo: local, hooks: [{id: a, entry: python tools/x.py}]}]",
            },
            "a names tools/x.py, which does not exist",
        ),
        fails(
            {"a.py": "", ".pre-commit-config.yaml": "repos: [{repo: x, hooks: [{id: black, files: ^src/}]}]"},
            "the pattern ^src/ of black matches no file",
        ),
    )


def missing_paths(hook: Hook, tree: Tree) -> Iterator[Finding]:
    """Configuration that its options name, and scripts of the tree that it starts."""
    commands = [Command(hook.id, hook.args), *(each for each in hook.commands if each.path == hook.path)]
    for name in dict.fromkeys(name for command in commands for name in named_paths(command)):
        path = posixpath.normpath(name)
        if path not in tree and path not in tree.folders and not path.startswith(("..", "/", "~")):
            yield Finding(f"{hook.id} names {name}, which does not exist", hook.path, hook.line)


def named_paths(command: Command) -> Iterator[str]:
    scripts = [
        word for word in command.words[:1] if command.tool in {"python", "bash", "sh"} and "-m" not in command.args
    ]
    for word in [command.option(option) or "" for option in sorted(OPTIONS)] + scripts + [command.program]:
        is_script = word == command.program
        if word.endswith(ENDINGS) and NO_PATH.isdisjoint(word) and (not is_script or "/" in word):
            yield word


def idle_pattern(hook: Hook, paths: list[str]) -> Iterator[Finding]:
    """A `files:` pattern of this repository that matches nothing, unless it is a guard for what must not come."""
    if hook.language == "fail" or hook.abilities & {Ability.MODEL_FILES, Ability.LARGE_FILES, Ability.SECRETS}:
        return
    if hook.files and not any(hook.is_of_interest(path) for path in paths):
        yield Finding(f"the pattern {hook.files} of {hook.id} matches no file", hook.path, hook.line)
