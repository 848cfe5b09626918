"""Every address, asked by everyone: a new one without a line here fails."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse
from django.utils import timezone
from pytest_django import Settings

from apps.access.models import Credential, PushHook
from apps.accounts.models import Membership, Role, Team, User
from apps.alerts.models import Rule
from apps.badges.models import Badge
from apps.experiments.models import Plot, Run, Values
from apps.jobs.models import Job, Status
from apps.outbox.models import Channel, Message
from apps.reports.issue import contents_of, issue
from apps.reports.models import Report
from apps.repositories.models import Repository
from apps.scorecards.models import Details, Scorecard

pytestmark = pytest.mark.django_db
WHO = ("anonymous", "outsider", "viewer", "member", "lead", "administrator", "superuser")
LOGIN, OPEN, YES, NO, GO = "login", 200, 200, 404, 302
# Method and what each of WHO gets.
TABLE: dict[str, tuple[str, tuple[int | str, ...]]] = {
    "fleet": ("get", (LOGIN, YES, YES, YES, YES, YES, YES)),
    "checks": ("get", (LOGIN, YES, YES, YES, YES, YES, YES)),
    "check": ("get", (LOGIN, YES, YES, YES, YES, YES, YES)),
    "repository": ("get", (LOGIN, NO, YES, YES, YES, YES, YES)),
    "scorecard": ("get", (LOGIN, NO, YES, YES, YES, YES, YES)),
    "history": ("get", (LOGIN, NO, YES, YES, YES, YES, YES)),
    "changes": ("get", (LOGIN, NO, YES, YES, YES, YES, YES)),
    "measures": ("get", (LOGIN, NO, YES, YES, YES, YES, YES)),
    "progress": ("get", (LOGIN, NO, YES, YES, YES, YES, YES)),
    "experiments": ("get", (LOGIN, NO, YES, YES, YES, YES, YES)),
    "timeline": ("get", (LOGIN, NO, YES, YES, YES, YES, YES)),
    "runs": ("get", (LOGIN, NO, YES, YES, YES, YES, YES)),
    "export": ("get", (LOGIN, NO, YES, YES, YES, YES, YES)),
    "run": ("get", (LOGIN, NO, YES, YES, YES, YES, YES)),
    "experiment": ("get", (LOGIN, NO, YES, YES, YES, YES, YES)),
    "tried": ("get", (LOGIN, NO, YES, YES, YES, YES, YES)),
    "compare": ("get", (LOGIN, NO, YES, YES, YES, YES, YES)),
    "plot": ("get", (LOGIN, NO, NO, NO, NO, NO, NO)),  # one of no run
    "plot_image": ("get", (LOGIN, NO, YES, YES, YES, YES, YES)),
    "set_direction": ("post", (LOGIN, NO, NO, GO, GO, GO, GO)),
    "recent_experiments": ("get", (LOGIN, YES, YES, YES, YES, YES, YES)),
    "repository_badges": ("get", (LOGIN, NO, YES, YES, YES, YES, YES)),
    "revoke_badge": ("post", (LOGIN, NO, NO, GO, GO, GO, GO)),
    "register": ("get", (LOGIN, NO, NO, YES, YES, YES, YES)),
    "load_example": ("post", (LOGIN, NO, NO, GO, GO, GO, GO)),
    "audit_now": ("post", (LOGIN, NO, NO, GO, GO, GO, GO)),
    "edit_repository": ("get", (LOGIN, NO, NO, NO, YES, YES, YES)),
    "remove_repository": ("get", (LOGIN, NO, NO, NO, YES, YES, YES)),
    "team_audits": ("get", (LOGIN, NO, NO, NO, YES, YES, YES)),
    "all_audits": ("get", (LOGIN, NO, NO, NO, NO, NO, YES)),
    "repository_access": ("get", (LOGIN, NO, NO, YES, YES, YES, YES)),
    "make_deploy_key": ("post", (LOGIN, NO, NO, NO, NO, NO, NO)),  # one that is read over https
    "test_access": ("post", (LOGIN, NO, NO, GO, GO, GO, GO)),
    "tested": ("get", (LOGIN, NO, NO, YES, YES, YES, YES)),
    "remove_credential": ("post", (LOGIN, NO, NO, NO, GO, GO, GO)),
    "make_push_hook": ("post", (LOGIN, NO, NO, NO, YES, YES, YES)),
    "remove_push_hook": ("post", (LOGIN, NO, NO, NO, GO, GO, GO)),
    "push_notice": ("post", (NO,) * 7),  # without a proof
    "channels": ("get", (LOGIN, YES, YES, YES, GO, GO, GO)),
    "team_channels": ("get", (LOGIN, NO, NO, NO, YES, YES, YES)),
    "add_channel": ("get", (LOGIN, NO, NO, NO, YES, YES, YES)),
    "deliveries": ("get", (LOGIN, NO, NO, NO, YES, YES, YES)),
    "test_channel": ("post", (LOGIN, NO, NO, NO, GO, GO, GO)),
    "pause_channel": ("post", (LOGIN, NO, NO, NO, GO, GO, GO)),
    "remove_channel": ("get", (LOGIN, NO, NO, NO, YES, YES, YES)),
    "send_again": ("post", (LOGIN, NO, NO, NO, GO, GO, GO)),
    "unsubscribe": ("get", (OPEN,) * 7),
    "team_alerts": ("get", (LOGIN, NO, NO, NO, YES, YES, YES)),
    "turn_alerts_on": ("post", (LOGIN, NO, NO, NO, GO, GO, GO)),
    "add_rule": ("get", (LOGIN, NO, NO, NO, YES, YES, YES)),
    "preview_alert": ("get", (LOGIN, NO, NO, NO, YES, YES, YES)),
    "edit_rule": ("get", (LOGIN, NO, NO, NO, YES, YES, YES)),
    "switch_rule": ("post", (LOGIN, NO, NO, NO, GO, GO, GO)),
    "remove_rule": ("post", (LOGIN, NO, NO, NO, GO, GO, GO)),
    "reports": ("get", (LOGIN, YES, YES, YES, YES, YES, YES)),
    "report": ("get", (LOGIN, NO, YES, YES, YES, YES, YES)),
    "edition": ("get", (LOGIN, NO, YES, YES, YES, YES, YES)),
    "edition_file": ("get", (LOGIN, NO, YES, YES, YES, YES, YES)),
    "add_report": ("get", (LOGIN, NO, NO, NO, YES, YES, YES)),
    "preview_new_report": ("get", (LOGIN, NO, NO, NO, YES, YES, YES)),
    "edit_report": ("get", (LOGIN, NO, NO, NO, YES, YES, YES)),
    "preview_report": ("get", (LOGIN, NO, NO, NO, YES, YES, YES)),
    "send_report": ("post", (LOGIN, NO, NO, NO, GO, GO, GO)),
    "remove_report": ("get", (LOGIN, NO, NO, NO, YES, YES, YES)),
    "badge_svg": ("get", (OPEN,) * 7),
    "badge_json": ("get", (OPEN,) * 7),
    "login": ("get", (OPEN, GO, GO, GO, GO, GO, GO)),
    "logout": ("post", (GO,) * 7),
    "password_change": ("get", (LOGIN, YES, YES, YES, YES, YES, YES)),
    "setup": ("get", (NO,) * 7),
    "workers": ("get", (LOGIN, NO, NO, NO, NO, NO, YES)),
    "job": ("get", (LOGIN, NO, NO, NO, NO, NO, YES)),
    "retry_job": ("post", (LOGIN, NO, NO, NO, NO, NO, GO)),
    "discard_job": ("post", (LOGIN, NO, NO, NO, NO, NO, GO)),
    "healthz": ("get", (OPEN,) * 7),
    "readyz": ("get", (OPEN,) * 7),
}


def names() -> Iterator[str]:
    """The names of all addresses; the admin guards its own, and is asked about below."""
    for resolver in get_resolver().url_patterns:
        if isinstance(resolver, URLPattern):
            yield str(resolver.name)
        elif resolver.namespace != "admin":
            yield from (str(pattern.name) for pattern in resolver.url_patterns if isinstance(pattern, URLPattern))


@pytest.fixture
def arguments(settings: Settings) -> dict[str, list[object]]:
    repository = Repository.objects.create(
        team=Team.objects.default(), name="churn", url="https://x.org/churn", identity="x", origin="https://x.org"
    )
    when = "2026-01-01T00:00:00Z"
    card = Scorecard.objects.create(
        repository=repository, committed_at=when, recorded_at=when, complete=True, areas=[], outcomes={}, measures={},
        details=Details.keep(repository, [], {}),
    )  # fmt: skip
    badge = Badge.objects.create(repository=repository)
    credential = Credential.objects.create(repository=repository, origin=repository.origin, kind="token", sealed="x")
    values = Values.objects.create(repository=repository, digest="0" * 32, packed=Values.pack({"m.json": {"auc": 1}}))
    run = Run.objects.create(
        repository=repository, key="git:1", time=when, metrics=values, params=values, lineage=values
    )
    Plot.objects.create(repository=repository, digest="1" * 32, kind="png", packed=b"\x89PNG")
    job = Job.objects.create(kind="jobs.forget", subject="all", dedupe_key="x", status=Status.DEAD)
    hook = PushHook.objects.create(repository=repository, sealed="x")
    channel = Channel.objects.create(team=repository.team, kind="email", label="People", target="x@example.org")
    message = Message.objects.create(channel=channel, key="report:1", subject="Report", text="Words")
    rule = Rule.objects.create(team=repository.team, kinds=["grade"])
    report = Report.objects.create(team=repository.team, cron="0 7 * * 1", time_zone="UTC")
    edition = issue(report, contents_of(report, timezone.now()))
    own: list[object] = [repository.pk]
    on_repository = (
        "repository",
        "history",
        "changes",
        "measures",
        "progress",
        "repository_badges",
        "audit_now",
        "edit_repository",
        "remove_repository",
        "repository_access",
        "make_deploy_key",
        "make_push_hook",
        "remove_push_hook",
        "test_access",
        "tested",
        "experiments",
        "timeline",
        "runs",
        "experiment",
        "tried",
        "compare",
        "plot",
        "set_direction",
    )
    return dict.fromkeys(on_repository, own) | {
        "team_audits": [repository.team.slug],
        "scorecard": [repository.pk, card.pk],
        "export": [repository.pk, "csv"],
        "run": [repository.pk, run.pk],
        "plot_image": [repository.pk, "1" * 32],
        "revoke_badge": [repository.pk, badge.pk],
        "remove_credential": [repository.pk, credential.pk],
        "push_notice": [hook.pk],
        "check": ["hygiene", "large-files"],
        "team_channels": ["default"],
        "team_alerts": ["default"],
        "turn_alerts_on": ["default"],
        "add_rule": ["default"],
        "preview_alert": ["default"],
        "edit_rule": [rule.pk],
        "switch_rule": [rule.pk],
        "remove_rule": [rule.pk],
        "add_channel": ["default", "email"],
        "deliveries": ["default"],
        "test_channel": [channel.pk],
        "pause_channel": [channel.pk],
        "remove_channel": [channel.pk],
        "send_again": [message.pk],
        "unsubscribe": [channel.token],
        "report": [report.pk],
        "edition": [report.pk, edition.pk],
        "edition_file": [report.pk, edition.pk, "csv"],
        "add_report": ["default"],
        "preview_new_report": ["default"],
        "edit_report": [report.pk],
        "preview_report": [report.pk],
        "send_report": [report.pk],
        "remove_report": [report.pk],
        "badge_svg": [badge.token],
        "badge_json": [badge.token],
        "setup": ["no-such-token"],
        **{name: [job.pk] for name in ("job", "retry_job", "discard_job")},
    }


def log_in(client: Client, who: str) -> None:
    if who == "anonymous":
        return
    person = User.objects.create_user(who, is_superuser=who == "superuser", is_staff=who == "superuser")
    if who in Role.values:
        Membership.objects.create(user=person, team=Team.objects.default(), role=who)
    client.force_login(person)


def test_every_address_has_a_line() -> None:
    assert set(names()) == set(TABLE)


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize("name", TABLE)
def test_address(client: Client, arguments: dict[str, list[object]], name: str, who: str) -> None:
    log_in(client, who)
    method, answers = TABLE[name]
    response = getattr(client, method)(reverse(name, args=arguments.get(name, [])))
    expected = answers[WHO.index(who)]
    if expected == LOGIN:
        assert response.status_code == 302
        assert response.headers["Location"].startswith("/login/")
    else:
        assert response.status_code == expected


@pytest.mark.parametrize("who", WHO)
def test_admin_is_for_staff(client: Client, who: str) -> None:
    log_in(client, who)
    response = client.get("/admin/")
    assert response.status_code == (200 if who == "superuser" else 302)


def test_admin_lists_every_model(admin_client: Client) -> None:
    for model in admin.site._registry:
        response = admin_client.get(
            reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"), follow=True
        )
        assert response.status_code == 200, model
