"""What the collecting process may answer: it has read hostile bytes, so no more is believed than fits this form."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Literal, TypeAlias

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, FiniteFloat, ValidationError

from apps.audit.objects import LATEST
from apps.audit.text import printable
from apps.experiments.models import Source

MOST_BYTES, MOST_RUNS = 64_000_000, 20_000
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)


class Misfit(ValueError):
    """An answer that is not of the agreed form; the message says where."""


def moment(text: str) -> str:
    at = datetime.fromisoformat(text)
    if at.tzinfo is None or not EARLIEST <= at <= LATEST:
        raise ValueError("has no time zone, or is beyond what calendars hold")
    return text


Text: TypeAlias = Annotated[str, Field(max_length=2000), AfterValidator(printable)]
Long: TypeAlias = Annotated[str, Field(max_length=500), AfterValidator(printable)]
Name: TypeAlias = Annotated[str, Field(max_length=200), AfterValidator(printable)]
Moment: TypeAlias = Annotated[str, AfterValidator(moment)]
Commit: TypeAlias = Annotated[str, Field(pattern=r"\A([0-9a-f]{40,64})?\z")]
Digest: TypeAlias = Annotated[str, Field(pattern=r"\A[0-9a-f]{32}\z")]
# The first of these is the one that an error is about.
Scalar: TypeAlias = Long | bool | float | int | None
Path: TypeAlias = Annotated[str, Field(max_length=4096), AfterValidator(printable)]
Files: TypeAlias = dict[Path, dict[Name, Scalar]]


class Form(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")


class PlotForm(Form):
    kind: Literal["curve", "png", "jpeg"]
    x: Name
    y: Name
    points: Annotated[list[tuple[FiniteFloat, FiniteFloat]], Field(max_length=400)]
    data: Annotated[str, Field(max_length=450_000, pattern=r"\A[A-Za-z0-9+/=]*\z")]


class RunForm(Form):
    id: Annotated[str, Field(pattern=r"\A(git|mlflow):.{1,200}\z"), AfterValidator(printable)]
    source: Source
    sources: Annotated[list[Source], Field(max_length=5)]
    group: Name
    name: Name
    commit: Commit
    baseline: Commit
    builds_on: Commit
    branch: Name
    author: Name
    time: Moment | None
    subject: Long
    hypothesis: Text
    result: Text
    notes: Text
    stated: Annotated[list[tuple[Name, FiniteFloat, FiniteFloat | None]], Field(max_length=100)]
    changes: Annotated[list[Long], Field(max_length=100)]
    missing: Annotated[list[Long], Field(max_length=100)]
    metrics: Digest
    params: Digest
    lineage: Digest
    pipeline: Digest
    plots: Annotated[dict[Path, Digest], Field(max_length=20)]


class Tag(Form):
    name: Name
    commit: Commit
    time: Moment | None
    subject: Long
    kind: Literal["tag", "version", "stage", "deprecated", "created"]
    model: Name
    what: Name
    cancelled: bool


class Merge(Form):
    commit: Commit
    time: Moment
    subject: Long


class Answer(Form):
    schema_: Annotated[Literal[1], Field(alias="schema")]
    runs: Annotated[list[RunForm], Field(max_length=MOST_RUNS)]
    values: dict[Digest, Files]
    plots: dict[Digest, PlotForm]
    known: list[Commit]
    complete: bool
    saw_mlflow: bool
    gone: list[Commit]
    open: Annotated[list[Name], Field(max_length=2000)]
    tags: Annotated[list[Tag], Field(max_length=2000)]
    merges: Annotated[list[Merge], Field(max_length=1000)]


def parse(said: bytes) -> Answer:
    """Raises Misfit."""
    if len(said) > MOST_BYTES:
        raise Misfit(f"it has {len(said):,} bytes, more than {MOST_BYTES:,}")
    try:
        answer = Answer.model_validate_json(said)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        raise Misfit(": ".join([".".join(map(str, first["loc"])), first["msg"]]).removeprefix(": ")) from None
    values = ((run, {run.metrics, run.params, run.lineage, run.pipeline}) for run in answer.runs)
    lacking = [run.id for run, digests in values if not digests <= answer.values.keys()]
    lacking += [run.id for run in answer.runs if not answer.plots.keys() >= set(run.plots.values())]
    if lacking:
        raise Misfit(f"runs: {lacking[0]} has values that are not there")
    if len({run.id for run in answer.runs}) < len(answer.runs):
        raise Misfit("runs: one is there twice")
    return answer
