"""Pipelines, pointers and templates, small and in memory; what the real command says is in test_dvc_oracle."""

from __future__ import annotations

import time
from collections.abc import Mapping
from hashlib import md5
from typing import TypeVar

import pytest

from apps.audit.check import Outcome
from apps.audit.checks.dvc.chain_consistent import ChainConsistent
from apps.audit.engine import Audit
from apps.audit.facts import Fact, Facts
from apps.audit.facts.dvc.config import Configs
from apps.audit.facts.dvc.digests import CHUNK, hash_content
from apps.audit.facts.dvc.drift import Drift
from apps.audit.facts.dvc.expansion import MOST_STAGES
from apps.audit.facts.dvc.graph import Graph
from apps.audit.facts.dvc.pipelines import Dvc
from apps.audit.facts.dvc.states import State, States
from apps.audit.facts.dvc.templates import Context, TemplateError, templates
from apps.audit.policy import Policy
from apps.audit.sources import from_memory

F = TypeVar("F", bound=Fact)


def read(kind: type[F], files: Mapping[str, str | bytes]) -> F:
    fact = Facts(from_memory(files)).get(kind)
    assert fact
    return fact


def stages(text: str, **others: str) -> dict[str, object]:
    """Command by name of every stage of a dvc.yaml."""
    files = {"dvc.yaml": text} | {name.replace("_", "."): content for name, content in others.items()}
    return {stage.name: stage.cmd for stage in read(Dvc, files).stages}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("${a}", "x"),
        ("${n}", 3),
        ("${ a }-${n}", "x-3"),
        ("${flag}", True),
        ("is ${flag}", "is true"),
        ("${none}!", "None!"),
        ("${deep.list[1]} ${deep.list.0}", "two one"),
        ("\\${a} ${a}", "${a} x"),
        ("${a\n}", "${a\n}"),
        ("$a {a} ${", "$a {a} ${"),
        ({"${a}": ["${n}"]}, {"x": [3]}),
    ],
)
def test_templates_are_filled(text: object, expected: object) -> None:
    values = {"a": "x", "n": 3, "flag": True, "none": None, "deep": {"list": ["one", "two"]}}
    assert Context(values).resolve(text, "deps") == expected


@pytest.mark.parametrize(
    ("append", "negate", "expected"),
    [
        (False, False, "run --lr 0.1 --sizes 1 'a b' --deep.on --name 'a b'"),
        (True, False, "run --lr 0.1 --sizes 1 --sizes 'a b' --deep.on --name 'a b'"),
        (False, True, "run --lr 0.1 --sizes 1 'a b' --deep.on --no-off --name 'a b'"),
    ],
)
def test_a_mapping_becomes_arguments(append: bool, negate: bool, expected: str) -> None:
    values = {"args": {"lr": 0.1, "sizes": [1, "a b"], "deep": {"on": True}, "off": False, "name": "a b"}}
    assert Context(values, append, negate).resolve("run ${args}", "cmd") == expected


@pytest.mark.parametrize("text", ["${b}", "${a.c}", "${list[5]}", "${list.x}", "${}", "${list}"])
def test_templates_that_dvc_refuses(text: str) -> None:
    with pytest.raises(TemplateError):
        Context({"a": "x", "list": [1]}).resolve(text, "deps")


@pytest.mark.parametrize(
    "text", ["${" * 200_000, "${\n" * 150_000 + "}", "${a" * 150_000 + "}", "\\${" * 150_000 + "}"]
)
def test_hostile_templates_are_found_in_linear_time(text: str) -> None:
    started = time.process_time()
    list(templates(text))
    assert time.process_time() - started < 2


def test_templates_that_expand_beyond_measure() -> None:
    with pytest.raises(TemplateError, match="beyond measure"):
        Context({"a": "x" * 50_000}).resolve(["${a}" * 1000 + "."] * 100)


def test_a_matrix_beyond_measure_ends() -> None:
    axes = "".join(f"      a{number}: [{', '.join(map(str, range(50)))}]\n" for number in range(10))
    files = {"params.yaml": "", "dvc.yaml": f"stages:\n  s:\n    matrix:\n{axes}    cmd: a\n"}
    dvc = read(Dvc, files)
    assert len(dvc.stages) == MOST_STAGES
    assert "more than 2,000 stages" in dvc.unexpanded[0].reason


def test_foreach_over_lists_and_mappings() -> None:
    text = "stages:\n  s:\n    foreach: {}\n    do: {{cmd: 'a ${{item}} ${{{}}}'}}\n"
    assert stages(text.format("[x, 1, true, x]", "item")) == {"s@x": "a x x", "s@1": "a 1 1", "s@true": "a true true"}
    assert stages(text.format("{k: v}", "key")) == {"s@k": "a v k"}
    assert list(stages("stages:\n  s:\n    foreach: [{a: 1}, {a: 2}]\n    do: {cmd: '${item.a}'}\n")) == ["s@0", "s@1"]


def test_matrix_names_cells_by_values_and_positions() -> None:
    text = "stages:\n  s:\n    matrix: {m: [a, b], n: [[1, 2]], f: [true]}\n    cmd: ${item.m} ${item.n[1]} ${key}\n"
    assert stages(text) == {"s@a-n0-true": "a 2 a-n0-true", "s@b-n0-true": "b 2 b-n0-true"}


def test_vars_of_files_keys_and_stages() -> None:
    text = "vars: ['v.json:a', {c: 3}]\nstages:\n  s:\n    wdir: w\n    vars: [w.yaml]\n    cmd: ${a} ${c} ${d}\n"
    files = {"dvc.yaml": text, "v.json": '{"a": 1, "b": 2}', "w/w.yaml": "d: 4\n", "w.yaml": "d: 5\n"}
    assert read(Dvc, files).stages[0].cmd == "1 3 4"


@pytest.mark.parametrize(
    ("files", "known", "message"),
    [
        ({"dvc.yaml": "vars: [gone.yaml]\nstages: {}\n", "params.yaml": ""}, False, "gone.yaml is not in git"),
        ({"dvc.yaml": "stages:\n  s: {cmd: '${a}'}\n"}, False, "${a} is not defined"),
        ({"dvc.yaml": "stages:\n  s: {cmd: '${a}'}\n", "params.yaml": "b: 1\n"}, True, "${a} is not defined"),
        ({"dvc.yaml": "vars: [{a: 1}]\nstages: {}\n", "params.yaml": "a: 1\n"}, True, "a is defined twice"),
        ({"dvc.yaml": "stages: {s: 5}\n", "params.yaml": ""}, True, "not a mapping"),
    ],
)
def test_what_cannot_be_expanded(files: Mapping[str, str], known: bool, message: str) -> None:
    (failure,) = read(Dvc, files).pipelines[0].failures
    assert failure.known is known
    assert message in failure.message


def test_paths_count_from_the_pipeline_and_its_working_directory() -> None:
    text = "stages:\n  s:\n    wdir: ../w\n    cmd: a\n    deps: [x, ../y, s3://b/k]\n    params: [lr, {p.toml: }]\n"
    (stage,) = read(Dvc, {"sub/dvc.yaml": text.replace("s3:", "'s3:").replace("/k]", "/k']")}).stages
    assert [dep.path for dep in stage.deps] == ["w/x", "y", "s3://b/k"]
    assert {(each.path, each.keys) for each in stage.params} == {("w/params.yaml", ("lr",)), ("w/p.toml", ())}
    assert stage.deps[1].line == 5


def test_a_stage_file_of_dvc_0_carries_its_own_hashes() -> None:
    good, bad = md5(b"a\nb\n").hexdigest(), "0" * 32
    text = (
        "cmd: fit\ndeps:\n- {{md5: {}, path: a.txt}}\nouts:\n- {{md5: {}, path: m.json, cache: false, metric: true}}\n"
    )
    files: dict[str, str | bytes] = {
        "a.txt": b"a\r\nb\r\n",
        "m.json": "{}",
        "fit.dvc": text.format(good, md5(b"{}").hexdigest()),
    }
    assert not read(Drift, files).changes
    (change,) = read(Drift, files | {"fit.dvc": text.format(bad, md5(b"{}").hexdigest())}).changes
    assert change.subject == "a.txt"
    assert read(Dvc, files).pointer_files == 0


def test_a_lock_of_dvc_1_has_its_stages_at_the_top() -> None:
    files = {"dvc.yaml": "stages:\n  a: {cmd: x}\n", "dvc.lock": "a: {cmd: y}\nb: {cmd: z}\n"}
    assert [change.subject for change in read(Drift, files).changes] == ["the command"]
    assert read(Dvc, files).pipelines[0].orphans == (("b", 2),)


def test_text_of_dvc_2_is_hashed_in_pieces() -> None:
    split = b"a" * (CHUNK - 1) + b"\r\n\r\n"
    assert hash_content(split)["unix"] == md5(b"a" * (CHUNK - 1) + b"\r\n\n").hexdigest()
    assert hash_content(b"\0\r\n")["unix"] == md5(b"\0\r\n").hexdigest()


def folder_lock(digest: str, count: int) -> str:
    return f"stages:\n  a:\n    cmd: x\n    deps:\n    - {{path: lib, hash: md5, md5: {digest}.dir, nfiles: {count}}}\n"


@pytest.mark.parametrize(
    ("count", "extra", "unknown"),
    [
        (2, {}, False),
        (3, {}, True),
        (2, {"lib/data.csv.dvc": "outs: [{path: data.csv, md5: aaaa}]\n"}, None),
        (1, {".dvcignore": "b.py\n"}, False),
    ],
)
def test_a_folder_is_compared_only_when_git_has_all_of_it(
    count: int, extra: Mapping[str, str], unknown: bool | None
) -> None:
    lock = folder_lock("0" * 32, count)
    files = {"dvc.yaml": "stages:\n  a: {cmd: x, deps: [lib]}\n", "dvc.lock": lock, "lib/a.py": "a", "lib/b.py": "b"}
    drift = read(Drift, files | dict(extra))
    assert [bool(drift.unknown), bool(drift.changes)] == [unknown is True, unknown is False]


@pytest.mark.parametrize(
    ("dep", "outcome"),
    [
        ("raw", Outcome.PASSED),
        ("raw/", Outcome.PASSED),
        # Its hash, or what is hashed into that of the folder, is in a manifest that git has not.
        ("raw/d.csv", Outcome.UNKNOWN),
        ("./", Outcome.UNKNOWN),
        ("other", Outcome.NOT_APPLICABLE),
    ],
)
def test_what_lies_in_a_folder_of_dvc_cannot_be_compared_with_it(dep: str, outcome: Outcome) -> None:
    lock = f"stages:\n  a:\n    cmd: x\n    deps:\n    - {{path: {dep}, hash: md5, md5: aaaa.dir}}\n"
    files = {
        "dvc.yaml": f"stages:\n  a: {{cmd: x, deps: [{dep}]}}\n",
        "dvc.lock": lock,
        "raw.dvc": "outs:\n- {path: raw, hash: md5, md5: aaaa.dir}\n",
    }
    audit = Audit(from_memory(files), Policy(), ChainConsistent.slug)
    assert audit.results[ChainConsistent.slug].outcome is outcome


def test_data_in_git_lfs_is_unknown() -> None:
    lock = "stages:\n  a:\n    cmd: x\n    deps:\n    - {path: d.bin, hash: md5, md5: aaaa}\n"
    pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n"
    files = {"dvc.yaml": "stages:\n  a: {cmd: x, deps: [d.bin]}\n", "dvc.lock": lock, "d.bin": pointer}
    drift = read(Drift, files)
    assert not drift.changes
    assert "Git LFS" in drift.unknown[0].reason
    (node,) = read(States, files).nodes
    assert (node.state, "Git LFS" in node.why[0]) == (State.UNKNOWN, True)


def test_a_cycle_is_found_and_what_only_leads_to_it_is_not() -> None:
    text = """stages:
  a: {cmd: x, deps: [one], outs: [two]}
  b: {cmd: x, deps: [two], outs: [three]}
  c: {cmd: x, deps: [two, four], outs: [one]}
  d: {cmd: x, outs: [four]}
"""
    assert [stage.name for stage in read(Graph, {"dvc.yaml": text}).cycle] == ["a", "c"]


def test_writers_hold_are_or_lie_inside_a_path() -> None:
    text = "stages:\n  a: {cmd: x, outs: [data/in, data, data-2, data/in/deep]}\n"
    graph = read(Graph, {"dvc.yaml": text})
    assert {out.path for _, out in graph.writers("data/in")} == {"data", "data/in", "data/in/deep"}
    assert len(graph.writers(".")) == 4


def test_remotes_of_quoted_sections() -> None:
    text = '[core]\n    remote = a\n[\'remote "a"\']\n    url = s3://b\n[remote "c"]\n    url = gs://d\n'
    (config,) = read(Configs, {".dvc/config": text}).configs
    assert config.default == "a"
    assert {name: remote.url for name, remote in config.remotes.items()} == {"a": "s3://b", "c": "gs://d"}


@pytest.mark.parametrize(
    "text", ["", "a", "- 1\n", "outs: 5\n", "outs: [5, {}]\nwdir: [1]\ndeps: x\n", "\0", "a: &a [*a]"]
)
def test_odd_files_are_facts(text: str) -> None:
    files = {"x.dvc": text, "dvc.yaml": text, "dvc.lock": text, ".dvc/config": text, "params.yaml": text}
    assert read(Dvc, files).files
    read(Drift, files)
    read(Configs, files)


@pytest.mark.parametrize(
    "body", ["5", "[1]", "{cmd: 5, deps: 5, outs: {a: b}, params: x}", "{foreach: 5}", "{matrix: [1]}"]
)
def test_odd_stages_are_facts(body: str) -> None:
    lock = "stages: {s: 5, t: {cmd: [1], deps: {a: 1}, params: [1], outs: [1, {path: 1}]}}\n"
    files = {"dvc.yaml": f"stages: {{s: {body}, t: {body}}}\nmetrics: 5\n", "dvc.lock": lock, "params.yaml": ""}
    read(Drift, files)
    (pipeline,) = read(Dvc, files).pipelines
    assert {stage.name for stage in pipeline.stages} | {each.name for each in pipeline.failures} == {"s", "t"}


def test_the_size_of_what_dvc_keeps_counts_each_path_once() -> None:
    out = "{path: data.csv, md5: 0123456789abcdef0123456789abcdef, size: 1500000}"
    lock = f"schema: '2.0'\nstages: {{a: {{cmd: x, deps: [{out}], outs: [{out}, {{path: m, size: 500000}}]}}}}\n"
    files = {"data.csv.dvc": f"outs:\n- {out}\n", "dvc.yaml": "stages: {a: {cmd: x}}\n", "dvc.lock": lock}
    assert read(Dvc, files).megabytes == 2.0
