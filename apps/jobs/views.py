"""Who is at work, what waits, and what failed: for administrators."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Min, Q
from django.db.models.functions import Now
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from apps.audit import digests
from apps.jobs import engines, presence, queue
from apps.jobs.models import Job, Priority, Status, Worker

PAGE = 25
View = Callable[..., HttpResponse]


def for_administrators(view: View) -> View:
    """Others are told that there is no such page."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not getattr(request.user, "is_superuser", False):
            raise Http404
        return view(request, *args, **kwargs)

    return guarded


@dataclass(frozen=True)
class Waiting:
    """A queue as it stands; `oldest` is since when its longest waiting job could have begun."""

    priority: Priority
    ready: int = 0
    later: int = 0
    running: int = 0
    oldest: datetime | None = None


def waiting() -> list[Waiting]:
    """All queues, most urgent first."""
    now = Q(status=Status.QUEUED, run_after__lte=Now())
    counted = Job.objects.filter(status__in=(Status.QUEUED, Status.RUNNING)).values("priority")
    rows = counted.annotate(
        ready=Count("pk", filter=now),
        later=Count("pk", filter=Q(status=Status.QUEUED, run_after__gt=Now())),
        running=Count("pk", filter=Q(status=Status.RUNNING)),
        oldest=Min("run_after", filter=now),
    )
    found = {
        row["priority"]: Waiting(Priority(row["priority"]), row["ready"], row["later"], row["running"], row["oldest"])
        for row in rows
    }
    return [found.get(priority, Waiting(priority)) for priority in Priority]


@require_safe
@for_administrators
def workers(request: HttpRequest) -> HttpResponse:
    at_work = list(presence.at_work())
    running: dict[str, list[Job]] = {}
    for job in Job.objects.filter(status=Status.RUNNING).order_by("started_at")[:200]:
        running.setdefault(job.worker, []).append(job)
    ended_badly = Job.objects.filter(status__in=(Status.FAILED, Status.DEAD)).order_by("-finished_at", "-pk")
    return render(
        request,
        "jobs/workers.html",
        {
            "workers": [(worker, running.get(worker.name, [])) for worker in at_work],
            "slots": sum(worker.slots for worker in at_work),
            "queues": waiting(),
            "unserved": [priority for priority in Priority if not served(priority, at_work)],
            "page": Paginator(ended_badly, PAGE).get_page(request.GET.get("page")),
            "version": digests.engine()[:8],
            "engine": settings.ENGINE,
            "dashboard": settings.ENGINE == "rq",
            "embedded": settings.ENGINE == engines.EMBEDDED,
        },
    )


def served(priority: Priority, at_work: list[Worker]) -> bool:
    return any(priority.queue in worker.queues.split(", ") for worker in at_work)


@require_safe
@for_administrators
def job(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Job, pk=pk)
    ended_badly = found.status in (Status.FAILED, Status.DEAD, Status.CANCELLED)
    return render(request, "jobs/job.html", {"job": found, "ended_badly": ended_badly})


@require_POST
@for_administrators
def retry_job(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Job, pk=pk)
    if queue.retry(found):
        messages.success(request, f"Job {pk} is queued again.")
    else:
        messages.warning(request, f"Job {pk} was not queued: the same work is under way already, or it went well.")
    return redirect("job", pk)


@require_POST
@for_administrators
def discard_job(request: HttpRequest, pk: int) -> HttpResponse:
    queue.discard(get_object_or_404(Job, pk=pk))
    messages.success(request, f"Job {pk} was put aside.")
    return redirect("workers")
