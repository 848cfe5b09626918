"""What a monitor or a load balancer asks, without logging in: whether this process lives, and whether it can work."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from apps.jobs import engines, presence
from apps.jobs.bells import bell
from apps.jobs.models import Priority

OK, DOWN = "ok", "down"


@never_cache
@login_not_required
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok\n", content_type="text/plain")


@never_cache
@login_not_required
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """503 where the database cannot be used. Without a broker or a worker pages still work: that is said, no more."""
    database = database_state()
    told: dict[str, object] = {"database": database, "broker": broker_state()}
    if database == OK:
        told["workers"] = presence.at_work().count()
    return JsonResponse(told, status=200 if database == OK else 503)


def database_state() -> str:
    try:
        executor = MigrationExecutor(connection)
        return "not migrated" if executor.migration_plan(executor.loader.graph.leaf_nodes()) else OK
    except DatabaseError:
        return DOWN


def broker_state() -> str:
    if settings.ENGINE == engines.EMBEDDED:
        return "none needed"
    try:
        engines.chosen().unanswered(bell(Priority.INTERACTIVE))
    except engines.Silence:
        return DOWN
    return OK
