"""What a stage is for, told by its name, its scripts, and what it reads and writes."""

from __future__ import annotations

import re

from apps.audit.facts.dvc.graph import Graph
from apps.audit.facts.dvc.stages import Stage
from apps.audit.regex import regex

TRAINS = regex(r"(?<![a-z])(re|pre)?(train|fit|tune|tuning|finetun|fine_tun|learn|optimi[sz]e|model)", re.IGNORECASE)
EVALUATES = regex(r"(?<![a-z])(eval|test|scor|valid|metric|benchmark|assess|measure)", re.IGNORECASE)
DATA = regex(
    r"(?<!requirements)\.(csv|tsv|parquet|jsonl?|feather|arrow|avro|np[yz]|h5|hdf5|txt|xml|zip|gz|tgz|xz|tar|xlsx?|db"
    r"|sqlite|png|jpe?g|wav)$",
    re.IGNORECASE,
)
DATA_FOLDER = regex(r"(^|/)([a-z_-]*data(sets?)?|raw|corpus|corpora|images?)(/|$)", re.IGNORECASE)
MODEL = regex(
    r"\.(pkl|pickle|joblib|pt|pth|h5|hdf5|keras|onnx|bin|safetensors|ckpt|tflite|pb|cbm|ubj)$"
    r"|(^|/)(saved_?)?(models?|checkpoints?|weights)(/|$)",
    re.IGNORECASE,
)


def names(stage: Stage) -> str:
    """The stage's name and the scripts that its command runs."""
    scripts = re.findall(r"[\w-]+(?=\.(?:py|sh|ipynb|r|jl)\b)", str(stage.cmd)[:2000], re.IGNORECASE)
    return " ".join([stage.name, *scripts])


def trains(stage: Stage) -> bool:
    makes_model = any(MODEL.search(out.path) and not DATA_FOLDER.search(out.path) for out in stage.outs)
    return makes_model or (bool(TRAINS.search(names(stage))) and not EVALUATES.search(stage.name))


def evaluates(stage: Stage, graph: Graph) -> bool:
    """By a metric that it writes, itself or inside an out, or by its name where it writes anything."""
    owners = [graph.writers(metric.path) for pipeline in graph.dvc.pipelines for metric in pipeline.metrics]
    written = any(writer is stage for writers in owners for writer, _ in writers)
    # A metric that no stage declares as its own is what the training itself logs (dvclive).
    logged = trains(stage) and not all(owners)
    named = bool(EVALUATES.search(names(stage))) and bool(stage.outs)
    return written or logged or named or any(out.kind == "metrics" for out in stage.outs)


def reads_data(stage: Stage) -> bool:
    """Whether it is a pointer, or reads from outside the repository or what looks like data."""
    return not stage.cmd or any(
        dep.is_external or DATA.search(dep.path) or DATA_FOLDER.search(dep.path) for dep in stage.deps
    )
