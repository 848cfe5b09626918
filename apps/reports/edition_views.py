"""An edition of a report as a page, and as a file."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from apps.reports import exporting, paper, words
from apps.reports.models import Edition, Report

MOST = 60


def edition(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """What a report said of a period, as its mail did, and more of each list."""
    found = find(request, pk, number)
    contents = found.contents.brief(MOST)
    with timezone.override(contents.zone):
        context = {
            "edition": found,
            "report": found.report,
            "contents": contents,
            "story": words.story(contents),
            "dates": words.dates(contents),
            "printable": paper.is_possible(),
            "packages": paper.PACKAGES,
        }
        return render(request, "reports/edition.html", context)


def edition_file(request: HttpRequest, pk: int, number: int, form: str) -> HttpResponse:
    """The same as CSV or PDF."""
    found = find(request, pk, number)
    if form not in FORMS or (form == "pdf" and not paper.is_possible()):
        raise Http404
    content_type, write = FORMS[form]
    response = HttpResponse(write(found), content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="report-{pk}-{found.until:%Y-%m-%d}.{form}"'
    return response


def find(request: HttpRequest, pk: int, number: int) -> Edition:
    mine = Report.objects.visible_to(request.user)
    editions = Edition.objects.filter(report__in=mine).select_related("report__team", "report__repository")
    return get_object_or_404(editions, report=pk, pk=number)


FORMS: dict[str, tuple[str, Callable[[Edition], str | bytes]]] = {
    "csv": ("text/csv; charset=utf-8", lambda edition: exporting.csv(edition.contents)),
    "pdf": ("application/pdf", lambda edition: paper.pdf(edition.contents, settings.URL + edition.get_absolute_url())),
}
