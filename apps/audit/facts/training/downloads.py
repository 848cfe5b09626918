"""Weights that the code downloads by itself: by their address, or out of a bucket."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from typing import NamedTuple

from apps.audit.facts.python.modules import Call, Expression, Module
from apps.audit.regex import any_of, regex

FETCHES = regex(
    r"urllib\.request\.url(open|retrieve)|requests\.get|httpx\.(get|stream)|wget\.download|gdown\.\w+"
    r"|(.*\.)?_?(download|load_file)(_\w+)?"
)
MODEL_ADDRESS = regex(r"(gs|s3|https?)://[^\s?#]+\.(pth?|ckpt|safetensors|onnx|h5|tflite|gguf)")
MODEL_FILE = regex(
    r"[^\s?#]+\.(pth?|ckpt|safetensors|onnx|h5|keras|tflite|gguf|caffemodel|weights)|[^\s?#]*model[^\s?#/]*\.(pkl|joblib|bin)"
)
VERSION = regex(r"@\w|/\d+/?$|[?&](version|generation)(Id)?=|[-/.][0-9a-f]{8,64}\b")
# Clients of S3, Google Cloud Storage, Azure Blob Storage and MinIO.
FROM_BUCKET = regex(r".*\.(download_file|download_fileobj|download_to_file(name)?|download_blob\w*|fget_object)")
WRITES = regex(r".*\.(upload_\w+|f?put_object|save\w*|dump|to_pickle|export|quantize_dynamic)")
NAMES_OBJECT = regex(r".*\.(get_)?blob(_client)?")
ANY_FETCH = any_of(FETCHES, FROM_BUCKET)


class Weights(NamedTuple):
    """One call that loads weights. `pinned_by` is empty when nothing holds their version."""

    what: str
    path: str
    line: int
    pinned_by: str


def text_of(value: Expression) -> str:
    """A text, or the name that holds it."""
    return value if isinstance(value, str) else str(value.get("name", "")) if isinstance(value, dict) else ""


def followed(value: Expression, call: Call, module: Module) -> str:
    """The text or name behind a value, through one assignment in the module; empty for none."""
    text = text_of(value)
    if isinstance(value, dict):
        given = [each.value for each in module.targets.get(text, ()) if each.scope in {call.scope, ""}]
        return next(filter(None, map(text_of, given)), text)
    return text


class Downloads:
    """Finds the downloads of modules; what the code itself writes or uploads is a checkpoint of its own."""

    def __init__(self, modules: list[Module]) -> None:
        checking = [module for module in modules if any(name.startswith("hashlib.") for name in module.names)]
        # A helper of the repository may compare the checksum.
        self.checked = {each.name.rpartition(".")[2] for module in checking for each in module.functions}
        asked = any(FROM_BUCKET.fullmatch(name) for module in modules for name in module.names)
        writes = ((call, module) for module in modules if asked for call in module.called(WRITES.fullmatch))
        self.written = {posixpath.basename(text) for call, module in writes for text in texts(call, module)}

    def found(self, module: Module) -> Iterator[Weights]:
        if not any(map(ANY_FETCH, module.names)):
            return
        names = {name.rpartition(".")[2] for name in module.names}
        checksum = any(name.startswith("hashlib.") for name in module.names) or not names.isdisjoint(self.checked)
        pin = "a checksum in the code" if checksum else ""
        for text in module.texts:
            if MODEL_ADDRESS.fullmatch(text.value):
                versioned = "a version in its address" if VERSION.search(text.value) else ""
                yield Weights(text.value.rpartition("/")[2], module.path, text.line, pin or versioned)
        for call in module.called(FROM_BUCKET.fullmatch):
            objects = [each for each in module.called(NAMES_OBJECT.fullmatch) if each.scope == call.scope]
            named = (each for one in (call, *objects) for each in texts(one, module))
            name = next((each for each in named if MODEL_FILE.fullmatch(each) and "://" not in each), "")
            if name and posixpath.basename(name) not in self.written:
                yield Weights(posixpath.basename(name), module.path, call.line, pin or version_in(call, objects))


def texts(call: Call, module: Module) -> list[str]:
    """The texts that a call is given, by itself or by a name."""
    return [text for value in (*call.args, *call.keywords.values()) if (text := followed(value, call, module))]


def version_in(call: Call, objects: list[Call]) -> str:
    """The version of an object that is asked for."""
    for each in (call, *objects):
        extra = each.keywords.get("ExtraArgs", each.args[3] if len(each.args) > 3 else None)
        inner = extra.get("dict", {}) if isinstance(extra, dict) else {}
        if {"generation", "version_id"} & each.keywords.keys() or "VersionId" in inner:
            return "the version of its object"
    return ""
