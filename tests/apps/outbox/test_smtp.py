"""Mail, handed over to a real server."""

from __future__ import annotations

import socket
from datetime import timedelta
from email.message import EmailMessage

import pytest
from django.utils import timezone
from pytest_django import Settings

from apps.accounts.models import Team, User
from apps.jobs import queue
from apps.jobs.models import Job
from apps.outbox.jobs import ATTEMPTS
from apps.outbox.models import Channel, Kind, Message, Status
from apps.outbox.post import Letter, post
from tests.apps.outbox.conftest import sent, use, work
from tests.servers import smtp

pytestmark = pytest.mark.django_db


def come_due() -> None:
    """What waits for another attempt has waited, and the schedule comes round."""
    Message.objects.filter(status=Status.QUEUED).update(due_at=timezone.now())
    queue.enqueue("outbox.due", "all")
    work()


def part(mail: EmailMessage, kind: str) -> EmailMessage:
    found = next(each for each in mail.walk() if each.get_content_type() == kind)
    assert isinstance(found, EmailMessage)
    return found


def test_a_mail_has_two_readings_its_images_and_a_way_out(channel: Channel, mailbox: smtp.Server) -> None:
    message = sent(channel)
    assert (message.status, message.why, message.attempts) == (Status.SENT, "", 1)
    (mail,) = mailbox.mails
    leave = f"http://localhost:8000/unsubscribe/{channel.token}/"
    assert mailbox.envelopes[0].rcpt_tos == ["data@example.org"]
    assert mail["Subject"] == "Weekly report"
    assert mail["From"] == "mlhealth <mlhealth@localhost>"
    assert mail["Message-ID"] == f"<{message.pk}@localhost>"
    assert mail["List-Unsubscribe"] == f"<{leave}>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    text, html, image = (part(mail, kind) for kind in ("text/plain", "text/html", "image/png"))
    assert text.get_content().startswith("All is well.\r\n")
    assert leave in text.get_content()
    assert f'href="{leave}"' in html.get_content()
    assert 'src="cid:chart"' in html.get_content()
    assert (image["Content-ID"], image.get_content()) == ("<chart>", b"\x89PNG")


def test_what_is_delivered_is_not_sent_again(channel: Channel, mailbox: smtp.Server) -> None:
    message = sent(channel)
    assert sent(channel).pk == message.pk
    queue.enqueue("outbox.deliver", str(message.pk))
    come_due()
    assert len(mailbox.mails) == 1


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_tls_and_password(channel: Channel, settings: Settings, security: str) -> None:
    with smtp.serve(security=security) as server:
        use(settings, server)
        settings.EMAIL_USE_TLS, settings.EMAIL_USE_SSL = security == "starttls", security == "tls"
        settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = smtp.USER, "wrong"
        assert sent(channel).why == "the certificate of the mail server is not trusted"
        settings.CA_FILE = server.ca
        come_due()
        assert Message.objects.get().why == "the mail server refused the user or password it was given (535)"
        settings.EMAIL_HOST_PASSWORD = smtp.PASSWORD
        come_due()
        assert Message.objects.get().status == Status.SENT
        assert len(server.mails) == 1


def test_a_server_that_is_down_for_hours(channel: Channel, settings: Settings) -> None:
    port = smtp.free_port()
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    message = sent(channel)
    assert message.why == "the mail server cannot be reached, or does not answer as one"
    assert timedelta(0) < message.due_at - timezone.now() < timedelta(minutes=1)
    queue.enqueue("outbox.deliver", str(message.pk))  # as the queue does where a worker was lost
    work()
    assert Message.objects.get().attempts == 1
    waits = []
    for _ in range(7):
        come_due()
        message.refresh_from_db()
        waits.append(round((message.due_at - timezone.now()) / timedelta(minutes=1)))
    assert waits == [4, 16, 64, 256, 360, 360, 360]
    with smtp.serve(port=port) as server:
        come_due()
        message.refresh_from_db()
        assert (message.status, message.attempts, len(server.mails)) == (Status.SENT, 9, 1)
    assert not Job.objects.exclude(status="succeeded")


def test_after_two_days_it_is_given_up(channel: Channel, settings: Settings) -> None:
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", smtp.free_port()
    message = post(channel, "report:1", Letter("Report", "Words"))
    Message.objects.update(attempts=ATTEMPTS - 1)
    work()
    message.refresh_from_db()
    assert (message.status, message.attempts) == (Status.FAILED, ATTEMPTS)
    come_due()
    assert Message.objects.get().attempts == ATTEMPTS


def test_a_message_that_kills_its_workers_is_given_up(channel: Channel, mailbox: smtp.Server) -> None:
    post(channel, "report:1", Letter("Report", "Words"))
    Message.objects.update(attempts=ATTEMPTS)
    work()
    assert Message.objects.get().status == Status.FAILED
    assert not mailbox.mails


@pytest.mark.parametrize(
    ("recipient", "taken", "why", "status"),
    [
        ("550 no such user <canary>", "250 OK", "the mail server refused the address (550)", Status.FAILED),
        ("451 grey listed", "250 OK", "the mail server refused the address (451)", Status.QUEUED),
        ("250 OK", "554 spam <canary>", "the mail server refused the message (554)", Status.FAILED),
        ("250 OK", "452 disk full", "the mail server refused the message (452)", Status.QUEUED),
        ("250 OK", "no number", "the mail server cannot be reached, or does not answer as one", Status.QUEUED),
    ],
)
def test_what_the_server_says(
    channel: Channel, mailbox: smtp.Server, recipient: str, taken: str, why: str, status: Status
) -> None:
    mailbox.recipient, mailbox.taken = recipient, taken
    message = sent(channel)
    assert (message.why, message.status) == (why, status)


def test_without_a_mail_server_it_says_what_to_set(channel: Channel, settings: Settings) -> None:
    settings.EMAIL_HOST = ""
    message = sent(channel)
    assert message.status == Status.QUEUED
    assert "MLHEALTH_SMTP_URL" in message.why


def test_no_mail_server_of_a_private_network(channel: Channel, mailbox: smtp.Server, settings: Settings) -> None:
    settings.INTERNAL_HOSTS = []
    message = sent(channel)
    assert message.status == Status.FAILED
    assert "127.0.0.1, which is not on the public internet" in message.why
    assert not mailbox.mails


@pytest.mark.parametrize(
    "subject",
    ["x\r\nBcc: all@example.org", "x\nContent-Type: text/html\n\nboo", "x\u2028Bcc: a@example.org", "é" * 300],
)
def test_a_subject_stays_a_subject(channel: Channel, mailbox: smtp.Server, subject: str) -> None:
    assert sent(channel, Letter(subject, "Words")).status == Status.SENT
    (mail,) = mailbox.mails
    assert mail["Bcc"] is None
    assert mail.get_content_type() == "text/plain"
    assert mail["Subject"].strip() == " ".join(subject.split())[:200]


@pytest.mark.parametrize(
    "address", ["a@example.org\r\nBcc: all@example.org", "a@example.org, all@example.org", "@", "x y"]
)
def test_an_address_stays_one_address(team: Team, lead: User, mailbox: smtp.Server, address: str) -> None:
    User.objects.filter(pk=lead.pk).update(email=address)
    own = Channel.objects.create(team=team, kind=Kind.EMAIL, label="Ada", user=lead)
    assert sent(own).status == Status.FAILED
    assert not mailbox.mails


def test_mail_goes_to_people_while_they_are_of_the_team(team: Team, lead: User, mailbox: smtp.Server) -> None:
    own = Channel.objects.create(team=team, kind=Kind.EMAIL, label="Ada", user=lead)
    assert sent(own).status == Status.SENT
    assert mailbox.envelopes[0].rcpt_tos == ["ada@example.org"]
    lead.memberships.all().delete()
    message = sent(own, key="report:2")
    assert (message.status, message.why) == (Status.SKIPPED, "ada is no longer of the team")
    assert len(mailbox.mails) == 1


def test_a_person_without_an_address(team: Team, lead: User, mailbox: smtp.Server) -> None:
    own = Channel.objects.create(team=team, kind=Kind.EMAIL, label="Ada", user=lead)
    User.objects.update(email="")
    message = sent(own)
    assert (message.status, message.why) == (Status.FAILED, "ada has no proper address of e-mail")


@pytest.mark.parametrize("change", [{"active": False}, {"unsubscribed_at": timezone.now()}])
def test_who_wants_no_mail_gets_none(channel: Channel, mailbox: smtp.Server, change: dict[str, object]) -> None:
    message = post(channel, "report:1", Letter("Report", "Words"))
    Channel.objects.update(**change)
    work()
    come_due()
    message.refresh_from_db()
    assert message.status == Status.SKIPPED
    assert not mailbox.mails


def test_an_error_of_ours_loses_no_mail(
    channel: Channel, mailbox: smtp.Server, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", None)
    message = sent(channel)
    assert message.status == Status.QUEUED
    assert message.why.startswith("an error of ours")
    assert "TypeError" in caplog.text
    monkeypatch.undo()
    come_due()
    assert Message.objects.get().status == Status.SENT


def test_old_messages_are_emptied_and_never_sent_again(channel: Channel, mailbox: smtp.Server) -> None:
    message = sent(channel)
    queue.enqueue("outbox.forget", "all")
    work()
    message.refresh_from_db()
    assert message.text
    Message.objects.update(ended_at=timezone.now() - timedelta(days=91))
    queue.enqueue("outbox.forget", "all")
    work()
    message.refresh_from_db()
    assert (message.text, message.html, message.images, message.data) == ("", "", {}, {})
    assert sent(channel).pk == message.pk
    assert len(mailbox.mails) == 1
