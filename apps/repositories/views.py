"""Pages that change what is watched. What was found in a repository is shown by the scorecards app."""

from __future__ import annotations

from typing import cast

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST
from django_htmx.http import HttpResponseClientRedirect

from apps.accounts.models import Role, User
from apps.accounts.permissions import teams_where
from apps.repositories import registration
from apps.repositories.forms import RegistrationForm, RepositoryForm
from apps.repositories.models import Repository


def register(request: HttpRequest) -> HttpResponse:
    person = cast(User, request.user)
    form = RegistrationForm(person, request.POST or None)
    if not form.teams:
        raise Http404
    if not form.is_valid():
        return render(request, "repositories/register.html", {"form": form})
    team, source = form.chosen_team(), form.cleaned_data["address"]
    if watched := Repository.objects.filter(team=team, identity=source.identity).first():
        messages.info(request, f"{watched} is watched already.")
        return redirect(watched)
    repository = registration.register(team, source, tags=form.cleaned_data["tags"], by=person)
    # Nobody is let in by ssh without a key.
    return redirect("repository_access", repository.pk) if source.scheme == "ssh" else redirect(repository)


@require_POST
def load_example(request: HttpRequest) -> HttpResponse:
    """Registers the repository that mlhealth brings along, or goes to where it is registered."""
    person = cast(User, request.user)
    team = teams_where(person, Role.MEMBER).first()
    if team is None:
        raise Http404
    return redirect(registration.register(team, registration.example(), by=person))


def edit_repository(request: HttpRequest, pk: int) -> HttpResponse:
    person = cast(User, request.user)
    repository = get_object_or_404(Repository.objects.manageable_by(person), pk=pk)
    form, former = RepositoryForm(person, repository, request.POST or None), repository.url
    if not form.is_valid():
        # What was typed is in the form; the page's title keeps the name that is stored.
        repository.refresh_from_db()
        return render(request, "repositories/edit_repository.html", {"form": form, "repository": repository})
    messages.success(request, f"{form.save()} is saved.")
    if repository.url != former:
        registration.request_audit(repository)
    return redirect(repository)


def remove_repository(request: HttpRequest, pk: int) -> HttpResponse:
    """Asks, then removes."""
    repository = get_object_or_404(Repository.objects.manageable_by(request.user), pk=pk)
    if request.method != "POST":
        return render(request, "repositories/remove_repository.html", {"repository": repository})
    registration.remove(repository)
    messages.success(request, f"{repository} is removed.")
    return redirect("fleet")


@require_POST
def audit_now(request: HttpRequest, pk: int) -> HttpResponse:
    repository = get_object_or_404(Repository.objects.editable_by(request.user), pk=pk)
    registration.request_audit(repository)
    if request.headers.get("HX-Request"):
        return HttpResponseClientRedirect(repository.get_absolute_url())
    return redirect(repository)
