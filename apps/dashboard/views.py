"""Pages over many repositories: they join the other apps' rows."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.db.models import Count, F, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from apps.accounts.models import Role
from apps.accounts.permissions import teams_where
from apps.audit import catalog
from apps.audit.policy import GRADES
from apps.repositories.models import Repository, RepositoryQuerySet, State, Tag

PER_PAGE = 40
# What a column sorts by, and whether its first click shows the largest first.
SORTS = {
    "name": ("name", False),
    "score": ("standing__score", True),
    "change": ("standing__delta", False),
    "commit": ("standing__committed_at", True),
    "audit": ("standing__audited_at", True),
}


def fleet(request: HttpRequest) -> HttpResponse:
    """The repositories of a person's teams: searched, filtered, sorted and paged."""
    visible = Repository.objects.visible_to(request.user)
    chosen = {name: request.GET.get(name, "").replace("\0", "").strip() for name in ("q", "grade", "tag", "state")}
    sort = request.GET.get("sort", "name")
    found = narrow(visible, chosen).select_related("team", "standing").prefetch_related("tags")
    page = Paginator(ordered(found, sort), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "any_trend": any(each.standing.trend for each in page if hasattr(each, "standing")),
        "summary": summarise(visible),
        "areas": catalog.areas().values(),
        "columns": columns(sort),
        "chosen": chosen,
        "narrowed": any(chosen.values()),
        "grades": [*GRADES, "F"],
        "states": State.choices,
        "tags": Tag.objects.filter(repositories__in=visible).values_list("name", flat=True).distinct().order_by("name"),
        "may_register": teams_where(request.user, Role.MEMBER).exists(),
    }
    template = "dashboard/fleet_rows.html" if request.htmx else "dashboard/fleet.html"  # type: ignore[attr-defined]
    return render(request, template, context)


def narrow(repositories: RepositoryQuerySet, chosen: dict[str, str]) -> RepositoryQuerySet:
    """Only those that match what was asked for; a grade, tag or state that nobody has matches none."""
    if query := chosen["q"]:
        repositories = repositories.filter(Q(name__icontains=query) | Q(url__icontains=query))
    if grade := chosen["grade"]:
        repositories = repositories.filter(standing__grade=grade)
    if tag := chosen["tag"]:
        repositories = repositories.filter(tags__name=tag)
    if state := chosen["state"]:
        repositories = repositories.filter(state=state)
    return repositories


def ordered(repositories: RepositoryQuerySet, sort: str) -> RepositoryQuerySet:
    """Sorted by a column; what has no value there comes last either way."""
    field, _ = SORTS.get(sort.removeprefix("-"), SORTS["name"])
    value = F(field)
    by = value.desc(nulls_last=True) if sort.startswith("-") else value.asc(nulls_last=True)
    return repositories.order_by(by, "name", "pk")


def columns(sort: str) -> dict[str, dict[str, str]]:
    """For each column that sorts: the address's `sort` for a click on it, and how it sorts now."""
    found = {}
    for name, (_, largest_first) in SORTS.items():
        present = {name: "ascending", f"-{name}": "descending"}.get(sort, "")
        other = f"-{name}" if present == "ascending" or (not present and largest_first) else name
        found[name] = {"sort": other, "present": present}
    return found


def summarise(visible: RepositoryQuerySet) -> dict[str, Any]:
    """How many repositories there are, of each grade, and on the way up or down."""
    grades = {f"grade_{letter}": Count("pk", filter=Q(standing__grade=letter)) for letter in [*GRADES, "F"]}
    counted = visible.aggregate(
        count=Count("pk"),
        audited=Count("standing"),
        up=Count("pk", filter=Q(standing__delta__gt=0)),
        down=Count("pk", filter=Q(standing__delta__lt=0)),
        **grades,
    )
    return counted | {"grades": [(letter, counted[f"grade_{letter}"]) for letter in [*GRADES, "F"]]}
