"""Plots of runs: curves as figures, and images as they are in git."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.cache import cache_control

from apps.experiments.choice import Choice
from apps.experiments.curves import curves
from apps.experiments.models import Plot, Run
from apps.repositories.models import Repository

MOST_RUNS = 6


def plot(request: HttpRequest, pk: int) -> HttpResponse:
    """The curves of a path in the runs that are asked for, as Plotly's JSON."""
    mine = Repository.objects.visible_to(request.user)
    path, asked = request.GET.get("path", ""), Choice.of(request.GET).pinned[:MOST_RUNS]
    found = Run.objects.filter(repository__in=mine, repository=pk, pk__in=asked)
    runs = sorted(found, key=lambda run: asked.index(run.pk))
    digests = {run.plots[path] for run in runs if path in run.plots}
    if not digests:
        raise Http404
    return HttpResponse(
        curves(path, runs, Plot.objects.filter(repository=pk, digest__in=digests)), content_type="application/json"
    )


@cache_control(private=True, max_age=86_400, immutable=True)
def plot_image(request: HttpRequest, pk: int, digest: str) -> HttpResponse:
    """An image, by the digest of its content; only kinds that run nothing are kept."""
    mine = Repository.objects.visible_to(request.user)
    found = get_object_or_404(Plot, repository__in=mine, repository=pk, digest=digest, kind__in=("png", "jpeg"))
    return HttpResponse(bytes(found.packed), content_type=f"image/{found.kind}")
