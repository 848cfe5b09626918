"""Calls that fetch or read a dataset, and what pins its version."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from apps.audit.facts.python.modules import Call, Expression, Module
from apps.audit.regex import regex

# They compare what they download with a checksum of their own, or bring the data inside the package.
CHECKED = regex(
    r"torchvision\.datasets\.([a-z]\w*\.)?(?!ImageFolder|DatasetFolder|FakeData|VisionDataset|Coco|Cityscapes|Kinetics)[A-Z]\w+"
    r"|torch(audio|text)\.datasets\.([a-z]\w*\.)?[A-Z]\w+|(tensorflow\.)?keras\.datasets\.\w+\.load_data|medmnist\.[A-Z]\w+"
    r"|sklearn\.datasets\.(load_(iris|digits|wine|breast_cancer|diabetes|linnerud)|fetch_(?!openml|file)\w+)"
    r"|tensorflow_datasets\.(load|builder)|dvc\.api\.(open|read|get_url)|deltalake\.DeltaTable"
)
# The keyword that pins what each of these fetches.
PINNED_BY = {
    "datasets.load_dataset": ("revision",),
    "datasets.load_dataset_builder": ("revision",),
    "sklearn.datasets.fetch_openml": ("version", "data_id"),
    "azureml.core.Dataset.get_by_name": ("version",),
    "azureml.core.dataset.Dataset.get_by_name": ("version",),
    "pooch.retrieve": ("known_hash",),
    "seaborn.load_dataset": (),
    "kagglehub.dataset_download": (),
    "kagglehub.load_dataset": (),
    "opendatasets.download": (),
    "kaggle.api.dataset_download_files": (),
    "kaggle.api.competition_download_files": (),
}
KERAS_FILE = regex(r"(tensorflow\.)?keras\.(\w+\.)*get_file")
GRAPHS = regex(r"torch_geometric\.datasets\.[A-Z]\w+")
FROM_DIRECTORY = r"(tensorflow\.)?keras\.(utils|preprocessing)\.(image|text|audio)_dataset_from_directory"
# They read what their first argument names: a path or a URL.
READERS = regex(
    r"(pandas|polars|dask\.dataframe|cudf|ray\.data|modin\.pandas|geopandas|vaex|pyarrow\.csv)\."
    r"(read|scan|open)(_(csv|table|parquet|excel|json|ndjson|feather|hdf|fwf|xml|orc|stata|sas|spss|ipc|file|images?))?"
    r"|pyarrow\.parquet\.read_table|(\w+\.)*read(\.\w+\(\))*\.(csv|parquet|json|orc|text|load)|datasets\.load_from_disk"
    r"|numpy\.(load|loadtxt|genfromtxt)|scipy\.io\.loadmat|xarray\.open_(zarr|dataset|mfdataset)|zarr\.open\w*|torchvision\.datasets\.([a-z]\w*\.)?(ImageFolder|DatasetFolder|Coco\w+)"
    rf"|{FROM_DIRECTORY}"
)
# They read a folder that somebody filled; whose path is given from outside has no version that is seen.
FOLDERS = regex(
    r"torchvision\.datasets\.([a-z]\w*\.)?(ImageFolder|DatasetFolder|Coco\w+|ImageNet|Cityscapes|Kinetics\w*)"
    rf"|{FROM_DIRECTORY}"
)
DOWNLOADERS = regex(
    r"urllib\.request\.(urlretrieve|urlopen)|wget\.download|gdown\.(download\w*|cached_download)|requests\.get|httpx\.get"
    r"|torch\.hub\.download_url_to_file|torchvision\.datasets\.utils\.download\w*|(\w+\.)*download_(url|file)"
)
# Builders of Hugging Face that read the files they are given.
FILE_BUILDERS = {"csv", "json", "parquet", "text", "arrow", "pandas", "imagefolder", "audiofolder", "webdataset", "xml"}
CHECKSUM_KEYWORDS = {"md5", "sha256", "hash", "file_hash", "md5_hash", "known_hash", "checksum", "hash_prefix"}
MOVING = {"", "main", "master", "latest", "HEAD"}

DATA_URL = regex(
    r"\.(csv|tsv|parquet|jsonl|ndjson|feather|arrow|np[yz]|h5|hdf5|mat|xlsx?|zip|tar|tgz|gz|bz2|xz|txt|json|data|arff)$",
    re.IGNORECASE,
)
TABLE_URL = regex(r"\.(csv|tsv|parquet|jsonl|ndjson|feather|arrow|np[yz]|arff)(\.gz|\.zip)?$", re.IGNORECASE)
FIXED_URL = regex(
    r"/[0-9a-f]{40}(/|$)|zenodo\.org/(api/)?(records?|deposit)/\d+|[?&]version(Id)?=\w|/versions/\d+|figshare\.com/"
    r"|doi\.org/|osf\.io/"
)
# What a run writes and a later step reads again is no source.
RESULT = regex(r"(result|metric|pred(iction)?|submission|score|log|history|report|output|loss|eval)s?", re.IGNORECASE)
RESULTS = {"output", "outputs", "result", "results", "prediction", "predictions", "report", "reports", "logs", "runs"}
JOINS = regex(r"os\.path\.join|(.*\.)?(joinpath|format)|(pathlib\.)?Path")
NO_HOST = regex(r"localhost|127\.0\.0\.1|0\.0\.0\.0|(.*\.)?example\.(com|org|net)|.*\.(test|invalid|local)")


def is_url(text: str) -> bool:
    return bool(re.match(r"[A-Za-z][A-Za-z0-9+-]{1,10}://", text))


def is_data_url(text: str, ending: re.Pattern[str] = DATA_URL) -> bool:
    """Whether a URL looks like that of data, on a host that exists."""
    if not re.match(r"(https?|ftp|s3|gs|gcs|abfss?|wasbs?)://", text) or len(text) > 2000:
        return False
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return bool(ending.search(parts.path)) and not NO_HOST.fullmatch(parts.hostname or "")


def pin_of_url(url: str, call: Call | None = None) -> str:
    """What pins the content behind a URL; empty for nothing."""
    if url.startswith("lakefs://"):
        return "a version in lakeFS"
    if FIXED_URL.search(url):
        return "a fixed version in its URL"
    return pin_of_keywords(call, tuple(CHECKSUM_KEYWORDS)) if call else ""


def pin_of_keywords(call: Call, names: tuple[str, ...]) -> str:
    """The keyword that pins a call: a value that is neither absent nor one that moves."""
    for name in names:
        value: Expression = call.keywords.get(name)
        if value is not None and not (isinstance(value, str) and value in MOVING) and value != "active":
            return f"{name}={value}" if isinstance(value, (str, int)) else f"its {name}"
    return ""


def pinning(name: str) -> tuple[str, ...] | None:
    """The keywords that pin what a call of this name fetches; None where it fetches no dataset."""
    return ("file_hash", "md5_hash") if KERAS_FILE.fullmatch(name) else PINNED_BY.get(name)


def pin_of_name(call: Call, name: str) -> str:
    """A version inside the name: `owner/set/versions/3`, `set:v2`."""
    if call.name.endswith(".get_by_name") and len(call.args) > 2:
        return "its version"
    match = re.search(r"/versions/\d+|:v\d+$", name)
    return f"{match[0].strip('/:')} in its name" if match else pin_of_keywords(call, pinning(call.name) or ())


def helpers(module: Module) -> Iterator[tuple[str, tuple[int, str]]]:
    """Functions that hand the address they are given to a downloader, with the place of that argument."""
    if any(name.startswith("hashlib.") for name in module.names):
        return
    functions = {each.name: each for each in module.functions}
    for call in module.called(DOWNLOADERS.fullmatch):
        name = call.args[0].get("name") if call.args and isinstance(call.args[0], dict) else None
        function = functions.get(call.scope)
        if function and name in function.args:
            own = [each for each in function.args if each not in {"self", "cls"}]
            yield function.name.rpartition(".")[2], (own.index(name), name)


def argument(call: Call, position: int, name: str) -> Expression:
    return call.args[position] if len(call.args) > position else call.keywords.get(name)


def is_model(call: Call) -> bool:
    """Whether an artifact is a model, as its type says, or else the words around it."""
    kind = call.keywords.get("type", call.args[1] if len(call.args) > 1 else None)
    first = call.args[0] if call.args else ""
    words = f"{call.scope} {first.get('name', '') if isinstance(first, dict) else first}"
    return "model" in (kind if isinstance(kind, str) else words).lower()


def is_joined(value: Expression) -> bool:
    """Whether an expression puts names of folders and files together."""
    if not isinstance(value, dict):
        return False
    return value.get("code") in {"BinOp", "JoinedStr"} or bool(JOINS.fullmatch(str(value.get("call", ""))))


def is_formatted(value: Expression) -> bool:
    return isinstance(value, dict) and (value.get("code") == "JoinedStr" or str(value.get("call")).endswith("format"))


def is_whole(text: str) -> bool:
    """Whether a part of a path that is put together has the whole name of a file."""
    return text.rpartition("/")[2][:1].isalnum() and not {"*", "{", "%", ":"}.intersection(text)


def is_result(path: str) -> bool:
    *folders, name = path.lower().split("/")
    return bool(RESULT.search(name)) or not RESULTS.isdisjoint(folders)


def is_made_here(call: Call, module: Module) -> bool:
    """Whether an artifact is no stored one, but one that the code has just made."""
    first = call.args[0] if call.args and isinstance(call.args[0], dict) else {}
    made = (each.value for each in module.targets.get(str(first.get("name")), ()) if each.scope == call.scope)
    return any(isinstance(each, dict) and str(each.get("call")).endswith(".Artifact") for each in (first, *made))


def only_reads(call: Call) -> bool:
    """Whether a call of `open` cannot write; a mode that is not seen may."""
    mode = call.keywords.get("mode", call.args[1] if len(call.args) > 1 else "r")
    return isinstance(mode, str) and mode.startswith("r") and "+" not in mode
