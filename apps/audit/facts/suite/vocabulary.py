"""The words by which tests say what they read, load, assert, replace and start."""

from __future__ import annotations

import re

from apps.audit.regex import regex, words

READS = words(
    r"(^|[._])(read_(csv|parquet|json|excel|feather|table|sql\w*|pickle|orc|fwf|hdf|ndjson|avro)|scan_(csv|parquet|ndjson)"
    r"|loadtxt|genfromtxt|load_from_disk|read_batch|get_batch)$|^(numpy\.load|open|json\.load)$|great_expectations|^pandera"
)
# Public data sets, fetched as a project would fetch them.
PUBLIC = words(
    r"^(sklearn\.datasets\.(load|fetch)_\w+|torchvision\.datasets\.(\w+\.)?\w+|datasets\.load_dataset|seaborn\.load_dataset"
    r"|(tensorflow\.)?keras\.datasets\.\w+\.load_data|tensorflow_datasets\.load)$"
)
DATA_PATH = regex(
    r"^(\.{0,2}/)*(\w+/){0,3}(data|datasets?|raw|processed|interim|warehouse)/|^(s3|gs|az|abfss?|hdfs)://|"
    r"^https?://[^ ]+\.(csv|parquet|json|zip|gz|tsv|txt|xml|data)$",
    re.IGNORECASE,
)
DATA_FILE = regex(r"[^ ]+\.(csv|tsv|parquet|feather|jsonl|xlsx|arrow|npy|npz|db|sqlite)$", re.IGNORECASE)
DATA_NAME = words(
    r"(^|[._])(\w+_)?(data\w*|dataset\w*|raw|train|test|inputs?|features?)_?(path|file|dir|csv|loc|url|location|uri)s?$",
    re.IGNORECASE,
)
OPTION = words(r"data|dataset", re.IGNORECASE)
PROPERTIES = words(
    r"(^|[._])(is_?null|is_?na|not_?null|notna|duplicated|drop_duplicates|is_unique|n_?unique|between|is_?in|columns|dtypes?|value_counts"
    r"|unique|intersection|is_?disjoint|min|max|mean|std|quantile|schema|issubset|null_count|is_nan|isnan|isfinite|isinf)$"
)
# Of data that no code of the project has touched, these are properties too.
SIZES = words(PROPERTIES.pattern.removesuffix(")$") + "|all|any|len|shape|empty|sum|count|set)$")
# What is called to look for rows that are missing, twice, or in two parts at once.
LEAKS = words(r"(^|[._])(drop_duplicates|duplicated|intersection|isdisjoint|is_?null|is_?na|notnull|notna|merge)$")
EXPECTS = words(r"(^|\.)expect_\w+$")
VALIDATES = words(
    r"(schema\w*(\(\))?\.validate|\.run_checkpoint|checkpoint\.run|Checkpoint\(\)\.run|suite\w*\.run|\bvalidate_dataframe)$",
    re.IGNORECASE,
)
TRANSFORMS = words(
    r"(^|[._])(preprocess\w*|transform\w*|clean\w*|feature\w*|encode\w*|normali[sz]e\w*|impute\w*|tokeni[sz]e\w*"
    r"|fit\w*|train\w*|predict\w*|drop\w*|fill\w*|add_\w+|detect\w*"
    r"|\w*drift\w*|filter\w*|convert\w*|merge\w*|aggregate\w*)$",
    re.IGNORECASE,
)
MODELS = words(
    r"(^|[._])((joblib|pickle|cloudpickle|dill|torch|skops\.io)\.load"
    r"|load_(\w+_)?(model|pipeline|predictor|classifier|regressor|artifacts?|checkpoint)"
    r"|load_from_checkpoint|from_checkpoint|get_(best_)?(model|checkpoint|predictor)"
    r"|InferenceSession|load_learner|get_production_model)$"
)
WRITES = words(r"(^|[._])(save\w*|dump\w*|export\w*|log_model|to_onnx|convert\w*)$")
METRIC = words(
    r"(^|[._/ -])(acc|accuracy|f1|auc|roc_?auc|precision|recall|rmse|mse|mae|mape|r2|score|bleu|rouge"
    r"|perplexity|loss|error_rate|iou|map|mrr|ndcg|balanced_accuracy|logloss|kappa|mcc"
    r"|gini|lift|latency|elapsed|duration|disparity|parity)([._/ -]|$)",
    re.IGNORECASE,
)
BEHAVIOUR = words(
    r"invarian|directional|minimum functionality|\bmft\b|fairness|\bbias\b|parity|robust|perturb|latency|per class"
    r"|slices?\b|baseline|production|champion|regression test|performance|behaviou?r"
    r"|calibrat|monoton|adversarial|threshold"
)
PREDICTED = words(r"(^|[._])(pred\w*|label\w*|prob\w*|output\w*|score\w*|y_hat|result\w*)$", re.IGNORECASE)
SHAPES = words(r"(^|[._])(shape|len|isinstance|dtype|ndim|size|type|hasattr|callable)$")
PATCHES = words(
    r"(^|\.)(patch(\.\w+)?|Mock|MagicMock|AsyncMock|create_autospec"
    r"|setattr|responses\.\w+|requests_mock\.\w+|respx\.\w+|mock_\w+)$"
)
# What is set for the length of a test and stands in for nothing: a program's arguments, its environment and where it
# reads and writes.
SET = words(r"sys\.(argv|path|stdin|stdout|stderr)|os\.environ")
# Trackers of experiments: a test that replaces one keeps its runs to itself, and what is tested stays whole.
RECORDS = words(
    r"(.*\.)?(mlflow|wandb|neptune|comet_ml|aim|clearml|dvclive|tensorboard\w*|MlflowClient|SummaryWriter)(\..*)?"
)
CLOSE = words(r"(^|[._])(abs|approx|isclose|allclose)$")
TEMPORARY = {"tmp_path", "tmpdir", "tmp_path_factory", "tmpdir_factory"}
SYNTHETIC = words(
    r"(^|[._])(make_(classification|regression|blobs|moons|circles)|DataFrame"
    r"|from_dict|from_items|from_list|rand\w*|ones|zeros|arange|normal|tensor|array)$"
)
SERVICE = words(r"https?://(localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1\]|[a-z_-]+:\d{2,5})")
STARTS = words(
    r"\b(uvicorn|gunicorn|hypercorn|streamlit|torchserve|bentoml|waitress-serve|flask run|mlflow models serve"
    r"|docker[ -]compose|docker run)\b"
)
PIPELINE = regex(
    r"(^|[\w.-]+[/\\]| )((run_)?(train|pipeline|main|fit|evaluate|sweep|workflow)\w*\.py)\b|\bdvc (repro|exp)\b"
    r"|\b(make|just) \w*(train|pipeline|all)\b"
)
REQUESTS = words(r"(requests|httpx|aiohttp|urllib3?|session|http)\b.*\.(get|post|put|delete|patch|request|urlopen)")
# Calls that ask a model where a cloud serves it.
DEPLOYED = words(r"google\.cloud\.aiplatform\.(Private)?Endpoint(\.list)?|(.*\.)?invoke_endpoint(_async)?")
PROCESSES = words(
    r"(subprocess\.(run|Popen|call|check_call|check_output|getoutput|getstatusoutput)|os\.(system|popen)|sh\.\w+|pexpect\.spawn)"
)
TRAINS = words(r"(^|[._])(train|fit|finetune|fine_tune|tune)(_\w+)?$")
FITS = words(r"[._](fit|train\w*)$")
EVALUATES = words(r"(^|[._])(evaluate|eval|test|predict|score|deploy|infer|inference)(_\w+)?$")
WHOLE = words(r"(^|[._])(run_)?(\w+_)?(pipeline|workflow|flow)(\.run|\.execute|\.main)?$")
# What only puts a pipeline together, and what then runs it.
COMPOSES = words(
    r"(^|[._])(build|make|create|get|compose|construct|assemble|set_?up|define|init)_(\w+_)?(pipeline|workflow|flow)$"
)
STARTED = words(r"(run|execute|fit|train|start|submit|launch|invoke|predict)(_\w+)?")
LOOPS = words(r"(lightning|pytorch_lightning|transformers|trl|sentence_transformers)\.(\w+\.)*\w*Trainer")
# Weights that somebody published, by their name; a small stand-in for tests is none, and a folder neither.
FETCHES = words(r"(.*\.)?(from_pretrained|hf_hub_download)|torch\.hub\.load")
PUBLISHED = words(
    r"(?!.*(tiny|dummy|random|test|internal|fake))[A-Za-z0-9][\w.-]*(/[A-Za-z0-9][\w.-]*)?", re.IGNORECASE
)
# Clients that work inside the process.
CLIENTS = (
    "TestClient",
    "test_client",
    "CliRunner",
    "AsyncClient",
    "APIClient",
    "ASGITransport",
    "AppTest.from_file",
    "self.client.get",
    "self.client.post",
    # What renders a template: the plug-ins' fixtures, and the libraries themselves.
    "cookies.bake",
    "copie.copy",
    "cookiecutter",
    "copier.copy",
    "copier.run_auto",
    "copier.run_copy",
    "copier.run_recopy",
    "copier.run_update",
    "cruft.create",
)
RUNS = (
    "create_engine",
    "SparkSession.builder",
    "mlflow.start_run",
    "MlflowClient",
    "KedroSession.create",
    "hydra.compose",
)
