from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from apps.repositories import registration
from apps.repositories.models import Repository, Tag


@admin.register(Repository)
class RepositoryAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # not subscriptable at run time
    list_display = ("name", "team", "url", "state", "state_since", "fetched_at")
    list_filter = ("team", "state", "forge")
    list_select_related = ("team",)
    search_fields = ("name", "url")
    filter_horizontal = ("tags",)
    # An address goes through the page's checks, and what a worker found is not for editing.
    readonly_fields = (
        *("url", "forge", "web_url", "default_branch", "head"),
        *("state", "state_since", "state_detail", "fetched_at", "created_at", "created_by"),
    )

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def delete_model(self, request: HttpRequest, repository: Repository) -> None:
        registration.remove(repository)

    def delete_queryset(self, request: HttpRequest, repositories: QuerySet[Repository]) -> None:
        for repository in repositories:
            registration.remove(repository)


@admin.register(Tag)
class TagAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # not subscriptable at run time
    list_display = ("name", "team")
    list_filter = ("team",)
    search_fields = ("name",)
