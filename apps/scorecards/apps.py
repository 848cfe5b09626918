from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.core.checks import CheckMessage, Warning, register

from apps.audit import sandbox


class ScorecardsConfig(AppConfig):
    name = "apps.scorecards"


@register
def sandbox_is_whole(app_configs: Any, **options: Any) -> Sequence[CheckMessage]:
    return [
        Warning(f"Audits run without giving up {gap}.", hint="Run workers on a newer Linux.", id="mlhealth.W001")
        for gap in sandbox.gaps()
    ]
