"""Pretrained weights that the code starts from, and what pins each."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple, Self

from apps.audit.facts import Fact
from apps.audit.facts.project import Project, ProjectKind
from apps.audit.facts.python.modules import Call, Expression, Module, Modules
from apps.audit.facts.training.choices import is_option
from apps.audit.facts.tree import Tree, is_test
from apps.audit.regex import any_of, regex

HUBS = regex(
    r"(transformers|diffusers|sentence_transformers|setfit|peft|open_clip|huggingface_hub|optimum|span_marker|gliner|auto_gptq"
    r"|unsloth|ctransformers|adapters)\b.*\.(from_pretrained|hf_hub_download|snapshot_download|create_model_and_transforms)"
    r"|sentence_transformers\.(SentenceTransformer|CrossEncoder)|transformers\.pipeline"
    r"|huggingface_hub\.(hf_hub_download|snapshot_download)"
)
VISION = regex(r"torchvision\.models\.(\w+\.)*[a-z]\w*|timm\.create_model|segmentation_models_pytorch\.\w+")
# Learners of fastai start from pretrained weights unless told otherwise; the architecture stands second.
LEARNERS = regex(r"(fastai\.(\w+\.)*)?(vision_learner|cnn_learner|unet_learner)")
KERAS = regex(r"(tensorflow\.)?keras\.applications\.(\w+\.)*[A-Z]\w+")
WEIGHTS_URL = regex(r"torch\.(hub\.load_state_dict_from_url|utils\.model_zoo\.load_url)")
OTHERS = regex(r"torch\.hub\.load|tensorflow_hub\.(load|KerasLayer)")
LOADERS = any_of(HUBS, VISION, LEARNERS, KERAS, WEIGHTS_URL, OTHERS)
LOCAL = regex(r"^(\.{0,2}/|~)|(path|dir|checkpoint|ckpt|output|save|local)", re.IGNORECASE)
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
    """Every call that loads other people's weights, tests aside; the project's own checkpoints are none.

    What a library loads by a name that its user gives is the user's to pin.
    """

    weights: tuple[Weights, ...]

    absent = "no pretrained weights"

    @classmethod
    def read(cls, tree: Tree, modules: Modules, project: Project) -> Self | None:
        own = [module for module in modules if not is_test(module.path)]
        library = project.kind is ProjectKind.LIBRARY
        found = tuple(each for module in own for each in loaded(module, tree, library=library))
        return cls(found) if found else None

    def __iter__(self) -> Iterator[Weights]:
        return iter(self.weights)


def loaded(module: Module, tree: Tree, *, library: bool) -> Iterator[Weights]:
    for call in module.called(LOADERS):
        pin = pin_of(call, module, tree)
        if pin is not None and not (library and is_asked_for(first(call), call.scope, module)):
            name = ".".join(call.name.split(".")[-2:])
            yield Weights(f"{name}({text_of(first(call)) or '…'})", module.path, call.line, pin)


def first(call: Call) -> Expression:
    """What names the weights."""
    if LEARNERS.fullmatch(call.name):
        return call.args[1] if len(call.args) > 1 else call.keywords.get("arch")
    return call.args[0] if call.args else next((call.keywords[key] for key in KEYWORDS if key in call.keywords), None)


def text_of(value: Expression) -> str:
    """A text, or the name that holds it."""
    return value if isinstance(value, str) else str(value.get("name", "")) if isinstance(value, dict) else ""


def is_asked_for(value: Expression, scope: str, module: Module) -> bool:
    """Whether the caller has to say it: an argument without a default, or an attribute that keeps one."""
    name = value.get("name") if isinstance(value, dict) else None
    if not isinstance(name, str):
        return False
    kept = [each for each in module.assignments if each.target == name]
    if name.startswith("self."):
        named = (each for each in kept if not text_of(each.value).startswith("self."))
        return any(is_asked_for(each.value, each.scope, module) for each in named)
    arguments = [argument for function in module.functions if function.name == scope for argument in function.args]
    return name in arguments and all(each.value is None for each in kept if each.scope == scope)


def is_moving(value: Expression, call: Call, module: Module) -> bool:
    """Whether a revision is none or one that moves; a name is followed to its default in this module."""
    if isinstance(value, dict) and isinstance(name := value.get("name"), str):
        names = {name, name.rpartition(".")[2]}
        values = [each.value for each in module.assignments if each.target in names and each.scope in {call.scope, ""}]
        values += [each.keywords.get("default") for each in module.calls if is_option(each, name.rpartition(".")[2])]
        return bool(values) and all(each is None or (isinstance(each, str) and each in MOVING) for each in values)
    return value is None or (isinstance(value, str) and value in MOVING)


def pin_of(call: Call, module: Module, tree: Tree) -> str | None:
    """What pins the weights that a call loads; None where it loads none of other people's."""
    if HUBS.fullmatch(call.name):
        source = text_of(first(call))
        if (
            LOCAL.search(source)
            or source in tree.folders - {""}
            or (call.name == "transformers.pipeline" and not call.args)
        ):
            return None
        return "" if is_moving(call.keywords.get("revision"), call, module) else "its revision"
    if VISION.fullmatch(call.name):
        weights = call.keywords.get("weights", call.keywords.get("encoder_weights"))
        named = weights if isinstance(weights, str) else weights.get("name", "") if isinstance(weights, dict) else ""
        if named:
            return "" if str(named).endswith("DEFAULT") else "its weights"
        return "" if call.keywords.get("pretrained") is True else None
    if LEARNERS.fullmatch(call.name):
        return None if call.keywords.get("pretrained") is False else ""
    if WEIGHTS_URL.fullmatch(call.name):
        return "its checksum" if call.keywords.get("check_hash") is True else ""
    if call.name == "torch.hub.load":
        return "a tag" if ":" in text_of(first(call)) else ""
    if KERAS.fullmatch(call.name) and call.keywords.get("weights", "imagenet") == "imagenet":
        return "a checksum in Keras"
    if call.name in {"tensorflow_hub.load", "tensorflow_hub.KerasLayer"}:
        return "a version in its URL" if re.search(r"/\d+/?$", text_of(first(call))) else ""
    return None
