from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register
from django.db import connection

from apps.jobs import engines

SCHEMES = {"rq": ("redis", "rediss"), "celery": ("redis", "rediss", "amqp", "amqps")}


class JobsConfig(AppConfig):
    name = "apps.jobs"


@register
def engine_suits(app_configs: Any, **options: Any) -> Sequence[CheckMessage]:
    """Whether the engine can use the broker and the database that are set."""
    if settings.ENGINE == engines.EMBEDDED:
        return []
    found: list[CheckMessage] = []
    if settings.BROKER_URL.partition("://")[0] not in SCHEMES[settings.ENGINE]:
        schemes = ", ".join(f"{scheme}://" for scheme in SCHEMES[settings.ENGINE])
        found.append(Error(f"MLHEALTH_BROKER_URL: {settings.ENGINE} needs one of {schemes}", id="mlhealth.E001"))
    if connection.vendor == "sqlite":
        hint = "Set MLHEALTH_DATABASE_URL to a PostgreSQL database."
        found.append(Warning("Workers on other machines cannot use SQLite.", hint=hint, id="mlhealth.W002"))
    return found
