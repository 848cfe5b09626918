from __future__ import annotations

import pytest
from django.core.checks import run_checks
from pytest_django import Settings


def ours() -> set[str]:
    return {str(message.id) for message in run_checks() if message.id in {"mlhealth.E001", "mlhealth.W002"}}


@pytest.mark.parametrize(
    ("engine", "broker", "fits"),
    [
        ("embedded", "whatever", True),
        ("rq", "redis://127.0.0.1/0", True),
        ("rq", "amqp://127.0.0.1//", False),
        ("celery", "amqp://127.0.0.1//", True),
        ("celery", "sqs://", False),
    ],
)
def test_the_broker_must_fit_the_engine(settings: Settings, engine: str, broker: str, fits: bool) -> None:
    settings.ENGINE, settings.BROKER_URL = engine, broker
    assert ("mlhealth.E001" not in ours()) == fits


def test_sqlite_is_for_one_machine(settings: Settings) -> None:
    assert ours() == set()
    settings.ENGINE = "rq"
    assert "mlhealth.W002" in ours()
