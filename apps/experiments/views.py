"""Pages about what was tried: the timeline, the table of runs, and the latest of all projects."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from apps.experiments import exporting
from apps.experiments.choice import BY, SINCE, Choice, listed
from apps.experiments.directions import headline, lower_is_better
from apps.experiments.improvements import compare
from apps.experiments.models import Collection, Direction, Run, Source
from apps.experiments.rollup import roll_up
from apps.experiments.sheet import MOST_CELLS, MOST_CELLS_OF_FILES, UNSHOWN, Sheet, read
from apps.experiments.summary import summarise
from apps.experiments.table import Table
from apps.experiments.timeline import Timeline
from apps.repositories.models import Repository

PER_PAGE = 50
TOO_MANY = (
    f"These runs have more than {MOST_CELLS_OF_FILES:,} values, too many for one file. "
    "Search for a name, or choose a group, a branch or a time, and there are fewer.\n"
)


def experiments(request: HttpRequest, pk: int) -> HttpResponse:
    """The timeline of one or more metrics, with its runs as a table."""
    repository, choice = find(request, pk), Choice.of(request.GET)
    sheet = chosen(repository, choice)
    metrics = choice.shown(sheet.metrics)
    lower = directions(repository, metrics)
    context = surroundings(request, repository, choice, sheet) | {
        "metrics": [(metric, lower[metric]) for metric in metrics],
        "summary": summarise(sheet, metrics[0], lower[metrics[0]]) if metrics else None,
        "table": Table.of(sheet, metrics, lower).page(request.GET.get("page"), PER_PAGE),
        "may_edit": Repository.objects.editable_by(request.user).filter(pk=repository.pk).exists(),
        "figure": f"{reverse('timeline', args=[pk])}?{request.GET.urlencode()}",
    }
    return render(request, "experiments/experiments.html", context)


def timeline(request: HttpRequest, pk: int) -> HttpResponse:
    """The figure that the page draws, as Plotly's JSON."""
    repository, choice = find(request, pk), Choice.of(request.GET)
    sheet = chosen(repository, choice)
    metrics = choice.shown(sheet.metrics)
    if not metrics:
        raise Http404
    drawn = Timeline(sheet, metrics, directions(repository, metrics), choice, collection_of(repository))
    return HttpResponse(drawn.figure(), content_type="application/json")


def runs(request: HttpRequest, pk: int) -> HttpResponse:
    """Every run with chosen metrics and params: sorted, filtered and paged."""
    repository, choice = find(request, pk), Choice.of(request.GET)
    sheet = chosen(repository, choice)
    metrics = (choice.metrics and choice.shown(sheet.metrics)) or tuple(sheet.metrics)[:4]
    lower = directions(repository, metrics)
    table = Table.of(sheet, metrics, lower, request.GET.getlist("param"))
    by_group = request.GET.get("rollup") == "group" and metrics
    leading = headline(metrics)
    context = surroundings(request, repository, choice, sheet) | {
        "table": table.sorted(request.GET.get("sort", "")).page(request.GET.get("page"), PER_PAGE),
        "metric": leading,
        "rollup": roll_up(sheet, leading, lower[leading]) if by_group else None,
    }
    return render(request, "experiments/runs.html", context)


def export(request: HttpRequest, pk: int, form: str) -> HttpResponse:
    """All runs that match, with all their metrics and params, as CSV or JSON."""
    repository, choice = find(request, pk), Choice.of(request.GET)
    if form not in exporting.FORMS:
        raise Http404
    content_type, write = exporting.FORMS[form]
    sheet = chosen(repository, choice, MOST_CELLS_OF_FILES)
    if sheet.unread:
        return HttpResponse(TOO_MANY, content_type="text/plain; charset=utf-8", status=413)
    response = HttpResponse(write(sheet), content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="runs-{repository.pk}.{form}"'
    return response


@require_POST
def set_direction(request: HttpRequest, pk: int) -> HttpResponse:
    """Say of a metric whether less of it is better."""
    editable = Repository.objects.editable_by(request.user)
    repository = get_object_or_404(editable, pk=pk)
    metric, lower = request.POST.get("metric", "")[:500], request.POST.get("lower") == "yes"
    if metric and "\0" not in metric:
        with transaction.atomic():
            Direction.objects.update_or_create(repository=repository, metric=metric, defaults={"lower": lower})
            compare(repository)
    query = request.POST.get("back", "")
    return redirect(f"{reverse('experiments', args=[pk])}?{query}")


def recent_experiments(request: HttpRequest) -> HttpResponse:
    """The last runs of all projects: who tried what, and what was better than all before it."""
    mine = Run.objects.filter(repository__in=Repository.objects.visible_to(request.user), time__isnull=False)
    month = timezone.now() - timedelta(days=30)
    shown = mine.filter(gain__gt=0) if request.GET.get("improved") else mine
    lately = mine.filter(time__gte=month)
    context = {
        "page": Paginator(shown.select_related("repository"), PER_PAGE).get_page(request.GET.get("page")),
        "improved": bool(request.GET.get("improved")),
        "lately": lately.aggregate(
            runs=Count("pk"),
            people=Count("author", distinct=True, filter=~Q(author="")),
            projects=Count("repository", distinct=True),
            better=Count("pk", filter=Q(gain__gt=0)),
        ),
        "any": mine.exists(),
    }
    return render(request, "experiments/recent_experiments.html", context)


def find(request: HttpRequest, pk: int) -> Repository:
    """A repository that the reader may see, with its collection and whether they may edit it."""
    editable = Repository.objects.editable_by(request.user).filter(pk=OuterRef("pk"))
    visible = Repository.objects.visible_to(request.user).select_related("collection")
    return get_object_or_404(visible.annotate(may_edit=Exists(editable)), pk=pk)


def collection_of(repository: Repository) -> Collection | None:
    """Nothing is known of one that was never read."""
    return getattr(repository, "collection", None)


def chosen(repository: Repository, choice: Choice, most: int = MOST_CELLS) -> Sheet:
    """Not by way of the repository, which would hand itself to each of its runs."""
    return read(choice.narrow(Run.objects.filter(repository=repository)).defer(*UNSHOWN), most=most)


def directions(repository: Repository, metrics: Any) -> dict[str, bool]:
    said = dict(repository.directions.values_list("metric", "lower"))
    return {metric: lower_is_better(metric, said) for metric in metrics}


def surroundings(request: HttpRequest, repository: Repository, choice: Choice, sheet: Sheet) -> dict[str, Any]:
    """What the timeline and the table share: the choices there are, and those that were made."""
    pairs = list(repository.runs.order_by().values_list("group", "branch").distinct())
    return {
        "repository": repository,
        "collection": collection_of(repository),
        "choice": choice,
        "pinned": repository.runs.filter(pk__in=choice.pinned) if choice.pinned else [],
        "kept": [(name, each) for name, values in request.GET.lists() if name != "run" for each in values if each],
        "sheet": sheet,
        "all_metrics": listed(sheet.metrics, *choice.metrics),
        "all_params": listed(sheet.params, choice.against, *request.GET.getlist("param")),
        "groups": sorted({group for group, _ in pairs if group}),
        "branches": sorted({branch for _, branch in pairs if branch}),
        "sources": Source.choices,
        "since": SINCE.items(),
        "by": BY.items(),
        "query": request.GET.urlencode(),
    }
