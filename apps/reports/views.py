"""Pages about the reports that a team gets: which there are, their forms and previews, and what was sent."""

from __future__ import annotations

from collections import defaultdict
from typing import cast

from csp.constants import SELF
from csp.decorators import csp_update
from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Max
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_POST

from apps.accounts.models import Role, Team, User
from apps.accounts.permissions import teams_where
from apps.jobs import schedule
from apps.jobs.models import Schedule
from apps.outbox import mail
from apps.outbox.models import Message
from apps.reports import issue, letter
from apps.reports.forms import BASIS, ReportForm
from apps.reports.letter import Origin
from apps.reports.models import ISSUE, Report, ReportQuerySet

PER_PAGE = 20


def reports(request: HttpRequest) -> HttpResponse:
    """The reports of a person's teams."""
    dated = seen(request).annotate(last=Max("editions__until")).order_by("team__name", "pk")
    page = Paginator(dated, PER_PAGE).get_page(request.GET.get("page"))
    planned = Schedule.objects.filter(kind=ISSUE, subject__in=[str(each.pk) for each in page])
    coming = dict(planned.values_list("subject", "next_run_at"))
    context = {
        "page": page,
        "rows": [(each, coming.get(str(each.pk))) for each in page],
        "led": teams_where(request.user, Role.LEAD),
    }
    return render(request, "reports/reports.html", context)


def report(request: HttpRequest, pk: int) -> HttpResponse:
    """What it is on, to whom it goes, and all that was sent of it with what became of that."""
    found = get_object_or_404(seen(request), pk=pk)
    page = Paginator(found.editions.defer("kept").select_related("sent_by"), PER_PAGE).get_page(request.GET.get("page"))
    sent = defaultdict[str, list[Message]](list)
    posted = Message.objects.filter(channel__team=found.team, key__in=[each.key for each in page])
    for message in posted.select_related("channel"):
        sent[message.key].append(message)
    context = {
        "report": found,
        "recipients": found.recipients(),
        "coming": Schedule.objects.filter(kind=ISSUE, subject=str(pk)).first(),
        "page": page,
        "editions": [(each, sent[each.key]) for each in page],
        "may_manage": Report.objects.manageable_by(request.user).filter(pk=pk).exists(),
    }
    return render(request, "reports/report.html", context)


@csp_update({"frame-src": [SELF]})  # type: ignore[arg-type]  # its types know no views with arguments
def add_report(request: HttpRequest, team: str) -> HttpResponse:
    form = ReportForm(cast(User, request.user), new(request, team), request.POST or None)
    if not form.is_valid():
        preview = reverse("preview_new_report", args=[team])
        return render(request, "reports/add_report.html", {"form": form, "team": form.team, "preview": preview})
    saved = form.save()
    messages.success(request, f"The report on {saved} is saved; it comes {saved.when.words}.")
    return redirect(saved)


@csp_update({"frame-src": [SELF]})  # type: ignore[arg-type]  # its types know no views with arguments
def edit_report(request: HttpRequest, pk: int) -> HttpResponse:
    found = managed(request, pk)
    form = ReportForm(cast(User, request.user), found, request.POST or None)
    if not form.is_valid():
        preview = reverse("preview_report", args=[pk])
        return render(request, "reports/edit_report.html", {"form": form, "report": found, "preview": preview})
    messages.success(request, f"The report on {form.save()} is saved.")
    return redirect(found)


@xframe_options_sameorigin
def preview_new_report(request: HttpRequest, team: str) -> HttpResponse:
    """The mail that a report which is being made would send now."""
    return preview(request, new(request, team))


@xframe_options_sameorigin
def preview_report(request: HttpRequest, pk: int) -> HttpResponse:
    return preview(request, managed(request, pk))


def preview(request: HttpRequest, report: Report) -> HttpResponse:
    form = ReportForm(cast(User, request.user), report, request.POST or None)
    if form.is_bound and not form.is_valid() and BASIS & set(form.errors):
        return mail.shown(render_to_string("reports/no_preview.html", {"form": form, "basis": BASIS}), {})
    if not report.cron:
        report.cron, report.time_zone = form.initial["when"].cron, form.initial["when"].zone
    contents = issue.contents_of(report, timezone.now())
    sent = letter.compose(contents, Origin(settings.URL + reverse("reports"), issue.reason(report)))
    return mail.shown(sent.html, sent.images)


@require_POST
def send_report(request: HttpRequest, pk: int) -> HttpResponse:
    """Send what it says now. Asked for twice within a minute, it is sent once."""
    found = managed(request, pk)
    if not found.recipients():
        messages.error(request, "Nobody gets this report. Edit it and say to whom it goes.")
    elif not found.repositories().exists():
        messages.error(request, "There is no repository to report on.")
    else:
        until = timezone.now().replace(second=0, microsecond=0)
        issue.issue(found, issue.contents_of(found, until), by=cast(User, request.user))
        messages.success(request, f"The report on {found} is on its way.")
    return redirect(found)


def remove_report(request: HttpRequest, pk: int) -> HttpResponse:
    """Asks, then removes it with its editions."""
    found = managed(request, pk)
    if request.method != "POST":
        return render(request, "reports/remove_report.html", {"report": found})
    with transaction.atomic():
        schedule.stop(ISSUE, str(pk))
        found.delete()
    messages.success(request, f"The report on {found} is removed.")
    return redirect("reports")


def new(request: HttpRequest, team: str) -> Report:
    """A report that a lead of the team is about to make."""
    led: Team = get_object_or_404(teams_where(request.user, Role.LEAD), slug=team)
    return Report(team=led, created_by=cast(User, request.user))


def seen(request: HttpRequest) -> ReportQuerySet:
    return Report.objects.visible_to(request.user).select_related("team", "repository", "created_by")


def managed(request: HttpRequest, pk: int) -> Report:
    mine = Report.objects.manageable_by(request.user).select_related("team", "repository", "created_by")
    return get_object_or_404(mine, pk=pk)
