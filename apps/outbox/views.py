"""A team's channels and what was sent to them, for its leads; and the page that ends a subscription, for everybody."""

from __future__ import annotations

from typing import cast

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.accounts.models import Role, Team, User
from apps.accounts.permissions import teams_where
from apps.jobs.queue import Priority
from apps.outbox import mail, smtp
from apps.outbox.forms import FORMS
from apps.outbox.models import Channel, Kind, Message, Status
from apps.outbox.post import Letter, post, try_again

PER_PAGE = 40
LATEST = 8


@require_safe
def channels(request: HttpRequest) -> HttpResponse:
    """The teams that a person leads; where it is one only, its channels."""
    led = list(teams_where(request.user, Role.LEAD).annotate(channel_count=Count("channels")))
    if len(led) == 1:
        return redirect("team_channels", led[0].slug)
    return render(request, "outbox/channels.html", {"teams": led})


@require_safe
def team_channels(request: HttpRequest, team: str) -> HttpResponse:
    found = led_by(request, team)
    sent = Message.objects.filter(channel__team=found).select_related("channel")
    context = {
        "team": found,
        "channels": Channel.objects.filter(team=found).select_related("user"),
        "kinds": Kind.choices,
        "latest": sent[:LATEST],
        "without_server": not settings.EMAIL_HOST,
        "unset": smtp.UNSET,
    }
    return render(request, "outbox/team_channels.html", context)


@never_cache
@sensitive_post_parameters("url")
def add_channel(request: HttpRequest, team: str, kind: str) -> HttpResponse:
    """A new channel; the page that answers a new webhook shows once what signs its messages."""
    found = led_by(request, team)
    if kind not in FORMS:
        raise Http404
    form = FORMS[kind](found, request.POST or None)
    context = {"team": found, "form": form, "kind": Kind(kind)}
    if not form.is_valid():
        return render(request, "outbox/add_channel.html", context)
    form.channel.created_by = cast(User, request.user)
    form.channel.save()
    if form.key:
        return render(request, "outbox/new_webhook.html", {**context, "channel": form.channel, "key": form.key})
    messages.success(request, f"{form.channel} is added. Send it a test message.")
    return redirect("team_channels", team)


@require_POST
def test_channel(request: HttpRequest, pk: str) -> HttpResponse:
    """Send a message that says where it comes from; once a minute, for an address may be a stranger's."""
    channel = channel_of_lead(request, pk)
    page = settings.URL + reverse("team_channels", args=[channel.team.slug])
    letter = Letter(
        "Test message from mlhealth",
        f"This is how messages of the team {channel.team} arrive here. {request.user} sent it to try the channel.\n",
        html=mail.compose("outbox/test_message.html", {"team": channel.team, "sender": request.user, "page": page}),
        data={"team": channel.team.slug},
        link=page,
    )
    post(channel, f"test:{timezone.now():%Y-%m-%dT%H:%M}", letter, priority=Priority.INTERACTIVE)
    messages.success(request, f"A test message is on its way to {channel}. Below is what becomes of it.")
    return redirect("team_channels", channel.team.slug)


@require_POST
def pause_channel(request: HttpRequest, pk: str) -> HttpResponse:
    """Pause it, or have it go on."""
    channel = channel_of_lead(request, pk)
    channel.active = not channel.active
    channel.save(update_fields=["active"])
    done = "gets messages again" if channel.active else "is paused; what would be sent meanwhile is left out"
    messages.success(request, f"{channel} {done}.")
    return redirect("team_channels", channel.team.slug)


@require_http_methods(["GET", "POST"])
def remove_channel(request: HttpRequest, pk: str) -> HttpResponse:
    channel = channel_of_lead(request, pk)
    if request.method == "GET":
        return render(request, "outbox/remove_channel.html", {"channel": channel})
    channel.delete()
    messages.success(request, f"{channel} is removed.")
    return redirect("team_channels", channel.team.slug)


@require_safe
def deliveries(request: HttpRequest, team: str) -> HttpResponse:
    """What was sent to a team's channels, latest first, by channel and status."""
    found = led_by(request, team)
    mine = Channel.objects.filter(team=found)
    status, chosen = request.GET.get("status", ""), request.GET.get("channel", "")
    sent = Message.objects.filter(channel__in=mine).select_related("channel")
    if status:
        sent = sent.filter(status=status)
    if chosen:
        sent = sent.filter(channel__in=[each for each in mine if str(each.pk) == chosen])
    context = {
        "team": found,
        "channels": mine,
        "statuses": Status.choices,
        "status": status,
        "chosen": chosen,
        "page": Paginator(sent, PER_PAGE).get_page(request.GET.get("page")),
    }
    return render(request, "outbox/deliveries.html", context)


@require_POST
def send_again(request: HttpRequest, pk: str) -> HttpResponse:
    """Try a message anew that was given up."""
    mine = Message.objects.filter(channel__in=Channel.objects.manageable_by(request.user))
    message = get_object_or_404(mine.select_related("channel__team"), pk=pk)
    if try_again(message):
        messages.success(request, f"{message} is on its way to {message.channel} again.")
    return redirect("deliveries", message.channel.team.slug)


@login_not_required
@csrf_exempt  # who has the link may: mail programs post to it on their own, as RFC 8058 has it
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """Ask whether an address wants no more mail; a POST ends it, or has it again."""
    channel = get_object_or_404(Channel.objects.select_related("team"), token=token, kind=Kind.EMAIL)
    if request.method == "POST":
        channel.unsubscribed_at = None if "again" in request.POST else timezone.now()
        channel.save(update_fields=["unsubscribed_at"])
    return render(request, "outbox/unsubscribe.html", {"channel": channel})


def led_by(request: HttpRequest, slug: str) -> Team:
    return get_object_or_404(teams_where(request.user, Role.LEAD), slug=slug)


def channel_of_lead(request: HttpRequest, pk: str) -> Channel:
    return get_object_or_404(Channel.objects.manageable_by(request.user).select_related("team"), pk=pk)
