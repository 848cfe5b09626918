"""What the engine's process may answer: it has read hostile bytes, so no more of it is believed than fits this form."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Annotated, Literal, TypeAlias

from pydantic import AfterValidator, Field, ValidationError

from apps.audit import catalog
from apps.audit.check import Effort, Outcome
from apps.audit.engine import MOST_FINDINGS
from apps.audit.objects import LATEST
from apps.audit.snapshot import Json
from apps.scorecards.answer_facts import Facts
from apps.scorecards.form import Form, Line, Text

MOST_BYTES, MOST_RESULTS = 8_000_000, 1000
EARLIEST = datetime.fromtimestamp(0, UTC)


class Misfit(ValueError):
    """An answer that is not of the agreed form; the message says where."""


def moment(text: str) -> str:
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError("has no time zone")
    if not EARLIEST <= at <= LATEST:
        raise ValueError("is beyond what calendars and databases hold in every time zone")
    return text


def known(slug: str) -> str:
    if slug not in catalog.checks():
        raise ValueError("is no check of ours")
    return slug


Digest: TypeAlias = Annotated[str, Field(pattern=r"\A[0-9a-f]{16}\z")]
Grade: TypeAlias = Annotated[Text, Field(max_length=1)]
Count: TypeAlias = Annotated[int, Field(ge=0, le=MOST_RESULTS)]
# Up to here a database's numbers are Python's to the last digit.
Measure: TypeAlias = Annotated[float, Field(ge=-1e15, le=1e15)]
Score: TypeAlias = Annotated[float, Field(ge=0, le=100)] | None


class Place(Form):
    message: Text
    path: Text
    line: Line


class FindingPlace(Place):
    fix: Text


class Result(Form):
    check: Annotated[str, AfterValidator(known)]
    title: Text
    outcome: Outcome
    weight: Annotated[float, Field(ge=0)]
    effort: Effort
    reason: Text
    findings: Annotated[list[FindingPlace], Field(max_length=MOST_FINDINGS)]
    evidence: Annotated[list[Place], Field(max_length=MOST_FINDINGS)]


class Area(Form):
    area: Text
    title: Text
    score: Score
    grade: Grade
    passed: Count
    judged: Count


class Answer(Form):
    schema_: Annotated[Literal[1], Field(alias="schema")]
    commit: Annotated[str, Field(pattern=r"\A[0-9a-f]{40,64}\z")]
    committed_at: Annotated[str, AfterValidator(moment)]
    context: Digest
    engine: Digest
    policy: Digest
    score: Score
    grade: Grade
    complete: bool
    areas: Annotated[list[Area], Field(max_length=100)]
    results: Annotated[list[Result], Field(max_length=MOST_RESULTS)]
    measures: Annotated[dict[Text, Measure], Field(max_length=1000)]
    facts: Facts


def where(error: ValidationError) -> str:
    """The first thing that is not of the form."""
    first = error.errors(include_input=False, include_url=False)[0]
    return ": ".join([".".join(map(str, first["loc"])), first["msg"]]).removeprefix(": ")


def parse(said: bytes, commit: str) -> Json:
    """The engine's answer as plain JSON. Raises Misfit."""
    if len(said) > MOST_BYTES:
        raise Misfit(f"it has {len(said):,} bytes, more than {MOST_BYTES:,}")
    try:
        answer = Answer.model_validate_json(said)
    except ValidationError as error:
        raise Misfit(where(error)) from None
    if answer.commit != commit:
        raise Misfit(f"commit: it is about {answer.commit}")
    if len({result.check for result in answer.results}) < len(answer.results):
        raise Misfit("results: a check is there twice")
    return json.loads(said)
