"""Splits by a column that says which part a row belongs to, and columns that are filled at random for it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from apps.audit.facts.python.modules import Assignment, Module
from apps.audit.facts.training.sliced import PARTS
from apps.audit.regex import regex

COLUMN = regex(
    r"(k_?)?folds?|split|subset|partition|dataset_type|is_(train(ing)?|test|val(id(ation)?)?)", re.IGNORECASE
)


def by_column(module: Module) -> Iterator[tuple[str, int]]:
    """What each split is, and where: train = rows[rows.fold != 1] beside test = rows[rows.fold == 1]."""
    chosen = dict[tuple[str, str], list[Assignment]]()
    for each in module.assignments:
        value = each.value if isinstance(each.value, dict) else {}
        if value.get("code") == "Subscript" and len(value["names"]) > 1 and value["names"][0] in value["names"][1:]:
            chosen.setdefault((each.scope, value["names"][0]), []).append(each)
    for (_, base), parts in chosen.items():
        train, other = (next((each for each in parts if part.search(each.target)), None) for part in PARTS)
        if train and other and train.target != other.target and (column := column_in(module, train.line)):
            yield f"{train.target} beside {other.target}, by the column {column} of {base},", train.line


def column_in(module: Module, line: int) -> str:
    """The column of parts that a line names."""
    texts = (text.value for text in module.texts if text.line == line)
    return next(filter(COLUMN.fullmatch, texts), "")
