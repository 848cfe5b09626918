from collections.abc import Iterator

from apps.audit.check import Check, Effort, Evidence, Finding, Unknown, fails, ignores, passes, threshold
from apps.audit.checks.testing.has_tests import HasTests
from apps.audit.facts.suite import Suite
from apps.audit.facts.suite.layers import Layer

CLIENT = (
    "from fastapi.testclient import TestClient\nfrom app.main import app\n\nclient = TestClient(app)\n\n\n"
    "def test_predict():\n    assert client.post('/predict', json={}).status_code == 200\n"
)


class Integration(Check):
    """Integration tests join the parts

    Parts that work alone can still disagree about columns, shapes and units. One test that joins them finds it.

    Fix: call two real parts in one test, such as the service with its model, or loading with preparing:

        def test_predict_answers() -> None:
            assert TestClient(app).post("/predict", json={"text": "a"}).json()["label"] in LABELS
    """

    weight = 3
    effort = Effort.HOURS
    requires = (HasTests,)
    least: int = threshold(1, "Fewest integration tests.", least=1)

    def run(self, suite: Suite) -> Iterator[Finding | Evidence | Unknown]:
        found = suite.of(Layer.INTEGRATION)
        if len(found) >= self.least:
            yield from (Evidence(f"{test.name} {test.why}", test.path, test.line) for test in found[:20])
        else:
            said = f"{len(found)} integration tests among {len(suite.tests)} tests, where {self.least} are wanted"
            yield from suite.unread or (Finding(said),)

    examples = (
        passes({"tests/test_api.py": CLIENT, "app/main.py": "app = 1\n"}, "joins the parts"),
        passes({"tests/integration/test_a.py": "def test_a():\n    assert f()\n"}, "in integration/"),
        passes(
            {"tests/test_a.py": "import pytest\n@pytest.mark.integration\ndef test_a():\n    assert f()\n"}, "marked"
        ),
        fails({"tests/test_a.py": "def test_a():\n    assert 1 + 1 == 2\n"}, "0 integration tests among 1 tests"),
        ignores({"a.py": "x = 1\n"}, "needs: testing/has-tests"),
    )
