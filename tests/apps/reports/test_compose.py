"""What a report says of rows as audits leave them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from apps.accounts.models import Team
from apps.audit import catalog
from apps.experiments.improvements import compare
from apps.experiments.models import Direction
from apps.reports.compose import compose
from apps.reports.contents import MOST, Contents
from apps.reports.courses import Period
from apps.reports.words import story, subject
from apps.repositories.models import Repository, State
from apps.scorecards.models import Flip, Scorecard, Standing
from tests.apps.experiments.trials import keep
from tests.apps.reports.fleet import CHECKS, MONDAY, audited, days, watch

pytestmark = pytest.mark.django_db
SECRETS, LARGE, UNIT = "hygiene/secrets", "hygiene/large-files", "testing/unit"
WEEK = Period(MONDAY - days(7), MONDAY, "UTC")


def report(period: Period = WEEK, **only: Any) -> Contents:
    return compose(Repository.objects.filter(**only), "Platform", period)


def names(found: Any) -> list[str]:
    return [each.repository.name for each in found]


def test_scores_are_those_at_the_ends_of_the_period() -> None:
    churn = watch("churn")
    before = audited(churn, MONDAY - days(9), {SECRETS, LARGE})
    audited(churn, MONDAY - days(3), {SECRETS})
    now = audited(churn, MONDAY - days(1), set())
    audited(churn, MONDAY + timedelta(hours=1), {SECRETS, LARGE, UNIT})
    told = report()
    assert told.verdict.score == now.score == 100
    (rose,) = told.rose
    assert rose.change == round(100 - (before.score or 0), 1) == told.verdict.change
    assert rose.because == "the repository changed"
    assert set(rose.checks) == {catalog.checks()[slug].title() for slug in (SECRETS, LARGE)}
    assert not told.fell


def test_a_scorecard_that_came_back_did_not_lose_the_past() -> None:
    """Going back to a former state moves its scorecard's time; the score before the period is still known."""
    churn = watch("churn")
    first = audited(churn, MONDAY - days(20), {SECRETS})
    audited(churn, MONDAY - days(10), set())
    delta = round((first.score or 0) - 100, 1)
    Scorecard.objects.filter(pk=first.pk).update(recorded_at=MONDAY - days(2), delta=delta, causes=["repository"])
    Standing.objects.filter(repository=churn).update(scorecard=first, score=first.score)
    (fell,) = report().fell
    assert (fell.score, fell.change) == (first.score, delta)


def test_a_repository_that_is_new_has_not_moved() -> None:
    audited(watch("old"), MONDAY - days(20), {SECRETS})
    audited(watch("new"), MONDAY - days(2), set())
    told = report()
    assert told.verdict.audited == 2
    assert told.verdict.change == 0
    assert not told.rose
    assert not told.fell


def test_what_moved_most_comes_first_and_says_why() -> None:
    for name, failing in (("little", {SECRETS}), ("much", {SECRETS, LARGE, UNIT}), ("same", set[str]())):
        one = watch(name)
        audited(one, MONDAY - days(9), set())
        if failing:
            audited(one, MONDAY - days(1), failing, causes=["thresholds"])
    told = report()
    assert names(told.fell) == ["much", "little"]
    assert told.fell[0].because == "the thresholds changed"
    assert len(told.fell[0].checks) == 3
    assert names(told.lowest) == ["much", "little", "same"]


def test_failures_and_fixes_name_their_commit_and_its_author() -> None:
    churn = watch("churn", forge="github", web_url="https://github.com/x/churn")
    audited(churn, MONDAY - days(9), {LARGE}, commit="cd" * 20)
    audited(churn, MONDAY - days(1), {SECRETS}, commit="ab" * 20)
    told = report()
    (failure,), (fix,) = told.failures, told.fixes
    assert failure.path == f"/repositories/{churn.pk}/#hygienesecrets"
    assert (failure.commits, failure.author) == ("between cdcdcdc and abababa", "")
    assert failure.url == f"https://github.com/x/churn/commit/{'ab' * 20}"
    assert fix.title == "Large files stay out of git"
    Flip.objects.update(since_commit="", author="M. Silva")
    assert {(each.commits, each.author) for each in report().failures} == {("in abababa", "M. Silva")}


def test_what_only_a_replay_knows_is_no_news() -> None:
    """The past of a repository that was registered in the week, and what went to and fro between two audits."""
    churn = watch("churn")
    audited(churn, MONDAY - days(1), {SECRETS})
    Flip.objects.create(
        repository=churn, check_slug=SECRETS, before="passed", after="failed", at=MONDAY - days(3), commit="ab" * 20
    )
    assert not report().failures


def test_what_the_rules_did_blames_no_commit() -> None:
    churn = watch("churn")
    audited(churn, MONDAY - days(9), set())
    audited(churn, MONDAY - days(1), {SECRETS}, causes=["rules"])
    (failure,) = report().failures
    assert (failure.commits, failure.url, failure.because) == ("", "", "mlhealth's checks changed")


def test_what_went_to_and_fro_is_no_news() -> None:
    churn = watch("churn")
    audited(churn, MONDAY - days(9), set())
    audited(churn, MONDAY - days(3), {SECRETS})
    audited(churn, MONDAY - days(2), set())
    told = report()
    assert not told.failures
    assert not told.fixes
    assert told.is_quiet


def test_each_flip_belongs_to_one_period() -> None:
    churn = watch("churn")
    audited(churn, MONDAY - days(9), set())
    audited(churn, MONDAY, {SECRETS})
    after = Period(MONDAY, MONDAY + days(7), "UTC")
    assert [len(report(period).failures) for period in (WEEK, after)] == [1, 0]


def test_steps_of_one_repository_are_those_of_its_page() -> None:
    churn = watch("churn")
    audited(churn, MONDAY - days(9), {SECRETS, LARGE, UNIT})
    steps = report().steps
    assert [each.repositories for each in steps] == [1, 1, 1]
    assert all(each.gain > 0 and each.path.startswith(f"/repositories/{churn.pk}/#") for each in steps)


def test_what_many_lack_comes_before_what_one_lacks() -> None:
    for number in range(4):
        audited(watch(f"r{number}"), MONDAY - days(9), {"hygiene/merge-markers"} | ({SECRETS} if not number else set()))
    first, second = report().steps
    assert (first.repositories, second.repositories) == (4, 1)
    assert first.path == "/checks/hygiene/merge-markers/"
    assert len(first.where) == 3


def test_experiments_of_the_period_with_the_best_of_each_project() -> None:
    churn, fraud, idle = watch("churn"), watch("fraud"), watch("idle")
    keep(churn, {"auc": 0.7}, time=MONDAY - days(30))
    for day, auc in ((3, 0.8), (2, 0.85), (1, 0.6)):
        keep(churn, {"auc": auc}, time=MONDAY - days(day), author="Ada" if day > 1 else "Ben")
    for day, loss in ((30, 0.1), (3, 0.4), (2, 0.3), (1, 0.5)):
        keep(fraud, {"loss": loss}, time=MONDAY - days(day))
    keep(idle, {"auc": 0.7}, time=MONDAY - days(30))
    for each in (churn, fraud, idle):
        compare(each)
    first, second = report().trials
    assert (first.repository.name, first.runs, first.people, first.value) == ("churn", 3, 2, 0.85)
    assert first.gain == pytest.approx(0.05)
    assert (second.repository.name, second.value, second.gain) == ("fraud", 0.3, None)
    assert report().counts["runs"] == 6
    Direction.objects.create(repository=fraud, metric="loss", lower=False)
    assert report().trials[1].value == 0.5


def test_what_cannot_be_read_and_what_was_not_audited_is_said() -> None:
    lost, late, fine = watch("lost"), watch("late"), watch("fine")
    for each, ago in ((lost, 30), (late, 9), (fine, 1)):
        audited(each, MONDAY - days(ago), set())
    watch("never", state=State.QUEUED)
    since = MONDAY - days(5)
    Repository.objects.filter(pk=lost.pk).update(state=State.UNREACHABLE, state_since=since, state_detail="No answer.")
    told = report()
    (trouble,) = told.unreachable
    assert (trouble.repository.name, trouble.state, trouble.detail, trouble.since) == (
        "lost", "Cannot be reached", "No answer.", since,
    )  # fmt: skip
    assert names(told.unaudited) == ["late", "never"]


def test_a_daily_report_does_not_call_a_daily_audit_late() -> None:
    audited(watch("churn"), MONDAY - days(1.1), set())
    assert not report(Period(MONDAY - days(1), MONDAY, "UTC")).unaudited


def test_the_trend_ends_now_for_all_however_long_they_are_watched() -> None:
    for name, weeks in (("old", [10.0, 20.0, 30.0]), ("new", [70.0])):
        audited(watch(name), MONDAY - days(1), set(), audited_at=MONDAY)
        Standing.objects.filter(repository__name=name).update(weeks=weeks, score=weeks[-1])
    assert list(report().trend) == [10.0, 20.0, 50.0]


def test_names_without_an_end_are_cut() -> None:
    keep(watch("churn"), {"m" * 400: 0.5}, name="n" * 200, author="a" * 200, time=MONDAY - days(1))
    compare(Repository.objects.get())
    (trial,) = report().trials
    assert max(map(len, (trial.name, trial.author, trial.metric))) == 60


def test_a_quiet_week_is_said_in_one_line() -> None:
    audited(watch("churn"), MONDAY - days(9), {SECRETS}, audited_at=MONDAY)
    told = report()
    assert story(told) == ["A quiet week: no score moved, no check began or ceased to fail, nothing was tried."]
    assert subject(told) == f"Platform: A {int(told.verdict.score or 0)} · quiet"


def test_nothing_is_said_of_other_teams() -> None:
    others = Team.objects.create(name="Others", slug="others")
    hidden = watch("clandestine", others)
    audited(hidden, MONDAY - days(9), set())
    audited(hidden, MONDAY - days(1), {SECRETS})
    keep(hidden, {"auc": 0.8}, time=MONDAY - days(1))
    audited(watch("churn"), MONDAY - days(1), set())
    assert "clandestine" not in str(report(team=Team.objects.default()).to_json())
    assert "clandestine" in str(report(team=others).to_json())


def test_contents_come_back_from_json_as_they_were() -> None:
    churn = watch("churn")
    audited(churn, MONDAY - days(9), set())
    audited(churn, MONDAY - days(1), {SECRETS})
    keep(churn, {"auc": 0.8}, time=MONDAY - days(1))
    told = report()
    assert Contents.of(told.to_json()).to_json() == told.to_json()


def test_a_report_without_repositories_says_so() -> None:
    told = report()
    assert story(told) == ["Nothing has been audited yet."]
    assert subject(told) == "Platform: not audited yet"


def test_long_lists_end_and_say_how_many_more_there_are() -> None:
    for number in range(4):
        one = watch(f"r{number}")
        audited(one, MONDAY - days(9), set())
        audited(one, MONDAY - days(1), set(CHECKS))
    told = report()
    assert len(told.failures) == MOST
    assert told.more["failures"] == 4 * len(CHECKS) - MOST
    assert told.brief(5).more["failures"] == 4 * len(CHECKS) - 5


def test_it_asks_as_much_of_many_repositories_as_of_one(django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    for number in range(12):
        one = watch(f"r{number}")
        audited(one, MONDAY - days(9), set())
        audited(one, MONDAY - days(1), {SECRETS})
        keep(one, {"auc": 0.8}, time=MONDAY - days(1))
    with django_assert_max_num_queries(7):
        report()
