from django.contrib import admin

from apps.badges.models import Badge


@admin.register(Badge)
class BadgeAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # not subscriptable at run time
    list_display = ("repository", "area", "created_at", "revoked_at")
    list_filter = ("area",)
    search_fields = ("repository__name",)
    readonly_fields = ("token", "repository", "area", "created_at")

    def has_add_permission(self, request: object) -> bool:
        return False
