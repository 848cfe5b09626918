"""May this person do that? Every view asks here; queries start from who asks."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet

from apps.accounts.models import Role, Team, User


def teams_where(user: User | AnonymousUser, role: Role) -> QuerySet[Team]:
    """The teams in which `user` has at least `role`."""
    if not user.is_authenticated:
        return Team.objects.none()
    if user.is_superuser:
        return Team.objects.all()
    enough = [each for each in Role if each.includes(role)]
    return Team.objects.filter(memberships__user=user, memberships__role__in=enough)
