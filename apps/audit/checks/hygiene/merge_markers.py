from collections.abc import Iterator

from apps.audit.check import Check, Effort, Evidence, Finding, Unknown, fails, passes
from apps.audit.facts.conflicts import Conflicts
from apps.audit.facts.python.modules import Modules

OURS, MIDDLE, THEIRS = "<<<<<<< HEAD", "=======", ">>>>>>> experiment"
CONFLICT = f"{OURS}\nlr: 0.1\n{MIDDLE}\nlr: 0.2\n{THEIRS}\n"


class MergeMarkers(Check):
    """No conflict markers in committed files

    A marker means that a merge was committed half done: the file holds both sides, and most parsers refuse it.

    Fix: `git grep -n '^<<<<<<< '` lists them; choose a side, delete the three marker lines, and let a hook watch:
        # .pre-commit-config.yaml
        - repo: https://github.com/pre-commit/pre-commit-hooks
          rev: v6.0.0
          hooks: [{id: check-merge-conflict}]
    """

    weight = 3
    effort = Effort.MINUTES

    def run(self, conflicts: Conflicts, modules: Modules | None) -> Iterator[Finding | Evidence | Unknown]:
        # In Python that parses, a marker is inside a string: a conflict never parses.
        parsed = {module.path for module in modules or () if not module.error}
        found = [place for place in conflicts.places if place[0] not in parsed]
        for path, line in found:
            yield Finding("a conflict was committed unresolved", path, line)
        yield from conflicts.unread
        if not found:
            yield Evidence(f"no conflict marker in {conflicts.files:,} text files")

    examples = (
        passes({"README.rst": f"Title\n{MIDDLE}\n\ntext\n"}, "no conflict marker in 1 text files"),
        passes({"tests/test_git.py": f'TEXT = """\n{CONFLICT}"""\n'}, "no conflict marker"),
        passes({"docs/git.md": f"You will see:\n```\n{CONFLICT}```\n"}, "no conflict marker"),
        passes({"mail.txt": f"{THEIRS} quoted seven times\n"}, "no conflict marker"),
        fails({"params.yaml": f"train:\n{CONFLICT}"}, "a conflict was committed unresolved"),
        fails({"train.py": f"import torch\n{CONFLICT}"}, "a conflict was committed unresolved"),
        fails({"dvc.lock": ">>>>>>> 1a2b3c4 (exp: wider)\n"}, "a conflict was committed unresolved"),
    )
