from collections.abc import Iterator
from typing import Any

from apps.audit.check import Check, Effort, Evidence, Finding, Unknown, fails, ignores, passes
from apps.audit.facts.automation.shell_scripts import ShellScripts
from apps.audit.facts.configuration import Configuration
from apps.audit.facts.documents import Document
from apps.audit.facts.python.modules import Modules
from apps.audit.facts.tree import is_test
from apps.audit.regex import regex

MACHINE = regex(
    r"(file://)?(/home/(?!jovyan|vscode|runner|app\b|airflow|user\b|ubuntu\b)[\w.-]+|/Users/(?!Shared)[\w.-]+"
    r"|/(mnt|media|scratch|nfs|efs|lustre|gpfs|fsx)\d*/[\w.-]+|/content/(drive|gdrive)/"
    r"|/(datasets|data|ssd|disk|storage|cluster|share)\d+/|/private/home/|/checkpoint/|/large_experiments/"
    r"|[A-Za-z]:(\\|/(?!/))[\w .-]+)"
)
DEEPEST = 8


class NoAbsolutePaths(Check):
    """No path of one machine

    A home folder, a drive letter or a mount exists on one machine only. There the code runs, and nowhere else.

    Fix: build paths from the project's folder, or take them from configuration or the environment:

        ROOT = Path(__file__).resolve().parents[1]
        DATA = Path(os.environ.get("DATA_DIR", ROOT / "data"))
    """

    weight = 2
    effort = Effort.MINUTES

    def run(
        self, modules: Modules, configuration: Configuration, scripts: ShellScripts
    ) -> Iterator[Finding | Evidence | Unknown]:
        judged = [module for module in modules if not is_test(module.path)]
        found = [
            Finding(f"a path of one machine: {text.value[:80]}", module.path, text.line)
            for module in judged
            for text in module.texts
            if MACHINE.match(text.value) and "\n" not in text.value
        ]
        documents = list(configuration.values())
        found += [
            Finding(f"a path of one machine: {text[:80]}", document.path, document.line(*keys))
            for document in documents
            for keys, text in texts(document)
            if MACHINE.match(text)
        ]
        found += [
            Finding(f"a path of one machine: {word.text[:80]}", word.path, word.line)
            for word in scripts
            if MACHINE.match(word.text)
        ]
        yield from dict.fromkeys(found)
        yield from (*modules.unread, *configuration.unread, *scripts.unread)
        looked = f"{len(judged)} Python files, {len(documents)} configuration files"
        yield Evidence(f"{looked} and {len(scripts.paths)} shell scripts looked at")

    examples = (
        passes({"t.py": "from pathlib import Path\nD = Path(__file__).parent / 'data'\n"}, "1 Python files"),
        passes({"t.py": "# /home/ada/data\nX = '../configs'\nY = 'a/home/b'\n"}, "1 Python files"),
        passes({"t.py": "U = 'https://a.b/home/ada'\nV = 's3://mnt/x'\nW = '/modeling/train.py'\n"}, "1 Python files"),
        fails({"t.py": "D = '/home/ada/data.csv'\n"}, "a path of one machine: /home/ada/data.csv"),
        fails({"t.py": "D = 'C:\\\\data\\\\a.csv'\n"}, "a path of one machine"),
        fails({"t.py": "x = 1\n", "conf/a.yaml": "data:\n  dir: /mnt/disk2/set\n"}, "/mnt/disk2/set"),
        fails({"t.py": "x = 1\n", "run.sh": '# /home/bob\nDIR="/media/ada/set"\ncd "$DIR"\n'}, "/media/ada/set"),
        passes(
            {"t.py": "x = 1\n", "run.sh": "cd /tmp/x && ls ./home/ada\n", "tests/run.sh": "cd /home/ada\n"}, "1 shell"
        ),
        ignores({"README.md": "/home/ada\n"}, "no Python code"),
    )


def texts(document: Document) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Every text of a document with its keys."""
    waiting: list[tuple[tuple[str | int, ...], Any]] = [((), document.value)]
    while waiting:
        keys, value = waiting.pop()
        if isinstance(value, str):
            yield keys, value
        elif isinstance(value, dict) and len(keys) < DEEPEST:
            waiting += [((*keys, str(key)), each) for key, each in value.items()]
        elif isinstance(value, list) and len(keys) < DEEPEST:
            waiting += [((*keys, position), each) for position, each in enumerate(value)]
