"""Pushes that forges tell of: what is believed, what it brings about, and what everybody else learns."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import socket
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeAlias
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django.live_server_helper import LiveServer

from apps.access import push, vault
from apps.access.models import Delivery, PushHook
from apps.access.push_views import LARGEST
from apps.accounts.models import Membership, Role, Team, User
from apps.jobs.models import Job, Priority, Status
from apps.repositories import address, registration
from apps.repositories.models import Repository, State

pytestmark = [pytest.mark.django_db, pytest.mark.database]
Headers: TypeAlias = dict[str, str]
BODY = json.dumps({"ref": "refs/heads/main", "before": "0" * 40, "after": "1" * 40, "pusher": "Zoë"}).encode()
NOW = timezone.now
FORGES = ("github", "gitea", "forgejo", "gitlab token", "gitlab signing token", "bitbucket", "bitbucket server")


def headers(forge: str, secret: str, body: bytes = BODY, delivery: str = "", at: datetime | None = None) -> Headers:
    """What a forge sends beside a body, as they document it."""
    delivery = delivery or str(uuid4())
    digest = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    legacy = hmac.new(secret.encode(), body, hashlib.sha1).hexdigest()
    github = {
        "X-GitHub-Event": "push",
        "X-GitHub-Delivery": delivery,
        "X-Hub-Signature": f"sha1={legacy}",
        "X-Hub-Signature-256": f"sha256={digest}",
    }
    gitea = {"X-Gitea-Event": "push", "X-Gitea-Delivery": delivery, "X-Gitea-Signature": digest}
    forgejo = {"X-Forgejo-Event": "push", "X-Forgejo-Delivery": delivery, "X-Forgejo-Signature": digest}
    gitlab = {"X-Gitlab-Event": "Push Hook", "X-Gitlab-Event-UUID": delivery, "Idempotency-Key": delivery}
    sent = str(int((at or NOW()).timestamp()))
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = hmac.new(key, f"{delivery}.{sent}.".encode() + body, hashlib.sha256).digest()
    standard = {
        "webhook-id": delivery,
        "webhook-timestamp": sent,
        "webhook-signature": f"v1,{'A' * 43}= v1,{base64.b64encode(signed).decode()}",
    }
    bitbucket = {"X-Event-Key": "repo:push", "X-Hub-Signature": f"sha256={digest}"}
    return {
        "github": github,
        "gitea": {**github, **gitea},
        "forgejo": forgejo,
        "gitlab token": {**gitlab, "X-Gitlab-Token": secret},
        "gitlab signing token": {**gitlab, **standard},
        "bitbucket": {**bitbucket, "X-Request-UUID": delivery, "X-Attempt-Number": "1"},
        "bitbucket server": {**bitbucket, "X-Event-Key": "repo:refs_changed", "X-Request-Id": delivery},
    }[forge]


@pytest.fixture
def watched(keys: Path, lead: User) -> Repository:
    """One that waits for a push."""
    return watch("https://github.com/example/churn", Team.objects.default(), lead)


def watch(url: str, team: Team, by: User) -> Repository:
    repository = registration.register(team, address.parse(url, []), by=by)
    Job.objects.all().delete()
    repository.enter(State.READY)
    return repository


@pytest.fixture
def told(watched: Repository, lead: User) -> tuple[PushHook, str]:
    return push.make(watched, lead)


Told: TypeAlias = tuple[PushHook, str]


def tell(hook: PushHook | str, sent: Headers, body: bytes = BODY, kind: str = "application/json") -> HttpResponse:
    """As a forge would, without cookies."""
    where = hook if isinstance(hook, str) else urlsplit(hook.address).path
    client = Client(enforce_csrf_checks=True)
    return client.post(where, body, content_type=kind, headers=sent)  # type: ignore[return-value]


def audits() -> list[tuple[str, int]]:
    return list(Job.objects.filter(kind="scorecards.audit").values_list("subject", "priority"))


@pytest.mark.parametrize("forge", FORGES)
def test_a_push_is_looked_at_at_once(told: Told, forge: str, watched: Repository) -> None:
    hook, secret = told
    answer = tell(hook, headers(forge, secret))
    assert (answer.status_code, answer.content) == (202, b"")
    assert "Set-Cookie" not in answer.headers
    assert audits() == [(str(watched.pk), Priority.INTERACTIVE)]
    hook.refresh_from_db()
    assert hook.pushed_at is not None
    watched.refresh_from_db()
    assert watched.state == State.QUEUED


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "text/plain", "multipart/form-data", "x"])
def test_how_the_body_is_written_does_not_matter(told: Told, kind: str) -> None:
    body = b"payload=%7B%22ref%22%3A+1%7D&\xff"
    assert tell(told[0], headers("github", told[1], body), body, kind).status_code == 202


@pytest.mark.parametrize("forge", FORGES)
def test_who_does_not_know_the_secret_learns_nothing(told: Told, forge: str) -> None:
    hook, secret = told
    unknown = tell(f"/push/{uuid4()}/", headers(forge, secret))
    other = headers(forge, push.new_secret())
    changed = tell(hook, headers(forge, secret), BODY + b" ") if forge != "gitlab token" else unknown
    for answer in (unknown, changed, tell(hook, other)):
        assert (answer.status_code, answer.content) == (404, b"")
        assert answer.headers == unknown.headers
    assert not Job.objects.exists()
    assert not Delivery.objects.exists()
    hook.refresh_from_db()
    assert hook.heard_at is None


@pytest.mark.parametrize(
    "shown",
    [
        {},
        {"X-Hub-Signature-256": ""},
        {"X-Hub-Signature-256": "sha256="},
        {"X-Hub-Signature-256": "sha256=Zo\xeb"},
        {"X-Gitlab-Token": ""},
        {"X-Gitlab-Token": "\xff" * 3},
        {"X-Gitea-Signature": "0" * 64},
        {"webhook-signature": "v1,", "webhook-id": "1", "webhook-timestamp": "soon"},
        {"webhook-signature": "v1,", "webhook-id": "1", "webhook-timestamp": "9" * 40},
    ],
    ids=str,
)
def test_what_proves_nothing_is_not_taken(told: Told, shown: Headers) -> None:
    assert tell(told[0], shown).status_code == 404


def test_a_broken_digest_is_not_enough(told: Told) -> None:
    sent = headers("github", told[1])
    del sent["X-Hub-Signature-256"]
    assert sent["X-Hub-Signature"].startswith("sha1=")
    assert tell(told[0], sent).status_code == 404


@pytest.mark.parametrize(
    ("minutes", "status"), [(-6, 404), (-4, 202), (4, 202), (6, 404)], ids=["old", "late", "early", "from the future"]
)
def test_a_signature_that_covers_the_time_ends_with_it(told: Told, minutes: int, status: int) -> None:
    sent = headers("gitlab signing token", told[1], at=NOW() + timedelta(minutes=minutes))
    assert tell(told[0], sent).status_code == status


@pytest.mark.parametrize("forge", FORGES)
def test_the_same_notice_again_changes_nothing(told: Told, forge: str) -> None:
    hook, secret = told
    sent = headers(forge, secret)
    tell(hook, sent)
    Job.objects.update(status=Status.RUNNING)
    assert tell(hook, sent).status_code == 202
    assert not Job.objects.filter(again=True).exists()
    assert Delivery.objects.count() == 1
    tell(hook, headers(forge, secret))
    assert Job.objects.filter(again=True).exists()


def test_a_notice_without_a_name_is_known_by_what_is_in_it(told: Told) -> None:
    sent = {"X-Gitlab-Token": told[1]}
    for body in (BODY, BODY, b"{}"):
        assert tell(told[0], sent, body).status_code == 202
    assert Delivery.objects.count() == 2


def test_names_are_forgotten_after_a_week(told: Told) -> None:
    hook, secret = told
    for name in ("old", "older"):
        tell(hook, headers("github", secret, delivery=name))
    Delivery.objects.update(received_at=NOW() - timedelta(days=7, minutes=1))
    tell(hook, headers("github", secret, delivery="new"))
    assert Delivery.objects.count() == 1


def test_of_a_week_nothing_is_forgotten(told: Told) -> None:
    hook, secret = told
    tell(hook, headers("github", secret, delivery="old"))
    Delivery.objects.update(received_at=NOW() - timedelta(days=6, hours=23))
    Job.objects.all().delete()
    tell(hook, headers("github", secret, delivery="old"))
    assert not Job.objects.exists()


@pytest.mark.parametrize("event", [{"X-GitHub-Event": "ping"}, {"X-GitHub-Event": "issues"}])
def test_what_is_no_push_is_answered_and_that_is_all(told: Told, event: Headers) -> None:
    hook, secret = told
    assert tell(hook, headers("github", secret) | event).status_code == 202
    assert not Job.objects.exists()
    hook.refresh_from_db()
    assert hook.heard_at is not None
    assert hook.pushed_at is None


def test_two_repositories_of_one_address_are_told_apart(told: Told, lead: User) -> None:
    hook, secret = told
    others = Team.objects.create(name="Others", slug="others")
    other, theirs = push.make(watch(hook.repository.url, others, lead), lead)
    assert tell(other, headers("github", secret)).status_code == 404
    assert tell(hook, headers("github", theirs)).status_code == 404
    same = headers("github", secret, delivery="same"), headers("github", theirs, delivery="same")
    assert tell(hook, same[0]).status_code == 202
    assert audits() == [(str(hook.repository.pk), Priority.INTERACTIVE)]
    assert tell(other, same[1]).status_code == 202
    assert len(audits()) == 2


def test_a_lost_key_believes_nobody(told: Told, keys: Path) -> None:
    keys.unlink()
    assert tell(told[0], headers("github", told[1])).status_code == 404


def test_the_secret_is_sealed_for_its_row(told: Told, watched: Repository, lead: User) -> None:
    hook, secret = told
    assert secret not in str(list(PushHook.objects.values()))
    assert hook.unseal() == secret
    with pytest.raises(vault.Unreadable):
        PushHook(repository=watched, sealed=hook.sealed).unseal()


def test_an_address_is_asked_by_post_alone(told: Told, client: Client) -> None:
    for where in (urlsplit(told[0].address).path, f"/push/{uuid4()}/"):
        assert client.get(where).status_code == 405


def shown(page: str, name: str) -> str:
    found = re.search(rf'id="hook-{name}" readonly value="([^"]+)"', page)
    return found[1] if found else ""


def test_a_lead_sees_the_secret_once(watched: Repository, reader: Client) -> None:
    access = reverse("repository_access", args=[watched.pk])
    assert "Set it up" in reader.get(access).content.decode()
    answer = reader.post(reverse("make_push_hook", args=[watched.pk]))
    page = answer.content.decode()
    assert "no-store" in answer.headers["Cache-Control"]
    assert "https://github.com/example/churn/settings/hooks/new" in page
    secret, where = shown(page, "secret"), shown(page, "address")
    assert tell(urlsplit(where).path, headers("github", secret) | {"X-GitHub-Event": "ping"}).status_code == 202
    page = reader.get(access).content.decode()
    assert "no push since" in page
    assert secret not in page
    tell(urlsplit(where).path, headers("github", secret))
    assert "The last push was told" in reader.get(access).content.decode()


def test_a_new_secret_ends_the_former_and_a_removed_hook_both(told: Told, reader: Client) -> None:
    hook, former = told
    page = reader.post(reverse("make_push_hook", args=[hook.repository.pk])).content.decode()
    assert shown(page, "address") == hook.address
    assert tell(hook, headers("github", former)).status_code == 404
    assert tell(hook, headers("github", shown(page, "secret"))).status_code == 202
    reader.post(reverse("remove_push_hook", args=[hook.repository.pk]))
    assert tell(hook, headers("github", shown(page, "secret"))).status_code == 404
    assert not PushHook.objects.exists()


@pytest.mark.parametrize("name", ["make_push_hook", "remove_push_hook"])
def test_a_member_may_look_and_not_touch(told: Told, client: Client, name: str) -> None:
    member = User.objects.create_user("member")
    Membership.objects.create(user=member, team=Team.objects.default(), role=Role.MEMBER)
    client.force_login(member)
    repository = told[0].repository
    page = client.get(reverse("repository_access", args=[repository.pk])).content.decode()
    assert "Nothing has been heard yet" in page
    assert str(told[0].pk) not in page
    assert client.post(reverse(name, args=[repository.pk])).status_code == 404
    assert PushHook.objects.get().unseal() == told[1]


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("https://gitlab.com/a/b", "Signing token"),
        ("https://codeberg.org/a/b", "Test delivery"),
        ("https://bitbucket.org/a/b", "Repository push"),
        ("https://git.example.org/a/b", "post-receive"),
        ("git@github.com:a/b.git", "https://github.com/a/b/settings/hooks/new"),
    ],
)
def test_each_forge_has_its_own_steps(keys: Path, lead: User, reader: Client, url: str, words: str) -> None:
    repository = watch(url, Team.objects.default(), lead)
    assert words in reader.post(reverse("make_push_hook", args=[repository.pk])).content.decode()


def ask(server: LiveServer, lines: list[str], body: bytes = b"") -> bytes:
    """The first line of the answer to a request that is written by hand; its body may be a part of what it promises."""
    parts = urlsplit(server.url)
    with socket.create_connection((parts.hostname or "", parts.port or 0), timeout=30) as connection:
        head = [*lines, f"Host: {parts.netloc}", "Connection: close"]
        connection.sendall("\r\n".join([*head, "", ""]).encode() + body)
        return connection.makefile("rb").readline()


@pytest.mark.django_db(transaction=True)
def test_on_the_wire(live_server: LiveServer, told: Told) -> None:
    hook, secret = told
    post = f"POST {urlsplit(hook.address).path} HTTP/1.1"
    sent = [f"{name}: {value}" for name, value in headers("github", secret).items()]
    # Nothing of what is promised is sent, so the answer comes before it is read.
    assert b" 413 " in ask(live_server, [post, f"Content-Length: {LARGEST + 1}", *sent])
    assert b" 413 " in ask(live_server, [post, f"Content-Length: {'9' * 30}", *sent])
    chunked = f"{len(BODY):x}\r\n".encode() + BODY + b"\r\n0\r\n\r\n"
    assert b" 411 " in ask(live_server, [post, "Transfer-Encoding: chunked", *sent], chunked)
    assert b" 411 " in ask(live_server, [post, "Content-Length: -1", *sent])
    assert not Job.objects.exists()
    assert b" 202 " in ask(live_server, [post, f"Content-Length: {len(BODY)}", *sent], BODY)
    large = b"x" * LARGEST
    sent = [f"{name}: {value}" for name, value in headers("github", secret, large).items()]
    assert b" 202 " in ask(live_server, [post, f"Content-Length: {LARGEST}", *sent], large)
    assert len(audits()) == 1
