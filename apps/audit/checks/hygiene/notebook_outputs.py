import json
from collections.abc import Iterator

from apps.audit.check import Check, Effort, Evidence, Finding, Unknown, fails, ignores, passes
from apps.audit.facts.notebooks import Notebooks


def notebook(*outputs: list[dict[str, str]]) -> str:
    cells = [{"cell_type": "code", "source": "1", "execution_count": None, "outputs": each} for each in outputs]
    return json.dumps({"cells": cells, "nbformat": 4}, indent=1)


class NotebookOutputs(Check):
    """Notebooks are committed without outputs

    Outputs carry rows of data into git, where they stay, swell every clone, and bury the change of code in a diff.

    Fix: strip what is there, and let a hook strip what comes:
        nbstripout notebooks/*.ipynb
        # .pre-commit-config.yaml
        - repo: https://github.com/kynan/nbstripout
          rev: 0.8.1
          hooks: [{id: nbstripout}]
    """

    weight = 3
    effort = Effort.MINUTES

    def run(self, notebooks: Notebooks) -> Iterator[Finding | Evidence | Unknown]:
        yield from notebooks.unread
        for notebook in notebooks:
            if notebook.error:
                yield Unknown(notebook.error, notebook.path)
            elif notebook.outputs:
                line = next(cell.line for cell in notebook.cells if cell.outputs)
                noun = "output" if notebook.outputs == 1 else "outputs"
                yield Finding(f"{notebook.outputs} {noun} committed", notebook.path, line)
            else:
                yield Evidence(f"{len(notebook.cells)} code cells without outputs", notebook.path)

    examples = (
        passes({"eda.ipynb": notebook([], [])}, "2 code cells without outputs"),
        fails(
            {"eda.ipynb": notebook([], [{"output_type": "stream", "text": "3"}])},
            "1 output committed",
        ),
        ignores({"train.py": ""}, "no notebooks"),
    )
