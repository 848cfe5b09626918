"""What a team is told of its repositories' changes; for its leads."""

from __future__ import annotations

from typing import cast

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from apps.accounts.models import Role, Team, User
from apps.accounts.permissions import teams_where
from apps.alerts.compose import letter
from apps.alerts.forms import RuleForm, default_rule
from apps.alerts.models import Alert, Rule
from apps.alerts.sample import sample
from apps.outbox import mail
from apps.outbox.models import Channel, Kind


@require_safe
def team_alerts(request: HttpRequest, team: str) -> HttpResponse:
    found = led_by(request, team)
    context = {
        "team": found,
        "rules": Rule.objects.filter(team=found).prefetch_related("channels"),
        "any_channel": Channel.objects.filter(team=found).exists(),
        "address": cast(User, request.user).email,
    }
    return render(request, "alerts/team_alerts.html", context)


@require_POST
def turn_alerts_on(request: HttpRequest, team: str) -> HttpResponse:
    """One click: everything, at once, to the address of who clicked."""
    found, person = led_by(request, team), cast(User, request.user)
    if not person.email:
        messages.error(request, "Your account has no address of e-mail. Add a channel first.")
        return redirect("team_channels", team)
    with transaction.atomic():
        Team.objects.select_for_update().get(pk=found.pk)
        if Rule.objects.filter(team=found).exists():  # the button was pressed twice
            return redirect("team_alerts", team)
        defaults = {"kind": Kind.EMAIL, "label": str(person), "created_by": person}
        channel, _ = Channel.objects.get_or_create(team=found, user=person, defaults=defaults)
        rule = default_rule(found)
        rule.created_by = person
        rule.save()
        rule.channels.add(channel)
    messages.success(request, f"Alerts are on, and go to {person.email}.")
    return redirect("team_alerts", team)


def add_rule(request: HttpRequest, team: str) -> HttpResponse:
    rule = default_rule(led_by(request, team))
    rule.created_by = cast(User, request.user)
    return edit(request, rule)


def edit_rule(request: HttpRequest, pk: int) -> HttpResponse:
    return edit(request, rule_of_lead(request, pk))


@require_POST
def switch_rule(request: HttpRequest, pk: int) -> HttpResponse:
    """Turn it off, or on again; what waited to be told is dropped, for it would be old by then."""
    rule = rule_of_lead(request, pk)
    with transaction.atomic():
        rule.active = not rule.active
        rule.save(update_fields=["active"])
        Alert.objects.filter(rule=rule, told_at=None).delete()
    messages.success(request, f"The alert is {'on' if rule.active else 'off'}.")
    return redirect("team_alerts", rule.team.slug)


@require_POST
def remove_rule(request: HttpRequest, pk: int) -> HttpResponse:
    rule = rule_of_lead(request, pk)
    rule.delete()
    messages.success(request, "The alert is removed.")
    return redirect("team_alerts", rule.team.slug)


@require_safe
def preview_alert(request: HttpRequest, team: str) -> HttpResponse:
    """How an alert arrives, of things that did not happen."""
    return mail.shown(letter(led_by(request, team), sample()).html, {})


def edit(request: HttpRequest, rule: Rule) -> HttpResponse:
    form = RuleForm(rule, request.POST or None)
    if not form.is_valid():
        any_channel = Channel.objects.filter(team=rule.team).exists()
        return render(request, "alerts/edit_rule.html", {"rule": rule, "form": form, "any_channel": any_channel})
    with transaction.atomic():
        form.save()
    messages.success(request, "The alert is saved.")
    return redirect("team_alerts", rule.team.slug)


def led_by(request: HttpRequest, slug: str) -> Team:
    return get_object_or_404(teams_where(request.user, Role.LEAD), slug=slug)


def rule_of_lead(request: HttpRequest, pk: int) -> Rule:
    return get_object_or_404(Rule.objects.manageable_by(request.user).select_related("team"), pk=pk)
