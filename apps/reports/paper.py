"""An edition as PDF, where the machine has what WeasyPrint draws with."""

from __future__ import annotations

import ctypes
from base64 import b64encode
from contextlib import suppress
from functools import cache

from django.template.loader import render_to_string
from django.utils import timezone

from apps.reports.contents import Contents
from apps.reports.drawing import draw
from apps.reports.letter import Origin, told

MOST = 40
# WeasyPrint opens them by these names, on Linux and on macOS.
LIBRARIES = (
    ("libgobject-2.0.so.0", "libgobject-2.0.0.dylib"),
    ("libpango-1.0.so.0", "libpango-1.0.dylib"),
    ("libpangoft2-1.0.so.0", "libpangoft2-1.0.dylib"),
    ("libharfbuzz.so.0", "libharfbuzz.0.dylib"),
    ("libharfbuzz-subset.so.0", "libharfbuzz-subset.0.dylib"),
    ("libfontconfig.so.1", "libfontconfig.1.dylib"),
)
PACKAGES = "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-dejavu-core"


@cache
def is_possible() -> bool:
    """Whether the libraries are there: asked without WeasyPrint, which takes a second to import."""
    return all(any(map(opens, names)) for names in LIBRARIES)


def opens(library: str) -> bool:
    with suppress(OSError):
        ctypes.CDLL(library)
        return True
    return False


def pdf(contents: Contents, link: str) -> bytes:
    """Some pages of A4. Nothing is loaded for it, from this machine or another."""
    from weasyprint import HTML  # noqa: PLC0415  # slow, and not on every machine
    from weasyprint.urls import URLFetcher  # noqa: PLC0415

    brief = contents.brief(MOST)
    picture = f"data:image/png;base64,{b64encode(draw(brief.trend)).decode()}" if brief.trend else ""
    with timezone.override(brief.zone):
        html = render_to_string("reports/paper.html", told(brief, Origin(link, ""), picture))
    document = HTML(string=html, url_fetcher=URLFetcher(allowed_protocols=["data"]))
    # Widths of bars are attributes, for mail programs.
    written: bytes = document.write_pdf(presentational_hints=True)
    return written
