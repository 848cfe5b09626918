"""The pages of a team's alerts."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from apps.accounts.models import Team, User
from apps.alerts.models import Alert, Event, Kind, Rule
from apps.outbox.models import Channel
from tests.apps.alerts.conftest import Stand, look
from tests.servers import smtp

pytestmark = pytest.mark.django_db
ALERTS = "/teams/default/alerts/"


@pytest.fixture
def reader(client: Client, lead: User) -> Client:
    client.force_login(lead)
    return client


def test_off_by_default_and_one_click_to_on(reader: Client, stand: Stand, mailbox: smtp.Server) -> None:
    stand("churn", "A")
    look()
    stand("churn", "B")
    look()
    assert "Alerts are off" in reader.get(ALERTS).content.decode()
    reader.post(ALERTS + "on/")
    page = reader.get(ALERTS).content.decode()
    assert "Secrets are found · A grade falls" in page
    assert "At once" in page
    stand("churn", "C")
    look()
    assert [envelope.rcpt_tos for envelope in mailbox.envelopes] == [["ada@example.org"]]
    assert "churn: grade fell from B to C" in mailbox.mails[0]["Subject"]


def test_who_has_no_address_is_led_to_the_channels(reader: Client, lead: User) -> None:
    User.objects.update(email="")
    assert "Turn alerts on" not in reader.get(ALERTS).content.decode()
    assert reader.post(ALERTS + "on/")["Location"] == "/teams/default/channels/"
    assert not Rule.objects.exists()


def answers(channel: Channel, **more: object) -> dict[str, object]:
    return {
        "kinds": ["grade", "secrets"],
        "channels": [str(channel.pk)],
        "when_choice": "daily",
        "when_time": "08:30",
        "when_zone": "Europe/Berlin",
        "quiet_from": "20:00",
        "quiet_until": "07:00",
        "time_zone": "Europe/Berlin",
        **more,
    }


def test_a_rule_is_made_and_changed(reader: Client, channel: Channel) -> None:
    assert reader.get(ALERTS + "new/").status_code == 200
    reader.post(ALERTS + "new/", answers(channel))
    rule = Rule.objects.get()
    assert (rule.kinds, rule.cron, rule.digest_zone) == (["grade", "secrets"], "30 8 * * *", "Europe/Berlin")
    assert list(rule.channels.all()) == [channel]
    page = reader.get(ALERTS).content.decode()
    assert "Digest daily at 08:30, Europe/Berlin" in page
    assert "quiet 20:00" in page
    edit = reader.get(reverse("edit_rule", args=[rule.pk])).content.decode()
    assert 'value="20:00"' in edit
    assert len(re.findall(r"checked", edit)) == 3
    reader.post(reverse("edit_rule", args=[rule.pk]), answers(channel, when_choice="", quiet_from="", quiet_until=""))
    rule.refresh_from_db()
    assert (rule.cron, rule.quiet_from, rule.when) == ("", None, None)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"kinds": []}, "This field is required"),
        ({"kinds": ["all"]}, "Select a valid choice"),
        ({"channels": []}, "This field is required"),
        ({"quiet_until": ""}, "give both or neither"),
        ({"quiet_until": "20:00"}, "would be all day"),
        ({"time_zone": "Mars/Olympus"}, "Select a valid choice"),
        ({"when_choice": "cron", "when_cron": "every day"}, "five fields"),
    ],
)
def test_rules_that_are_none(reader: Client, channel: Channel, change: dict[str, object], complaint: str) -> None:
    assert complaint in reader.post(ALERTS + "new/", answers(channel, **change)).content.decode()
    assert not Rule.objects.exists()


def test_no_rule_uses_the_channel_of_another_team(reader: Client) -> None:
    elsewhere = Team.objects.create(name="Elsewhere", slug="elsewhere")
    theirs = Channel.objects.create(team=elsewhere, kind="email", label="Theirs", target="x@example.org")
    assert "Select a valid choice" in reader.post(ALERTS + "new/", answers(theirs)).content.decode()
    rule = Rule.objects.create(team=elsewhere, kinds=[Kind.GRADE])
    for name in ("edit_rule", "switch_rule", "remove_rule"):
        assert reader.post(reverse(name, args=[rule.pk])).status_code == 404


def test_a_rule_that_is_off_forgets_what_waited(reader: Client, rule: Rule, stand: Stand, mailbox: smtp.Server) -> None:
    Rule.objects.update(cron="0 0 1 1 *", digest_zone="UTC")
    stand("churn", "A")
    look()
    stand("churn", "B")
    look()
    assert Alert.objects.count() == 1
    switch = reverse("switch_rule", args=[rule.pk])
    reader.post(switch)
    assert not Rule.objects.get().active
    assert not Alert.objects.exists()
    reader.post(switch)
    assert Rule.objects.get().active
    assert Event.objects.count() == 1
    reader.post(reverse("remove_rule", args=[rule.pk]))
    assert not Rule.objects.exists()


def test_a_preview_is_a_page_that_does_nothing(reader: Client) -> None:
    answer = reader.get(ALERTS + "preview/")
    html = answer.content.decode()
    assert "demand-forecast" in html
    assert "grade fell from B to C" in html
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    assert "script" not in html
    assert not re.search(r'(src|href)="(?!http://localhost:8000/)', html)


def test_pages_ask_little(
    reader: Client, channel: Channel, team: Team, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(10):
        Rule.objects.create(team=team, kinds=[Kind.GRADE]).channels.add(channel)
    for page in (ALERTS, reverse("edit_rule", args=[Rule.objects.first().pk])):  # type: ignore[union-attr]
        with django_assert_max_num_queries(9):
            reader.get(page)
