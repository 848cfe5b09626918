import re
from collections.abc import Iterator

from apps.audit.check import Check, Effort, Evidence, Finding, Unknown, fails, passes, threshold
from apps.audit.facts.automation.commands import Command
from apps.audit.facts.automation.tasks import Task, Tasks
from apps.audit.facts.hooks.abilities import Ability, of_command
from apps.audit.facts.hooks.ruff import Ruff
from apps.audit.regex import regex

NAMES = {
    "install": {"install", "setup", "requirements", "deps", "dependencies", "environment", "env", "venv", "bootstrap"},
    "test": {"test", "tests", "pytest", "unittest", "unittests", "coverage"},
    "lint": {"lint", "lints", "style", "format", "fmt", "quality", "typecheck", "precommit"},
    "train": {"train", "training", "fit", "finetune", "retrain"},
}
# A target named for one of these is about the task and does not do it.
ABOUT = {"clean", "clear", "remove", "uninstall", "docs", "doc", "help"}
ABOUT |= {"build", "upload", "download", "deploy", "publish"}
INSTALLERS = {(tool, "install") for tool in ("pip", "pip3", "poetry", "pdm", "pixi", "pipenv")}
INSTALLERS |= {("uv", "sync"), ("uv", "pip"), ("conda", "env"), ("mamba", "env"), ("pipenv", "sync"), ("rye", "sync")}
TESTERS = {("pytest", ""), ("coverage", "run"), ("unittest", "")}
LINTS = {Ability.PYTHON_FORMAT, Ability.PYTHON_LINT, Ability.IMPORT_ORDER, Ability.TYPE_CHECK}
TRAINERS = {("dvc", "repro"), ("dvc", "exp"), ("accelerate", "launch"), ("torchrun", "")}
TRAINING_SCRIPT = regex(r"(.*[/._])?(train|training|fit|finetune)(_[a-z]+)?(\.py)?", re.IGNORECASE)
PYTHON_TOOL = regex(
    r"(python|pytest|pip|uv|poetry|pdm|tox|nox|ruff|black|flake8|mypy|pylint|pre-commit|coverage|make|dvc)[\d.]*$"
)


class TaskRunner(Check):
    """One command for each everyday task

    Whoever opens the project should not have to guess how it is installed, tested, linted and trained.

    Fix: add a `Makefile` (or justfile, Taskfile, tox, nox, poe, pixi …) with the targets `install`, `test`, `lint` and
    `train`.
    """

    weight = 2
    effort = Effort.HOURS
    tasks_wanted: int = threshold(2, "How many of install, test, lint and train must have a target.", least=1, most=4)

    def run(self, tasks: Tasks, ruff: Ruff) -> Iterator[Finding | Evidence | Unknown]:
        found = dict[str, Task]()
        expanded = [(task, list(tasks.expand(task.commands))) for task in tasks]
        own = [(task, commands) for task, commands in expanded if is_for_python(task, commands)]
        for task, commands in own:
            for role in roles(task, commands, ruff):
                found[role] = min(found.get(role, task), task, key=lambda each: distance(each, role))
        for role, task in found.items():
            yield Evidence(f"{task.runner} {task.name}: {role}", task.path, task.line)
        if len(found) >= self.tasks_wanted:
            return
        yield from tasks.unread
        missing = ", ".join(role for role in NAMES if role not in found)
        if not own:
            yield Finding(
                "no task runner: Makefile, justfile, Taskfile, tox, nox, invoke, pipenv, pixi, mise, poe, hatch and"
                " dvc.yaml were looked for"
            )
        else:
            yield Finding(f"no target for {missing}", own[0][0].path)

    examples = (
        passes({"Makefile": "test:\n\tpytest\ntrain:\n\tpython src/train.py\n"}, "make test: test"),
        passes({"justfile": "check:\n  uv run ruff check\ndeps:\n  uv sync\n"}, "just check: lint"),
        passes({"ml/Makefile": "all: lint\n\tpytest\nlint:\n\tflake8\n"}, "make all: test"),
        passes(
            {"mise.toml": "[tasks.t]\nrun = 'uv run pytest'\n[tasks.l]\nrun = 'uv run ruff check'\n"}, "mise t: test"
        ),
        fails({"Makefile": "style:\n\tblack .\nclean: style\n\trm -rf dist\n"}, "no target for install, test, train"),
        fails({"dvc.yaml": "stages:\n  train:\n    cmd: python train.py\n"}, "no target for install, test, lint"),
        fails({"Makefile": "install-test-requirements:\n\tpip install -r a.txt\n"}, "no target for test, lint, train"),
        fails({"train.py": ""}, "no task runner"),
        fails({"demo/package.json": '{"scripts": {"lint": "eslint .", "test": "jest"}}'}, "no task runner"),
        passes({"package.json": '{"scripts": {"lint": "ruff check", "test": "pytest"}}'}, "npm test: test"),
        fails({"Pipfile": '[scripts]\nlint = "pylint src"\n'}, "no target for install, test, train"),
        passes(
            {"Makefile": "pretest:\n\ttrue\nformat:\n\tblack .\nlint:\n\tflake8\ntest:\n\tpytest\n"}, "make lint: lint"
        ),
        fails({"Makefile": "clean-test:\n\trm -rf .tox\nlint:\n\tflake8\n"}, "no target for install, test, train"),
        fails({"Makefile": "# test: pytest\nsync:\n\tgit pull\n"}, "no target for install, test, lint, train"),
    )


def is_for_python(task: Task, commands: list[Command]) -> bool:
    """Scripts of npm are about a page beside the project, unless they run its tools."""
    return task.runner != "npm" or any(PYTHON_TOOL.match(each.tool) for each in commands)


def distance(task: Task, role: str) -> tuple[int, bool, bool]:
    """How far a target is from the one that a reader would try first: near the root, and named for nothing else."""
    name = own_name(task)
    return task.path.count("/"), name != role, name not in NAMES[role]


def own_name(task: Task) -> str:
    """Its name without the collection that invoke keeps it in."""
    return (task.name.rpartition(".")[2] if task.runner == "invoke" else task.name).lower()


def roles(task: Task, commands: list[Command], ruff: Ruff) -> Iterator[str]:
    """Which of the everyday tasks a target does, by its name or by what it runs."""
    words = set(re.split(r"[-_:.]", own_name(task)))
    words = set() if words & ABOUT else words & NAMES["install"] or words
    calls = {(each.tool, word) for each in commands for word in ("", *each.words[:1])}
    if words & NAMES["install"] or calls & INSTALLERS:
        yield "install"
    if words & NAMES["test"] or calls & TESTERS:
        yield "test"
    does = frozenset[Ability]().union(*(of_command(command, ruff) for command in commands))
    if words & NAMES["lint"] or does & LINTS or calls & {("pre-commit", "run"), ("prek", "run")}:
        yield "lint"
    scripts = [word for each in commands if each.tool in {"python", "uv", "accelerate"} for word in each.args]
    if words & NAMES["train"] or calls & TRAINERS or any(TRAINING_SCRIPT.fullmatch(word) for word in scripts):
        yield "train"
