"""Pages that change what is watched. What was found in a repository is shown by the scorecards app."""

from __future__ import annotations

from typing import cast

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST
from django_htmx.http import HttpResponseClientRedirect

from apps.accounts.models import Role, Team, User
from apps.accounts.permissions import teams_where
from apps.repositories import audits, registration
from apps.repositories.forms import AuditsForm, RegistrationForm, RepositoryForm
from apps.repositories.models import Repository

# How many repositories with a schedule of their own a team's page names.
MOST_OTHERS = 50


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
        context = {"form": form, "repository": repository, "next_audit": audits.next_audit(repository)}
        return render(request, "repositories/edit_repository.html", context)
    messages.success(request, f"{form.save()} is saved.")
    if repository.url != former:
        registration.request_audit(repository)
    return redirect(repository)


def team_audits(request: HttpRequest, slug: str) -> HttpResponse:
    """When a team's repositories are audited that have no schedule of their own; its leads decide."""
    return decide_audits(request, get_object_or_404(teams_where(request.user, Role.LEAD), slug=slug))


def all_audits(request: HttpRequest) -> HttpResponse:
    """When the repositories are audited whose teams have decided nothing; administrators decide."""
    if not cast(User, request.user).is_superuser:
        raise Http404
    return decide_audits(request, None)


def decide_audits(request: HttpRequest, team: Team | None) -> HttpResponse:
    form = AuditsForm(team, request.POST or None)
    if form.is_valid():
        form.save(team)
        messages.success(request, "It is saved. The repositories that follow it change over one after the other.")
        return redirect(request.path)
    others = Repository.objects.filter(team=team, audit_schedule__isnull=False) if team else None
    context = {
        "form": form,
        "team": team,
        "followers": audits.followers(team).count(),
        "others": others.select_related("audit_schedule")[:MOST_OTHERS] if others is not None else (),
        "other_count": others.count() if others is not None else 0,
        "teams": () if team else Team.objects.filter(audit_schedule__isnull=False).select_related("audit_schedule"),
    }
    return render(request, "repositories/audits.html", context)


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
