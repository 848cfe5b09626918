from collections.abc import Iterator

from apps.audit.check import Check, Effort, Evidence, Finding, ProjectKind, fails, ignores, passes
from apps.audit.facts.notebooks import Notebooks
from apps.audit.facts.packages.dependencies import folders_around
from apps.audit.facts.tree import Tree, folders_of
from apps.audit.regex import regex

FOLDER = regex(
    r".*notebooks?.*|nbs?|jupyter|eda|explorations?|exploratory|research|experiments?|experimentation|analys[ie]s"
    r"|examples?|tutorials?|demos?|docs?|guides?"
)
# What may lie beside notebooks in a folder of their own: texts and pictures.
BESIDE = {".ipynb", ".md", ".rst", ".txt", ".png", ".jpg", ".jpeg", ".gif", ".svg", ".webp", ".html", ".gitkeep", ""}


class NotebooksFolder(Check):
    """Notebooks live in a notebooks folder

    Kept apart, notebooks are seen for what they are: explorations, which read from the package and which no pipeline
    depends on.

    Fix: git mv exploration.ipynb notebooks/01-exploration.ipynb
    """

    weight = 1
    effort = Effort.MINUTES
    not_for = (ProjectKind.COURSE,)

    def run(self, notebooks: Notebooks, tree: Tree) -> Iterator[Finding | Evidence]:
        found = sorted([*(each.path for each in notebooks), *(each.path for each in notebooks.unread)])
        mixed = {folder for file in tree if file.suffix not in BESIDE for folder in folders_around(file.path)}
        for path in found:
            own = path.rpartition("/")[0]
            alone = own if own not in mixed else ""
            if folder := next((name for name in folders_of(path) if FOLDER.fullmatch(name)), alone):
                yield Evidence(f"in {folder}/", path)
            else:
                yield Finding("in no notebooks folder", path)

    examples = (
        passes({"notebooks/eda.ipynb": '{"cells": []}', "train.py": "x = 1\n"}, "in notebooks/"),
        passes({"week_1/experimental_notebooks/eda.ipynb": '{"cells": []}', "train.py": ""}, "experimental_notebooks"),
        passes({"colabs/eda.ipynb": '{"cells": []}', "colabs/README.md": "", "train.py": ""}, "in colabs/"),
        fails({"src/eda.ipynb": '{"cells": []}', "src/lib/train.py": "x = 1\n"}, "in no notebooks folder"),
        fails({"eda.ipynb": '{"cells": []}', "train.py": "x = 1\n"}, "in no notebooks folder"),
        ignores({"train.py": "x = 1\n"}, "no notebooks"),
    )
