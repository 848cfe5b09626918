"""What prepares data: functions by their names, calls of libraries, and arithmetic that scales."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

from apps.audit.facts.python.modules import Assignment, Call, Module
from apps.audit.regex import regex

FUNCTION = regex(
    r"(.*\.)?_?(pre_?process\w*|prepare(?!_(device|model|optimi[sz]er|log|env|dir|args|config))\w*"
    r"|clean(?!_?(up|dir|cache|pyc|build|tests?$|docs?$|all$))\w*|tokeni[sz]e\w*|featuri[sz]e\w*|transforms?|process_data"
    r"|setup|encode\w*|normali[sz]e(?!d)\w*|standardi[sz]e\w*|get_features|(add|create|make|build)_(\w+_)?features|engineer_\w+)"
)
# Tidying a name is no work on data.
OF_A_NAME = regex(r".*_(id|name|url|uri|path|key|version|tag|slug)s?")
CALL = regex(
    r"sklearn\.(preprocessing|impute|feature_extraction|compose|decomposition)\.(\w+\.)*\w+|albumentations\.\w+"
    r"|torchvision\.transforms\.(\w+\.)*(?!_|get_)\w+|pyspark\.ml\.feature\.\w+|.*\.(tokenizer|Tokenizer)"
    r"|.*(Tokenizer|Processor|FeatureExtractor)(Fast)?\.from_pretrained|(tensorflow\.)?keras\.utils\.to_categorical"
    r"|(.*\.)?(fillna|dropna|get_dummies|tokenizer)|(?!(jwt|json|base64|codecs)\b)(.*\.)?encode"
)
# What a text is encoded with to become bytes.
CODEC = regex(r"(utf|ascii|latin|cp|iso|us-)[\w-]*", re.IGNORECASE)
# A network's own encoder computes what it has learnt.
OF_A_NETWORK = regex(r"_?(encode|setup|normali[sz]e)\w*")
NETWORK = regex(r"(.*\.)?(Module|LightningModule|Model|Layer|\w*PreTrainedModel)")
# Values of its own by which a column or an image is scaled.
CENTRES, SPREADS = {"mean", "nanmean", "median"}, {"std", "nanstd"}
STATISTIC = regex(r".*\.(mean|nanmean|median|std|nanstd)")
SHOWS = regex(r"print|.*\.(info|debug|warning|error|write|append|update|log|log_\w+|add_scalars?)")
LIBRARIES = {"numpy", "torch", "jax.numpy", "tensorflow", "statistics"}
EPSILON = regex(r"(.*[._])?(eps|epsilon|EPS|EPSILON)")
# What training computes from its own results is scaled for the step, and is no data.
RESULT = regex(r"adv|reward|return|loss|logit|grad|score|pred|prob|attn|weight|output|time|metric", re.IGNORECASE)


def networks_in(module: Module) -> set[str]:
    return {each.name for each in module.classes if any(map(NETWORK.fullmatch, each.bases))}


def prepares(function: str, networks: set[str]) -> bool:
    around, _, last = function.rpartition(".")
    learnt = around in networks and OF_A_NETWORK.fullmatch(last)
    return bool(FUNCTION.fullmatch(function) and not OF_A_NAME.fullmatch(function) and not learnt)


def makes_bytes(call: Call) -> bool:
    """Whether it is a text's own `encode`, which gets nothing or the name of a codec."""
    first = call.args[0] if call.args else "utf-8"
    named = str(first.get("name", "")) if isinstance(first, dict) else first
    codec = isinstance(named, str) and (CODEC.fullmatch(named) or named.lower().endswith(("encoding", "charset")))
    return call.name.rpartition(".")[2] == "encode" and bool(codec)


def scalings(module: Module) -> Iterator[tuple[str, int, str]]:
    """What is scaled by its own mean, with line and scope: `x = x - x.mean()`, `return (x - x.mean()) / x.std()`."""
    calls = module.called(STATISTIC.fullmatch)
    if not calls:
        return
    for each in module.assignments:
        if (name := centred(each)) and not RESULT.search(name):
            yield name, each.line, each.scope
    # Only the cell of a call in a notebook is known, and not what stands beside it.
    told = {each.line for each in module.texts} | {each.line for each in module.asserts}
    told |= {each.line for each in module.called(SHOWS.fullmatch)}
    beside = defaultdict[tuple[str, int, str], set[str]](set)
    for call in calls if not module.is_notebook else ():
        beside[subject_of(call), call.line, call.scope].add(call.name.rpartition(".")[2])
    for (name, line, scope), statistics in beside.items():
        both = statistics & CENTRES and statistics & SPREADS
        if both and scope and name and line not in told and not RESULT.search(name):
            yield name, line, scope


def subject_of(call: Call) -> str:
    receiver = call.name.rpartition(".")[0]
    first = call.args[0] if receiver in LIBRARIES and call.args else None
    return str(first.get("name", "")) if isinstance(first, dict) else "" if receiver in LIBRARIES else receiver


def centred(assignment: Assignment) -> str:
    """What stands by itself and with its mean in an expression that holds nothing else; empty for nothing."""
    value = assignment.value
    names = [str(each) for each in value.get("names", ())] if isinstance(value, dict) else []
    if not names or value.get("code") != "BinOp":
        return ""
    statistics = {name for name in names if name.rpartition(".")[2] in CENTRES | SPREADS}
    means = {name.rpartition(".")[0] for name in statistics if name.rpartition(".")[2] in CENTRES}
    subjects = {name for name in names if not (name in statistics or name in LIBRARIES or EPSILON.fullmatch(name))}
    if len(subjects) != 1 or not means:
        return ""
    (subject,) = subjects
    # Each name stands inside that of its own mean once more.
    inside = sum(name.startswith(f"{subject}.") for name in names)
    of_it = means <= {subject} and names.count(subject) > inside
    return subject if of_it or (means <= LIBRARIES and names.count(subject) > len(statistics)) else ""
