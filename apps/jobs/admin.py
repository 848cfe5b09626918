"""Jobs and schedules for administrators: to look at, to try again, to put aside."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from apps.jobs import queue
from apps.jobs.models import Job, Schedule, Worker


class RowsOnlyRead(admin.ModelAdmin):  # type: ignore[type-arg]  # not subscriptable at run time
    """Only the queue writes these rows; the list's actions go through it."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return obj is None and super().has_change_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


@admin.register(Job)
class JobAdmin(RowsOnlyRead):
    list_display = ("kind", "subject", "status", "priority", "attempts", "phase", "created_at", "finished_at")
    list_filter = ("status", "kind", "priority")
    search_fields = ("subject", "error")
    ordering = ("-id",)
    actions = ("retry", "discard")
    show_full_result_count = False

    @admin.action(permissions=["change"], description="Try again")
    def retry(self, request: HttpRequest, jobs: QuerySet[Job]) -> None:
        retried = sum(queue.retry(job) for job in jobs)
        self.message_user(request, f"{retried} of {len(jobs)} queued again.")

    @admin.action(permissions=["change"], description="Cancel, or put aside what failed")
    def discard(self, request: HttpRequest, jobs: QuerySet[Job]) -> None:
        for job in jobs:
            queue.discard(job)
        self.message_user(request, f"{len(jobs)} cancelled or put aside.")


@admin.register(Worker)
class WorkerAdmin(RowsOnlyRead):
    list_display = ("name", "engine", "shard", "queues", "slots", "version", "started_at", "seen_at")
    list_filter = ("engine", "shard")


@admin.register(Schedule)
class ScheduleAdmin(RowsOnlyRead):
    list_display = ("kind", "subject", "cron", "time_zone", "next_run_at", "priority")
    list_filter = ("kind", "priority")
    search_fields = ("subject",)
    ordering = ("next_run_at",)
