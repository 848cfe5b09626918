"""What every part of an engine's answer is made of."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from apps.audit.text import LONGEST_TEXT, printable

Text: TypeAlias = Annotated[str, Field(max_length=LONGEST_TEXT), AfterValidator(printable)]
Line: TypeAlias = Annotated[int, Field(ge=0, lt=1 << 31)] | None
# How many files or positions there are.
Number: TypeAlias = Annotated[int, Field(ge=0, le=10_000_000)]


class Form(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False)
