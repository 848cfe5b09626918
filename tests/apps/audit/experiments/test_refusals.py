"""What we say that DVC 3 refuses, by DVC's own schema; what DVC reads is never said to be refused."""

from __future__ import annotations

from typing import Any

import pytest
import voluptuous as vol
from dvc.schema import COMPILED_LOCKFILE_SCHEMA, COMPILED_MULTI_STAGE_SCHEMA, COMPILED_SINGLE_STAGE_SCHEMA
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.audit.experiments.refusals import damaged_lock, refused_lock, refused_pipeline, refused_pointer
from apps.audit.facts.documents import Document
from apps.audit.facts.yaml import Moment, parse_yaml

KEYS = [
    *("stages", "vars", "params", "metrics", "plots", "artifacts", "datasets", "unknown"),
    *("cmd", "deps", "outs", "wdir", "frozen", "desc", "meta", "matrix", "foreach", "do", "always_changed", "locked"),
    *("path", "md5", "size", "nfiles", "hash", "cache", "push", "persist", "remote", "type", "labels", "checkpoint"),
    *("repo", "url", "rev", "rev_lock", "config", "db", "query", "files", "relpath", "cloud", "etag", "isexec"),
    *("x", "y", "title", "template", "header", "metric", "metrics_no_cache", "live", "item"),
]
LEAVES = st.sampled_from(["text", "", 1, 1.5, True, None, "abc"])
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4),
    max_leaves=12,
)
STAGES = st.dictionaries(st.sampled_from([key for key in KEYS if key not in {"stages", "item"}]), VALUES, max_size=3)
PIPELINES = st.fixed_dictionaries(
    {},
    optional={
        "stages": st.dictionaries(st.just("s"), STAGES.map(lambda stage: {"cmd": "echo"} | stage)),
        "metrics": VALUES,
        "params": st.lists(VALUES, max_size=2),
        "plots": st.lists(VALUES, max_size=2),
        "vars": st.lists(VALUES, max_size=2),
        "artifacts": VALUES,
    },
)
ENTRIES = st.lists(st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=4), max_size=2)
LISTED = {"outs": ENTRIES | LEAVES, "deps": ENTRIES | LEAVES}
OTHERS = dict.fromkeys(("md5", "wdir", "meta", "desc", "frozen", "locked", "cmd", "metric"), VALUES)
PATHS = st.lists(VALUES.map(lambda value: {"path": "a"} | value if isinstance(value, dict) else value), max_size=2)
LOCKED = st.fixed_dictionaries(
    {"schema": st.sampled_from(["2.0", "1.0"])},
    optional={
        "stages": st.dictionaries(
            st.just("s"),
            st.fixed_dictionaries(
                {"cmd": LEAVES}, optional={"deps": PATHS, "outs": PATHS, "params": VALUES, "unknown": LEAVES}
            )
            | VALUES,
        ),
        "datasets": VALUES,
    },
)
POINTERS = st.fixed_dictionaries({}, optional=LISTED | OTHERS)


def accepted(schema: vol.Schema, value: Any) -> bool:
    try:
        schema(value)
    except vol.Invalid:
        return False
    return True


@settings(max_examples=400)
@given(PIPELINES | VALUES)
def test_a_dvc_yaml_is_refused_when_dvc_refuses_it(value: Any) -> None:
    assert accepted(COMPILED_MULTI_STAGE_SCHEMA, value or {}) == (
        not list(refused_pipeline(Document("dvc.yaml", value)))
    )


@settings(max_examples=400)
@given(POINTERS | VALUES)
def test_a_pointer_is_refused_when_dvc_refuses_it(value: Any) -> None:
    assert accepted(COMPILED_SINGLE_STAGE_SCHEMA, value or {}) == (not list(refused_pointer(Document("x.dvc", value))))


LOCKS = {
    "": True,
    "schema: '2.0'\n": False,
    'schema: "2.0"\nstages: {}\n': False,
    "stages:\n  s:\n    cmd: echo\nschema: '2.0'\n": False,
    "'schema': '2.0'\n# comment\n---\n": True,
    "---\nschema: '2.0'\n...\n": False,
    "schema: '2.0'\ndatasets: []\nstages: {\n}\n": False,
    "schema: '1.0'\nstages: {}\n": True,
    "train:\n  cmd: echo\n": True,
    "schema: '2.0'\ntrain:\n  cmd: echo\n": True,
    "schema: '2.0'\n<<<<<<< HEAD\nstages: {}\n=======\nstages: {}\n>>>>>>> other\n": True,
    "schema: '2.0'\nstages:\n  schema: '1.0'\n  other: {cmd: echo}\n": True,
}


# Its outermost lines do not tell of these: a lock changes with every run, and reading all of each would cost.
DEEPER = {"'schema': '2.0'\n# comment\n---\n", "schema: '2.0'\nstages:\n  schema: '1.0'\n  other: {cmd: echo}\n"}


@pytest.mark.parametrize("text", LOCKS)
def test_a_lock_is_refused_when_dvc_refuses_it(text: str) -> None:
    parsed = parse_yaml(text.encode())
    refused = bool(parsed.get("error") or parsed.get("doubt"))
    assert (refused or not accepted(COMPILED_LOCKFILE_SCHEMA, parsed["value"] or {})) == LOCKS[text]
    assert bool(list(damaged_lock(Document("dvc.lock", **parsed)))) == LOCKS[text]
    assert bool(list(refused_lock("dvc.lock", text.encode()))) == (LOCKS[text] and text not in DEEPER)


@settings(max_examples=400)
@given(LOCKED)
def test_damage_deep_in_a_lock_is_seen(value: Any) -> None:
    assert accepted(COMPILED_LOCKFILE_SCHEMA, value) == (not list(damaged_lock(Document("dvc.lock", value))))


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({"stages": {"s": {"cmd": "x", "desc": Moment("2024-01-02")}}}, "stages.s.desc is no text"),
        ({"stages": {"s": {"cmd": "x", "live": {}}}}, "it knows no stages.s.live"),
        ({"stages": {"s": {"deps": []}}}, "stages.s has no cmd"),
        ({"metrics": [{"m.json": {"cache": False}}]}, "metrics.0 is no text"),
        ({"stages": None}, "stages is no mapping"),
        ([], "it is no mapping"),
    ],
)
def test_the_reason_names_the_place(value: Any, words: str) -> None:
    assert list(refused_pipeline(Document("sub/dvc.yaml", value))) == (
        [f"DVC 3 refuses sub/dvc.yaml: {words}"] if value else []
    )
