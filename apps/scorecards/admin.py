"""What was found, to look at: scorecards are made by audits and by nothing else."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from apps.scorecards.models import Flip, Scorecard, Standing


class OnlyRead(admin.ModelAdmin):  # type: ignore[type-arg]  # not subscriptable at run time
    list_select_related = ("repository",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Scorecard)
class ScorecardAdmin(OnlyRead):
    list_display = ("repository", "grade", "score", "delta", "causes", "commit", "recorded_at")
    list_filter = ("grade", "complete")
    search_fields = ("repository__name",)
    exclude = ("details",)


@admin.register(Standing)
class StandingAdmin(OnlyRead):
    list_display = ("repository", "grade", "score", "delta", "complete", "committed_at", "audited_at")
    list_filter = ("grade", "complete")
    search_fields = ("repository__name",)


@admin.register(Flip)
class FlipAdmin(OnlyRead):
    list_display = ("repository", "check_slug", "before", "after", "commit", "author", "at")
    list_filter = ("after",)
    search_fields = ("repository__name", "check_slug")
