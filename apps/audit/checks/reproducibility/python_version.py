from collections.abc import Iterator

from apps.audit.check import Check, Effort, Evidence, Finding, NotApplicable, Unknown, fails, ignores, passes
from apps.audit.facts.packages.environment import Environment
from apps.audit.facts.python.modules import Modules


class PythonVersion(Check):
    """The version of Python is fixed

    Another minor version brings other wheels, other hashes and other defaults. `>=3.8` promises versions that do not
    exist yet; a sentence in the README binds nobody.

    Fix: bound the range in pyproject.toml, and name the version that you use:
        requires-python = ">=3.11,<3.13"
        echo 3.11 > .python-version
    """

    weight = 3
    effort = Effort.MINUTES

    def run(
        self, environment: Environment, modules: Modules | None
    ) -> Iterator[Finding | Evidence | Unknown | NotApplicable]:
        bounded = [each for each in environment.pythons if each.bounded]
        if bounded:
            for each in bounded:
                yield Evidence(f"Python {each.text}", each.path, each.line)
        elif environment.pythons:
            for each in environment.pythons:
                yield Finding(f"Python {each.text} has no upper end", each.path, each.line)
        elif modules is None:
            yield NotApplicable(Modules.absent)
        else:
            nowhere = "no version of Python in metadata, .python-version, a conda file, a Dockerfile or CI"
            yield from environment.unread or (Finding(nowhere),)

    examples = (
        passes({"pyproject.toml": '[project]\nname = "churn"\nrequires-python = ">=3.10,<3.13"\n'}, ">=3.10,<3.13"),
        passes({"environment.yaml": "dependencies:\n  - python=3.10\n"}, "Python =3.10"),
        passes({"Dockerfile": "ARG V=3.11\nFROM python:${V}-slim\n"}, "Python 3.11"),
        passes({".devcontainer.json": '{\n  "image": "mcr.microsoft.com/devcontainers/python:3.10"\n}'}, "Python 3.10"),
        passes(
            {
                ".github/workflows/test.yml": "on: push\njobs:\n  a:\n    runs-on: x\n    strategy:\n      matrix:\n"
                "        python-version: ['3.9', '3.12']\n    steps: [{run: pytest}]\n"
            },
            "Python 3.12",
        ),
        passes(
            {"setup.py": "setup(name='churn', classifiers=['Programming Language :: Python :: 3.10'])\n"}, "Python 3.10"
        ),
        fails({"setup.py": "setup(name='churn', classifiers=['Programming Language :: Python :: 3'])\n"}, "no version"),
        fails({"pyproject.toml": '[project]\nname = "churn"\nrequires-python = ">=3.8"\n'}, "has no upper end"),
        fails(
            {"README.md": "Use Python 3.8.\n", "Dockerfile": "FROM aws-lambda-python\n", "a.py": ""},
            "no version of Python",
        ),
        fails({"pyproject.toml": "# requires-python = '==3.9'\n[tool.black]\n", "a.py": ""}, "no version of Python"),
        ignores({"README.md": "Data.\n", "raw.csv.dvc": "outs: []\n"}, "no Python code"),
    )
