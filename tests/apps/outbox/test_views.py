"""The pages of a team's channels, and the one that ends a subscription."""

from __future__ import annotations

import json
import re
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from apps.accounts.models import Membership, Role, Team, User
from apps.outbox.models import Channel, Kind, Message, Status
from apps.outbox.post import Letter, post
from tests.apps.outbox.conftest import hook, sent, work
from tests.servers import smtp

pytestmark = pytest.mark.django_db
CHANNELS, ADD = "/teams/default/channels/", "/teams/default/channels/new/{}/"


@pytest.fixture
def reader(client: Client, lead: User) -> Client:
    client.force_login(lead)
    return client


def test_a_lead_adds_a_person_and_an_address(reader: Client, lead: User) -> None:
    assert "No channel yet" in reader.get(CHANNELS).content.decode()
    reader.post(ADD.format("email"), {"person": lead.pk})
    reader.post(ADD.format("email"), {"address": "data@example.org", "label": "Data people"})
    own, other = Channel.objects.order_by("created_at")
    assert (own.label, own.address, own.created_by) == ("ada", "ada@example.org", lead)
    assert (other.label, other.address) == ("Data people", "data@example.org")
    page = reader.get(CHANNELS).content.decode()
    assert "ada@example.org" in page
    assert "Data people" in page


@pytest.mark.parametrize(
    ("data", "complaint"),
    [
        ({"label": ""}, "Choose a person or enter an address"),
        ({"person": "ada", "address": "data@example.org"}, "one of the two"),
        ({"person": "stranger"}, "Select a valid choice"),
        ({"person": "silent"}, "has no address of e-mail"),
        ({"address": "DATA@example.org"}, "is a channel of the team already"),
        ({"address": "data@example.org\nBcc: x@example.org"}, "Enter a valid email address"),
    ],
)
def test_what_is_no_address_for_mail(
    reader: Client, team: Team, channel: Channel, data: dict[str, str], complaint: str
) -> None:
    User.objects.create_user("stranger", email="stranger@example.org")
    Membership.objects.create(user=User.objects.create_user("silent"), team=team)
    if "person" in data:
        data = {**data, "person": str(User.objects.get(username=data["person"]).pk)}
    assert complaint in reader.post(ADD.format("email"), data).content.decode()
    assert Channel.objects.count() == 1


def test_the_key_of_a_webhook_is_shown_once(reader: Client) -> None:
    url = "https://example.org/hook?token=canary"
    answer = reader.post(ADD.format("webhook"), {"url": url, "label": "Pager"})
    key = re.findall(r'value="(whsec_[^"]+)"', answer.content.decode())
    channel = Channel.objects.get()
    assert json.loads(channel.unseal()) == {"url": url, "key": key[0]}
    assert "no-store" in answer["Cache-Control"]
    for page in (CHANNELS, "/teams/default/deliveries/"):
        html = reader.get(page).content.decode()
        assert "canary" not in html
        assert key[0] not in html
    assert "example.org" in reader.get(CHANNELS).content.decode()


@pytest.mark.parametrize(
    ("url", "complaint"),
    [
        ("https://hooks.slack.com.example.org/services/x", "begins with https://hooks.slack.com/"),
        ("http://hooks.slack.com/services/canary", "begins with https://"),
        ("https://10.0.0.1/canary", "IP address"),
    ],
)
def test_only_slack_is_slack(reader: Client, url: str, complaint: str) -> None:
    page = reader.post(ADD.format("slack"), {"url": url, "label": "Team"}).content.decode()
    assert complaint in page
    assert "canary" not in page
    reader.post(ADD.format("slack"), {"url": "https://hooks.slack.com/services/T/B/x", "label": "Team"})
    assert Channel.objects.get().target == "hooks.slack.com"


def test_a_test_message(reader: Client, channel: Channel, mailbox: smtp.Server) -> None:
    for _ in range(3):  # an impatient lead
        reader.post(reverse("test_channel", args=[channel.pk]))
    work()
    assert len(mailbox.mails) in {1, 2}  # a minute may have ended
    assert "Default team" in mailbox.mails[0].get_body().get_content()  # type: ignore[union-attr]
    assert "Test message from mlhealth" in reader.get(CHANNELS).content.decode()


def test_a_paused_channel_goes_on(reader: Client, channel: Channel, mailbox: smtp.Server) -> None:
    pause = reverse("pause_channel", args=[channel.pk])
    reader.post(pause)
    assert "Paused" in reader.get(CHANNELS).content.decode()
    message = sent(channel)
    assert (message.status, message.why) == (Status.SKIPPED, "the channel is paused")
    reader.post(pause)
    reader.post(reverse("send_again", args=[message.pk]))
    work()
    message.refresh_from_db()
    assert message.status == Status.SENT
    reader.post(reverse("send_again", args=[message.pk]))
    work()
    assert len(mailbox.mails) == 1


def test_a_removed_channel_is_gone(reader: Client, channel: Channel) -> None:
    post(channel, "report:1", Letter("Report", "Words"))
    remove = reverse("remove_channel", args=[channel.pk])
    assert "Remove" in reader.get(remove).content.decode()
    assert Channel.objects.exists()
    reader.post(remove)
    assert not Channel.objects.exists()
    work()


def test_deliveries_are_narrowed(reader: Client, channel: Channel, team: Team) -> None:
    other, _ = hook(team, "https://example.org/hook")
    post(channel, "report:1", Letter("To people", "Words"))
    post(other, "report:1", Letter("To a server", "Words"))
    Message.objects.filter(channel=other).update(status=Status.FAILED, why="<b>example.org answered</b>")
    page = reader.get("/teams/default/deliveries/", {"status": "failed"}).content.decode()
    assert "To a server" in page
    assert "&lt;b&gt;example.org answered" in page
    assert "To people" not in page
    page = reader.get("/teams/default/deliveries/", {"channel": str(channel.pk)}).content.decode()
    assert "To people" in page
    assert "To a server" not in page
    for odd in ({"channel": "x"}, {"status": "'"}, {"page": "many"}):
        assert reader.get("/teams/default/deliveries/", odd).status_code == 200


def test_many_channels_cost_no_more(
    reader: Client, team: Team, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(30):
        person = User.objects.create_user(f"p{number}", email=f"p{number}@example.org")
        own = Channel.objects.create(team=team, kind=Kind.EMAIL, label=person.username, user=person)
        post(own, "report:1", Letter("Report", "Words"))
    for page in (CHANNELS, "/teams/default/deliveries/"):
        with django_assert_max_num_queries(8):
            assert reader.get(page).status_code == 200


def test_channels_of_other_teams_are_unknown(reader: Client, channel: Channel) -> None:
    elsewhere = Team.objects.create(name="Elsewhere", slug="elsewhere")
    theirs = Channel.objects.create(team=elsewhere, kind=Kind.EMAIL, label="Theirs", target="x@example.org")
    message = post(theirs, "report:1", Letter("Not for you", "Words"))
    Message.objects.update(status=Status.FAILED)
    for name in ("test_channel", "pause_channel", "remove_channel"):
        assert reader.post(reverse(name, args=[theirs.pk])).status_code == 404
    assert reader.post(reverse("send_again", args=[message.pk])).status_code == 404
    assert reader.get("/teams/elsewhere/deliveries/").status_code == 404
    for narrowed in ({}, {"channel": str(theirs.pk)}):
        assert "Not for you" not in reader.get("/teams/default/deliveries/", narrowed).content.decode()


def test_a_link_in_a_mail_asks_before_it_unsubscribes(client: Client, channel: Channel, mailbox: smtp.Server) -> None:
    sent(channel)
    link = urlsplit(mailbox.mails[0]["List-Unsubscribe"].strip("<>")).path
    assert "Unsubscribe" in client.get(link).content.decode()  # a scanner that follows links changes nothing
    channel.refresh_from_db()
    assert channel.unsubscribed_at is None
    assert "You get no more mail" in client.post(link).content.decode()
    message = sent(channel, key="report:2")
    assert (message.status, message.why) == (Status.SKIPPED, "the address has unsubscribed")
    client.post(link, {"again": "1"})
    assert sent(channel, key="report:3").status == Status.SENT


def test_a_mail_program_unsubscribes_with_one_click(channel: Channel) -> None:
    """RFC 8058: a POST from anywhere, without cookies or tokens."""
    strict = Client(enforce_csrf_checks=True)
    answer = strict.post(reverse("unsubscribe", args=[channel.token]), {"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    channel.refresh_from_db()
    assert channel.unsubscribed_at


def test_nobody_unsubscribes_by_guessing(client: Client, team: Team) -> None:
    other, _ = hook(team, "https://example.org/hook")
    for token in ("x", other.token):
        assert client.post(reverse("unsubscribe", args=[token])).status_code == 404


def test_a_lead_cannot_subscribe_who_has_unsubscribed(reader: Client, channel: Channel) -> None:
    reader.post(reverse("unsubscribe", args=[channel.token]))
    page = reader.get(CHANNELS).content.decode()
    assert "Unsubscribed" in page
    assert reverse("pause_channel", args=[channel.pk]) not in page


def test_who_leads_several_teams_chooses(reader: Client, lead: User) -> None:
    assert reader.get("/channels/")["Location"] == CHANNELS
    Membership.objects.create(user=lead, team=Team.objects.create(name="Other", slug="other"), role=Role.LEAD)
    assert "/teams/other/channels/" in reader.get("/channels/").content.decode()
    Membership.objects.update(role=Role.MEMBER)
    assert "You lead no team" in reader.get("/channels/").content.decode()


def test_the_admin_shows_no_secret(admin_client: Client, team: Team, channel: Channel) -> None:
    other, key = hook(team, "https://example.org/hook?token=canary")
    post(other, "report:1", Letter("Report", "Words"))
    for name, pk in (("channel", other.pk), ("message", Message.objects.get().pk)):
        html = admin_client.get(reverse(f"admin:outbox_{name}_change", args=[pk])).content.decode()
        assert "Report" in html or "Webhook" in html
        for secret in ("canary", key, other.sealed, other.token):
            assert secret not in html
