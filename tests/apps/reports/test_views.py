"""The pages of reports: made, previewed, sent, read by those who may."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.conf import settings as site
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from apps.accounts.models import Membership, Role, Team, User
from apps.jobs.models import Schedule
from apps.outbox.models import Channel, Kind, Message, Status
from apps.reports import paper
from apps.reports.issue import contents_of, issue
from apps.reports.models import Edition, Report, Scope
from apps.repositories.models import Repository
from tests.apps.reports.conftest import WEEKLY
from tests.apps.reports.fleet import MONDAY, audited, days, watch

pytestmark = pytest.mark.django_db
WEEKLY_FORM = {
    "scope": "team",
    "when_choice": "weekly",
    "when_weekday": "1",
    "when_time": "07:00",
    "when_zone": "Europe/Berlin",
    "days": "7",
    "active": "on",
}


@pytest.fixture
def lead(client: Client, ada: User) -> Client:
    client.force_login(ada)
    return client


@pytest.fixture
def viewer(team: Team) -> Client:
    person = User.objects.create_user("viv")
    Membership.objects.create(user=person, team=team, role=Role.VIEWER)
    browser = Client()
    browser.force_login(person)
    return browser


def save(lead: Client, **answers: Any) -> Report:
    response = lead.post("/teams/default/reports/new/", WEEKLY_FORM | answers)
    assert response.status_code == 302, response.context["form"].errors
    return Report.objects.get()


def test_a_report_is_made_with_its_schedule_and_recipients(lead: Client, ada: User, channel: Channel) -> None:
    report = save(lead, channels=[channel.pk], person=ada.pk, address="risk@example.org")
    assert report.when.words == "weekly on Monday at 07:00, Europe/Berlin"
    assert {each.address for each in report.recipients()} == {"list@example.org", "ada@example.org", "risk@example.org"}
    assert Schedule.objects.get(kind="reports.issue").subject == str(report.pk)
    lead.post(reverse("edit_report", args=[report.pk]), WEEKLY_FORM | {"active": "", "address": "RISK@example.org"})
    assert not Schedule.objects.filter(kind="reports.issue").exists()
    assert [each.address for each in report.recipients()] == ["risk@example.org"]


def test_what_is_missing_is_said(lead: Client, team: Team, churn: Repository) -> None:
    for answers, said in (
        ({}, "Say to whom it goes"),
        ({"scope": "repository", "address": "a@example.org"}, "Choose which one"),
        ({"address": "a@example.org", "when_choice": "cron", "when_cron": "never"}, "five fields"),
    ):
        response = lead.post("/teams/default/reports/new/", WEEKLY_FORM | answers)
        assert said in response.content.decode()
    assert not Report.objects.exists()


def test_neither_channels_nor_repositories_nor_people_of_others_can_be_chosen(lead: Client, channel: Channel) -> None:
    others = Team.objects.create(name="Others", slug="others")
    stranger = User.objects.create_user("eve", "eve@example.org")
    theirs = Channel.objects.create(team=others, kind=Kind.EMAIL, label="x", target="x@example.org")
    for answers in (
        {"channels": [theirs.pk]},
        {"channels": [channel.pk], "person": stranger.pk},
        {"channels": [channel.pk], "scope": "repository", "repository": watch("clandestine", others).pk},
    ):
        assert lead.post("/teams/default/reports/new/", WEEKLY_FORM | answers).status_code == 200
    assert lead.get("/teams/others/reports/new/").status_code == 404
    assert not Report.objects.exists()


def test_a_portfolio_is_its_authors_alone(lead: Client, ada: User, viewer: Client, channel: Channel) -> None:
    report = save(lead, scope="portfolio", channels=[channel.pk], address="x@example.org")
    assert [each.user for each in report.recipients()] == [ada]
    ben = User.objects.create_user("ben", is_superuser=True)
    Membership.objects.create(user=ben, team=report.team, role=Role.LEAD)
    other = Client()
    other.force_login(ben)
    for browser in (viewer, other):
        assert browser.get(report.get_absolute_url()).status_code == 404
        assert "Portfolio" not in browser.get("/reports/").content.decode()
    assert "Portfolio of ada" in lead.get("/reports/").content.decode()


def test_what_a_report_is_on_cannot_be_changed_so_old_editions_stay_with_their_readers(
    lead: Client, ada: User, channel: Channel
) -> None:
    report = save(lead, scope="portfolio")
    lead.post(reverse("edit_report", args=[report.pk]), WEEKLY_FORM | {"scope": "team", "channels": [channel.pk]})
    assert Report.objects.get().scope == Scope.PORTFOLIO


@pytest.mark.parametrize("method", ["get", "post"])
def test_the_preview_is_the_mail_in_a_sandbox(lead: Client, churn: Repository, method: str) -> None:
    response = getattr(lead, method)("/teams/default/reports/new/preview/", WEEKLY_FORM if method == "post" else None)
    assert "churn" in response.content.decode()
    assert 'src="cid:' not in response.content.decode()
    assert "sandbox" in response["Content-Security-Policy"]
    assert response["X-Frame-Options"] == "SAMEORIGIN"
    assert not Report.objects.exists()
    assert not Edition.objects.exists()


def test_the_preview_of_a_choice_that_is_not_whole_says_what_is_missing(lead: Client, churn: Repository) -> None:
    response = lead.post("/teams/default/reports/new/preview/", WEEKLY_FORM | {"scope": "repository"})
    assert "Repository: Choose which one." in response.content.decode()
    one = lead.post(
        "/teams/default/reports/new/preview/", WEEKLY_FORM | {"scope": "repository", "repository": churn.pk}
    )
    assert "<h1" in one.content.decode()


def test_sent_now_it_goes_to_each_recipient_once(lead: Client, report: Report, churn: Repository, ada: User) -> None:
    for _ in range(2):
        lead.post(reverse("send_report", args=[report.pk]))
    edition = Edition.objects.get()
    assert edition.sent_by == ada
    assert Message.objects.filter(key=edition.key).count() == 1
    assert report.since(MONDAY) == MONDAY - days(7)


def test_nothing_is_sent_to_nobody_or_of_nothing(lead: Client, report: Report) -> None:
    address = reverse("send_report", args=[report.pk])
    assert "no repository" in lead.post(address, follow=True).content.decode()
    watch("churn")
    report.channels.clear()
    assert "Nobody gets" in lead.post(address, follow=True).content.decode()
    assert not Edition.objects.exists()


def test_its_page_says_what_became_of_each_delivery(
    viewer: Client, report: Report, churn: Repository, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for week in range(3):
        issue(report, contents_of(report, MONDAY - days(7 * week)))
    Message.objects.filter(key__contains="11-23").update(
        status=Status.FAILED, why="the server refused the address (550)"
    )
    with django_assert_max_num_queries(10):
        page = viewer.get(report.get_absolute_url()).content.decode()
    assert page.count("Waiting") == 2
    assert "the server refused the address (550)" in page
    assert "Send now" not in page


def test_the_list_asks_little(
    viewer: Client, team: Team, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    assert "No report yet" in viewer.get("/reports/").content.decode()
    for _ in range(12):
        Report.objects.create(team=team, cron=WEEKLY, time_zone="UTC").plan()
    with django_assert_max_num_queries(10):
        assert viewer.get("/reports/").content.decode().count("Weekly on Monday") == 12


def test_a_removed_report_comes_no_more(lead: Client, report: Report) -> None:
    report.plan()
    lead.post(reverse("remove_report", args=[report.pk]))
    assert not Report.objects.exists()
    assert not Schedule.objects.filter(kind="reports.issue").exists()


@pytest.fixture
def edition(report: Report, churn: Repository) -> Edition:
    return issue(report, contents_of(report, MONDAY))


def test_an_edition_is_the_same_as_its_mail(viewer: Client, edition: Edition, churn: Repository) -> None:
    audited(churn, MONDAY + days(1), set())
    page = viewer.get(edition.get_absolute_url()).content.decode()
    mail = Message.objects.get()
    assert site.URL + edition.get_absolute_url() == mail.link
    assert "1 new failure" in page
    for number in set(re.findall(r"\d+\.\d+", mail.text)):
        assert number in page


def test_an_edition_as_files(viewer: Client, edition: Edition) -> None:
    csv = viewer.get(reverse("edition_file", args=[edition.report_id, edition.pk, "csv"]))
    assert csv["Content-Disposition"] == f'attachment; filename="report-{edition.report_id}-2026-11-30.csv"'
    assert b"failed,churn," in csv.content
    assert viewer.get(reverse("edition_file", args=[edition.report_id, edition.pk, "doc"])).status_code == 404


@pytest.mark.skipif(not paper.is_possible(), reason="WeasyPrint's libraries are not installed")
def test_an_edition_as_pdf(viewer: Client, edition: Edition) -> None:
    address = reverse("edition_file", args=[edition.report_id, edition.pk, "pdf"])
    assert address in viewer.get(edition.get_absolute_url()).content.decode()
    assert viewer.get(address).content.startswith(b"%PDF-")


def test_without_the_libraries_the_page_says_what_to_install(
    viewer: Client, edition: Edition, monkeypatch: pytest.MonkeyPatch
) -> None:
    paper.is_possible.cache_clear()
    monkeypatch.setattr(paper, "LIBRARIES", (("libno-such-thing.so.0",),))
    page = viewer.get(edition.get_absolute_url()).content.decode()
    address = reverse("edition_file", args=[edition.report_id, edition.pk, "pdf"])
    paper.is_possible.cache_clear()
    assert "libpangoft2-1.0-0" in page
    assert address not in page


def test_an_edition_belongs_to_its_report(viewer: Client, edition: Edition, team: Team) -> None:
    other = Report.objects.create(team=team, cron=WEEKLY, time_zone="UTC")
    assert viewer.get(reverse("edition", args=[other.pk, edition.pk])).status_code == 404
