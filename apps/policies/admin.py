from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from apps.jobs.queue import enqueue
from apps.policies.forms import PolicyForm
from apps.policies.models import SitePolicy


@admin.register(SitePolicy)
class SitePolicyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # not subscriptable at run time
    """One policy for the site: its list is its form, and saving re-scores or re-audits what it touches."""

    form = PolicyForm
    save_on_top = True

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        row = SitePolicy.objects.first() or SitePolicy.objects.create()
        return redirect(reverse("admin:policies_sitepolicy_change", args=[row.pk]))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: SitePolicy | None = None) -> bool:
        return False

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        # The fields are the form's own; the admin must not look for them on the model.
        return PolicyForm

    def save_model(self, request: HttpRequest, obj: SitePolicy, form: Any, change: bool) -> None:
        obj.changed_by_id = request.user.pk
        super().save_model(request, obj, form, change)
        if form.differences:
            enqueue("scorecards.reconsider", "site")

    def construct_change_message(
        self, request: HttpRequest, form: Any, formsets: Any, add: bool = False
    ) -> list[dict[str, dict[str, list[str]]]]:
        return [{"changed": {"fields": form.differences}}] if form.differences else []
