"""Numbers that are written into the calls that train."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from apps.audit.facts.python.modules import Call
from apps.audit.regex import regex

OPTIMISERS = regex(
    r"(torch\.optim|transformers\.optimization|torch_optimizer|bitsandbytes\.optim|timm\.optim)\.(?!lr_scheduler)\w+"
    r"|(tensorflow\.)?keras\.optimizers\.(\w+\.)*(?!schedules)\w+|optax\.(adam\w*|sgd|rmsprop|lion|adagrad)|transformers\.AdamW"
)
SCHEDULERS = regex(
    r"torch\.optim\.lr_scheduler\.\w+|(tensorflow\.)?keras\.optimizers\.schedules\.\w+|transformers\.get_\w+_schedule\w*"
    r"|optax\.\w*schedule\w*|(.*\.)?ReduceLROnPlateau"
)
TRAINERS = regex(r"(.*\.)?(Trainer|TrainingArguments|Seq2SeqTrainingArguments|SFTConfig|DPOConfig)")
FITS = regex(r".*\.(fit|fit_generator|train)|(xgboost|lightgbm)\.train")
LOADERS = regex(
    r"(.*\.)?(DataLoader|BucketIterator)|getattr\(\)|.*\.(batch|flow_from_directory|image_dataset_from_directory)"
)
STOPPERS = regex(r"(.*\.)?EarlyStopping(Callback)?")
ESTIMATORS = regex(
    r"sklearn\.(?!preprocessing|model_selection|metrics|datasets|feature|impute|pipeline|compose|decomposition|manifold)(\w+\.)*[A-Z]\w+"
    r"|(xgboost|lightgbm|catboost)\.(\w+\.)*\w*(Classifier|Regressor|Ranker)"
    r"|pyspark\.ml\.(classification|regression|clustering|recommendation)\.[A-Z]\w+"
)
# What an option or a key for an architecture may be called, and architectures that have names.
NETWORKS = {"model", "net", "network"}
KNOWN = regex(
    r"(wide_?|se_?)?(resnet|resnext|densenet|efficientnet|mobilenet|convnext|regnet|inception|xception|alexnet|vgg)\w*"
    r"|(vit|deit|swin|beit|unet|yolo|deeplab|lstm|gru|transformer|bert|roberta|distilbert|electra|bart|t5|gpt2)([-_]?\w)*$",
    re.IGNORECASE,
)
# Arguments of estimators that change nothing in the model.
ASIDE = {
    "random_state",
    "n_jobs",
    "verbose",
    "seed",
    "random_seed",
    "nthread",
    "thread_count",
    "verbosity",
    "warm_start",
}
BY_TRAINER = {
    "epochs": regex(r"(max_|num_train_|num_)?epochs|max_steps|num_iterations|iterations|num_boost_round"),
    "batch size": regex(r"(per_device_\w+_)?batch_size"),
    "optimiser": regex(r"learning_rate|weight_decay|lr"),
    "schedule": regex(r"warmup_\w+"),
    "early stopping": regex(r"early_stopping_\w+|patience"),
}


def fixed_in(call: Call) -> Iterator[tuple[str, str, int]]:
    """Role, words and line of each number in a call that no configuration can change."""
    numbers = {name: value for name, value in call.keywords.items() if is_number(value)}
    name = ".".join(call.name.split(".")[-2:])
    if SCHEDULERS.fullmatch(call.name):
        yield from (
            ("schedule", f"{name}({key}={value})", call.line) for key, value in numbers.items() if key != "last_epoch"
        )
    elif OPTIMISERS.fullmatch(call.name):
        given = {
            key: value for key, value in numbers.items() if key in {"lr", "learning_rate", "weight_decay", "momentum"}
        }
        if (positional := first_number(call)) is not None:
            given["lr"] = positional
        yield from (("optimiser", f"{name}({key}={value})", call.line) for key, value in given.items())
    elif TRAINERS.fullmatch(call.name) or FITS.fullmatch(call.name):
        for key, value in numbers.items():
            if role := next((role for role, words in BY_TRAINER.items() if words.fullmatch(key)), ""):
                yield role, f"{name}({key}={value})", call.line
    elif LOADERS.fullmatch(call.name):
        if numbers.get("batch_size", 0) > 1:
            yield "batch size", f"{name}(batch_size={numbers['batch_size']})", call.line
    elif STOPPERS.fullmatch(call.name):
        # A tolerance beside a patience that is configured is no more than a note.
        left = call.keywords.keys() - numbers.keys()
        words = ("patience",) if any("patience" in key for key in left) else ("patience", "min_delta")
        chosen = {key: value for key, value in numbers.items() if any(word in key for word in words)}
        yield from (("early stopping", f"{name}({key}={value})", call.line) for key, value in chosen.items())
    elif ESTIMATORS.fullmatch(call.name):
        chosen = {key: value for key, value in numbers.items() if key not in ASIDE}
        yield from (("estimator", f"{name}({key}={value})", call.line) for key, value in chosen.items())


def first_number(call: Call) -> Any:
    return next((value for value in call.args if is_number(value)), None)


def is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def is_architecture(name: str, value: Any) -> bool:
    """Whether what is simply called a model is an architecture that has a name: model = "resnet50"."""
    return name.lower() in NETWORKS and isinstance(value, str) and bool(KNOWN.match(value))
