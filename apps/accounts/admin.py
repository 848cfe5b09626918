"""People and teams in the admin."""

from __future__ import annotations

from typing import ClassVar

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group

from apps.accounts.models import Membership, Team, User

# Roles in teams say who may what; Django's groups would be a second answer.
admin.site.unregister(Group)


class Memberships(admin.TabularInline):  # type: ignore[type-arg]  # not subscriptable at run time
    model = Membership
    autocomplete_fields = ("user", "team")
    extra = 0


@admin.register(User)
class PersonAdmin(UserAdmin):  # type: ignore[type-arg]  # not subscriptable at run time
    inlines = (Memberships,)
    list_display = ("username", "email", "is_active", "is_superuser", "last_login")
    list_filter = ("is_active", "is_superuser", "memberships__role")
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        ("Person", {"fields": ("first_name", "last_name", "email")}),
        ("May", {"fields": ("is_active", "is_staff", "is_superuser", "user_permissions")}),
        ("Dates", {"fields": ("last_login", "date_joined")}),
    )
    filter_horizontal = ("user_permissions",)


@admin.register(Team)
class TeamAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # not subscriptable at run time
    inlines = (Memberships,)
    list_display = ("name", "slug", "created_at")
    search_fields = ("name",)
    prepopulated_fields: ClassVar = {"slug": ("name",)}
