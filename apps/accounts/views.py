"""Pages about the person who is here. Logging in and out are Django's own views, in urls.py."""

from __future__ import annotations

from typing import cast

from django.contrib import messages
from django.contrib.auth import login, update_session_auth_hash
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.forms import PasswordChangeForm
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from apps.accounts.forms import SetupForm
from apps.accounts.models import User
from apps.accounts.setup import accepts, make_administrator


@login_not_required
@never_cache
@sensitive_post_parameters()
def setup(request: HttpRequest, token: str) -> HttpResponse:
    """Creates the first administrator; unknown to everybody without the one-time link."""
    if not accepts(token):
        raise Http404
    form = SetupForm(request.POST or None)
    if not form.is_valid():
        return render(request, "accounts/setup.html", {"form": form})
    user = form.save(commit=False)
    if not make_administrator(user):
        raise Http404
    login(request, user, backend="django.contrib.auth.backends.ModelBackend")
    messages.success(request, f"Welcome, {user.get_username()}. You administer this installation.")
    return redirect("fleet")


@never_cache
@sensitive_post_parameters()
def password_change(request: HttpRequest) -> HttpResponse:
    person = cast(User, request.user)
    form = PasswordChangeForm(person, request.POST or None)
    if not form.is_valid():
        return render(request, "accounts/password_change.html", {"form": form})
    # A session holds a digest of the password: without a new one, the change would log its author out.
    update_session_auth_hash(request, form.save())
    messages.success(request, "Your password is changed. Your other sessions are logged out.")
    return redirect("fleet")
