"""Channels, to see and take away; messages, to see what became of them and to try again."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from apps.outbox.models import Channel, Message
from apps.outbox.post import try_again


@admin.register(Channel)
class ChannelAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # not subscriptable at run time
    list_display = ("label", "kind", "team", "user", "target", "active", "unsubscribed_at", "created_by")
    list_filter = ("kind", "active", "team")
    list_select_related = ("team", "user", "created_by")
    search_fields = ("label", "target", "user__username")
    exclude = ("sealed", "token")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


@admin.register(Message)
class MessageAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # not subscriptable at run time
    list_display = ("subject", "channel", "status", "why", "attempts", "created_at", "due_at", "ended_at")
    list_filter = ("status", "channel__kind", "channel__team")
    list_select_related = ("channel",)
    search_fields = ("subject", "key", "channel__label")
    exclude = ("html", "images")
    actions = ("send_again",)
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return obj is None and super().has_change_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    @admin.action(permissions=["change"], description="Send what was given up again")
    def send_again(self, request: HttpRequest, messages: QuerySet[Message]) -> None:
        self.message_user(request, f"{sum(map(try_again, messages))} of {len(messages)} are on their way again.")
