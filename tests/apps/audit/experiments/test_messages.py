"""`exp:` commits as people write them."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest

from apps.audit.experiments.messages import Note, Stated, note
from apps.audit.snapshot import Commit

TEMPLATE = """\
exp(churn): focal loss

Experiment: EXP-042
Hypothesis: focal loss helps
  with rare classes

Result: accepted
Metrics:
- recall: 0.71 -> 0.74 (+0.03)
- auc: 0.9
Config changes:
- loss: ce -> focal
* gamma: 2
Notes: run on one GPU
Second line.

Signed-off-by: Ada <ada@example.org>
Notes: of nobody
"""


def told(message: str) -> Note | None:
    return note(Commit("1" * 40, (), "Ada", "ada@example.org", datetime(2026, 1, 1, tzinfo=UTC), message))


def read(message: str) -> Note:
    found = told(message)
    assert found
    return found


def metrics(text: str) -> list[Stated]:
    return list(read(f"exp: x\n\nMetrics: {text}").metrics)


def test_every_field_of_the_template() -> None:
    assert read(TEMPLATE.partition("Notes: of nobody")[0]) == Note(
        "focal loss",
        "EXP-042",
        "churn",
        "focal loss helps\nwith rare classes",
        "accepted",
        (Stated("recall", 0.74, 0.71), Stated("auc", 0.9, None)),
        ("loss: ce -> focal", "gamma: 2"),
        "run on one GPU\nSecond line.",
    )


def test_a_field_after_the_trailers_counts_too() -> None:
    assert read(TEMPLATE).notes == "run on one GPU\nSecond line.\nof nobody"


@pytest.mark.parametrize(
    "body",
    [
        "RESULT: better\nhypothesis: it helps",
        "hypothesis : it helps\n\n\nResult: better\n",
        "- **Hypothesis:** it helps\n- **Result**: better",
        "## Hypothesis: it helps\n## Outcome: better",
        "Hypotheses: it helps\nConclusion: better",
        "Hypothesis\uff1ait helps\nResult\uff1abetter",
        "words before\nHypothesis: it helps\nResult: better\nNotes: none",
        "Result:\n  better\nHypothesis:\n\n  it helps",
    ],
)
def test_order_case_marks_and_names_of_fields_may_vary(body: str) -> None:
    found = read(f"exp: x\n\n{body}")
    assert (found.hypothesis, found.result, found.notes) == ("it helps", "better", "")


def test_fields_that_are_missing_are_empty() -> None:
    assert read("exp: only a subject") == Note("only a subject", "", "", "", "", (), (), "")


@pytest.mark.parametrize("subject", ["exp: x", "Exp: x", "EXP(a b): x", "exp!: x", "exp:x"])
def test_subjects_that_are_experiments(subject: str) -> None:
    assert read(subject).subject == "x"


@pytest.mark.parametrize("subject", ["feat: x", "exp", "exp:", "exp: ", "expo: x", "export: x", "x exp: y", ""])
def test_subjects_that_are_none(subject: str) -> None:
    assert told(subject) is None


@pytest.mark.parametrize(
    ("text", "stated"),
    [
        ("recall: 0.71 -> 0.74", Stated("recall", 0.74, 0.71)),
        ("recall: 0.71 → 0.74 (+4%)", Stated("recall", 0.74, 0.71)),
        ("recall 0.5 (was 0.25)", Stated("recall", 0.5, 0.25)),
        ("recall=0.5 (+0.25)", Stated("recall", 0.5, 0.25)),
        ("loss: 0.25 (-0.25)", Stated("loss", 0.25, 0.5)),
        ("loss: 0.25 (\u22120.25)", Stated("loss", 0.25, 0.5)),
        ("f1 score: 80% => 82%", Stated("f1 score", 82, 80)),
        ("val/loss: 1e-3", Stated("val/loss", 0.001, None)),
        ("mAP@0.5: .6", Stated("mAP@0.5", 0.6, None)),
        ("r2: -0.5 -> \u2212.25", Stated("r2", -0.25, -0.5)),
        ("Genauigkeit größer: 0.9", Stated("Genauigkeit größer", 0.9, None)),
        ("准确率\uff1a0.9", Stated("准确率", 0.9, None)),
        ("точность: 0.9 (from 0.8)", Stated("точность", 0.9, 0.8)),
        ("دقة: 0.9", Stated("دقة", 0.9, None)),
    ],
)
def test_a_metric_with_what_it_was(text: str, stated: Stated) -> None:
    assert metrics(text) == [stated]


def test_several_metrics_on_one_line() -> None:
    assert metrics("accuracy=0.9, f1: 0.8; loss 0.1") == [
        Stated("accuracy", 0.9, None),
        Stated("f1", 0.8, None),
        Stated("loss", 0.1, None),
    ]


@pytest.mark.parametrize("text", ["none", "better than before", "loss: 1e999", "loss: nan", "-", "1: 2 3"])
def test_what_is_no_metric(text: str) -> None:
    assert metrics(text) == []


@pytest.mark.parametrize(
    "unit", ["a ", "a", "1", "a:1(", "- ", "a: 1 -> ", "metrics: ", "(", "* ", "\n- a 1", "x 1 (was "]
)
def test_reading_takes_time_in_proportion_to_the_text(unit: str) -> None:
    text = unit * (1_000_000 // len(unit))
    began = time.process_time()
    told(f"exp: {text}\n\nMetrics: {text}\n{text}: 1\nConfig: {text}")
    assert time.process_time() - began < 3
