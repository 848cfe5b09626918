"""What the process that judges past commits may answer, line by line; no more of it is believed than fits this form."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import AfterValidator, Field, ValidationError

from apps.audit.check import Outcome
from apps.audit.replay import AT_ONCE
from apps.scorecards.answer import MOST_RESULTS, Digest, Measure, Misfit, known, moment, where
from apps.scorecards.form import Form, Text

ObjectId: TypeAlias = Annotated[str, Field(pattern=r"\A[0-9a-f]{40,64}\z")]


class Commit(Form):
    """`parent` is the first one, empty where the history begins."""

    commit: ObjectId
    parent: ObjectId | Literal[""]
    author: Text
    committed_at: Annotated[str, AfterValidator(moment)]


class Header(Form):
    """What is going to be judged, and whether that is all of the last commits that were not known."""

    schema_: Annotated[Literal[1], Field(alias="schema")]
    engine: Digest
    asked: Annotated[list[Commit], Field(max_length=AT_ONCE)]
    complete: bool


class Verdict(Form):
    """What came of one commit; `error` says why there are no outcomes."""

    commit: ObjectId
    outcomes: dict[Annotated[str, AfterValidator(known)], Outcome] = Field(default={}, max_length=MOST_RESULTS)
    measures: dict[Text, Measure] = Field(default={}, max_length=1000)
    error: Text = ""


def parse(said: bytes) -> tuple[Header, list[Verdict]]:
    """The header, and as many verdicts as whole lines follow it, in the header's order. Raises Misfit."""
    header, *lines = said.split(b"\n")[:-1] or [said]
    try:
        head = Header.model_validate_json(header)
        verdicts = [Verdict.model_validate_json(line) for line in lines]
    except ValidationError as error:
        raise Misfit(where(error)) from None
    if [each.commit for each in verdicts] != [each.commit for each in head.asked[: len(verdicts)]]:
        raise Misfit("commit: it is not about the commits that it names")
    return head, verdicts
