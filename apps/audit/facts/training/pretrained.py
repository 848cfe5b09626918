"""Pretrained weights that the code starts from, and what pins each."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

from apps.audit.facts import Fact
from apps.audit.facts.project import Project, ProjectKind
from apps.audit.facts.python.modules import Call, Expression, Module, Modules
from apps.audit.facts.training.downloads import VERSION, Downloads, Weights, followed, text_of
from apps.audit.facts.training.options import defaults
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
HASH_IN_URL = regex(r"://.*-[0-9a-f]{8,64}\.\w+$")
WEIGHTS_URL = regex(r"torch\.(hub\.load_state_dict_from_url|utils\.model_zoo\.load_url)")
TENSORFLOW_HUB = regex(r"tensorflow_hub\.(load|KerasLayer|Module|load_module_spec)")
# They load what their first argument names, mostly a checkpoint of the project's own.
CHECKPOINTS = regex(
    r"torch\.load|joblib\.load|tensorflow\.(saved_model\.load(_v2)?|train\.(load_checkpoint|init_from_checkpoint))|.*\.load_model"
)
COMMANDS = regex(r"get_ipython\(\)\.system|os\.system|subprocess\.(run|call|check_call|check_output)")
DOWNLOAD = regex(
    r"\b(wget|curl|gdown|gsutil|aws +s3)\b"
    r"[^|;&]*[/=](?P<file>[\w.%-]+\.(pth?|ckpt|safetensors|onnx|h5|tflite|caffemodel|weights|gguf))\b"
)
UPLOAD = regex(r"\b(gsutil|aws +s3)\b[^|;&]*?\s(cp|mv|r?sync)\s+(-\S+\s+)*(?!-|gs://|s3://)\S")
CHECKSUM = regex(r"\b(sha\d*sum|md5sum|shasum)\b")
REMOTE = regex(r"(gs|s3|https?)://")
OTHERS = regex(r"torch\.hub\.load")
LOADERS = any_of(HUBS, VISION, LEARNERS, KERAS, WEIGHTS_URL, TENSORFLOW_HUB, CHECKPOINTS, COMMANDS, OTHERS)
# The name of an option that takes either says nothing of where its value lies.
LOCAL = regex(r"^(\.{0,2}/|~)|((?<!name_or_)path|dir|checkpoint|ckpt|output|save|local)", re.IGNORECASE)
MOVING = {"main", "master", "latest", ""}
KEYWORDS = (
    "pretrained_model_name_or_path",
    "model_name_or_path",
    "model_name",
    "model",
    "repo_id",
    "repo_or_dir",
    "url",
)


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
        downloads = Downloads(own)
        found += tuple(each for module in own for each in downloads.found(module))
        return cls(found) if found else None

    def __iter__(self) -> Iterator[Weights]:
        return iter(self.weights)


def loaded(module: Module, tree: Tree, *, library: bool) -> Iterator[Weights]:
    for call in module.called(LOADERS):
        pin = pin_of(call, module, tree)
        if pin is not None and not (library and is_asked_for(first(call), call.scope, module)):
            yield Weights(named(call), module.path, call.line, pin)


def named(call: Call) -> str:
    if COMMANDS.fullmatch(call.name) and (file := DOWNLOAD.search(text_of(first(call)))):
        return f"{file[1]} … {file['file']}"
    return f"{'.'.join(call.name.split('.')[-2:])}({text_of(first(call)) or '…'})"


def first(call: Call) -> Expression:
    """What names the weights."""
    if LEARNERS.fullmatch(call.name):
        return call.args[1] if len(call.args) > 1 else call.keywords.get("arch")
    return call.args[0] if call.args else next((call.keywords[key] for key in KEYWORDS if key in call.keywords), None)


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
        values += defaults(module, name.rpartition(".")[2])
        return bool(values) and all(each is None or (isinstance(each, str) and each in MOVING) for each in values)
    return value is None or (isinstance(value, str) and value in MOVING)


def pin_of(call: Call, module: Module, tree: Tree) -> str | None:
    """What pins the weights that a call loads; None where it loads none of other people's."""
    if HUBS.fullmatch(call.name):
        if is_local(first(call), call, module, tree) or (call.name == "transformers.pipeline" and not call.args):
            return None
        return "" if is_moving(call.keywords.get("revision"), call, module) else "its revision"
    if VISION.fullmatch(call.name):
        weights = call.keywords.get("weights", call.keywords.get("encoder_weights"))
        if named := followed(weights, call, module):
            return "" if named.endswith("DEFAULT") else "its weights"
        return "" if call.keywords.get("pretrained") is True else None
    if LEARNERS.fullmatch(call.name):
        return None if call.keywords.get("pretrained") is False else ""
    if WEIGHTS_URL.fullmatch(call.name):
        return pin_of_url(call, module)
    if call.name == "torch.hub.load":
        return "a tag" if ":" in text_of(first(call)) else ""
    if KERAS.fullmatch(call.name) and call.keywords.get("weights", "imagenet") == "imagenet":
        return "a checksum in Keras"
    return pin_of_download(call, module)


def is_local(value: Expression, call: Call, module: Module, tree: Tree) -> bool:
    """Whether what is loaded lies on the machine, by its name or by what the option of that name holds by default."""
    source = text_of(value)
    held = [each.value for each in module.targets.get(source, ()) if each.scope in {call.scope, ""}]
    held += defaults(module, source.rpartition(".")[2]) if isinstance(value, dict) else ()
    sources = [source, *(each for each in held if isinstance(each, str))]
    return any(LOCAL.search(each) or each in tree.folders - {""} for each in sources)


def pin_of_url(call: Call, module: Module) -> str | None:
    """A checksum is compared where the URL holds it; one that the user gives is the user's to pin."""
    url = followed(first(call), call, module)
    if call.keywords.get("check_hash") is not True:
        return ""
    return "its checksum" if HASH_IN_URL.search(url) else "" if REMOTE.match(url) else None


def pin_of_download(call: Call, module: Module) -> str | None:
    """What pins a model that is fetched by its address, or by a command."""
    address = followed(first(call), call, module)
    if COMMANDS.fullmatch(call.name):
        commands = [str(each.args[:1]) for each in module.called(COMMANDS.fullmatch)]
        pinned = VERSION.search(address) or any(map(CHECKSUM.search, commands))
        if UPLOAD.search(address) or not DOWNLOAD.search(address):
            return None
        return "a checksum or version" if pinned else ""
    if TENSORFLOW_HUB.fullmatch(call.name) or (CHECKPOINTS.fullmatch(call.name) and REMOTE.match(address)):
        return "a version in its address" if VERSION.search(address) else ""
    return None
