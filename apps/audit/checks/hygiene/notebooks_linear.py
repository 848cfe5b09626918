import json
from collections.abc import Iterator

from apps.audit.check import Check, Effort, Evidence, Finding, NotApplicable, Unknown, fails, ignores, passes
from apps.audit.facts.notebooks import Cell, Notebooks


def notebook(*counts: int | None) -> str:
    cells = [{"cell_type": "code", "source": "1", "execution_count": each} for each in counts]
    return json.dumps({"cells": cells, "nbformat": 4}, indent=1)


class NotebooksLinear(Check):
    """Notebooks run from top to bottom

    Execution counts that jump or repeat say that cells ran in another order than they stand: the next person who runs
    the notebook from the top gets something else.

    Fix: restart the kernel and run all cells before you commit, or strip the counts together with the outputs:
        jupyter nbconvert --to notebook --execute --inplace notebooks/eda.ipynb
    """

    weight = 1
    effort = Effort.MINUTES

    def run(self, notebooks: Notebooks) -> Iterator[Finding | Evidence | Unknown | NotApplicable]:
        yield from notebooks.unread
        counted = False
        for notebook in notebooks:
            if notebook.error:
                yield Unknown(notebook.error, notebook.path)
            elif executed := [cell for cell in notebook.cells if cell.execution_count is not None]:
                counted = True
                yield self.judge(notebook.path, executed)
        if not counted:
            yield NotApplicable("no execution counts in the notebooks")

    def judge(self, path: str, executed: list[Cell]) -> Finding | Evidence:
        for expected, cell in enumerate(executed, 1):
            if cell.execution_count != expected:
                place = "the first" if expected == 1 else f"after {expected - 1} comes"
                return Finding(f"cells ran out of order: {place} {cell.execution_count}", path, cell.line)
        return Evidence(f"cells ran in order, 1 to {len(executed)}", path, executed[0].line)

    examples = (
        passes({"eda.ipynb": notebook(1, None, 2, 3)}, "cells ran in order, 1 to 3"),
        fails({"eda.ipynb": notebook(1, 4)}, "cells ran out of order: after 1 comes 4"),
        fails({"eda.ipynb": notebook(7)}, "cells ran out of order: the first 7"),
        ignores({"eda.ipynb": notebook(None)}, "no execution counts in the notebooks"),
        ignores({"train.py": ""}, "no notebooks"),
    )
