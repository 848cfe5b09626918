"""What DVC 3 refuses to read, although git holds it: old forms, and mistakes. Source: dvc/schema.py of 3.67."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from apps.audit.facts.documents import Document
from apps.audit.facts.yaml import Moment
from apps.audit.regex import regex
from apps.audit.text import clean_text


@dataclass(frozen=True)
class Fields:
    """A mapping with these keys and no others."""

    known: Mapping[str, Any]
    required: tuple[str, ...] = ()


@dataclass(frozen=True)
class Every:
    """A mapping with any keys, or a list, all of whose values have one form."""

    form: Any
    kind: type = list
    least: int = 0
    most: float = math.inf


@dataclass(frozen=True)
class Either:
    """One of several forms; a single value must also have so many characters, if any."""

    forms: tuple[Any, ...]
    least: int = 0


def table(**known: Any) -> Fields:
    return Fields(known)


ANY, TEXT, TEXTS = object, str, Every(str)
COMMAND = Either((str, list))
HASH = Either((str, int, type(None)), least=3)
HASHES = {"md5": HASH, "checksum": HASH, "etag": HASH}
META = {"size": int, "nfiles": int, "isexec": bool, "version_id": str}
NOTES = {"desc": str, "type": str, "labels": TEXTS, "meta": ANY}
CLOUD = Every(Fields(META | HASHES), dict, most=1)
FILE = HASHES | META | {"path": str, "persist": bool, "cloud": CLOUD, "hash": str}
FILES = Every(Fields(HASHES | META | {"relpath": str, "cloud": CLOUD}, ("relpath",)))
REPOSITORY = Fields(
    {"url": str, "rev": str, "rev_lock": str, "config": Either((str, dict)), "remote": Either((str, dict))}, ("url",)
)
DATABASE = table(query=str, connection=str, file_format=str, table=str)
POINTER_OUT = Fields(FILE | NOTES | {"cache": bool, "remote": str, "push": bool, "files": FILES, "fs_config": dict})
POINTER_DEP = Fields(FILE | {"repo": REPOSITORY, "db": DATABASE, "files": FILES, "fs_config": dict})
POINTER = table(
    md5=HASH,
    wdir=Either((str, type(None))),
    deps=Either((Every(POINTER_DEP), type(None))),
    outs=Either((Every(POINTER_OUT), type(None))),
    locked=bool,
    frozen=bool,
    meta=ANY,
    always_changed=bool,
    desc=str,
)
OUT = NOTES | {"cache": bool, "persist": bool, "checkpoint": bool, "remote": str, "push": bool}
PLOT = OUT | {"template": str, "x": str, "y": str, "x_label": str, "y_label": str, "title": str, "header": bool}
OUTS = Every(Either((str, Every(Fields(OUT), dict))))
PLOTS = Every(Either((str, Every(Either((Fields(PLOT), Every(Fields(PLOT)))), dict))))
VARS = Every(Either((str, dict)))
STAGE = Fields(
    {
        "matrix": Every(COMMAND, dict),
        "cmd": COMMAND,
        "wdir": str,
        "deps": TEXTS,
        "params": VARS,
        "vars": VARS,
        "frozen": bool,
        "meta": ANY,
        "desc": str,
        "always_changed": bool,
        "outs": OUTS,
        "metrics": OUTS,
        "plots": PLOTS,
    },
    ("cmd",),
)
GROUP = Fields({"foreach": Either((dict, list, str)), "do": STAGE}, ("foreach", "do"))
COLUMNS = Either((str, TEXTS, Every(Either((str, TEXTS)), dict)))
TOP_PLOT = table(x=Either((str, Every(str, dict))), y=COLUMNS, x_label=str, y_label=str, title=str, template=str)
PIPELINE = table(
    datasets=ANY,
    plots=Every(Either((str, Every(Either((TOP_PLOT, type(None))), dict, least=1)))),
    stages=dict,
    vars=VARS,
    params=TEXTS,
    metrics=TEXTS,
    artifacts=Every(Fields(NOTES | {"path": str}, ("path",)), dict),
)
LOCKED = Fields(HASHES | META | {"path": str, "cloud": CLOUD, "files": FILES, "hash": str, "dataset": dict}, ("path",))
LOCKED_STAGE = Fields(
    {"cmd": COMMAND, "deps": Every(LOCKED), "params": Every(Every(ANY, dict), dict), "outs": Every(LOCKED)}, ("cmd",)
)
LOCK = table(schema=str, datasets=ANY, stages=Every(LOCKED_STAGE, dict))
LOCK_SCHEMA = regex(rb"(^|\n)[\"']?schema[\"']?: *['\"]?2\.0['\"]?\s")
# What a lock has at its left margin: its own keys, comments, and the marks around a document.
LOCK_LINE = regex(rb"[\"']?(?:schema|stages|datasets)[\"']?:|[\s#}]|---|\.\.\.|$")
WORDS: dict[type, str] = {str: "text", int: "number", bool: "true or false", dict: "mapping", list: "list"}


def refused_pipeline(document: Document) -> Iterator[str]:
    """Why DVC 3 refuses a dvc.yaml; nothing where it does not."""
    faults = mistakes(document.value or {}, PIPELINE)
    for name, stage in document.table("stages").items():
        is_group = isinstance(stage, dict) and not {"foreach", "do"}.isdisjoint(stage)
        faults += mistakes(stage, GROUP if is_group else STAGE, f"stages.{name}")
    yield from reasons(document, faults)


def refused_pointer(document: Document) -> Iterator[str]:
    """Why DVC 3 refuses a .dvc file; nothing where it does not."""
    yield from reasons(document, mistakes(document.value or {}, POINTER))


def refused_lock(path: str, content: bytes) -> Iterator[str]:
    """Why DVC 3 refuses a dvc.lock, as far as its outermost lines tell; nothing where they are as they must be."""
    if not LOCK_SCHEMA.search(content):
        yield f"DVC 3 refuses {path}: it has no schema 2.0, as DVC 1 wrote it"
    elif odd := next((line for line in content.splitlines() if not LOCK_LINE.match(line)), None):
        yield f"DVC 3 refuses {path}: it knows no {clean_text(odd.decode('utf-8', 'replace'), 40)}"


def damaged_lock(document: Document) -> Iterator[str]:
    """Why DVC 3 refuses a dvc.lock; nothing where it does not. To read all of one takes a hundred times as long."""
    if document.error:
        yield f"{document.path} cannot be read: {document.error}"
    elif document.table().get("schema") != "2.0":
        yield f"DVC 3 refuses {document.path}: it has no schema 2.0, as DVC 1 wrote it"
    else:
        yield from reasons(document, mistakes(document.value or {}, LOCK))


def reasons(document: Document, faults: list[str]) -> Iterator[str]:
    if faults or document.doubt:
        yield f"DVC 3 refuses {document.path}: {clean_text(faults[0] if faults else document.doubt, 200)}"


def mistakes(value: Any, form: Any, way: str = "") -> list[str]:
    """What is not of the form; of each list and mapping the first, which is all that is told."""
    found: list[str] = []
    if isinstance(form, Either):
        fitting = [each for each in form.forms if isinstance(value, kind_of(each))]
        if not fitting or (len(str(value)) < form.least and value != ""):
            return [f"{way} is not as it must be"]
        tries = [mistakes(value, each, way) for each in fitting]
        found = [] if [] in tries else tries[-1]
    elif not isinstance(value, kind := kind_of(form)) or (kind is str and isinstance(value, Moment)):
        found = [f"{way or 'it'} is no {WORDS.get(kind, kind.__name__)}"]
    elif isinstance(form, Fields):
        found = [f"it knows no {below(way, key)}" for key in value if key not in form.known][:1]
        found += [f"{way or 'it'} has no {key}" for key in form.required if key not in value]
        inner = ((value[key], known, below(way, key)) for key, known in form.known.items() if key in value)
        found += next(filter(None, (mistakes(*each) for each in inner)), [])
    elif isinstance(form, Every):
        entries = value.items() if isinstance(value, dict) else enumerate(value)
        found = [] if form.least <= len(value) <= form.most else [f"{way} has {len(value)} entries"]
        found += next(filter(None, (mistakes(each, form.form, below(way, key)) for key, each in entries)), [])
    return found


def kind_of(form: Any) -> Any:
    """The type of what has a form."""
    if isinstance(form, Fields):
        return dict
    return form.kind if isinstance(form, Every) else object if isinstance(form, Either) else form


def below(way: str, key: object) -> str:
    return f"{way}.{key}" if way else str(key)
