"""Rules and what happened, for administrators to look at."""

from __future__ import annotations

from django.contrib import admin

from apps.alerts.models import Event, Rule
from apps.jobs.admin import RowsOnlyRead


@admin.register(Rule)
class RuleAdmin(RowsOnlyRead):
    list_display = ("team", "__str__", "cron", "time_zone", "quiet_from", "quiet_until", "active", "created_by")
    list_filter = ("active", "team")
    list_select_related = ("team", "created_by")


@admin.register(Event)
class EventAdmin(RowsOnlyRead):
    list_display = ("repository", "kind", "before", "after", "at", "because")
    list_filter = ("kind",)
    list_select_related = ("repository",)
    search_fields = ("repository__name", "commit")
    show_full_result_count = False
