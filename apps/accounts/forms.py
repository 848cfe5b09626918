"""Forms about people."""

from __future__ import annotations

from django.contrib.auth.forms import UserCreationForm

from apps.accounts.models import User


class SetupForm(UserCreationForm):  # type: ignore[type-arg]  # not subscriptable at run time
    """The first administrator."""

    class Meta:
        model = User
        fields = ("username", "email")
