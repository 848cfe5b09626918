from collections.abc import Iterator

from apps.audit.check import Check, Effort, Evidence, Finding, ProjectKind, Unknown, fails, ignores, passes
from apps.audit.facts.packages.metadata import Metadata
from apps.audit.facts.python.modules import Modules


class ProjectMetadata(Check):
    """The project has metadata

    A name, a version and a Python range in one place let pip install the code, so that notebooks, tests and services
    import it instead of changing their search path.

    Fix: describe the project in pyproject.toml:
        [project]
        name = "churn"
        version = "0.1.0"
        requires-python = ">=3.11,<3.14"
        dependencies = ["scikit-learn>=1.5"]
    """

    weight = 2
    effort = Effort.MINUTES
    about = (Modules,)
    not_for = (ProjectKind.NOTEBOOKS, ProjectKind.COURSE, ProjectKind.TEMPLATE)

    # Without code there is nothing to install.
    def run(self, metadata: Metadata) -> Iterator[Finding | Evidence | Unknown]:
        if metadata.distributions:
            for each in metadata:
                yield Evidence(f"names the package {each.name}", each.path, each.line)
        elif metadata.unread:
            yield from metadata.unread
        elif metadata.unnamed:
            for path in metadata.unnamed:
                yield Finding("holds settings of tools only: no [project], no [tool.poetry], no name", path)
        else:
            yield Finding("no pyproject.toml, setup.cfg or setup.py")

    examples = (
        passes({"pyproject.toml": '[project]\nname = "churn"\n', "a.py": ""}, "names the package churn"),
        passes({"pyproject.toml": '[tool.poetry]\nname = "churn"\n', "a.py": ""}, "churn"),
        passes({"setup.cfg": "[metadata]\nname = churn\n", "a.py": ""}, "churn"),
        passes({"packages/core/setup.py": "import setuptools\nsetuptools.setup(name='core')\n"}, "core"),
        fails({"pyproject.toml": "[tool.black]\nline-length = 99\n", "a.py": ""}, "settings of tools only"),
        fails({"train.py": "x = 1\n"}, "no pyproject.toml"),
        ignores({"eda.ipynb": '{"cells": []}'}, "notebook collection"),
        ignores({"data.csv.dvc": "outs: []\n"}, "no Python code"),
        ignores({"cookiecutter.json": "{}"}, "template generator"),
    )
