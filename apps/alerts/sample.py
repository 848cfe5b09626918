"""An alert of nothing that happened, to see how one looks."""

from __future__ import annotations

from django.conf import settings

from apps.alerts.lines import Line, Turn, words
from apps.alerts.models import Kind


def sample() -> list[Line]:
    link = f"{settings.URL}/"
    changed = "the repository changed"
    return [
        Line(
            "churn-model", link, Kind.SECRETS, Turn.WORSE, words(Kind.SECRETS, Turn.WORSE, "", Kind.SECRETS),
            changed, "3f2a91c04d", ["deploy/train.sh:12: a GitHub token in plain text"], "", Kind.SECRETS,
        ),
        Line(
            "demand-forecast", link, Kind.GRADE, Turn.WORSE, words(Kind.GRADE, Turn.WORSE, "B", "C"),
            changed, "b81d0e77aa", ["Dependencies are locked (reproducibility/dependencies-locked)"], "B", "C",
        ),
        Line(
            "pricing", link, Kind.GRADE, Turn.PASSED, words(Kind.GRADE, Turn.PASSED, "A", "B"),
            changed, "77c1aa90f2", [], "A", "A",
        ),
        Line(
            "churn-model", link, Kind.DATA, Turn.WORSE, words(Kind.DATA, Turn.WORSE, "", Kind.DATA),
            changed, "3f2a91c04d", ["dvc.lock: 2 of 14 files of data/features are not in the remote"], "", Kind.DATA,
        ),
        Line(
            "image-tagger", link, Kind.UNREACHABLE, Turn.WORSE, words(Kind.UNREACHABLE, Turn.WORSE, "", "unreachable"),
            "Authentication refused. The server does not let us in.", "", [], "", Kind.UNREACHABLE,
        ),
    ]  # fmt: skip
