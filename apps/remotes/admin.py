"""Where an administrator gives read access to the remote that a repository keeps its data in."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from apps.accounts.models import User
from apps.remotes.models import RemoteAccess
from apps.remotes.stores import RemoteError, split
from apps.repositories import registration
from apps.repositories.models import Repository


class RepositoryField(forms.ModelChoiceField):  # type: ignore[type-arg]  # not subscriptable at run time
    """Many repositories have one name, so each is shown with its team and address."""

    def label_from_instance(self, repository: Repository) -> str:
        return f"{repository.name} ({repository.team}, {repository.url})"


class RemoteAccessForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable at run time
    """What is typed as secret is never shown again."""

    repository = RepositoryField(Repository.objects.select_related("team"))
    secret = forms.CharField(
        required=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 4, "autocomplete": "off", "spellcheck": "false"}),
        help_text="Secret access key (S3), service account as JSON (Google), account key or SAS token (Azure), "
        "password or token (HTTP), private key (ssh). Read access is enough; empty for what everybody may read.",
    )

    class Meta:
        model = RemoteAccess
        fields = ("repository", "url", "endpoint", "region", "user")

    def clean_url(self) -> str:
        url = str(self.cleaned_data["url"]).strip()
        try:
            split(url)
        except (RemoteError, ValueError) as error:
            raise ValidationError(str(error)) from error
        return url

    def clean_secret(self) -> str:
        # Private keys end in a line break, which a text field loses.
        secret = str(self.cleaned_data["secret"]).replace("\r\n", "\n").strip()
        return f"{secret}\n" if secret.startswith("-----BEGIN") else secret


@admin.register(RemoteAccess)
class RemoteAccessAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # not subscriptable at run time
    """A changed address is a new row with its own secret, so there is nothing to change but by giving it anew."""

    form = RemoteAccessForm
    list_display = ("repository", "url", "created_at", "created_by")
    list_select_related = ("repository", "created_by")
    search_fields = ("url", "repository__name")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return obj is None and super().has_change_permission(request)

    def save_model(self, request: HttpRequest, obj: RemoteAccess, form: Any, change: bool) -> None:
        obj.created_by = cast(User, request.user)
        obj.seal(form.cleaned_data["secret"])
        super().save_model(request, obj, form, change)
        registration.request_audit(obj.repository)
