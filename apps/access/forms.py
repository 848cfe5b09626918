"""The form for a token. What is typed into it is never shown again."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.validators import RegexValidator

from apps.access.credentials import TOKEN_USERS
from apps.repositories.forges import Forge
from apps.repositories.models import Repository

# Git's helpers speak in lines, and HTTP puts a colon between user and password.
token = RegexValidator(r"\A[!-~]+\Z", "A token is letters, digits and signs without spaces.")
user_name = RegexValidator(r"\A[A-Za-z0-9_.@+-]+\Z", "A user name is letters, digits and _ . @ + -, without spaces.")


class ScopeForm(forms.Form):
    """Whether a credential is for one repository, or for all of its team's at the same server."""

    scope = forms.ChoiceField(label="For", choices=(), widget=forms.RadioSelect, initial="repository")

    def __init__(self, repository: Repository, data: Any = None) -> None:
        super().__init__(data)
        server = repository.origin.partition("://")[2]
        self.fields["scope"].choices = [  # type: ignore[attr-defined]
            ("repository", "This repository"),
            ("team", f"All repositories of {repository.team} on {server}"),
        ]

    @property
    def for_team(self) -> bool:
        return bool(self.cleaned_data["scope"] == "team")


class TokenForm(ScopeForm):
    token = forms.CharField(
        max_length=2000, validators=[token], widget=forms.PasswordInput(attrs={"autocomplete": "off"})
    )
    user = forms.CharField(max_length=100, required=False, validators=[user_name])

    field_order = ("token", "user", "scope")

    def __init__(self, repository: Repository, data: Any = None) -> None:
        super().__init__(repository, data)
        usual = TOKEN_USERS.get(Forge(repository.forge))
        self.fields["user"].help_text = (
            f"Left empty, {usual}, as {repository.get_forge_display()} wants it."
            if usual
            else "Whose token it is, where the server wants to know."
        )
        self.fields["user"].widget.attrs |= {"autocapitalize": "none", "autocomplete": "off", "spellcheck": "false"}
