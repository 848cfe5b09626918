from collections.abc import Iterable, Iterator

from apps.audit.check import Check, Effort, Evidence, Finding, Unknown, fails, passes, threshold
from apps.audit.checks.precommit.configured import Configured
from apps.audit.facts.automation.commands import Command
from apps.audit.facts.automation.workflows import Use, Workflows
from apps.audit.facts.hooks.hooks import Hook, Hooks

MANAGERS = ("pre-commit", "prek", "lefthook", "overcommit", "lint-staged")
# Published ids that are not the name of the program that they run.
PROGRAMS = {"ruff-check": "ruff check", "ruff": "ruff check", "ruff-format": "ruff format", "black-jupyter": "black"}
CI = ".github/workflows/ci.yml"
HOOKS = {"a.py": "", ".pre-commit-config.yaml": "repos: [{repo: x, hooks: [{id: black}]}]"}


class EnforcedInCi(Check):
    """CI runs the hooks too

    Hooks are installed by each person, or not; only CI makes sure that they ran.

    Fix: add a job with `pre-commit run --all-files`, or turn on pre-commit.ci and say so with a `ci:` section.
    """

    weight = 3
    effort = Effort.MINUTES
    requires = (Configured,)
    share: float = threshold(
        80, "Share of the hooks that CI must run, in percent, where it runs no hook manager.", most=100
    )

    def run(self, hooks: Hooks, workflows: Workflows | None) -> Iterator[Finding | Evidence | Unknown]:
        uses = [use for use in workflows.uses_on_change if use not in workflows.lenient] if workflows else []
        commands = workflows.enforced if workflows else ()
        evidence = [*by_service(hooks), *by_manager(uses, commands)]
        yield from evidence
        if evidence:
            return
        run_in_ci = {name for command in commands for name in names_of(command)}
        run = [hook for hook in hooks if not run_in_ci.isdisjoint(programs_of(hook))]
        if run and len(run) * 100 >= self.share * len(hooks.hooks):
            first = next(command for command in commands if names_of(command) & programs_of(run[0]))
            yield Evidence(f"CI runs {len(run)} of {len(hooks.hooks)} hooks' programs itself", first.path, first.line)
            return
        yield from workflows.unread if workflows else ()
        if workflows and (weak := next(by_manager(workflows.uses_on_change, workflows.on_change), None)):
            yield Finding(f"{weak.message}, which may fail", weak.path, weak.line)
            return
        looked = (
            f"{len(run)} of {len(hooks.hooks)} hooks' programs run" if workflows else "there is no CI configuration"
        )
        yield Finding(f"CI does not run the hooks: no ci section, no call of a hook manager, {looked}", hooks.path)

    examples = (
        passes(
            {"a.py": "", ".pre-commit-config.yaml": "ci: {}\nrepos: [{repo: x, hooks: [{id: black}]}]"}, "pre-commit.ci"
        ),
        passes(
            {
                **HOOKS,
                CI: "on: push\njobs: {a: {steps: [{uses: pre-commit/action@v3}]}}\n",
            },
            "pre-commit/action",
        ),
        passes(
            {
                **HOOKS,
                ".gitlab-ci.yml": "lint:\n  script: [make lint]\n",
                "Makefile": "lint:\n\tuv run pre-commit run --all-files\n",
            },
            "pre-commit run --all-files",
        ),
        passes(
            {
                "a.py": "",
                "lefthook.yml": "pre-commit: {commands: {a: {run: ruff check}, b: {run: ruff format}}}\n",
                ".gitlab-ci.yml": "lint:\n  script: [uv run ruff check, uv run ruff format --check]\n",
            },
            "CI runs 2 of 2",
        ),
        passes({**HOOKS, CI: "on: push\njobs: {a: {steps: [{uses: psf/black@stable}]}}\n"}, "CI runs 1 of 1"),
        fails({**HOOKS, CI: "on: push\njobs: {a: {steps: [{uses: astral-sh/ruff-action@v3}]}}\n"}, "0 of 1"),
        fails({**HOOKS, ".gitlab-ci.yml": "lint:\n  script: [pre-commit install]\n"}, "CI does not run the hooks"),
        fails(
            {
                **HOOKS,
                CI: "on: push\njobs:\n  a:\n    steps:\n      - uses: pre-commit/action@v3\n"
                "        continue-on-error: true\n",
            },
            "CI uses pre-commit/action, which may fail",
        ),
        fails(HOOKS, "no CI configuration"),
    )


def by_service(hooks: Hooks) -> Iterator[Evidence]:
    for each in hooks.configured:
        if each.ci_line:
            yield Evidence("pre-commit.ci runs the hooks", each.path, each.ci_line)


def by_manager(uses: Iterable[Use], commands: Iterable[Command]) -> Iterator[Evidence]:
    for use in uses:
        if "pre-commit" in use.name or "prek" in use.name or "lefthook" in use.name:
            yield Evidence(f"CI uses {use.name}", use.path, use.line)
    for command in commands:
        runs = command.words[:1] == ("run",) or command.tool == "lint-staged" or "--run" in command.args
        if command.tool in MANAGERS and (runs or (command.tool == "prek" and not command.words)):
            yield Evidence(f"CI runs {command}", command.path, command.line)


def names_of(command: Command) -> set[str]:
    return {command.tool, " ".join((command.tool, *command.words[:1]))}


def programs_of(hook: Hook) -> set[str]:
    """What runs in a hook: a program, or a program with its first word where one does several things."""
    several = {"ruff", "dvc", "git", "make", "python", "uv", "jupyter"}
    if not hook.commands:
        return {PROGRAMS.get(hook.id, hook.id)}
    return {" ".join((c.tool, *c.words[:1])) if c.tool in several else c.tool for c in hook.commands[-1:]}
