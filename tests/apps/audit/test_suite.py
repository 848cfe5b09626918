"""Which functions are tests, in which layer, and whether they can fail."""

from __future__ import annotations

import pytest

from apps.audit.facts import Facts
from apps.audit.facts import suite as suites
from apps.audit.facts.suite.layers import Layer
from apps.audit.facts.suite.topics import Topic
from apps.audit.sources import from_memory

DATA = {"data/orders.csv.dvc": "outs: []\n"}
CONFTEST = "import joblib, pytest\n\n@pytest.fixture\ndef model():\n    return joblib.load('models/m.pkl')\n"


def suite(files: dict[str, str]) -> suites.Suite:
    found = Facts(from_memory(files)).get(suites.Suite)
    assert found is not None
    return found


def names(files: dict[str, str]) -> list[str]:
    return [test.name for test in suite(files)]


def only(files: dict[str, str]) -> suites.Test:
    (found,) = suite(files).tests
    return found


def test_collects_functions_and_methods_of_test_classes() -> None:
    source = (
        "import unittest\n\ndef test_a():\n    class TestInner:\n        def test_b(self): ...\n"
        "class TestC:\n    def test_d(self): ...\n    def help(self): ...\n"
        "class E(unittest.TestCase):\n    def test_f(self): ...\nclass Plain:\n    def test_g(self): ...\n"
    )
    assert names({"tests/test_a.py": source}) == ["test_a", "TestC.test_d", "E.test_f"]


def test_counts_a_parametrised_function_once_and_one_defined_twice_once() -> None:
    given = "import pytest\n@pytest.mark.parametrize('x', [1, 2, 3])\ndef test_a(x): ...\n"
    source = f"{given}def test_b(): ...\ndef test_b(): ...\n"
    assert names({"tests/test_a.py": source}) == ["test_a", "test_b"]


@pytest.mark.parametrize(
    "files",
    [
        {"tests/helpers.py": "def test_a(): ...\n"},
        {"test.py": "def test(model, loader): ...\n"},
        {"src/test_model.py": "def test_epoch(model, loader): ...\n"},
        {"tests/conftest.py": "import pytest\n@pytest.fixture\ndef test_df(): ...\n"},
        {"tests/test_a.py": "import pytest\n@pytest.fixture()\ndef test_df(): ...\n"},
        {"tests/test_a.py": "class TestA:\n    def __init__(self): ...\n    def test_a(self): ...\n"},
        {"tests/test_a.py": "class TestA:\n    __test__ = False\n    def test_a(self): ...\n"},
        {"{{ cookiecutter.name }}/tests/test_a.py": "def test_a(): ...\n"},
        {"vendor/x/tests/test_a.py": "def test_a(): ...\n"},
        {"tests/test_a.py": "# def test_a(): ...\nTEXT = 'def test_b(): ...'\n"},
    ],
)
def test_leaves_out_what_no_runner_collects(files: dict[str, str]) -> None:
    assert names(files) == []


def test_a_method_of_a_case_beside_the_package_is_collected_whatever_its_arguments() -> None:
    source = (
        "from absl.testing import parameterized\nfrom ddt import data, ddt\nimport unittest\n"
        "class A(parameterized.TestCase):\n    @parameterized.parameters(1)\n    def test_a(self, x): ...\n"
        "@ddt\nclass B(unittest.TestCase):\n    @data(1, 2)\n    def test_b(self, x): ...\n"
    )
    assert names({"pkg/a_test.py": source}) == ["A.test_a", "B.test_b"]


def test_a_test_beside_the_package_may_ask_for_fixtures_that_are_there() -> None:
    given = "import pytest\n@pytest.fixture\ndef row(): ...\n"
    assert names({"pkg/conftest.py": given, "pkg/row_test.py": "def test_a(row, tmp_path): ...\n"}) == ["test_a"]


@pytest.mark.parametrize(
    ("layer", "files"),
    [
        (Layer.UNIT, {"tests/test_a.py": "from app import f\ndef test_a():\n    assert f(1) == 2\n"}),
        (
            Layer.UNIT,
            {"tests/unit/test_a.py": "import requests\ndef test_a():\n    requests.get('http://localhost:80')\n"},
        ),
        (Layer.INTEGRATION, {"tests/integration/test_a.py": "def test_a(): ...\n"}),
        (Layer.END_TO_END, {"tests/test_a.py": "import pytest\npytestmark = pytest.mark.e2e\ndef test_a(): ...\n"}),
        (Layer.DATA_QUALITY, {"tests/data_quality/test_a.py": "def test_a(): ...\n"}),
        (Layer.MODEL_QUALITY, {"tests/test_a.py": "import pytest\n@pytest.mark.model_quality\ndef test_a(): ...\n"}),
    ],
)
def test_folder_and_marker_come_first(layer: Layer, files: dict[str, str]) -> None:
    assert only(files).layer is layer


@pytest.mark.parametrize(
    ("layer", "source"),
    [
        # The project's real data, or rows that the test made up.
        (Layer.DATA_QUALITY, "def test_a():\n    df = pd.read_csv('data/orders.csv')\n    assert df.id.is_unique\n"),
        (Layer.UNIT, "def test_a():\n    df = pd.DataFrame({'id': [1]})\n    assert df.id.is_unique\n"),
        (Layer.UNIT, "def test_a(tmp_path):\n    p = tmp_path / 'a.csv'\n    assert pd.read_csv(p).id.is_unique\n"),
        # A model's quality, its shape, and a bound that nothing can miss.
        (Layer.MODEL_QUALITY, "def test_a(model):\n    assert f1_score(Y, model.predict(X)) > 0.8\n"),
        (Layer.MODEL_QUALITY, "def test_invariance(model):\n    assert model.predict(A) == model.predict(B)\n"),
        (Layer.UNIT, "def test_a():\n    assert accuracy_score([1], [1]) == 1.0\n"),
        (Layer.INTEGRATION, "def test_a(model):\n    app.f(model)\n    self.assertGreater(len(X), len(Y))\n"),
        # The started service, an in-process client, and a client that is replaced.
        (Layer.END_TO_END, "def test_a():\n    assert requests.get('http://localhost:8000/').ok\n"),
        (Layer.INTEGRATION, "def test_a():\n    assert TestClient(app).get('/').status_code == 200\n"),
        (
            Layer.UNIT,
            "def test_a(mocker):\n    mocker.patch('requests.get')\n    requests.get('http://localhost:8000')\n",
        ),
        # The whole pipeline, or some other process.
        (Layer.END_TO_END, "def test_a():\n    subprocess.run(['python', 'src/train.py'], check=True)\n"),
        (Layer.INTEGRATION, "def test_a():\n    assert cli.main(['--help']) == 0\n"),
        (
            Layer.END_TO_END,
            "def test_a():\n    for argv in os.listdir('confs'):\n        assert cli.main(argv=argv) == 0\n",
        ),
        (Layer.INTEGRATION, "def test_a():\n    subprocess.run(['tool', '--help'], check=True)\n"),
    ],
)
def test_layer_by_what_a_test_does(layer: Layer, source: str) -> None:
    imports = "import subprocess, requests, app\nimport pandas as pd\nfrom fastapi.testclient import TestClient\n"
    files = {"tests/test_a.py": imports + source, "tests/conftest.py": CONFTEST, "app.py": "def f(x): ...\n", **DATA}
    found = only(files)
    assert found.layer is layer, found.why


def test_a_test_of_code_that_handles_real_data_is_no_test_of_the_data() -> None:
    source = (
        "import pandas as pd\nfrom app.clean import clean_rows\n\ndef test_a():\n"
        "    df = clean_rows(pd.read_csv('data/orders.csv'))\n    assert df.id.is_unique\n"
    )
    assert (
        only({"tests/test_a.py": source, "app/clean.py": "def clean_rows(df): ...\n", **DATA}).layer
        is Layer.INTEGRATION
    )


def test_data_below_tests_are_fixtures() -> None:
    source = "import pandas as pd\ndef test_a():\n    assert pd.read_csv('data/a.csv').id.is_unique\n"
    assert only({"tests/test_a.py": source, "tests/data/a.csv": "id\n1\n"}).layer is Layer.UNIT


@pytest.mark.parametrize(
    ("can_fail", "body"),
    [
        (True, "assert f() == 1"),
        (True, "self.assertEqual(f(), 1)"),
        (True, "np.testing.assert_allclose(f(), 1)"),
        (True, "compare(f(), 1)"),
        (True, "subprocess.run(['a'], check=True)"),
        (False, "f()"),
        (False, "assert True"),
        (False, "assert len(f()) >= 0"),
        (False, "assert (f() == 1, 'said')"),
        (False, "self.assertTrue(True)"),
        (False, "subprocess.run(['a'])"),
        (False, "from app.net import Net\n    assert Net is not None"),
        (True, "from app.net import settings\n    assert settings is not None"),
        (True, "try:\n        from app.net import Net\n    except ImportError:\n        Net = None\n    assert Net"),
    ],
)
def test_asserts_something_that_can_fail(can_fail: bool, body: str) -> None:
    helper = "def compare(a, b):\n    assert a == b\n"
    source = f"import subprocess\nimport numpy as np\nfrom tests.helpers import compare\ndef test_a():\n    {body}\n"
    assert only({"tests/test_a.py": source, "tests/helpers.py": helper}).asserts is can_fail


@pytest.mark.parametrize(
    ("skipped", "mark"),
    [
        ("skip", "@pytest.mark.skip"),
        ("skip", "@pytest.mark.skip(reason='slow')"),
        ("skip", "@unittest.skip('slow')"),
        ("xfail", "@pytest.mark.xfail"),
        ("", "@pytest.mark.xfail(GPU, reason='GPU')"),
        ("", "@pytest.mark.skipif(not GPU, reason='GPU')"),
    ],
)
def test_only_unconditional_skips_count(skipped: str, mark: str) -> None:
    source = f"import pytest\nimport unittest\n{mark}\ndef test_a():\n    assert f()\n"
    assert only({"tests/test_a.py": source}).skipped == skipped


def test_drift_is_about_data_and_not_about_code_that_detects_it() -> None:
    code = "from app import drift_score\ndef test_drift_score():\n    assert drift_score([1], [1]) == 0\n"
    data = (
        "import pandas as pd\nfrom scipy.stats import ks_2samp\ndef test_age():\n"
        "    assert ks_2samp(A, pd.read_csv('data/orders.csv').age).pvalue > 0.01\n"
    )
    assert Topic.DRIFT not in only({"tests/test_a.py": code}).topics
    assert Topic.DRIFT in only({"tests/test_a.py": data, **DATA}).topics


def test_scenarios_of_behave_and_robot_are_end_to_end() -> None:
    feature = "Feature: a\n\n  Scenario: trains\n    Given data\n"
    robot = "*** Settings ***\nLibrary  x\n\n*** Test Cases ***\nIt Serves\n    Start\n"
    found = suite({"features/a.feature": feature, "robot/a.robot": robot})
    assert [(test.name, test.line, test.layer) for test in found] == [
        ("trains", 3, Layer.END_TO_END),
        ("It Serves", 5, Layer.END_TO_END),
    ]


def test_says_what_was_counted() -> None:
    found = suite({"tests/unit/test_a.py": "def test_a(): ...\n"})
    assert found.measures()["testing.unit"] == 1
    assert found.summary() == {
        "tests": [{"path": "tests/unit/test_a.py", "name": "test_a", "line": 1, "layer": "unit", "why": "in unit/"}]
    }


def test_survives_what_does_not_parse() -> None:
    assert names({"tests/test_a.py": "def test_a(:\n", "tests/test_b.py": "def test_b(): ...\n"}) == ["test_b"]


def test_a_folder_named_as_the_code_has_it_is_the_subject_and_no_layer() -> None:
    test = "from lib.metrics.fairness.gap import gap\n\ndef test_gap():\n    assert gap([1], [0]) == 1\n"
    files = {"lib/metrics/fairness/gap.py": "def gap(a, b): ...\n", "tests/metrics/fairness/test_gap.py": test}
    assert only(files).layer is Layer.UNIT
    assert only({"tests/fairness/test_gap.py": test}).layer is Layer.MODEL_QUALITY


def test_a_script_that_a_helper_only_lists_is_not_run() -> None:
    source = (
        "import subprocess\n\ndef test_bake(root):\n    check_files(root)\n    run_make(root)\n"
        "def check_files(root):\n    assert sorted(root.iterdir()) == ['src/train.py']\n"
        "def run_make(root):\n    subprocess.run(['make', 'help'], check=True)\n"
    )
    assert only({"tests/test_bake.py": source}).layer is Layer.INTEGRATION
    assert only({"tests/test_bake.py": source.replace("'help'", "'train'")}).layer is Layer.END_TO_END
