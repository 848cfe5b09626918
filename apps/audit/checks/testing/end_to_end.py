from collections.abc import Iterator

from apps.audit.check import Check, Effort, Evidence, Finding, Unknown, fails, ignores, passes, threshold
from apps.audit.checks.testing.has_tests import HasTests
from apps.audit.facts.suite import Suite
from apps.audit.facts.suite.layers import Layer

SCRIPT = (
    "import subprocess\n\n\ndef test_trains(tmp_path):\n"
    "    subprocess.run(['python', 'src/train.py', str(tmp_path)], check=True)\n    assert list(tmp_path.iterdir())\n"
)
SERVICE = "import requests\n\n\ndef test_a():\n    assert requests.get('http://localhost:8000/health').ok\n"
PROCESS = "import subprocess\n\n\ndef test_a():\n    assert subprocess.run(['tool', '--help']).returncode == 0\n"


class EndToEnd(Check):
    """An end-to-end test goes the whole way

    From raw data to the trained model, or from a request to the answer of the started service: one test that goes the
    whole way says that the project works.

    Fix: train on a small sample and use what comes out:

        def test_pipeline(tmp_path: Path) -> None:
            subprocess.run(["python", "-m", "package.train", "--epochs", "1", "--out", str(tmp_path)], check=True)
            assert evaluate(tmp_path / "model.pt")["accuracy"] > 0.5
    """

    weight = 2
    effort = Effort.HOURS
    requires = (HasTests,)
    least: int = threshold(1, "Fewest end-to-end tests.", least=1)

    def run(self, suite: Suite) -> Iterator[Finding | Evidence | Unknown]:
        found = suite.of(Layer.END_TO_END)
        if len(found) >= self.least:
            yield from (Evidence(f"{test.name} {test.why}", test.path, test.line) for test in found[:20])
        else:
            said = f"{len(found)} end-to-end tests among {len(suite.tests)} tests, where {self.least} are wanted"
            yield from suite.unread or (Finding(said),)

    examples = (
        passes({"tests/test_pipeline.py": SCRIPT, "src/train.py": "x = 1\n"}, "runs src/train.py"),
        passes({"tests/test_api.py": SERVICE}, "talks to http://localhost"),
        passes({"a.py": "", "features/a.feature": "Feature: a\n  Scenario: trains\n    Given data\n"}, "a scenario"),
        fails({"tests/test_a.py": PROCESS}, "0 end-to-end tests among 1 tests"),
        fails({"tests/test_a.py": "def test_a():\n    assert 1 + 1 == 2\n"}, "0 end-to-end tests"),
        ignores({"a.py": "x = 1\n"}, "needs: testing/has-tests"),
    )
