from collections.abc import Iterator

from apps.audit.check import Check, Effort, Evidence, Finding, NotApplicable, Unknown, fails, ignores, passes
from apps.audit.facts.python.modules import Module, Modules
from apps.audit.facts.suite import Suite
from apps.audit.facts.tree import folders_of

FOLDERS = {"tests", "test", "testing", "unit_tests", "integration_tests"}
SCENARIOS = FOLDERS | {"features", "scenarios", "robot", "bdd", "e2e", "acceptance"}
# The share of tests outside such folders from which standing beside the module is the project's way.
BESIDE = 0.8

SCENARIO = "Feature: run\n  Scenario: it runs\n    Given a project\n"
TEST = "def test_a():\n    assert f()\n"
SPREAD = {f"ops/{name}.py": "x = 1\n" for name in "abcde"} | {f"ops/{name}_test.py": TEST for name in "abcde"}
SPREAD |= {"ops/all_test.py": TEST, "integration_tests/fit_test.py": TEST}


class TestsFolder(Check):
    """Tests live in one place

    A runner, a coverage report and a new colleague all look in `tests/` first. Tests scattered among scripts are run by
    chance, and shipped with the package.

    Fix: move them below tests/, in folders that mirror the package:
        git mv test_train.py tests/test_train.py
    """

    weight = 3
    effort = Effort.HOURS

    def run(self, modules: Modules, suite: Suite) -> Iterator[Finding | Evidence | Unknown | NotApplicable]:
        holding = {test.path for test in suite}
        tests = [module for module in modules if module.path in holding]
        scenarios = sorted(holding - {module.path for module in tests})
        gathered = [module for module in tests if not FOLDERS.isdisjoint(folders_of(module.path))]
        stray = [module for module in tests if FOLDERS.isdisjoint(folders_of(module.path))]
        beside = [module for module in stray if is_beside(module, modules)]
        yield from (judge(path) for path in scenarios)
        if not (tests or scenarios):
            yield from suite.unread or (NotApplicable("no tests"),)
        elif len(stray) > len(gathered) and len(beside) >= BESIDE * len(stray):
            yield Evidence(
                f"{len(beside)} of {len(tests)} test files stand beside the module they test", beside[0].path
            )
        else:
            for module in stray:
                yield Finding("holds tests, but is in no tests folder", module.path)
            for module in gathered:
                yield Evidence("a test file in a tests folder", module.path)

    examples = (
        passes({"tests/unit/test_a.py": TEST}, "in a tests folder"),
        passes({"churn/a.py": "x = 1\n", "churn/a_test.py": TEST}, "beside the module"),
        passes(SPREAD, "5 of 7 test files stand beside"),
        passes({"tests/test_a.py": "def test_a(): ...\n", "test.py": "model.evaluate()\n"}, "in a tests folder"),
        passes({"features/run.feature": SCENARIO, "a.py": "x = 1\n"}, "scenarios in a folder"),
        fails({"run.feature": SCENARIO, "a.py": "x = 1\n"}, "holds scenarios"),
        fails({"test_a.py": "def test_a():\n    assert f()\n", "train.py": "x = 1\n"}, "in no tests folder"),
        fails({"tests/test_a.py": "def test_a(): ...\n", "src/test_b.py": "def test_b(): ...\n"}, "in no tests folder"),
        ignores({"test.py": "model.evaluate()\n"}, "no tests"),
        ignores({"dev/2-benchmark_test.py": "def test(models, args):\n    run(models)\n"}, "no tests"),
    )


def judge(scenario: str) -> Finding | Evidence:
    """A file of behave's or Robot's, which have folders of their own."""
    if SCENARIOS.isdisjoint(folders_of(scenario)):
        return Finding("holds scenarios, but is in no tests folder", scenario)
    return Evidence("scenarios in a folder of them", scenario)


def is_beside(module: Module, modules: Modules) -> bool:
    """Whether a test stands next to the module that it is named after."""
    folder, _, name = module.path.rpartition("/")
    tested = name.removesuffix(".py").removeprefix("test_").removesuffix("_test") + ".py"
    return (f"{folder}/{tested}" if folder else tested) in modules.by_path
