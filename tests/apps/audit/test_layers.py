"""What makes a test integration or end-to-end, beyond the cases of test_suite.py."""

from __future__ import annotations

import pytest

from apps.audit.facts import Facts
from apps.audit.facts import suite as suites
from apps.audit.facts.suite.layers import Layer
from apps.audit.sources import from_memory


def layer_of(source: str, **files: str) -> tuple[Layer, str]:
    """The layer of the one test in `source`, with the reason; `files` are modules beside it."""
    tree = {"tests/test_a.py": source, **{f"{name}.py": text for name, text in files.items()}}
    found = Facts(from_memory(tree)).get(suites.Suite)
    assert found is not None
    (test,) = found.tests
    return test.layer, test.why


@pytest.mark.parametrize(
    "source",
    [
        "def test_a(cookies):\n    assert cookies.bake().exit_code == 0\n",
        "import pytest\nfrom cookiecutter import main\n"
        "@pytest.fixture\ndef made():\n    return main.cookiecutter('.')\n"
        "def test_a(made):\n    assert made.exists()\n",
        "import pytest\nfrom cookiecutter import main\n"
        "@pytest.fixture(name='made')\ndef bake():\n    return main.cookiecutter('.')\n"
        "def test_a(made):\n    assert made.exists()\n",
        "from cookiecutter.main import cookiecutter\ndef test_a():\n    assert cookiecutter('.', no_input=True)\n",
        "import copier\ndef test_a(tmp_path):\n    assert copier.run_copy('.', tmp_path).answers\n",
    ],
)
def test_rendering_a_template_joins_its_parts(source: str) -> None:
    assert layer_of(source)[0] is Layer.INTEGRATION


@pytest.mark.parametrize(
    ("layer", "asserted"),
    [
        (Layer.INTEGRATION, "a.join(b.part(), c.part(), d.part())"),
        (Layer.UNIT, "a.join(b.part(), c.part())"),
        (Layer.UNIT, "a.join(made)"),
    ],
)
def test_a_test_named_after_its_subject_joins_parts_when_it_calls_several_itself(layer: Layer, asserted: str) -> None:
    source = (
        "import pytest\nimport a, b, c, d\n@pytest.fixture\ndef made():\n    return b.part(), c.part(), d.part()\n"
        f"def test_a(made):\n    assert {asserted}\n"
    )
    modules = dict.fromkeys("bcd", "def part(): ...\n")
    if "made)" not in asserted:
        source = source.replace("test_a(made)", "test_a()")
    assert layer_of(source, a="def join(*parts): ...\n", **modules)[0] is layer


FOREST = "class Forest:\n    def fit(self, x): ...\n    def predict(self, x): ...\n"
TRAINER = "from lightning import Trainer\nfrom net import Net\n"


@pytest.mark.parametrize(
    ("layer", "source"),
    [
        (
            Layer.INTEGRATION,
            "def test_a():\n    x = torch.rand(2)\n    t = Trainer()\n    t.fit(Net(), x)\n    assert t\n",
        ),
        (Layer.INTEGRATION, "def test_a(tmp_path):\n    Trainer(logger=False).test(Net())\n    assert Net()\n"),
        # A loop that is made and not run, and one that is replaced.
        (Layer.UNIT, "def test_a():\n    assert Trainer(max_epochs=1).max_epochs == 1\n"),
        (Layer.UNIT, "def test_a(mocker):\n    mocker.patch('net.Net')\n    Trainer().fit(Net())\n    assert Net()\n"),
    ],
)
def test_the_training_loop_of_a_framework_joins_its_parts(layer: Layer, source: str) -> None:
    assert layer_of(TRAINER + source, net="class Net: ...\n")[0] is layer


@pytest.mark.parametrize(
    ("layer", "source"),
    [
        (Layer.END_TO_END, "def test_a():\n    assert run_pipeline('a') == 1\n"),
        (Layer.END_TO_END, "def test_a():\n    flow = build_pipeline('a')\n    assert flow.run() == 1\n"),
        (Layer.END_TO_END, "def test_a():\n    assert build_pipeline('a')(1) == 1\n"),
        # Put together and never run, or refused.
        (Layer.END_TO_END, "def test_a():\n    p = build_pipeline('a')\n    assert Runner().run(p)\n"),
        (Layer.END_TO_END, "def test_a():\n    assert runner.run(build_pipeline('a'), data)\n"),
        (Layer.UNIT, "def test_a():\n    p = build_pipeline('a')\n    assert run_checks(p)\n"),
        (Layer.UNIT, "def test_a():\n    assert len(build_pipeline('a').steps) == 1\n"),
        (Layer.UNIT, "def test_a():\n    with pytest.raises(ValueError):\n        run_pipeline(None)\n"),
    ],
)
def test_a_pipeline_is_end_to_end_when_it_is_run(layer: Layer, source: str) -> None:
    imports = "import pytest\nfrom flows import build_pipeline, run_pipeline\n"
    assert layer_of(imports + source, flows="def build_pipeline(x): ...\ndef run_pipeline(x): ...\n")[0] is layer


@pytest.mark.parametrize(
    ("layer", "source"),
    [
        # With a tokenizer of the project, or held against another library's model.
        (Layer.INTEGRATION, "def test_a():\n    assert GPT.from_pretrained('gpt2')(Words()('a')) == 1\n"),
        (Layer.INTEGRATION, "def test_a():\n    name = 'gpt2'\n    assert GPT.from_pretrained(name)(Words()('a'))\n"),
        (
            Layer.INTEGRATION,
            "def test_a():\n    a = GPT.from_pretrained('gpt2')\n"
            "    assert a(1) == GPT2Model.from_pretrained('gpt2')(1)\n",
        ),
        # Alone, from a folder, or a small stand-in.
        (Layer.UNIT, "def test_a():\n    assert GPT.from_pretrained('gpt2').size == 12\n"),
        (
            Layer.UNIT,
            "import pytest\ndef test_a():\n    gpt = GPT.from_pretrained('gpt2')\n"
            "    with pytest.raises(ValueError):\n        Words(gpt)\n",
        ),
        (Layer.UNIT, "def test_a():\n    assert GPT.from_pretrained('./out')(Words()('a')) == 1\n"),
        (Layer.UNIT, "def test_a():\n    assert GPT.from_pretrained('org/tiny-random-gpt2')(Words()('a'))\n"),
    ],
)
def test_published_weights_beside_the_code_are_a_part_of_their_own(layer: Layer, source: str) -> None:
    imports = "from transformers import GPT2Model\nfrom gpt import GPT\nfrom words import Words\n"
    assert layer_of(imports + source, gpt="class GPT: ...\n", words="class Words: ...\n")[0] is layer


def test_an_object_of_a_packages_name_is_no_package() -> None:
    files = {"trees/__init__": "", "trees/forest": FOREST, "trees/parts": "def split(x): ...\n"}
    source = (
        "from trees.forest import Forest\nfrom trees.parts import split\nx = load()\n"
        "def test_a():\n    trees = Forest()\n    trees.fit(x)\n    assert split(trees.predict(x))\n"
    )
    assert layer_of(source, **files) == (Layer.INTEGRATION, "trains with trees.fit")


SERVED = (
    "import subprocess\nimport pytest\n@pytest.fixture{}\ndef served():\n"
    "    subprocess.Popen('torchserve --start', shell=True)\n"
)
ASKS = "import pytest\n{}def test_a():\n    assert client.predict(1)\n"
MARK = "@pytest.mark.usefixtures('served')\n"


@pytest.mark.parametrize(
    ("source", "conftest"),
    [
        (ASKS.format(MARK), SERVED.format("")),
        (ASKS.format("pytestmark = [pytest.mark.usefixtures('served')]\n"), SERVED.format("")),
        (ASKS.format(MARK), "from tests.served import served\n"),
        (ASKS.format(MARK), "from tests.served import *\n"),
        (ASKS.format(MARK), "from .served import served, other\n"),
        (ASKS.format(MARK), "pytest_plugins = ['tests.served']\n"),
        (ASKS.format(""), SERVED.format("(autouse=True)")),
        (f"{SERVED.format('(autouse=True)')}def test_a():\n    assert client.predict(1)\n", ""),
    ],
)
def test_fixtures_are_asked_for_by_marks_and_given_unasked(source: str, conftest: str) -> None:
    others = {"tests/conftest": conftest, "tests/served": SERVED.format("")}
    assert layer_of(source, **others)[0] is Layer.END_TO_END


@pytest.mark.parametrize(
    "source",
    [
        ASKS.format("other = pytest.mark.usefixtures('served')\n"),
        "class TestOther:\n    @pytest.fixture(autouse=True)\n    def served(self):\n        pass\n" + ASKS.format(""),
        ASKS.format(""),
    ],
)
def test_fixtures_that_a_test_does_not_get_say_nothing_of_it(source: str) -> None:
    assert layer_of(source, **{"tests/conftest": SERVED.format("")})[0] is Layer.UNIT


def test_what_surrounds_every_test_is_neither_a_part_nor_a_stand_in_of_one() -> None:
    patching = (
        "import pytest\nimport b, c, d\n@pytest.fixture(autouse=True)\ndef quiet(monkeypatch):\n"
        "    monkeypatch.setattr(b, 'x', 1)\n{}"
    )
    parts = dict.fromkeys("bcd", "def part(): ...\n")
    joined = "import b, c, d\ndef test_a():\n    assert b.part() + c.part() + d.part() == 6\n"
    assert layer_of(joined, **parts, **{"tests/conftest": patching.format("")})[0] is Layer.INTEGRATION
    assert layer_of(patching.format(joined), **parts)[0] is Layer.INTEGRATION
    reset = patching.format("    b.part(), c.part(), d.part()\n")
    alone = "import b\ndef test_a():\n    assert b.part() == 1\n"
    assert layer_of(alone, **parts, **{"tests/conftest": reset})[0] is Layer.UNIT


@pytest.mark.parametrize(
    ("layer", "patching"),
    [
        (Layer.INTEGRATION, "with patch('sys.argv', ['train']):"),
        (Layer.INTEGRATION, "with patch.object(sys, 'argv', ['train']):"),
        (Layer.INTEGRATION, "with mock.patch.dict(os.environ, {'A': '1'}):"),
        (Layer.INTEGRATION, "with patch.dict('os.environ', A='1'):"),
        (Layer.INTEGRATION, "if monkeypatch.setattr(sys, 'argv', ['train']) is None:"),
        (Layer.INTEGRATION, "if monkeypatch.setattr('sys.argv', ['train']) is None:"),
        (Layer.INTEGRATION, "with patch('b.mlflow'):"),
        (Layer.INTEGRATION, "with patch.object(b, 'wandb'):"),
        (Layer.INTEGRATION, "with patch.object(b.mlflow, 'log_metric', return_value=None):"),
        (Layer.INTEGRATION, "if monkeypatch.setattr('b.wandb.init', print) is None:"),
        (Layer.UNIT, "with patch('b.part'):"),
        (Layer.UNIT, "with patch.object(b, 'argv', 1):"),
        (Layer.UNIT, "with patch.dict(b.table, {'A': '1'}):"),
        (Layer.UNIT, "with mock.MagicMock() as c:"),
    ],
)
def test_arguments_an_environment_and_trackers_stand_in_for_nothing(layer: Layer, patching: str) -> None:
    source = (
        f"import os, sys\nfrom unittest import mock\nfrom unittest.mock import patch\nimport b, c, d\n"
        f"def test_a(monkeypatch):\n    {patching}\n        assert b.part() + c.part() + d.part() == 6\n"
    )
    assert layer_of(source, **dict.fromkeys("bcd", "def part(): ...\n"))[0] is layer


@pytest.mark.parametrize(
    ("layer", "scope", "asserted"),
    [
        (Layer.END_TO_END, "session", "deployments.get_client('a').list()"),
        (Layer.END_TO_END, "module", "deployments.get_client('a').list()"),
        (Layer.UNIT, "function", "deployments.get_client('a').list()"),
        (Layer.UNIT, "session", "len('a') == 1"),
        (Layer.UNIT, "session", "b.part(deployments.get_client('a'))"),
    ],
)
def test_what_an_earlier_test_started_for_the_session_is_still_there(layer: Layer, scope: str, asserted: str) -> None:
    tests = (
        f"import b, pytest\nfrom mlflow import deployments\n"
        f"{MARK}def test_first():\n    assert deployments.get_client('a')\n"
        f"def test_later():\n    assert {asserted}\n"
    )
    tree = {
        "tests/test_a.py": tests,
        "tests/conftest.py": SERVED.format(f"(scope='{scope}')"),
        "b.py": "def part(): ...\n",
    }
    found = Facts(from_memory(tree)).get(suites.Suite)
    assert [test.layer for test in found or ()] == [Layer.END_TO_END, layer]
    tree["tests/conftest.py"] = tree["tests/conftest.py"].replace("torchserve --start", "ls")
    found = Facts(from_memory(tree)).get(suites.Suite)
    assert [test.layer for test in found or ()] == [Layer.INTEGRATION, Layer.UNIT]


@pytest.mark.parametrize(("layer", "patching"), [(Layer.UNIT, "@patch('mlflow.start_run')\n"), (Layer.INTEGRATION, "")])
def test_a_tracker_that_is_replaced_is_no_part(layer: Layer, patching: str) -> None:
    source = f"import mlflow\nfrom unittest.mock import patch\n{patching}def test_a(run=None):\n"
    assert layer_of(f"{source}    assert mlflow.start_run().info\n")[0] is layer


@pytest.mark.parametrize(
    ("layer", "asserted"),
    [
        (Layer.UNIT, "b.part() == 1"),
        (Layer.END_TO_END, "b.part() == requests.get('/a').status_code"),
        (Layer.END_TO_END, "client.predict(1)"),
    ],
)
def test_what_a_conftest_starts_for_every_test_is_asked_by_those_that_ask(layer: Layer, asserted: str) -> None:
    conftest = SERVED.format("(scope='session', autouse=True)")
    source = f"import b, requests\ndef test_a():\n    assert {asserted}\n"
    assert layer_of(source, b="def part(): ...\n", **{"tests/conftest": conftest})[0] is layer


@pytest.mark.parametrize(
    ("layer", "source"),
    [
        (Layer.END_TO_END, "from google.cloud import aiplatform as v\ndef test_a():\n    assert v.Endpoint.list()\n"),
        (Layer.END_TO_END, "import boto3\ndef test_a():\n    assert boto3.client('s').invoke_endpoint(Body='1')\n"),
        (Layer.UNIT, "from unittest.mock import Mock\ndef test_a():\n    assert Mock().invoke_endpoint(Body='1')\n"),
    ],
)
def test_asking_a_deployed_model_is_end_to_end(layer: Layer, source: str) -> None:
    assert layer_of(source)[0] is layer
