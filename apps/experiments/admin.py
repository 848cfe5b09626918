"""What administrators set: how groups are told. Runs themselves come from git."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from apps.experiments.models import Collection, GroupPattern
from apps.jobs.queue import enqueue


@admin.register(GroupPattern)
class GroupPatternAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # not subscriptable at run time
    list_display = ("pattern", "repository")
    autocomplete_fields = ("repository",)

    def save_model(self, request: HttpRequest, obj: GroupPattern, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        collect_anew(obj.repository_id, *([form.initial["repository"]] if change else []))

    def delete_model(self, request: HttpRequest, obj: GroupPattern) -> None:
        super().delete_model(request, obj)
        collect_anew(obj.repository_id)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[GroupPattern]) -> None:
        touched = list(queryset.values_list("repository", flat=True))
        super().delete_queryset(request, queryset)
        collect_anew(*touched)


def collect_anew(*repositories: int | None) -> None:
    """Read the history of these repositories once more (None: of all), so that every run is in its group."""
    collections = (
        Collection.objects.all() if None in repositories else Collection.objects.filter(repository__in=repositories)
    )
    collections.update(seen="")
    for pk in collections.values_list("repository_id", flat=True):
        enqueue("experiments.collect", str(pk))
