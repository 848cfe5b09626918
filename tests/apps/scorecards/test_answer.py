"""Whatever is accepted of the engine's answer can be kept, shown and read back."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from apps.audit.engine import MOST_FINDINGS, Audit
from apps.audit.policy import Policy
from apps.audit.sources import from_memory
from apps.audit.text import LONGEST_TEXT, cleaned
from apps.repositories.models import Repository
from apps.scorecards.answer import MOST_BYTES, parse
from apps.scorecards.models import Standing
from apps.scorecards.record import record

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]
COMMIT = "c" * 64
EVERY_TEXT = "".join(map(chr, range(0x3000))) + "\ud800\udfff\ufeff\uffff\U0001f600\U0010ffff"


def answer(**changes: Any) -> dict[str, Any]:
    own = Audit(from_memory({"a.py": "b"}), Policy()).to_json(with_facts=True) | {"commit": COMMIT}
    return dict(parse(json.dumps(cleaned(own | changes)).encode(), COMMIT))


def kept(repository: Repository, said: dict[str, Any]) -> Standing:
    with transaction.atomic():
        record(repository, said, Policy(), "seen")
    return Standing.objects.select_related("scorecard__details").get(repository=repository)


@pytest.mark.parametrize("start", range(0, len(EVERY_TEXT), 600))
def test_every_text_can_be_kept_once_it_is_cleaned(start: int, repository: Repository, reader: Client) -> None:
    text = EVERY_TEXT[start : start + 600]
    own = Audit(from_memory({"a.py": "b"}), Policy()).to_json(with_facts=True)["results"][0]
    said = {"message": text, "path": text, "line": (1 << 31) - 1}
    told = own | {"outcome": "failed", "reason": text, "findings": [said | {"fix": text}], "evidence": [said]}
    standing = kept(repository, answer(results=[told], measures={text: 1e15, "a": 0.1}))
    (result,) = standing.scorecard.details.results
    assert result["reason"] == cleaned(text)
    assert standing.scorecard.measures == {cleaned(text): 1e15, "a": 0.1}
    assert reader.get(repository.get_absolute_url()).status_code == 200


@pytest.mark.parametrize("moment", ["1970-01-01T00:00:00+00:00", "9999-01-01T14:00:00+14:00"])
def test_the_first_and_last_dates_can_be_kept_and_shown(moment: str, repository: Repository, reader: Client) -> None:
    assert kept(repository, answer(committed_at=moment)).scorecard.committed_at.year in {1970, 9999}
    assert reader.get(repository.get_absolute_url()).status_code == 200


def test_the_longest_answer_can_be_kept(repository: Repository) -> None:
    place = {"message": "x" * LONGEST_TEXT, "path": "p", "line": None, "fix": ""}
    results = Audit(from_memory({"a.py": "b"}), Policy()).to_json(with_facts=True)["results"]
    long = [each | {"outcome": "failed", "findings": [place] * MOST_FINDINGS} for each in results[:15]]
    said = answer(results=long)
    assert MOST_BYTES * 3 // 4 < len(json.dumps(said)) < MOST_BYTES
    assert len(kept(repository, said).scorecard.details.results) == 15
