"""Badges: what they say, to whom, and for how long."""

from __future__ import annotations

from xml.etree import ElementTree as XML

import pytest
from django.template.loader import render_to_string
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from apps.audit.text import clean_text
from apps.badges.badge import face, text_width
from apps.badges.models import Badge
from apps.repositories.models import Repository
from apps.scorecards.models import Scorecard
from tests.apps.scorecards.conftest import *  # noqa: F403

pytestmark = pytest.mark.django_db


def words(client: Client, badge: Badge | str) -> str:
    token = badge if isinstance(badge, str) else badge.token
    response = client.get(f"/badges/{token}.svg")
    assert response.status_code == 200
    title = XML.fromstring(response.content).find("{http://www.w3.org/2000/svg}title")
    assert title is not None
    return str(title.text)


def test_it_says_never_audited_then_the_score(client: Client, repository: Repository) -> None:
    badge = Badge.objects.create(repository=repository)
    assert words(client, badge) == "ML health: never audited"


def test_it_says_score_and_area_to_anyone(client: Client, card: Scorecard) -> None:
    overall = Badge.objects.create(repository=card.repository)
    area = Badge.objects.create(repository=card.repository, area="hygiene")
    assert words(client, overall) == f"ML health: {card.grade} {int(card.score or 0)}"
    assert words(client, area).startswith("Hygiene")
    shield = client.get(f"/badges/{overall.token}.json").json()
    assert (shield["schemaVersion"], shield["label"]) == (1, "ML health")


def test_it_says_unknown_when_revoked_and_when_it_never_was(client: Client, reader: Client, card: Scorecard) -> None:
    badge = Badge.objects.create(repository=card.repository)
    reader.post(f"/repositories/{card.repository_id}/badges/{badge.pk}/revoke/")
    client.logout()
    assert words(client, badge) == words(client, "never-was") == "mlhealth: unknown"


@pytest.mark.database
def test_what_is_no_token_has_no_badge(client: Client, db: None) -> None:
    assert client.get("/badges/a%00b.svg").status_code == 404


def test_it_is_answered_with_304_while_it_stays(client: Client, card: Scorecard) -> None:
    badge = Badge.objects.create(repository=card.repository)
    first = client.get(f"/badges/{badge.token}.svg")
    assert first.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    again = client.get(f"/badges/{badge.token}.svg", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304


def test_members_hand_them_out(reader: Client, repository: Repository) -> None:
    path = f"/repositories/{repository.pk}/badges/"
    reader.post(path, {"area": "hygiene"})
    reader.post(path, {"area": "hygiene"})
    badge = Badge.objects.get()
    assert f"[![Hygiene](http://localhost:8000/badges/{badge.token}.svg)]" in reader.get(path).content.decode()
    assert reader.post(path, {"area": "nonsense"}).status_code == 404


@given(st.text(max_size=60))
def test_it_is_well_formed_whatever_it_says(text: str) -> None:
    shown = face(clean_text(text), 50, "F", audited=True)
    assert XML.fromstring(render_to_string("badges/badge.svg", {"face": shown})).tag.endswith("svg")


def test_width_follows_the_script() -> None:
    assert text_width("iii") < text_width("mmm") < text_width("健康度")
