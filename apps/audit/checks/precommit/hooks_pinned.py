import re
from collections.abc import Iterator

from apps.audit.check import Check, Effort, Evidence, Finding, NotApplicable, fails, ignores, passes
from apps.audit.checks.precommit.configured import Configured
from apps.audit.facts.hooks.hooks import Hooks
from apps.audit.regex import regex

# A tag has a number in it; a commit is hexadecimal. `3.x` and `release/3` are branches.
PINNED = regex(r"[0-9a-f]{7,64}|(?!release/|releases/|feature/)(?=.*[0-9]).*(?<!\.x)", re.IGNORECASE | re.DOTALL)


class HooksPinned(Check):
    """Hooks from elsewhere are pinned

    A hook at a branch changes under you: the same commit passes today and fails tomorrow, or runs what someone pushed.

    Fix: run `pre-commit autoupdate`, which puts a tag into every `rev`; `--freeze` puts commits there.
    """

    weight = 2
    effort = Effort.MINUTES
    requires = (Configured,)

    def run(self, hooks: Hooks) -> Iterator[Finding | Evidence | NotApplicable]:
        for remote in hooks.remotes:
            if not remote.rev:
                yield Finding(f"{remote.url} has no rev", remote.path, remote.line)
            elif PINNED.fullmatch(remote.rev):
                yield Evidence(f"{remote.url} at {remote.rev}", remote.path, remote.line)
            else:
                yield Finding(f"{remote.url} is at {remote.rev}, a branch", remote.path, remote.line)
        if not hooks.remotes:
            yield NotApplicable("no hook comes from another repository")

    examples = (
        passes({"a.py": "", ".pre-commit-config.yaml": "repos: [{repo: x, rev: v4.5.0, hooks: [{id: a}]}]"}, "v4.5.0"),
        passes(
            {"a.py": "", ".pre-commit-config.yaml": "repos: [{repo: x, rev: deadbeef, hooks: [{id: a}]}]"}, "deadbeef"
        ),
        fails({"a.py": "", ".pre-commit-config.yaml": "repos: [{repo: x, rev: main, hooks: [{id: a}]}]"}, "a branch"),
        fails({"a.py": "", ".pre-commit-config.yaml": "repos: [{repo: x, hooks: [{id: a}]}]"}, "has no rev"),
        ignores(
            {"a.py": "", ".pre-commit-config.yaml": "repos: [{repo: local, hooks: [{id: a, entry: make a}]}]"},
            "no hook comes from another repository",
        ),
    )
