from collections.abc import Iterator

from apps.audit.check import Check, Effort, Evidence, Finding, NotApplicable, Unknown, fails, ignores, passes
from apps.audit.facts.python.modules import Modules
from apps.audit.facts.python.syntax import NEWER


class SourceParses(Check):
    """Every Python file parses

    A file with a syntax error breaks for whoever imports it first, and no linter, formatter or test sees the
    rest of it.

    Fix: open the file at the line of the finding; `python -m compileall -q .` lists all of them. Python 2 files go
    through `2to3 -w FILE`, or out of the repository.
    """

    weight = 3
    effort = Effort.MINUTES

    def run(self, modules: Modules) -> Iterator[Finding | Evidence | Unknown | NotApplicable]:
        files = [module for module in modules if not module.is_notebook]
        for module in files:
            if module.error == NEWER:
                yield Unknown(f"does not parse: {NEWER}, with which it was read", module.path)
            elif module.error:
                yield Finding(f"does not parse: {module.error}", module.path, module.error_line)
        unread = [each for each in modules.unread if not each.path.endswith(".ipynb")]
        yield from unread
        if not files and not unread:
            yield NotApplicable("no Python files")
        elif files:
            parsed = sum(not module.error for module in files)
            yield Evidence(f"{parsed} of {len(files)} Python files parse", files[0].path)

    examples = (
        passes({"train.py": "import torch\n"}, "1 of 1 Python files parse"),
        passes({"{{ cookiecutter.slug }}/a.py": "import {{ x }}\n", "b.py": ""}, "1 of 1 Python files parse"),
        fails({"train.py": "def f(:\n"}, "does not parse"),
        fails({"old.py": 'print "loss", 1\n'}, "does not parse: Python 2"),
        fails({"train.py": "<<<<<<< HEAD\nlr = 1\n=======\nlr = 2\n>>>>>>> exp\n"}, "does not parse"),
        ignores({"README.md": ""}, "no Python code"),
    )
