"""The plots of some runs, path by path: curves over each other, images side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse

from apps.experiments.models import Plot, Run

MOST = 24


@dataclass(frozen=True)
class Picture:
    """A path: the address of its figure, or the image of each run (empty where it has none)."""

    path: str
    figure: str
    images: list[tuple[Run, str]]


def pictures(repository: int, runs: Sequence[Run]) -> list[Picture]:
    """Every path at which one of the runs has a plot."""
    digests = {digest for run in runs for digest in run.plots.values()}
    kinds = dict(Plot.objects.filter(repository=repository, digest__in=digests).values_list("digest", "kind"))
    paths = dict.fromkeys(path for run in runs for path in run.plots)
    return [picture(repository, path, runs, kinds) for path in list(paths)[:MOST]]


def picture(repository: int, path: str, runs: Sequence[Run], kinds: dict[str, str]) -> Picture:
    there = [(run, run.plots.get(path, "")) for run in runs]
    if any(kinds.get(digest) == "curve" for _, digest in there):
        asked = urlencode([("path", path), *(("run", run.pk) for run in runs)])
        return Picture(path, f"{reverse('plot', args=[repository])}?{asked}", [])
    return Picture(
        path,
        "",
        [(run, reverse("plot_image", args=[repository, digest]) if digest in kinds else "") for run, digest in there],
    )
