"""Which files are models and data."""

from __future__ import annotations

import time

import pytest

from apps.audit.checks.hygiene.model_binaries import ModelBinaries
from apps.audit.engine import Audit
from apps.audit.facts import Facts
from apps.audit.facts.data.artefacts import Artefacts, is_list
from apps.audit.policy import Policy
from apps.audit.sources import from_memory


@pytest.mark.parametrize(
    ("path", "line", "expected"),
    [
        ("subsets/ids.txt", "n03794056_10253.JPEG\n", True),
        ("points.dat", "0.125 -3.5e-2 7\n", True),
        ("labels.txt", "img/0001.png 3\n", True),
        ("found.json", '[{"id": 1, "text": "a"},\n', True),
        ("found.json", '{"id": 1, "text": "a"},\n', False),
        ("story.txt", "It was a dark and stormy night.\n", False),
        ("vocab.txt", "##ing\n", False),
        ("docs/ids.txt", "n03794056_10253.JPEG\n", False),
        ("net/ids.txt", "n03794056_10253.JPEG\n", False),
        ("requirements-all.txt", "torch==2.0.0\n", False),
    ],
)
def test_long_lists_are_data(path: str, line: str, expected: bool) -> None:
    fact = Facts(from_memory({path: line * 20_000, "net/__init__.py": ""})).get(Artefacts)
    assert fact
    assert bool(fact.data) is expected
    short = Facts(from_memory({path: line * 5})).get(Artefacts)
    assert short
    assert not short.data


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("net/bpe_simple_vocab_16e6.txt.gz", False),
        ("data/bpe_simple_vocab_16e6.txt.gz", True),
        ("net/images.tar.gz", True),
        ("net/vocab.csv", True),
    ],
)
def test_a_packed_vocabulary_beside_the_code_is_no_data(path: str, expected: bool) -> None:
    fact = Facts(from_memory({path: "0", "net/__init__.py": ""})).get(Artefacts)
    assert fact
    assert bool(fact.data) is expected


def test_no_text_takes_long() -> None:
    started = time.perf_counter()
    for content in (
        b"1" * 10**6,
        b"1." * 10**6,
        b"1 " * 10**6 + b"x",
        b"a 1,1;" * 10**6,
        (b"1" * 199 + b"x\n") * 10**4,
    ):
        is_list(content)
    assert time.perf_counter() - started < 1


def test_models_in_git_are_not_called_none() -> None:
    result = Audit(from_memory({"a.pkl": "0"}), Policy(), only=ModelBinaries.slug).results[ModelBinaries.slug]
    assert [each.message for each in result.findings] == ["a model binary (.pkl, 1 bytes) in git"]
    assert not result.evidence
