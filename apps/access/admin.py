"""Host keys, for administrators to compare and confirm; credentials, to see who gave one and to take it away."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from apps.access import host_keys
from apps.access.models import Credential, HostKey
from apps.accounts.models import User


class HostKeyForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable at run time
    """A key that an administrator knows before its server has shown it."""

    key = forms.CharField(
        max_length=2000,
        help_text="A line of known_hosts or of ssh-keyscan, as in: git.example.org ssh-ed25519 AAAA…",
        widget=forms.TextInput(attrs={"size": 80}),
    )

    class Meta:
        model = HostKey
        fields = ("server", "key")

    def clean_server(self) -> str:
        return str(self.cleaned_data["server"]).strip().lower()

    def clean_key(self) -> str:
        key = host_keys.parse(self.cleaned_data["key"])
        if key is None:
            raise ValidationError("This is no key of an ssh server. Paste a line of known_hosts or of ssh-keyscan.")
        return key


@admin.register(HostKey)
class HostKeyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # not subscriptable at run time
    form = HostKeyForm
    list_display = ("server", "algorithm", "fingerprint", "first_seen", "confirmed_at", "confirmed_by")
    list_filter = (("confirmed_at", admin.EmptyFieldListFilter), "server")
    search_fields = ("server", "fingerprint")
    actions = ("confirm",)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return obj is None and super().has_change_permission(request)

    def save_model(self, request: HttpRequest, obj: HostKey, form: Any, change: bool) -> None:
        obj.fingerprint = host_keys.fingerprint(obj.key)
        host_keys.confirm(obj, cast(User, request.user))

    @admin.action(permissions=["change"], description="Confirm: I compared the fingerprints")
    def confirm(self, request: HttpRequest, keys: QuerySet[HostKey]) -> None:
        for key in keys:
            host_keys.confirm(key, cast(User, request.user))
        self.message_user(request, f"{len(keys)} confirmed. What waited for them is audited again.")


@admin.register(Credential)
class CredentialAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # not subscriptable at run time
    list_display = ("origin", "kind", "repository", "team", "created_at", "created_by")
    list_filter = ("kind", "team")
    list_select_related = ("repository", "team", "created_by")
    search_fields = ("origin", "repository__name")
    exclude = ("sealed",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False
