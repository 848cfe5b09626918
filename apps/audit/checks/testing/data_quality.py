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
from apps.audit.facts.project import Project
from apps.audit.facts.suite import Suite
from apps.audit.facts.suite.layers import Layer
from apps.audit.facts.training.expectations import Expectations

REAL = (
    "import pandas as pd\n\n\ndef test_orders():\n    df = pd.read_csv('data/orders.csv')\n"
    "    assert df['id'].is_unique\n    assert df['price'].notnull().all()\n    assert df['price'].min() > 0\n"
)
MADE_UP = REAL.replace("pd.read_csv('data/orders.csv')", "pd.DataFrame({'id': [1], 'price': [2]})")
LIBRARY = {"pyproject.toml": "[project]\nname = 'a'\n", "a/__init__.py": "x = 1\n"}


class DataQuality(Check):
    """Tests look at the real data

    Most faults of a model come from its data: a column renamed, a label missing, a row twice, the test set in the
    training set. A test of the code with made-up rows finds none of them.

    Fix: load the real data in a test and assert its schema, its ranges, what may be missing and what must be unique:

        def test_orders() -> None:
            df = pd.read_csv("data/orders.csv")
            assert df["id"].is_unique
            assert df["price"].between(0, 10_000).all()
            assert df["label"].isin({"paid", "open"}).all()
    """

    weight = 4
    effort = Effort.HOURS
    requires = (HasTests,)
    least: int = threshold(3, "Fewest asserted properties of the data.", least=1)

    def run(
        self, suite: Suite, expectations: Expectations | None, project: Project
    ) -> Iterator[Finding | Evidence | Unknown | NotApplicable]:
        tests, expected = suite.of(Layer.DATA_QUALITY), tuple(expectations or ())
        found = sum(max(test.properties, 1) for test in tests) + len(expected)
        if found >= self.least:
            for test in tests[:20]:
                yield Evidence(f"{test.name} {test.why}: {test.properties} properties", test.path, test.line)
            yield from (Evidence(each.what, each.path, each.line) for each in expected[:20])
        elif not found and project.kind in {ProjectKind.LIBRARY, ProjectKind.TEMPLATE}:
            yield NotApplicable(f"a {project.kind} without data of its own: {project.why}")
        else:
            first = next(iter(tests), None)
            place = (first.path, first.line) if first else ("", None)
            said = f"{found} properties of the real data asserted, where {self.least} are wanted"
            yield from suite.unread or (Finding(said, *place),)

    examples = (
        passes({"tests/test_data.py": REAL, "data/orders.csv.dvc": "outs: []\n"}, "asserts on data/orders.csv"),
        fails({"tests/test_data.py": MADE_UP, "train.py": "model.fit(x)\n"}, "0 properties of the real data"),
        fails({"tests/test_data.py": REAL, "data/orders.csv.dvc": "outs: []\n"}, "3 properties", least=4),
        ignores({**LIBRARY, "tests/test_a.py": MADE_UP}, "library without data of its own"),
        ignores({"a.py": "x = 1\n"}, "needs: testing/has-tests"),
    )
