"""Where the choices that shape training are made."""

from __future__ import annotations

import time

import pytest

from apps.audit.facts import Facts
from apps.audit.facts.configuration import Configuration
from apps.audit.facts.documents import LIMIT
from apps.audit.facts.suite import Suite
from apps.audit.facts.training.choices import Role
from apps.audit.facts.training.hyperparameters import Hyperparameters
from apps.audit.sources import from_memory

AZURE = "from azureml.core import Model\n"
TRAIN = "import torch\nloss.backward()\n"


def choices(files: dict[str, str], folder: str, *roles: Role) -> tuple[list[str], list[str], list[str]]:
    found = Facts(from_memory(files)).get(Hyperparameters)
    assert found is not None
    configured, fixed, defaults = found.of(folder, *roles)
    return [c.what for c in configured], [c.what for c in fixed], [c.what for c in defaults]


def configured(files: dict[str, str]) -> list[str]:
    found = Facts(from_memory({"train.py": TRAIN} | files)).get(Configuration)
    assert found is not None
    return [each.path for each in found]


def test_what_a_logger_wrote_of_a_run_is_no_configuration() -> None:
    logged = {"run/params.yaml": "lr: 1\n", "run/metrics.json": "{}", "run/plots/loss.tsv": "1\n"}
    assert configured(logged) == []
    assert configured({"run/params.yaml": "lr: 1\n", "run/metrics.json": "{}"}) == ["run/params.yaml"]
    assert configured({name.removeprefix("run/"): text for name, text in logged.items()}) == ["params.yaml"]


def test_what_is_too_large_to_be_parsed_is_said() -> None:
    found = Facts(from_memory({"configs/net.json": f'{{"x": "{"0" * LIMIT}"}}', "configs/a.yaml": "x: 1\n"})).get(
        Configuration
    )
    assert found is not None
    assert [each.path for each in found.unread] == ["configs/net.json"]


def test_the_default_of_an_option_is_configuration_wherever_it_is() -> None:
    option = "p.add_argument('--hyp', default=ROOT / 'nets/low.yaml')\n"
    files = {"nets/low.yaml": "lr: 1\n", "nets/high.yaml": "lr: 2\n"}
    assert configured(files) == []
    assert configured(files | {"train.py": TRAIN + option}) == ["nets/low.yaml"]
    assert configured(files | {"tests/test_a.py": option}) == []


def test_settings_of_ml_collections_are_what_a_function_returns() -> None:
    function = "def get_config():\n    config = ConfigDict()\n    config.lr = 0.1\n    return config\n"
    assert configured({"net/configs/a.py": f"import ml_collections\n{function}"}) == ["net/configs/a.py"]
    assert configured({"net/configs/a.py": function}) == []


def test_notebooks_count_where_nothing_else_trains() -> None:
    notebook = '{"cells": [{"cell_type": "code", "outputs": [], "source": "lr = 0.1\\nloss.backward()"}]}'
    assert choices({"a.ipynb": notebook}, "", Role.OPTIMISER) == ([], [], ["lr = 0.1"])
    scripts = {"a.ipynb": notebook, "train.py": f"{TRAIN}lr = 0.2\n"}
    assert choices(scripts, "", Role.OPTIMISER) == ([], [], ["lr = 0.2"])
    assert choices(scripts | {"train.py": TRAIN}, "", Role.OPTIMISER) == ([], [], ["lr = 0.1"])
    assert choices(scripts | {"train.py": TRAIN, "params.yaml": "lr: 1\n"}, "", Role.OPTIMISER) == (["lr: 1"], [], [])


@pytest.mark.parametrize("value", ["'net.pkl'", "'<your-model>'", "'{name}'", "''"])
def test_names_of_files_and_blanks_choose_no_architecture(value: str) -> None:
    assert choices({"train.py": f"{TRAIN}model_name = {value}\n"}, "", Role.ARCHITECTURE) == ([], [], [])


@pytest.mark.parametrize(
    ("source", "chosen"),
    [
        ("model_name = 'churn'\nmlflow.register_model(uri, model_name)\n", []),
        ("def f(model_name='churn'):\n    mlflow.sklearn.log_model(m, registered_model_name=model_name)\n", []),
        (f"{AZURE}p.add_argument('--model-name', default='a')\nModel.register(ws, model_name=args.model_name)\n", []),
        ("model_name = 'bert'\nm = build_model(model_name)\nmlflow.register_model(uri, model_name)\n", ["bert"]),
        ("model_name = 'bert'\nmlflow.register_model(uri, 'churn')\n", ["bert"]),
        ("def ask(prompt, model_name='text-davinci-003'):\n    pass\n", []),
        ("model_name = 'openai/gpt-4o-mini'\n", []),
        ("model_name = 'gpt2'\n", ["gpt2"]),
    ],
)
def test_a_name_in_a_registry_or_behind_an_api_is_no_architecture(source: str, chosen: list[str]) -> None:
    _, _, found = choices({"train.py": f"{TRAIN}import mlflow\n{source}"}, "", Role.ARCHITECTURE)
    assert [what.split()[-1] for what in found] == chosen


@pytest.mark.parametrize(
    "field",
    [
        "from dataclasses import field\nclass A:\n    lr: float = field(default=0.1)\n",
        "from dataclasses import field\nclass A:\n    lr: float = field(\n        default=0.1\n    )\n",
        "from pydantic import Field\nclass A:\n    lr: float = Field(0.1, gt=0)\n",
    ],
)
def test_the_default_of_a_field_is_in_code(field: str) -> None:
    assert choices({"train.py": TRAIN + field}, "", Role.OPTIMISER) == ([], [], ["lr = 0.1"])
    assert choices({"train.py": TRAIN, "config/a.py": field}, "", Role.OPTIMISER) == (["lr = 0.1"], [], [])


def test_deepspeed_may_leave_a_choice_to_the_arguments() -> None:
    settings = '{"zero_optimization": {"stage": 3}, "optimizer": {"type": "AdamW", "params": {"lr": "auto"}}}'
    files = {"train.py": TRAIN, "configs/ds.json": settings}
    assert choices(files, "", Role.OPTIMISER) == ([], [], ["what optimizer.params.lr: auto stands for"])
    files["configs/ds.json"] = settings.replace('"auto"', "0.1")
    assert choices(files, "", Role.OPTIMISER) == (["optimizer", "optimizer.params.lr: 0.1"], [], [])
    files = {"train.py": TRAIN, "conf/a.yaml": "optimizer: auto\n"}
    assert choices(files, "", Role.OPTIMISER) == (["optimizer: auto"], [], [])


def test_a_name_in_a_registry_is_none_in_configuration_either() -> None:
    files = {"train.py": f"{TRAIN}import mlflow\nmlflow.register_model(uri, cfg.model_name)\n"}
    files["conf/a.yaml"] = "model_name: churn\nbackbone: resnet\n"
    assert choices(files, "", Role.ARCHITECTURE) == (["backbone: resnet"], [], [])


def test_the_architecture_of_a_processor_is_no_models() -> None:
    files = {"train.py": TRAIN, "config.yaml": "architecture: amd64\n"}
    assert choices(files, "", Role.ARCHITECTURE) == ([], [], [])


@pytest.mark.parametrize(
    ("source", "role", "what"),
    [
        ("o = torch.optim.AdamW(p, lr=0.1)\n", Role.OPTIMISER, "optim.AdamW(lr=0.1)"),
        ("o = keras.optimizers.Adam(0.1)\n", Role.OPTIMISER, "optimizers.Adam(lr=0.1)"),
        ("s = torch.optim.lr_scheduler.StepLR(o, gamma=0.5)\n", Role.SCHEDULE, "lr_scheduler.StepLR(gamma=0.5)"),
        ("m.fit(x, epochs=3)\n", Role.EPOCHS, "m.fit(epochs=3)"),
        ("a = TrainingArguments(num_train_epochs=3)\n", Role.EPOCHS, "TrainingArguments(num_train_epochs=3)"),
        ("e = EarlyStopping(min_delta=0.1)\n", Role.STOPPING, "EarlyStopping(min_delta=0.1)"),
        (
            "from pyspark.ml import regression as r\nr.GBTRegressor(maxDepth=5)\n",
            Role.ESTIMATOR,
            "regression.GBTRegressor(maxDepth=5)",
        ),
        ("d = DataLoader(x, batch_size=8)\n", Role.BATCH_SIZE, "DataLoader(batch_size=8)"),
    ],
)
def test_numbers_in_the_calls_that_train(source: str, role: Role, what: str) -> None:
    files = {"train.py": f"{TRAIN}import keras\n{source}"}
    assert choices(files, "", role) == ([], [what], [])


@pytest.mark.parametrize(
    "source",
    [
        "o = torch.optim.AdamW(p, lr=c.lr)\n",
        "d = DataLoader(x, batch_size=1)\n",
        "# lr = 0.1\n",
        "e = EarlyStopping(patience=c.patience, min_delta=0.1)\n",
        "from sklearn.manifold import TSNE\nTSNE(n_components=2)\n",
        "min_lr = 10.0\nfor g in gs:\n    min_lr = min(min_lr, g)\n",
        "t = 'lr = 0.1'\n",
        "lr = load()\n",
        "class T:\n    def __init__(self):\n        self.epoch = 0\n",
    ],
)
def test_what_comes_from_elsewhere_is_no_number_in_code(source: str) -> None:
    assert choices({"train.py": f"{TRAIN}{source}"}, "", *Role) == ([], [], [])


def test_a_module_of_values_is_configuration_and_a_default_in_code_is_none() -> None:
    files = {"train.py": f"{TRAIN}def f(lr=0.1):\n    pass\n", "config/small.py": "learning_rate = 0.3\n"}
    assert choices(files, "", Role.OPTIMISER) == (["learning_rate = 0.3"], [], ["lr = 0.1"])


def test_a_project_folder_has_its_own_configuration() -> None:
    files = {
        "a/requirements.txt": "torch\n",
        "a/train.py": TRAIN,
        "a/params.yaml": "lr: 0.1\n",
        "b/requirements.txt": "torch\n",
        "b/train.py": f"{TRAIN}def f(lr=0.2):\n    pass\n",
    }
    assert choices(files, "a", Role.OPTIMISER) == (["lr: 0.1"], [], [])
    assert choices(files, "b", Role.OPTIMISER) == ([], [], ["lr = 0.2"])


def test_configuration_beside_projects_is_that_of_the_nearest() -> None:
    files = {f"{each}/code/requirements.txt": "torch\n" for each in ("cv/a", "cv/b", "nlp/c")}
    files |= {f"{each}/code/train.py": f"{TRAIN}def f(lr=0.2):\n    pass\n" for each in ("cv/a", "cv/b", "nlp/c")}
    files |= {"cv/a/mlops/config.yaml": "lr: 0.1\n", "cv/params.yaml": "batch_size: 8\n", "conf/a.yaml": "dropout: 1\n"}
    roles = (Role.OPTIMISER, Role.BATCH_SIZE, Role.ARCHITECTURE)
    found = {each: choices(files, f"{each}/code", *roles)[0] for each in ("cv/a", "cv/b", "nlp/c")}
    assert found == {
        "cv/a": ["dropout: 1", "lr: 0.1", "batch_size: 8"],
        "cv/b": ["dropout: 1", "batch_size: 8"],
        "nlp/c": ["dropout: 1"],
    }


def test_a_job_of_azure_is_configuration_by_its_schema() -> None:
    schema = "$schema: https://azuremlschemas.azureedge.net/latest/{}.schema.json\n"
    inputs = "jobs:\n  train:\n    inputs:\n      learning_rate: 0.1\n      num_epochs: {value: 3}\n"
    job = {"mlops/azureml/train/pipeline.yml": schema.format("pipelineJob") + inputs}
    assert configured(job) == ["mlops/azureml/train/pipeline.yml"]
    assert configured({"mlops/azureml/data.yml": schema.format("data") + "path: a.csv\n"}) == []
    assert configured({"mlops/azureml/pipeline.yml": inputs}) == []
    assert choices({"train.py": f"{TRAIN}def f(learning_rate=0.2): ...\n", **job}, "", *Role)[0] == [
        "jobs.train.inputs.num_epochs",
        "jobs.train.inputs.learning_rate: 0.1",
    ]


def test_a_component_of_azure_is_configuration_and_its_open_inputs_hold_nothing() -> None:
    declared = "inputs:\n  learning_rate: {type: number}\n  batch_size: {type: integer, default: 8}\n"
    for schema in (
        "azuremlschemas.azureedge.net/latest/commandComponent.schema",
        "componentsdk.net/v/CommandComponent",
    ):
        component = {"mlops/components/prep.yml": f"$schema: https://{schema}.json\n{declared}"}
        assert configured(component) == ["mlops/components/prep.yml"]
        found = choices({"train.py": TRAIN, **component}, "", Role.OPTIMISER, Role.BATCH_SIZE)
        assert found[0] == ["inputs.batch_size"]


def test_tables_of_layers_beside_a_network_are_configuration() -> None:
    layers = "nc: 80\ndepth_multiple: 0.33\nbackbone:\n- [-1, 1, Conv, [64]]\n"
    assert configured({"models/yolov5s.yaml": layers}) == ["models/yolov5s.yaml"]
    assert configured({"models/card.yaml": "name: yolo\n"}) == []
    assert configured({"docs/models/a.yaml": layers}) == []


def test_options_that_are_declared_by_a_shorter_name() -> None:
    code = "p = ArgumentParser()\narg = p.add_argument\narg('--lr', default=1e-4)\narg('--n-epochs', default=9)\n"
    found = choices({"train.py": TRAIN + code}, "", Role.OPTIMISER, Role.EPOCHS)
    assert found[2] == ["the default 0.0001 of --lr", "the default 9 of --n_epochs"]


def test_a_model_by_the_name_of_its_architecture() -> None:
    option = "p.add_argument('--model', default='{}')\n"
    for value, found in (("resnet50", 1), ("efficientnet_b0", 1), ("churn", 0), ("model.pkl", 0)):
        assert len(choices({"train.py": TRAIN + option.format(value)}, "", Role.ARCHITECTURE)[2]) == found
        assert len(choices({"train.py": TRAIN, "params.yaml": f"model: {value}\n"}, "", Role.ARCHITECTURE)[0]) == found


def test_folders_of_one_kind_of_configuration() -> None:
    files = {"src/clip/model_configs/small.json": "{}", "src/clip/model/configured.json": "{}"}
    assert configured(files) == ["src/clip/model_configs/small.json"]


def test_settings_in_the_words_of_mmcv_are_tables() -> None:
    config = "_base_ = ['./a.py']\nmodel = dict(backbone=dict(type='ResNet'))\noptimizer = dict(type='SGD', lr=0.02)\n"
    config += "param_scheduler = [dict(type='MultiStepLR')]\ndata = dict(samples_per_gpu=2)\n"
    assert choices({"train.py": TRAIN, "configs/faster_rcnn.py": config}, "", *Role)[0] == [
        *("model.backbone", "optimizer", "optimizer.lr: 0.02", "param_scheduler", "data.samples_per_gpu: 2"),
    ]


def test_fields_that_an_estimator_gets_are_choices_unless_configuration_knows_them() -> None:
    model = (
        "from sklearn.ensemble import RandomForestRegressor\nclass Forest(Model):\n    max_depth: int = 20\n"
        "    other: int = 3\n    def fit(self, x):\n        RandomForestRegressor(max_depth=self.max_depth).fit(x)\n"
    )
    assert choices({"train.py": model}, "", Role.ESTIMATOR) == ([], [], ["max_depth = 20"])
    known = {"train.py": model, "conf/a.yaml": "m: {max_depth: 5}\n"}
    assert choices(known, "", Role.ESTIMATOR) == (["m.max_depth: 5"], [], [])


def test_a_module_of_values_may_make_one_session() -> None:
    table = "ML = {'seed': 1, 'forest': {'maxDepth': [5, 7], 'numTrees': [50], 'other': 3}}\n"
    factory = "def create_spark_session(name):\n    return builder.getOrCreate()\n"
    assert choices({"train.py": TRAIN, "config/spark.py": table + factory}, "", Role.ESTIMATOR) == (
        ["ML.forest.numTrees: [50]", "ML.forest.maxDepth: [5, 7]"],
        [],
        [],
    )
    assert configured({"config/spark.py": factory}) == []
    assert configured({"config/spark.py": table + factory + factory.replace("spark", "other")}) == []
    assert configured({"config/spark.py": table + "def train_session(x):\n    x.fit()\n"}) == []


def test_flags_of_absl_are_options() -> None:
    flags = (
        "from absl import flags\nflags.DEFINE_float('learning_rate', 0.3, 'help')\nflags.DEFINE_string('d', 'x', '')\n"
    )
    assert choices({"train.py": TRAIN + flags}, "", *Role) == ([], [], ["the default 0.3 of --learning_rate"])


def test_what_augments_or_stops_runs_is_neither_architecture_nor_optimiser() -> None:
    table = "augmentation: {train: {dropout_holes: 3}}\nearly_terminate: {eta: 3}\nnet: {dropout: 0.1}\n"
    assert choices({"train.py": TRAIN, "params2.yaml": "", "conf/a.yaml": table}, "", *Role)[0] == ["net.dropout: 0.1"]


def test_hostile_names_take_no_time() -> None:
    long = "a_" * 100_000
    files = {
        "tests/test_a.py": f"def test_a():\n    {long}()\n    assert {long} > 1\n",
        "train.py": f"{TRAIN}{long} = 1\n",
    }
    facts, began = Facts(from_memory(files)), time.monotonic()
    facts.get(Suite)
    facts.get(Hyperparameters)
    assert time.monotonic() - began < 5
