from collections.abc import Iterator

from apps.audit.check import (
    Check,
    Effort,
    Evidence,
    Finding,
    NotApplicable,
    ProjectKind,
    Unknown,
    fails,
    ignores,
    passes,
)
from apps.audit.facts.packages.dependencies import Dependencies
from apps.audit.facts.packages.metadata import Metadata
from apps.audit.facts.packages.requirements import Group
from apps.audit.facts.project import Project
from apps.audit.regex import regex

TOOLS = regex(
    r"pytest(-.*)?|black|flake8(-.*)?|isort|pylint(-.*)?|mypy|pyright|basedpyright|ruff|pre-commit|prek|tox(-.*)?|nox"
    r"|coverage|bandit|pyupgrade|autopep8|yapf|pydocstyle|pycodestyle|pyflakes|detect-secrets|nbqa|nbstripout|codecov"
    r"|coveralls|vulture|interrogate|commitizen|radon|docformatter|autoflake|unify|nose2?|types-.*|pandas-stubs"
    r"|nbval|nbmake|allure-pytest|mutmut|semgrep|gitlint|ty|djlint|sqlfluff|yamllint|pep8-naming"
)


class DevelopmentDependenciesApart(Check):
    """Tools for testing and linting are declared apart

    What runs the model in production should not install pytest and black: images grow, and a linter's requirement can
    hold back a library that the model needs.

    Fix: move them to a group of their own, for example in pyproject.toml (or to requirements-dev.txt):
        [dependency-groups]
        dev = ["pytest", "ruff"]
    """

    weight = 1
    effort = Effort.MINUTES

    def run(
        self, dependencies: Dependencies, metadata: Metadata, project: Project
    ) -> Iterator[Finding | Evidence | Unknown | NotApplicable]:
        yield from dependencies.unread
        if not dependencies.packages:
            yield NotApplicable("no package is declared")
        # What installs a library is its metadata; requirement files beside it set up a workplace.
        described = {each.path for each in metadata} if project.kind is ProjectKind.LIBRARY else set()
        exempt = any(TOOLS.fullmatch(each.name.lower()) for each in metadata)
        for manifest in dependencies.declaring:
            runtime = [each for each in manifest.packages if each.group is Group.RUNTIME]
            apart = [each for each in manifest.packages if each.group is Group.DEVELOPMENT]
            tools = [each for each in runtime if TOOLS.fullmatch(each.name)]
            serving = {each.path for each in dependencies.serving(manifest.path)} - {manifest.path}
            if tools and exempt:
                yield Evidence("the project is a tool for tests or style itself", manifest.path, tools[0].line)
            elif tools and (installed := sorted(described & serving)):
                said = f"{tools[0].name} is for work on the package, which {installed[0]} installs"
                yield Evidence(said, manifest.path, tools[0].line)
            elif tools:
                for each in tools:
                    yield Finding(f"{each.name} stands among what the project needs to run", each.path, each.line)
            elif apart:
                yield Evidence(f"{len(apart)} packages declared apart", manifest.path, apart[0].line)
            elif runtime:
                yield Evidence(f"no test or lint tool among {len(runtime)} packages", manifest.path)

    examples = (
        passes({"requirements.txt": "torch\n", "requirements-dev.txt": "pytest\n"}, "1 packages declared apart"),
        passes({"requirements.txt": "torch\n", "tests/requirements.txt": "pytest\n"}, "1 packages declared apart"),
        passes(
            {"pyproject.toml": '[project]\ndependencies = ["torch"]\n[dependency-groups]\ndev = ["ruff"]\n'},
            "declared apart",
        ),
        passes({"src/requirements.txt": "pandas\nscipy\n"}, "no test or lint tool among 2"),
        fails({"requirements.txt": "torch\n# tests\npytest==8.0\n"}, "pytest stands among"),
        fails({"environment.yaml": "dependencies:\n  - python=3.11\n  - pip:\n      - black\n"}, "black"),
        passes(
            {
                "pyproject.toml": '[project]\nname = "churn"\ndependencies = ["torch"]\n',
                "requirements.txt": "-e .\npytest\n",
                "churn/__init__.py": "",
            },
            "pytest is for work on the package, which pyproject.toml installs",
        ),
        passes({"setup.cfg": "[metadata]\nname = pytest-churn\n[options]\ninstall_requires = pytest\n"}, "itself"),
        passes({"requirements.txt": "torch\n", "requirements-doctests.txt": "pytest\n"}, "1 packages declared apart"),
        ignores({"requirements.txt": "# torch\n"}, "no package is declared"),
    )
