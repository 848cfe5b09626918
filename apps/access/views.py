"""How a repository is read: members see it and test it, leads change it. No secret is ever sent to a browser."""

from __future__ import annotations

from typing import cast

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRefresh

from apps.access import credentials
from apps.access.forms import ScopeForm, TokenForm
from apps.access.models import HostKey, PushHook
from apps.accounts.models import User
from apps.jobs import queue
from apps.jobs.models import ACTIVE, Job, Priority
from apps.repositories import forges
from apps.repositories.models import Repository, RepositoryQuerySet

TEST = "access.test"


@sensitive_post_parameters("token")
def repository_access(request: HttpRequest, pk: int) -> HttpResponse:
    """The credential that is used, whether it works, and how to give another; a token is stored by POST."""
    repository = find(Repository.objects.editable_by(request.user), pk)
    if request.method != "POST":
        return show(request, repository, None)
    repository = find(Repository.objects.manageable_by(request.user), pk, scheme="https")
    form = TokenForm(repository, request.POST)
    if not form.is_valid():
        return show(request, repository, form)
    token, user = form.cleaned_data["token"], form.cleaned_data["user"]
    credentials.store_token(repository, token, user=user, for_team=form.for_team, by=cast(User, request.user))
    ask(repository)
    return redirect("repository_access", pk)


@require_POST
def make_deploy_key(request: HttpRequest, pk: int) -> HttpResponse:
    repository = find(Repository.objects.manageable_by(request.user), pk, scheme="ssh")
    form = ScopeForm(repository, request.POST)
    if not form.is_valid():
        return show(request, repository, form)
    credentials.make_deploy_key(repository, for_team=form.for_team, by=cast(User, request.user))
    return redirect("repository_access", pk)


@require_POST
def test_access(request: HttpRequest, pk: int) -> HttpResponse:
    ask(find(Repository.objects.editable_by(request.user), pk))
    return redirect("repository_access", pk)


@never_cache
@require_safe
def tested(request: HttpRequest, pk: int) -> HttpResponse:
    """How far the test is; asked for every second by the page, which is refreshed when it has ended."""
    repository = find(Repository.objects.editable_by(request.user), pk)
    test = last_test(repository)
    if test is None or test.status not in ACTIVE:
        return HttpResponseClientRefresh()
    return render(request, "access/tested.html", {"repository": repository, "test": test})


@require_POST
def remove_credential(request: HttpRequest, pk: int, credential: str) -> HttpResponse:
    repository = find(Repository.objects.manageable_by(request.user), pk)
    found = get_object_or_404(credentials.credentials_for(repository), pk=credential)
    found.delete()
    messages.success(request, f"The {found.get_kind_display()} is removed. Take it back at the server, too.")
    return redirect("repository_access", pk)


def find(mine: RepositoryQuerySet, pk: int, scheme: str = "") -> Repository:
    """A repository on a server; a folder of this machine needs no credential and has no such page."""
    repository = get_object_or_404(mine.select_related("team"), pk=pk)
    if not repository.origin.startswith(f"{scheme}://" if scheme else ("https://", "ssh://")):
        raise Http404
    return repository


def ask(repository: Repository) -> None:
    """Have a worker try it, since web processes talk to nobody."""
    queue.enqueue(TEST, str(repository.pk), priority=Priority.INTERACTIVE)


def last_test(repository: Repository) -> Job | None:
    """The last try with the credential that is there now."""
    job = Job.objects.filter(kind=TEST, subject=str(repository.pk)).order_by("-id").first()
    used = credentials.used_for(repository)
    return None if job and used and job.finished_at and job.finished_at < used.created_at else job


def show(request: HttpRequest, repository: Repository, form: ScopeForm | None) -> HttpResponse:
    over_ssh = repository.origin.startswith("ssh://")
    server = repository.origin.partition("://")[2]
    mine = list(credentials.credentials_for(repository))
    context = {
        "repository": repository,
        "over_ssh": over_ssh,
        "server": server,
        "credentials": mine,
        "used": credentials.used_for(repository),
        "form": form or (ScopeForm if over_ssh else TokenForm)(repository),
        "place": forges.credential_page(repository.forge, repository.web_url, over_ssh=over_ssh),
        "unconfirmed": HostKey.objects.filter(server=server, confirmed_at=None) if over_ssh else (),
        "test": last_test(repository),
        "hook": PushHook.objects.filter(repository=repository).select_related("created_by").first(),
        "may_manage": Repository.objects.manageable_by(request.user).filter(pk=repository.pk).exists(),
    }
    return render(request, "access/repository_access.html", context)
