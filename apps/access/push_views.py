"""Where forges tell of pushes, and where leads learn how to have them do so."""

from __future__ import annotations

from typing import cast
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound, UnreadablePostError
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from apps.access import push, vault
from apps.access.models import PushHook
from apps.access.views import find
from apps.accounts.models import User
from apps.repositories import forges
from apps.repositories.models import Repository

LARGEST = 1_000_000
ACCEPTED, BAD, LENGTH_REQUIRED, TOO_LARGE = 202, 400, 411, 413


@csrf_exempt
@login_not_required
@require_POST
def push_notice(request: HttpRequest, hook: UUID) -> HttpResponse:
    """Takes a forge's word that something was pushed. Who does not know the secret learns nothing, not even the time.

    What is too large, or does not say how large it is, is not read.
    """
    size = request.META.get("CONTENT_LENGTH") or ""
    if not size.isdecimal():
        return HttpResponse(status=LENGTH_REQUIRED)
    if int(size) > LARGEST:
        return HttpResponse(status=TOO_LARGE)
    try:
        body = request.body
    except UnreadablePostError:
        return HttpResponse(status=BAD)
    found = PushHook.objects.select_related("repository").filter(pk=hook).first()
    now = timezone.now()
    if not push.is_genuine(secret_of(found), request.headers, body, now) or found is None:
        return HttpResponseNotFound()
    push.take(found, request.headers, body, now)
    return HttpResponse(status=ACCEPTED)


def secret_of(hook: PushHook | None) -> str:
    """The secret of a hook, or one that nobody knows."""
    try:
        return hook.unseal() if hook else push.new_secret()
    except vault.Unreadable:
        return push.new_secret()


@never_cache
@require_POST
def make_push_hook(request: HttpRequest, pk: int) -> HttpResponse:
    """The only page that ever shows the secret, with what to do with it."""
    repository = find(Repository.objects.manageable_by(request.user), pk)
    hook, secret = push.make(repository, cast(User, request.user))
    place = forges.push_page(repository.forge, repository.web_url)
    context = {"repository": repository, "hook": hook, "secret": secret, "place": place}
    return render(request, "access/push_hook.html", context)


@require_POST
def remove_push_hook(request: HttpRequest, pk: int) -> HttpResponse:
    repository = find(Repository.objects.manageable_by(request.user), pk)
    get_object_or_404(PushHook, repository=repository).delete()
    messages.success(request, "Pushes are not told any more. Take the webhook back at the forge, too.")
    return redirect("repository_access", pk)
