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
    threshold,
)
from apps.audit.checks.testing.has_tests import HasTests
from apps.audit.facts.data.artefacts import Artefacts
from apps.audit.facts.project import Project
from apps.audit.facts.suite import Suite
from apps.audit.facts.suite.topics import Topic
from apps.audit.facts.tree import folders_of, is_fixture, is_template

REAL = (
    "import pandas as pd\nfrom scipy.stats import ks_2samp\n\n\ndef test_age():\n"
    "    old = pd.read_csv('data/old.csv')\n"
    "    new = pd.read_csv('data/new.csv')\n    assert ks_2samp(old['age'], new['age']).pvalue > 0.01\n"
)
CODE = "from app import drift_score\n\n\ndef test_drift_score():\n    assert drift_score([1, 2], [1, 2]) == 0\n"
LIBRARY = {"pyproject.toml": "[project]\nname = 'a'\n", "a/__init__.py": "x = 1\n"}


class Drift(Check):
    """A test compares distributions

    The world moves on, and the data with it. A model that was good on last year's data answers this year's without a
    warning, unless something compares the two.

    Fix: compare a feature of the reference data with that of the newest:

        def test_age_has_not_drifted() -> None:
            assert ks_2samp(reference["age"], current["age"]).pvalue > 0.01
    """

    weight = 1
    effort = Effort.HOURS
    requires = (HasTests,)
    least: int = threshold(1, "Fewest tests of drift.", least=1)

    def run(
        self, suite: Suite, project: Project, artefacts: Artefacts
    ) -> Iterator[Finding | Evidence | Unknown | NotApplicable]:
        found = suite.about(Topic.DRIFT)
        if len(found) >= self.least:
            yield from (Evidence(f"{test.name} compares distributions", test.path, test.line) for test in found[:20])
        elif not found and project.kind in {ProjectKind.LIBRARY, ProjectKind.TEMPLATE} and not own_data(artefacts):
            yield NotApplicable(f"a {project.kind} without data of its own: {project.why}")
        else:
            said = f"none of {len(suite.tests)} tests compares distributions of real features or predictions"
            yield from suite.unread or (Finding(said),)

    examples = (
        passes({"tests/test_data.py": REAL, "data/old.csv.dvc": "", "data/new.csv.dvc": ""}, "test_age compares"),
        fails({"tests/test_drift.py": CODE, "app.py": "model.fit(x)\n"}, "none of 1 tests compares distributions"),
        ignores({**LIBRARY, "tests/test_a.py": CODE}, "library without data of its own"),
        fails({**LIBRARY, "tests/test_a.py": CODE, "data/people.csv": "age\n7\n"}, "none of 1 tests"),
        ignores({"a.py": "x = 1\n"}, "needs: testing/has-tests"),
    )


def own_data(artefacts: Artefacts) -> bool:
    """Whether the tree has a data folder with data, fixtures and templates aside."""
    own = (file.path for file in artefacts.data if not (is_fixture(file.path) or is_template(file.path)))
    return any("data" in folders_of(path)[:1] for path in own)
