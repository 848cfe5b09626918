"""Pretrained weights that the code starts from, and what pins each."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple, Self

from apps.audit.facts import Fact
from apps.audit.facts.python.modules import Call, Module, Modules
from apps.audit.facts.training.training import is_test
from apps.audit.facts.tree import Tree

HUBS = re.compile(
    r"(transformers|diffusers|sentence_transformers|setfit|peft|open_clip|huggingface_hub|optimum|span_marker|gliner|auto_gptq"
    r"|unsloth|ctransformers|adapters)\b.*\.(from_pretrained|hf_hub_download|snapshot_download|create_model_and_transforms)"
    r"|sentence_transformers\.(SentenceTransformer|CrossEncoder)|transformers\.pipeline"
    r"|huggingface_hub\.(hf_hub_download|snapshot_download)"
)
VISION = re.compile(r"torchvision\.models\.(\w+\.)*[a-z]\w*|timm\.create_model|segmentation_models_pytorch\.\w+")
KERAS = re.compile(r"(tensorflow\.)?keras\.applications\.(\w+\.)*[A-Z]\w+")
LOCAL = re.compile(r"^(\.{0,2}/|~)|(path|dir|checkpoint|ckpt|output|save|local)", re.IGNORECASE)
MOVING = {"main", "master", "latest", ""}
KEYWORDS = ("pretrained_model_name_or_path", "model_name_or_path", "model_name", "model", "repo_id", "repo_or_dir")


class Weights(NamedTuple):
    """One call that loads weights. `pinned_by` is empty when nothing holds their version."""

    what: str
    path: str
    line: int
    pinned_by: str


@dataclass(frozen=True)
class Pretrained(Fact):
    """Every call that loads other people's weights, tests aside; the project's own checkpoints are none."""

    weights: tuple[Weights, ...]

    absent = "no pretrained weights"

    @classmethod
    def read(cls, tree: Tree, modules: Modules) -> Self | None:
        own = [module for module in modules if not is_test(module.path)]
        found = tuple(each for module in own for each in loaded(module, tree))
        return cls(found) if found else None

    def __iter__(self) -> Iterator[Weights]:
        return iter(self.weights)


def loaded(module: Module, tree: Tree) -> Iterator[Weights]:
    for call in module.calls:
        pin = pin_of(call, tree)
        if pin is not None:
            name = ".".join(call.name.split(".")[-2:])
            source = first(call)
            yield Weights(f"{name}({source or '…'})", module.path, call.line, pin)


def first(call: Call) -> str:
    """The name of the weights, as text or as the name that holds it."""
    value = call.args[0] if call.args else next((call.keywords[key] for key in KEYWORDS if key in call.keywords), None)
    return value if isinstance(value, str) else str(value.get("name", "")) if isinstance(value, dict) else ""


def pin_of(call: Call, tree: Tree) -> str | None:
    """What pins the weights that a call loads; None where it loads none of other people's."""
    if HUBS.fullmatch(call.name):
        source = first(call)
        if (
            LOCAL.search(source)
            or source in tree.folders - {""}
            or (call.name == "transformers.pipeline" and not call.args)
        ):
            return None
        revision = call.keywords.get("revision")
        return "its revision" if revision is not None and revision not in MOVING else ""
    if VISION.fullmatch(call.name):
        weights = call.keywords.get("weights", call.keywords.get("encoder_weights"))
        named = weights if isinstance(weights, str) else weights.get("name", "") if isinstance(weights, dict) else ""
        if named:
            return "" if str(named).endswith("DEFAULT") else "its weights"
        return "" if call.keywords.get("pretrained") is True else None
    if call.name == "torch.hub.load":
        return "a tag" if ":" in first(call) else ""
    if KERAS.fullmatch(call.name) and call.keywords.get("weights", "imagenet") == "imagenet":
        return "a checksum in Keras"
    if call.name in {"tensorflow_hub.load", "tensorflow_hub.KerasLayer"}:
        return "a version in its URL" if re.search(r"/\d+/?$", first(call)) else ""
    return None
