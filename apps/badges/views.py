"""Badges for READMEs: seen by whoever knows the token, handed out and revoked by a team's members."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import wraps

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import condition, require_POST, require_safe

from apps.accounts.models import Role
from apps.accounts.permissions import teams_where
from apps.audit import catalog
from apps.badges.badge import UNKNOWN, Face, face
from apps.badges.models import Badge
from apps.repositories.models import Repository

OVERALL = "ML health"


def find_face(token: str) -> Face:
    """What the badge says now. A revoked one and one that never was say the same."""
    badge = Badge.objects.filter(token=token, revoked_at=None).select_related("repository__standing").first()
    if badge is None:
        return UNKNOWN
    area = catalog.areas().get(badge.area)
    label, standing = area.title if area else OVERALL, getattr(badge.repository, "standing", None)
    if badge.area:
        own = next((each for each in standing.areas if each["area"] == badge.area), None) if standing else None
        return face(label, own and own["score"], own["grade"] if own else "", audited=standing is not None)
    return face(label, standing and standing.score, standing.grade if standing else "", audited=standing is not None)


def etag(request: HttpRequest, shown: Face) -> str:
    return f'"{hashlib.sha256(repr(shown).encode()).hexdigest()[:24]}"'


def public(view: Callable[[HttpRequest, Face], HttpResponse]) -> Callable[[HttpRequest, str], HttpResponse]:
    """A view of a badge's face: for everyone, asked for anew each time, answered with 304 while it stays."""

    @login_not_required
    @require_safe
    @wraps(view)
    def wrapped(request: HttpRequest, token: str) -> HttpResponse:
        response = condition(etag_func=etag)(view)(request, find_face(token))
        response["Cache-Control"] = "no-cache, max-age=0"
        response["Content-Security-Policy"] = "default-src 'none'; sandbox"
        response["Access-Control-Allow-Origin"] = "*"
        return response

    return wrapped


@public
def badge_svg(request: HttpRequest, shown: Face) -> HttpResponse:
    return render(request, "badges/badge.svg", {"face": shown}, content_type="image/svg+xml; charset=utf-8")


@public
def badge_json(request: HttpRequest, shown: Face) -> HttpResponse:
    return JsonResponse(shown.shield)


def repository_badges(request: HttpRequest, pk: int) -> HttpResponse:
    """The badges of a repository with the Markdown to copy; members hand out new ones."""
    repository = get_object_or_404(Repository.objects.visible_to(request.user), pk=pk)
    may_edit = teams_where(request.user, Role.MEMBER).filter(pk=repository.team_id).exists()
    if request.method == "POST":
        area = request.POST.get("area", "")
        if not may_edit or (area and area not in catalog.areas()):
            raise Http404
        Badge.objects.get_or_create(repository=repository, area=area, revoked_at=None)
        return redirect("repository_badges", pk)
    badges = [(badge, markdown(badge)) for badge in Badge.objects.filter(repository=repository, revoked_at=None)]
    taken = {badge.area for badge, _ in badges}
    choices = [("", OVERALL), *((area.slug, area.title) for area in catalog.areas().values())]
    context = {
        "repository": repository,
        "badges": badges,
        "choices": [(slug, title) for slug, title in choices if slug not in taken],
        "may_edit": may_edit,
    }
    return render(request, "badges/repository_badges.html", context)


def markdown(badge: Badge) -> str:
    area = catalog.areas().get(badge.area)
    image = f"{settings.URL}{reverse('badge_svg', args=[badge.token])}"
    page = f"{settings.URL}{reverse('repository', args=[badge.repository_id])}"
    return f"[![{area.title if area else OVERALL}]({image})]({page})"


@require_POST
def revoke_badge(request: HttpRequest, pk: int, badge: int) -> HttpResponse:
    mine = Badge.objects.filter(repository__in=Repository.objects.editable_by(request.user), revoked_at=None)
    found = get_object_or_404(mine, pk=badge, repository=pk)
    found.revoked_at = timezone.now()
    found.save(update_fields=["revoked_at"])
    messages.success(request, "The badge is revoked; where it is shown it now says unknown.")
    return redirect("repository_badges", pk)
