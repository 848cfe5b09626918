"""Pages about what was found: a repository's scorecards, and the checks."""

from __future__ import annotations

from typing import cast
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.db.models.functions import Coalesce
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django_htmx.http import HttpResponseClientRefresh

from apps.accounts.models import User
from apps.audit import catalog
from apps.audit.check import Outcome
from apps.jobs.models import ACTIVE, Job
from apps.policies.models import current
from apps.repositories.audits import next_audit
from apps.repositories.models import Repository, State
from apps.scorecards.measures import MOST, audited, figure, label, names
from apps.scorecards.models import Flip, Scorecard, Standing
from apps.scorecards.panels import panel
from apps.scorecards.pillars import pillars
from apps.scorecards.report import SLIM_FLIP, report

PER_PAGE = 50
# The page on which to mend what keeps a repository from being read.
REMEDIES = {
    State.NO_ACCESS: ("repository_access", "Give it access"),
    State.UNREACHABLE: ("repository_access", "Look at its access"),
    State.HOST_KEY: ("repository_access", "Look at the keys"),
    State.MOVED: ("edit_repository", "Change its address"),
}


def repository(request: HttpRequest, pk: int) -> HttpResponse:
    found = find(request, pk)
    standing = getattr(found, "standing", None)
    return render_card(request, found, standing and standing.scorecard)


def scorecard(request: HttpRequest, pk: int, card: int) -> HttpResponse:
    """A former scorecard, on the page that the present one has."""
    found = find(request, pk)
    return render_card(request, found, get_object_or_404(found.scorecards.select_related("details"), pk=card))


def find(request: HttpRequest, pk: int) -> Repository:
    mine = Repository.objects.visible_to(request.user).select_related("team", "standing__scorecard__details")
    return get_object_or_404(mine, pk=pk)


def render_card(request: HttpRequest, repository: Repository, card: Scorecard | None) -> HttpResponse:
    area, user = request.GET.get("area", ""), cast(User, request.user)
    if area and area not in catalog.areas():
        raise Http404
    standing, job = getattr(repository, "standing", None), active_job(repository)
    may_edit = Repository.objects.editable_by(user).filter(pk=repository.pk).exists()
    may_manage = Repository.objects.manageable_by(user).filter(pk=repository.pk).exists()
    told = report(repository, card, current(), area=area) if card else None
    context = {
        "repository": repository,
        "standing": standing,
        "report": told,
        "pillars": pillars(told.rows) if told else (),
        "panel": panel(area, told.card.details.facts, list(told.rows.values())) if told and area else None,
        "panel_template": f"scorecards/panels/{area}.html",
        "former": card is not None and standing is not None and card.pk != standing.scorecard_id,
        "job": job,
        "next_audit": next_audit(repository),
        # A job that was cancelled, or killed for the last time, leaves a state that promises more to come.
        "interrupted": job is None and repository.is_under_way,
        "area": catalog.areas().get(area),
        "all_areas": catalog.areas().values(),
        "may_edit": may_edit,
        "may_manage": may_manage,
        "remedy": remedy(repository, may_manage) if may_edit else None,
    }
    return render(request, "scorecards/repository.html", context)


def remedy(repository: Repository, may_manage: bool) -> tuple[str, str] | None:
    """Address and words of the link to where a member mends what keeps us from reading a repository."""
    page, words = REMEDIES.get(State(repository.state), ("", ""))
    if not (page and repository.origin) or (page == "edit_repository" and not may_manage):
        return None
    return reverse(page, args=[repository.pk]), words


def active_job(repository: Repository) -> Job | None:
    return Job.objects.filter(kind="scorecards.audit", subject=str(repository.pk), status__in=ACTIVE).first()


@never_cache
def progress(request: HttpRequest, pk: int) -> HttpResponse:
    """How far the audit is; asked for every second by the page, which is refreshed when there is no audit."""
    found = find(request, pk)
    job = active_job(found)
    if job is None:
        return HttpResponseClientRefresh()
    return render(request, "scorecards/progress.html", {"repository": found, "job": job})


def history(request: HttpRequest, pk: int) -> HttpResponse:
    found = find(request, pk)
    cards = found.scorecards.defer("areas", "outcomes", "measures").annotate(flipped=Count("flips"))
    cards = cards.order_by("-recorded_at", "-pk")
    page = Paginator(cards, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "scorecards/history.html", {"repository": found, "page": page})


def changes(request: HttpRequest, pk: int) -> HttpResponse:
    """Every check whose outcome changed, with the commit that changed it; of one check where one is named."""
    found, slug = find(request, pk), request.GET.get("check", "")
    flips = Flip.objects.filter(repository=found, **({"check_slug": slug} if slug else {}))
    flips = flips.select_related("scorecard").only(*SLIM_FLIP, "scorecard__causes")
    flips = flips.order_by(Coalesce("committed_at", "at").desc(), "-pk")
    context = {
        "repository": found,
        "slug": slug,
        "page": Paginator(flips, PER_PAGE).get_page(request.GET.get("page")),
        "titles": {name: each.title() for name, each in catalog.checks().items()},
    }
    return render(request, "scorecards/changes.html", context)


def measures(request: HttpRequest, pk: int) -> HttpResponse:
    """Scores and measures over the commits that were audited, as a chart and as a table."""
    found = find(request, pk)
    commits = audited(found, current())
    every = names(commits)
    shown = [name for name in dict.fromkeys(request.GET.getlist("measure")) if name in every][:MOST] or every[:1]
    if request.GET.get("form") == "figure":
        return (
            HttpResponse(figure(commits, shown), content_type="application/json") if shown else HttpResponse(status=404)
        )
    rows = [(each, [each.numbers.get(name) for name in shown]) for each in reversed(commits)]
    context = {
        "repository": found,
        "every": [(name, label(name)) for name in every],
        "shown": [(name, label(name)) for name in shown],
        "names": shown,
        "page": Paginator(rows, PER_PAGE).get_page(request.GET.get("page")),
        "figure": f"?{urlencode([('form', 'figure'), *(('measure', name) for name in shown)])}",
    }
    return render(request, "scorecards/measures.html", context)


def checks(request: HttpRequest) -> HttpResponse:
    """The catalogue, with how many repositories fail each check now."""
    mine = Standing.objects.filter(repository__in=Repository.objects.visible_to(request.user))
    failing = dict.fromkeys(catalog.checks(), 0)
    for outcomes in mine.values_list("outcomes", flat=True).iterator():
        for slug, outcome in outcomes.items():
            if outcome == Outcome.FAILED and slug in failing:
                failing[slug] += 1
    areas = [(area, [(check, failing[check.slug]) for check in area.checks]) for area in catalog.areas().values()]
    return render(request, "scorecards/checks.html", {"areas": areas, "count": len(failing)})


def check(request: HttpRequest, area: str, name: str) -> HttpResponse:
    """What a check wants, why, how to mend it, its examples, the threshold in force, and who fails it now."""
    found = catalog.checks().get(slug := f"{area}/{name}")
    if found is None:
        raise Http404
    policy = current()
    mine = Standing.objects.filter(repository__in=Repository.objects.visible_to(request.user))
    counts = mine.aggregate(
        **{outcome: Count("pk", filter=Q(**{f"outcomes__{slug}": outcome.value})) for outcome in Outcome}
    )
    failing = mine.filter(**{f"outcomes__{slug}": Outcome.FAILED}).select_related("repository", "repository__team")
    configured = policy.configured(found)
    context = {
        "check": found,
        "area": catalog.areas()[area],
        "weight": policy.weight(found),
        "enabled": policy.is_on(found),
        "thresholds": [(each, getattr(configured, each.name)) for each in found.thresholds()],
        "counts": counts,
        "page": Paginator(failing.order_by("repository__name"), PER_PAGE).get_page(request.GET.get("page")),
    }
    return render(request, "scorecards/check.html", context)
