from collections.abc import Iterator

from apps.audit.check import Check, Effort, Evidence, Finding, NotApplicable, Unknown, fails, ignores, passes
from apps.audit.facts.python.modules import Module, Modules
from apps.audit.facts.tree import folders_of

FOLDERS = {"tests", "test", "testing", "unit_tests", "integration_tests"}


class TestsFolder(Check):
    """Tests live in one place

    A runner, a coverage report and a new colleague all look in `tests/` first. Tests scattered among scripts are run by
    chance, and shipped with the package.

    Fix: move them below tests/, in folders that mirror the package:
        git mv test_train.py tests/test_train.py
    """

    weight = 3
    effort = Effort.HOURS

    def run(self, modules: Modules) -> Iterator[Finding | Evidence | Unknown | NotApplicable]:
        tests = [module for module in modules if holds_tests(module)]
        gathered = [module for module in tests if not FOLDERS.isdisjoint(folders_of(module.path))]
        stray = [module for module in tests if FOLDERS.isdisjoint(folders_of(module.path))]
        if not tests:
            yield from modules.unread or (NotApplicable("no tests"),)
        elif stray and not gathered and all(is_beside(module, modules) for module in stray):
            yield Evidence(f"{len(stray)} test files, each beside the module it tests", stray[0].path)
        else:
            for module in stray:
                yield Finding("holds tests, but is in no tests folder", module.path)
            for module in gathered:
                yield Evidence("a test file in a tests folder", module.path)

    examples = (
        passes({"tests/unit/test_a.py": "def test_a():\n    assert f()\n"}, "in a tests folder"),
        passes({"churn/a.py": "x = 1\n", "churn/a_test.py": "def test_a():\n    assert f()\n"}, "beside the module"),
        passes({"tests/test_a.py": "def test_a(): ...\n", "test.py": "model.evaluate()\n"}, "in a tests folder"),
        fails({"test_a.py": "def test_a():\n    assert f()\n", "train.py": "x = 1\n"}, "in no tests folder"),
        fails({"tests/test_a.py": "def test_a(): ...\n", "src/test_b.py": "def test_b(): ...\n"}, "in no tests folder"),
        ignores({"test.py": "model.evaluate()\n"}, "no tests"),
    )


def holds_tests(module: Module) -> bool:
    name = module.path.rpartition("/")[2]
    named = name.startswith("test_") or name.endswith("_test.py") or name == "tests.py"
    return named and any(each.name.rpartition(".")[2].startswith("test") for each in module.functions)


def is_beside(module: Module, modules: Modules) -> bool:
    """Whether a test stands next to the module that it is named after."""
    folder, _, name = module.path.rpartition("/")
    tested = name.removesuffix(".py").removeprefix("test_").removesuffix("_test") + ".py"
    return (f"{folder}/{tested}" if folder else tested) in modules.by_path
