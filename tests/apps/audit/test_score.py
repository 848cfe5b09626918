"""Scores, grades and what to fix first."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from apps.audit import catalog
from apps.audit.check import Outcome
from apps.audit.policy import Policy, Rule
from apps.audit.score import evaluate, first_fixes

SLUGS = list(catalog.checks())
OUTCOMES = st.fixed_dictionaries({slug: st.sampled_from(Outcome) for slug in SLUGS})


def test_area_score_is_weight_won_of_weight_judged() -> None:
    outcomes = {"hygiene/large-files": Outcome.PASSED, "hygiene/model-binaries": Outcome.FAILED}
    policy = Policy(checks={"hygiene/large-files": Rule(weight=3), "hygiene/model-binaries": Rule(weight=1)})
    total = evaluate(outcomes, policy)
    assert (total.score, total.grade) == (75.0, "C")
    assert [(area.area, area.score, area.passed, area.judged) for area in total.areas if area.judged] == [
        ("hygiene", 75.0, 1, 2)
    ]


def test_areas_count_as_the_policy_weighs_them() -> None:
    outcomes = {"hygiene/large-files": Outcome.PASSED, "workflow/commit-messages": Outcome.FAILED}
    assert evaluate(outcomes, Policy()).score == 50.0
    assert evaluate(outcomes, Policy(areas={"hygiene": 3})).score == 75.0
    assert evaluate(outcomes, Policy(areas={"workflow": 0})).score == 100.0


def test_nothing_judged_is_no_score_and_not_zero() -> None:
    total = evaluate({"hygiene/large-files": Outcome.UNKNOWN}, Policy())
    assert (total.score, total.grade, total.complete) == (None, "", False)


@given(OUTCOMES, st.sampled_from(SLUGS))
def test_unknown_and_errored_never_count(outcomes: dict[str, Outcome], slug: str) -> None:
    scores = {
        evaluate({**outcomes, slug: outcome}, Policy()).score
        for outcome in (Outcome.UNKNOWN, Outcome.ERRORED, Outcome.NOT_APPLICABLE)
    }
    assert len(scores) == 1


@given(OUTCOMES, st.sampled_from(SLUGS))
def test_mending_a_check_never_lowers_the_score(outcomes: dict[str, Outcome], slug: str) -> None:
    failed = evaluate({**outcomes, slug: Outcome.FAILED}, Policy()).score
    passed = evaluate({**outcomes, slug: Outcome.PASSED}, Policy()).score
    assert passed is not None
    assert failed is not None
    assert passed >= failed


def test_first_fixes_rank_points_by_effort() -> None:
    outcomes = dict.fromkeys(SLUGS, Outcome.FAILED)
    fixes = first_fixes(outcomes, Policy())
    assert len(fixes) == len(SLUGS)
    assert fixes[0].check.effort == "minutes"
    assert all(fix.gain > 0 for fix in fixes)


@given(OUTCOMES)
def test_a_fix_gains_what_the_score_does(outcomes: dict[str, Outcome]) -> None:
    policy = Policy(areas={"hygiene": 3, "workflow": 0})
    now = evaluate(outcomes, policy).score or 0.0
    for fix in first_fixes(outcomes, policy):
        mended = evaluate({**outcomes, fix.check.slug: Outcome.PASSED}, policy).score or 0.0
        assert fix.gain == round(mended - now, 1)
