"""Outcomes, requirements, errors and the contract of the engine's JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import pytest

from apps.audit import catalog, digests
from apps.audit.cache import DerivedCache
from apps.audit.check import Evidence, Finding, NotApplicable, Outcome, Unknown, Yield
from apps.audit.engine import MOST_FINDINGS, Audit, conclude
from apps.audit.facts import Fact, FactError, Facts
from apps.audit.policy import Policy, Rule
from apps.audit.snapshot import Snapshot, derive
from apps.audit.sources import from_memory

LARGE = catalog.checks()["hygiene/large-files"]


@pytest.mark.parametrize(
    ("said", "outcome"),
    [
        ([], Outcome.PASSED),
        ([Evidence("seen")], Outcome.PASSED),
        ([Evidence("seen"), Finding("wrong"), Unknown("missing"), NotApplicable("none")], Outcome.FAILED),
        ([Unknown("missing"), NotApplicable("none"), Evidence("seen")], Outcome.UNKNOWN),
        ([NotApplicable("none"), Evidence("seen")], Outcome.NOT_APPLICABLE),
    ],
)
def test_what_is_said_decides_the_outcome(said: list[Yield], outcome: Outcome) -> None:
    assert conclude(LARGE, said).outcome is outcome


def test_findings_beyond_the_most_are_counted() -> None:
    result = conclude(LARGE, [Finding(str(number)) for number in range(MOST_FINDINGS + 5)])
    assert len(result.findings) == MOST_FINDINGS
    assert "of 105" in result.reason


class Broken(Fact):
    @classmethod
    def read(cls, snapshot: Snapshot) -> Self | None:
        raise RuntimeError("a fault in a fact")


class Absent(Fact):
    absent = "no such thing"

    @classmethod
    def read(cls, snapshot: Snapshot) -> Self | None:
        return None


class OnAbsent(Fact):
    absent = "nothing that needs it"

    @classmethod
    def read(cls, absent: Absent) -> Self:
        return cls()


@dataclass(frozen=True)
class Hungry(Fact):
    @classmethod
    def read(cls) -> Self:
        raise MemoryError


def test_facts_are_read_once_and_absence_passes_on() -> None:
    facts = Facts(from_memory({}))
    assert facts.get(OnAbsent) is None
    with pytest.raises(FactError, match="a fault in a fact"):
        facts.get(Broken)


class OnBroken:
    def run(self, broken: Broken) -> Iterator[Finding]:
        yield Finding("never")


class OnHungry:
    def run(self, hungry: Hungry) -> Iterator[Finding]:
        yield Finding("never")


def test_broken_check_is_errored_and_the_others_stand(monkeypatch: pytest.MonkeyPatch, capfd: Any) -> None:
    monkeypatch.setattr(LARGE, "run", OnBroken.run)
    audit = Audit(from_memory({"README.md": "# Title"}), Policy())
    assert audit.results[LARGE.slug].outcome is Outcome.ERRORED
    assert "a fault in a fact" in audit.results[LARGE.slug].reason
    assert sum(result.outcome is Outcome.ERRORED for result in audit.results.values()) == 1
    assert not audit.to_json()["complete"]
    assert "RuntimeError" in capfd.readouterr().err


def test_a_fact_that_takes_too_much_memory_is_said_in_words(monkeypatch: pytest.MonkeyPatch, capfd: Any) -> None:
    monkeypatch.setattr(LARGE, "run", OnHungry.run)
    result = Audit(from_memory({"README.md": "# Title"}), Policy()).results[LARGE.slug]
    assert result.outcome is Outcome.ERRORED
    assert result.reason == "Hungry needed more than 1.5 GB of memory"
    assert not capfd.readouterr().err


def test_check_that_is_off_is_not_applicable() -> None:
    audit = Audit(from_memory({"a": "b"}), Policy(checks={LARGE.slug: Rule(enabled=False)}))
    assert audit.results[LARGE.slug].outcome is Outcome.NOT_APPLICABLE
    assert "policy" in audit.results[LARGE.slug].reason


def test_only_limits_to_an_area_or_a_check() -> None:
    assert list(Audit(from_memory({"a": "b"}), Policy(), only=LARGE.slug).results) == [LARGE.slug]
    assert {slug.partition("/")[0] for slug in Audit(from_memory({}), Policy(), only="hygiene").results} == {"hygiene"}


def test_one_missing_thing_costs_once() -> None:
    results = Audit(from_memory({"train.py": "import torch\n"}), Policy()).results
    for check in catalog.checks().values():
        for required in check.requires:
            if results[required.slug].outcome is Outcome.FAILED:
                assert results[check.slug].outcome is Outcome.NOT_APPLICABLE, check.slug


def test_json_is_the_contract_and_equal_for_cold_and_warm_caches(tmp_path: Path) -> None:
    files = {
        "train.py": "import torch\ntorch.manual_seed(1)\n",
        "e.ipynb": '{"cells": []}',
        "params.yaml": "lr: 1e-3\n",
    }
    texts = []
    for _ in range(3):
        with closing(DerivedCache(tmp_path / "cache")) as cache:
            audit = Audit(from_memory(files, derived=cache), Policy())
        texts.append(json.dumps(audit.to_json(with_facts=True), allow_nan=False))
    assert texts[0] == texts[1] == texts[2]
    answer = json.loads(texts[0])
    assert set(answer) == {
        *("schema", "commit", "committed_at", "context", "engine", "policy", "score", "grade", "complete"),
        *("areas", "results", "measures", "facts"),
    }
    assert answer["engine"] == digests.engine()
    assert len(answer["results"]) == len(catalog.checks())


def test_order_of_the_files_changes_nothing() -> None:
    files = {"b.py": "import numpy\n", "a.py": "x = 1\n", "c/d.md": "# d\n"}
    forwards, backwards = from_memory(files), from_memory(dict(reversed(files.items())))
    assert Audit(forwards, Policy()).to_json() == Audit(backwards, Policy()).to_json()


def count(content: bytes) -> int:
    calls.append(content)
    return len(content)


calls: list[bytes] = []


def test_derived_values_are_kept_by_blob(tmp_path: Path) -> None:
    calls.clear()
    for _ in range(2):
        with closing(DerivedCache(tmp_path / "cache")) as cache:
            snapshot = from_memory({"a": "same", "b": "same", "c": "other"}, derived=cache)
            assert [value for _, value in derive(snapshot.files, count)] == [4, 4, 5]
    assert sorted(calls) == [b"other", b"same"]


def test_damaged_cache_is_thrown_away(tmp_path: Path) -> None:
    (tmp_path / "cache").write_bytes(b"not a database" * 100)
    with closing(DerivedCache(tmp_path / "cache")) as cache:
        cache.store(count, {"1": 2})
        assert cache.load(count, ["1", "2"]) == {"1": 2}


def test_files_over_the_limit_are_unknown() -> None:
    file = from_memory({"a": "12345"}).files[0]
    assert file.derive(count, limit=4) == Unknown("5e-06 MB, over the limit of 4e-06 MB", "a")
