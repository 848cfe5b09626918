"""Letters on their way into the outbox."""

from __future__ import annotations

import pytest
from django.db import transaction

from apps.jobs.models import Job
from apps.outbox import mail
from apps.outbox.models import Channel, Message
from apps.outbox.post import Letter, post

LETTER = Letter("Weekly report", "All is well.\n", data={"repositories": 3})


@pytest.mark.django_db
def test_a_key_is_posted_once(channel: Channel) -> None:
    first = post(channel, "report:1:2026-11-30", LETTER)
    again = post(channel, "report:1:2026-11-30", Letter("Another", "Words"))
    other = post(channel, "report:1:2026-12-07", LETTER)
    assert again.pk == first.pk
    assert again.subject == "Weekly report"
    assert {job.subject for job in Job.objects.filter(kind="outbox.deliver")} == {str(first.pk), str(other.pk)}


@pytest.mark.django_db
def test_a_letter_goes_with_the_transaction_that_posted_it(channel: Channel) -> None:
    with transaction.atomic():
        post(channel, "report:1:2026-11-30", LETTER)
        transaction.set_rollback(True)
    assert not Message.objects.exists()
    assert not Job.objects.exists()


@pytest.mark.django_db
def test_what_a_repository_says_fits_into_headers_and_databases(channel: Channel) -> None:
    odd = Letter(
        "churn\r\nBcc: all@example.org\0\u202e" + "x" * 300, "a\0b\ud800\n", html="<p>\0</p>", data={"n": float("nan")}
    )
    message = post(channel, "alert:1", odd)
    message.refresh_from_db()
    assert message.subject == "churn Bcc: all@example.org " + "x" * 173
    assert message.text == "ab?\n"
    assert message.data == {"n": None}


def test_a_mail_carries_its_styles_in_its_elements() -> None:
    html = mail.compose("outbox/mail.html", {})
    assert 'class="page" style="' in html
    assert "prefers-color-scheme: dark" in html
    assert "http" not in html.replace("http-equiv", "")
