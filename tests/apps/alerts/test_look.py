"""What changes is told once, to whom it was promised, and nothing else is."""

from __future__ import annotations

from datetime import timedelta
from email.message import EmailMessage

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.accounts.models import Team
from apps.alerts import jobs
from apps.alerts.models import Alert, Event, Kind, Rule, Seen
from apps.jobs.worker import Running
from apps.outbox.models import Channel, Message
from apps.repositories.models import State
from tests.apps.alerts.conftest import Stand, enter, look
from tests.apps.outbox.conftest import hook
from tests.servers import smtp

pytestmark = pytest.mark.django_db
LATER = {"quiet_from": None, "quiet_until": None}


def body(mail: EmailMessage, kind: str = "plain") -> str:
    found = mail.get_body((kind,))
    assert found
    return str(found.get_content()).replace("\r\n", "\n")


def subjects(mailbox: smtp.Server) -> list[str]:
    return [str(mail["Subject"]).strip() for mail in mailbox.mails]


def test_a_grade_that_falls_is_told_once(rule: Rule, stand: Stand, mailbox: smtp.Server) -> None:
    stand("churn", "B")
    look()
    assert not mailbox.mails  # how things were when we came is no news
    stand("churn", "C")
    look()
    look()
    (mail,) = mailbox.mails
    assert mail["Subject"] == "churn: grade fell from B to C"
    text = body(mail)
    assert "Because: the repository changed" in text
    assert "  - Dependencies are locked (reproducibility/dependencies-locked)" in text
    assert "As of commit 0000000000\n" in text
    assert "http://localhost:8000/repositories/" in text
    assert "the repository changed" in body(mail, "html").casefold()
    stand("churn", "B")
    stand("churn", "B")
    look()
    assert len(mailbox.mails) == 1
    stand("churn", "F")
    look()
    assert subjects(mailbox)[1:] == ["churn: grade fell from B to F"]


def test_secrets_with_their_places_and_never_the_secret(rule: Rule, stand: Stand, mailbox: smtp.Server) -> None:
    stand("churn", hygiene__secrets="passed")
    look()
    stand("churn", findings={"deploy.sh": "a GitHub token in plain text"}, hygiene__secrets="failed")
    look()
    assert subjects(mailbox) == ["churn: secrets found"]
    assert "- deploy.sh:3: a GitHub token in plain text" in body(mailbox.mails[0])


def test_data_that_is_not_pushed(rule: Rule, stand: Stand, mailbox: smtp.Server) -> None:
    stand("churn", dvc__data_pushed="unknown")
    look()
    stand("churn", dvc__data_pushed="failed")
    look()
    stand("churn", dvc__data_pushed="unknown")  # the remote does not answer: that mends nothing
    look()
    stand("churn", dvc__data_pushed="failed")
    look()
    assert subjects(mailbox) == ["churn: DVC data not pushed"]


def test_a_repository_out_of_reach(rule: Rule, stand: Stand, mailbox: smtp.Server) -> None:
    repository = stand("churn")
    look()
    for _ in range(3):
        enter(repository, State.CLONING)
        look()
        enter(repository, State.NO_ACCESS, "The server <b>refuses</b>.")
        look()
    assert subjects(mailbox) == ["churn: cannot be reached"]
    assert "Authentication refused. The server <b>refuses</b>." in body(mailbox.mails[0])
    assert "<b>refuses" not in body(mailbox.mails[0], "html")


def test_what_nobody_asked_for_is_not_told(rule: Rule, stand: Stand, mailbox: smtp.Server) -> None:
    Rule.objects.update(kinds=[Kind.SECRETS])
    stand("churn", "A")
    look()
    stand("churn", "F")
    look()
    Rule.objects.update(kinds=list(Kind.values), active=False)
    stand("churn", "A")
    look()
    stand("churn", "F")
    look()
    Rule.objects.update(active=True)
    look()
    assert not mailbox.mails
    assert Event.objects.count() == 3


def test_other_teams_are_not_told(rule: Rule, stand: Stand, mailbox: smtp.Server) -> None:
    Rule.objects.update(team=Team.objects.create(name="Elsewhere", slug="elsewhere"))
    stand("churn", "A")
    look()
    stand("churn", "F")
    look()
    assert not mailbox.mails


def test_quiet_hours_wait_and_say_what_came_and_went(rule: Rule, stand: Stand, mailbox: smtp.Server) -> None:
    now = timezone.now()
    quiet = {"quiet_from": (now - timedelta(hours=2)).time(), "quiet_until": (now + timedelta(hours=2)).time()}
    Rule.objects.update(**quiet)
    for name in ("churn", "pricing", "images"):
        stand(name, "B", hygiene__secrets="passed")
    look()
    stand("churn", "C")
    stand("pricing", "D")
    stand("images", "B", hygiene__secrets="failed")
    look()
    stand("pricing", "B")
    look()
    assert not mailbox.mails
    Rule.objects.update(**LATER)
    look()
    look()
    assert subjects(mailbox) == ["Default team: 2 got worse, 1 came and went (first images: secrets found)"]
    text = body(mailbox.mails[0])
    assert "churn: grade fell from B to C" in text
    assert "pricing: its grade was D for a while, and is B again" in text


def test_a_digest_holds_a_day(rule: Rule, stand: Stand, mailbox: smtp.Server) -> None:
    Rule.objects.update(cron=f"0 {(timezone.now().hour + 12) % 24} * * *", digest_zone="UTC")
    stand("churn", "B", hygiene__secrets="failed")
    stand("pricing", "B")
    look()
    stand("churn", "C", hygiene__secrets="passed")
    look()
    stand("pricing", "C")
    look()
    assert not mailbox.mails
    Event.objects.update(at=timezone.now() - timedelta(days=1))
    look()
    look()
    assert len(mailbox.mails) == 1
    assert "churn: the secrets are gone" in body(mailbox.mails[0])
    assert not Alert.objects.filter(told_at=None).exists()


def test_what_is_mended_and_breaks_again_is_bad(rule: Rule, stand: Stand, mailbox: smtp.Server) -> None:
    stand("churn", hygiene__secrets="failed")
    look()
    Rule.objects.update(cron="0 0 1 1 *", digest_zone="UTC")
    stand("churn", hygiene__secrets="passed")
    look()
    stand("churn", hygiene__secrets="failed")
    look()
    Event.objects.update(at=timezone.now() - timedelta(days=400))
    look()
    assert subjects(mailbox) == ["churn: secrets found"]


def test_programs_get_data(rule: Rule, stand: Stand, team: Team) -> None:
    channel, _ = hook(team, "https://hook.example.invalid/")
    rule.channels.set([channel])
    stand("churn", "B")
    look()
    stand("churn", "C")
    look()
    (message,) = Message.objects.all()
    assert message.key == f"alert:{rule.pk}:{Event.objects.get().pk}"
    (change,) = message.data["changes"]
    assert (change["repository"], change["kind"], change["before"], change["after"]) == ("churn", "grade", "B", "C")


def test_names_are_hostile(rule: Rule, stand: Stand, mailbox: smtp.Server) -> None:
    name = '<img src="https://evil.example.org/x">\r\nBcc: all@example.org'
    stand(name, "B")
    look()
    stand(name, "C")
    look()
    (mail,) = mailbox.mails
    assert mail["Bcc"] is None
    assert "<img" not in body(mail, "html")
    assert "http://localhost" in body(mail, "html")


def test_a_look_that_is_interrupted_tells_nothing_twice(
    rule: Rule, stand: Stand, mailbox: smtp.Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("churn", "pricing"):
        stand(name, "B")
    look()
    for name in ("churn", "pricing"):
        stand(name, "C")

    def die(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(jobs, "BATCH", 1)
    with monkeypatch.context() as patch:
        patch.setattr(Running, "progress", die)  # after the first of them
        look()
    assert Event.objects.count() == 1
    look()
    look()
    assert Event.objects.count() == 2
    assert sum("churn" in subject for subject in subjects(mailbox)) == 1
    assert len(mailbox.mails) in {1, 2}
    assert Alert.objects.filter(told_at=None).count() == 0


def test_a_look_at_many_that_stay_costs_little(rule: Rule, stand: Stand) -> None:
    for number in range(20):
        stand(f"r{number}")
    look()
    assert Seen.objects.count() == 20
    with CaptureQueriesContext(
        connection,
    ) as queries:
        look()
    assert len([each for each in queries if "alerts_" in each["sql"]]) == 2
    assert Channel.objects.exists()
