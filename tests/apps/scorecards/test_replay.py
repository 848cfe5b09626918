"""The commits between audits and before the first one: what each was judged, and which flips it made."""

from __future__ import annotations

import json
import random
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from apps.audit.policy import Policy
from apps.jobs.models import Job, Priority, Status
from apps.jobs.queue import enqueue
from apps.policies.models import SitePolicy
from apps.repositories import registration
from apps.repositories.example.story import commit
from apps.repositories.models import Repository
from apps.scorecards import engine, replay
from apps.scorecards.models import Flip, Replayed, Standing
from tests.apps.scorecards.conftest import BEGIN, WRITER, work

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]
SLUG = "hygiene/model-binaries"
Push: TypeAlias = Callable[..., dict[Any, str]]
Run: TypeAlias = Callable[[], Job]
GRACE = "Grace Hopper <grace@example.org>"
MENDED = commit("2024-02-10", "fix: drop model", delete=["models/m.pkl"], author=GRACE)
AGAIN = commit("2024-03-01", "feat: model again", {"models/n.pkl": "1" * 9000}, author=GRACE)
ASIDE = commit("2024-03-02", "feat: read", {"src/read.py": "import csv\n"}, branch="read")
TESTED = commit("2024-03-03", "test: title", {"tests/test_it.py": "def test_it():\n    assert 1 + 1 == 2\n"})
MERGED = commit("2024-03-04", "Merge pull request #1", merge="read", tag="v0.1.0")
LOCKED = commit("2024-03-05", "build: lock", {"requirements.txt": "numpy==2.0.0\n"})
STORY = (BEGIN, WRITER, MENDED, AGAIN, ASIDE, TESTED, MERGED, LOCKED)


@pytest.fixture
def told(push: Push, audit: Run) -> dict[Any, str]:
    """Audited once, and replayed."""
    ids = push(STORY)
    assert audit().status == Status.SUCCEEDED
    return ids


def rows() -> tuple[list[Any], list[Any]]:
    """All that a replay keeps, apart from the ids of rows."""
    kept = Replayed.objects.order_by("commit").values_list("commit", "parent", "packed", "error", "compared")
    names = ("check_slug", "before", "after", "at", "commit", "since_commit", "author", "committed_at")
    return [(*each[:2], bytes(each[2]), *each[3:]) for each in kept], sorted(Flip.objects.values_list(*names))


def test_the_past_of_a_new_repository_has_flips_with_commit_author_and_date(
    told: dict[Any, str], repository: Repository
) -> None:
    flips = Flip.objects.filter(check_slug=SLUG).order_by("committed_at")
    assert [(flip.after, flip.commit, flip.author) for flip in flips] == [
        ("failed", told[WRITER], "Ada Lovelace"),
        ("passed", told[MENDED], "Grace Hopper"),
        ("failed", told[AGAIN], "Grace Hopper"),
    ]
    assert {(flip.since_commit, flip.scorecard_id) for flip in flips} == {("", None)}
    assert all(flip.at == flip.committed_at for flip in flips)
    assert Replayed.objects.get(commit=told[BEGIN]).parent == ""


def test_neither_portions_nor_their_order_nor_a_repeat_change_what_is_kept(
    told: dict[Any, str], repository: Repository
) -> None:
    whole = rows()
    Replayed.objects.all().delete()
    Flip.objects.all().delete()
    portion = engine.replay(repository.mirror, told[LOCKED], Policy(), ())
    chance = random.Random(20261129)
    pairs = list(zip(portion.header.asked, portion.verdicts, strict=True))
    chance.shuffle(pairs)
    for start in (0, 2, 0, 3, 5, 4, 2):
        some = pairs[start : start + 2]
        header = portion.header.model_copy(update={"asked": [about for about, _ in some]})
        replay.keep(repository, engine.Portion(header, [verdict for _, verdict in some]), Policy())
        replay.compare(repository)
    assert rows() == whole


def test_flips_of_a_push_name_the_commit_that_made_each(push: Push, audit: Run, repository: Repository) -> None:
    push([BEGIN])
    audit()
    ids = push(STORY)
    audit()
    last, *before = Flip.objects.filter(check_slug=SLUG).order_by("-committed_at")
    card = Standing.objects.get().scorecard
    assert (last.scorecard, last.commit, last.since_commit, last.author) == (card, ids[AGAIN], "", "Grace Hopper")
    assert last.at == card.recorded_at
    assert [(flip.after, flip.commit, flip.scorecard) for flip in before] == [
        ("passed", ids[MENDED], None),
        ("failed", ids[WRITER], None),
    ]
    assert not Flip.objects.exclude(since_commit="").exists()
    first, second = Job.objects.filter(kind="scorecards.replay").order_by("pk")
    assert (first.priority, second.priority) == (Priority.HISTORY, Priority.AUDIT)  # a past waits, a name does not


def test_what_could_not_be_judged_leaves_flips_between_two_commits(
    told: dict[Any, str], repository: Repository
) -> None:
    Replayed.objects.all().delete()
    Flip.objects.all().delete()
    portion = engine.replay(repository.mirror, told[LOCKED], Policy(), ())
    verdicts = [
        each.model_copy(update={"outcomes": {}, "error": "too much"}) if each.commit == told[WRITER] else each
        for each in portion.verdicts
    ]
    verdicts = [
        each.model_copy(update={"outcomes": {**each.outcomes, SLUG: "failed"}}) if each.commit == told[MENDED] else each
        for each in verdicts
    ]
    replay.keep(repository, engine.Portion(portion.header, verdicts), Policy())
    assert replay.compare(repository)
    flip = Flip.objects.get(check_slug=SLUG)
    assert (flip.commit, flip.since_commit, flip.author) == (told[MENDED], told[BEGIN], "")


def test_other_thresholds_replay_nothing_and_hold_a_push_against_what_they_say_of_the_commit_before(
    told: dict[Any, str], push: Push, audit: Run
) -> None:
    before = dict(Replayed.objects.values_list("commit", "thresholds"))
    SitePolicy.objects.create(document={"checks": {"hygiene/large-files": {"thresholds": {"megabytes": 0.001}}}})
    work(enqueue("scorecards.reconsider", "site"))
    assert dict(Replayed.objects.values_list("commit", "thresholds")) == before
    flip = Flip.objects.get(check_slug="hygiene/large-files")
    assert (flip.commit, flip.since_commit, flip.scorecard and flip.scorecard.causes) == ("", "", ["thresholds"])
    newest = commit("2024-04-01", "docs: more", {"README.md": "# More\n"})
    ids = push([*STORY, newest])
    audit()
    after = dict(Replayed.objects.values_list("commit", "thresholds"))
    assert after[ids[newest]] == after[told[LOCKED]] != before[told[LOCKED]]
    assert after[told[MERGED]] == before[told[MERGED]]
    assert Flip.objects.filter(check_slug="hygiene/large-files").get() == flip


def test_a_rewritten_history_leaves_flips_between_two_commits(told: dict[Any, str], push: Push, audit: Run) -> None:
    other = commit("2024-01-02", "feat: begin anew", {"a.py": "import csv\n", "models/m.pkl": "0" * 9000})
    mended = commit("2024-05-01", "fix: drop it", delete=["models/m.pkl"], author=GRACE)
    last = commit("2024-05-02", "feat: more", {"b.py": "import csv\n"})
    ids = push([other, mended, last])
    audit()
    flip = Flip.objects.get(check_slug=SLUG, scorecard=Standing.objects.get().scorecard)
    assert (flip.commit, flip.author) == (ids[mended], "Grace Hopper")  # the last that could have made it did
    lost = Flip.objects.filter(scorecard__commit=ids[last]).exclude(since_commit="").first()
    assert lost is not None
    assert (lost.commit, lost.since_commit, lost.author) == (ids[last], told[LOCKED], "")


def test_the_weeks_before_the_first_audit_have_the_scores_of_their_commits(
    push: Push, audit: Run, repository: Repository, settings: Settings
) -> None:
    dates = [(timezone.now() - timedelta(weeks=weeks)).isoformat() for weeks in (30, 20, 10)]
    push([replace(each, date=date) for each, date in zip((BEGIN, WRITER, MENDED), dates, strict=True)])
    audit()
    weeks = Standing.objects.get().weeks
    assert weeks[-32] is None
    assert weeks[-30] == weeks[-22]
    assert weeks[-19] < weeks[-22]
    assert weeks[-19] == weeks[-12]
    assert weeks[-2] > weeks[-12]


@pytest.mark.parametrize("kept", [1, 0])
@pytest.mark.parametrize("ending", ["os.kill(os.getpid(), signal.SIGKILL)", "raise KeyError('odd')"])
def test_a_process_that_dies_leaves_what_it_said_or_else_the_commit_it_died_of(
    ending: str, kept: int, tmp_path: Path, settings: Settings
) -> None:
    about = {"parent": "", "author": "A", "committed_at": "2024-01-01T00:00:00+00:00"}
    asked = [{"commit": letter * 40, **about} for letter in "ab"]
    header = {"schema": 1, "engine": "0" * 16, "complete": True, "asked": asked}
    said = [header, {"commit": "a" * 40, "outcomes": {}, "measures": {}}][: 1 + kept]
    lines = "\n".join(map(json.dumps, said))
    (tmp_path / "apps/audit").mkdir(parents=True)
    (tmp_path / "apps/audit/replay.py").write_text(f"import os, signal\nprint({lines!r}, flush=True)\n{ending}\n")
    settings.BASE_DIR = tmp_path
    portion = engine.replay(tmp_path, "a" * 40, Policy(), ())
    assert [(each.commit, bool(each.error)) for each in portion.verdicts] == [("a" * 40, not kept)]
    assert not portion.complete


def test_a_worker_without_the_mirror_makes_one(told: dict[Any, str], repository: Repository) -> None:
    whole = rows()
    Replayed.objects.all().delete()
    Flip.objects.all().delete()
    shutil.rmtree(repository.mirror)
    job = work(enqueue("scorecards.replay", str(repository.pk)))
    assert job.result == {"commits": 7, "complete": True}
    assert rows() == whole


def test_a_repository_that_is_removed_meanwhile_ends_its_replay_in_peace(
    told: dict[Any, str], repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    Replayed.objects.all().delete()
    judge = engine.replay

    def judge_while_a_lead_removes_it(*arguments: Any) -> Any:
        portion = judge(*arguments)
        registration.remove(repository)
        return portion

    monkeypatch.setattr(engine, "replay", judge_while_a_lead_removes_it)
    assert work(enqueue("scorecards.replay", str(repository.pk))).status == Status.SUCCEEDED
    assert not Replayed.objects.exists()


def test_pages_name_the_commit_and_its_author(told: dict[Any, str], reader: Client, repository: Repository) -> None:
    Repository.objects.update(forge="github", web_url="https://github.com/team/churn")
    link = f'href="https://github.com/team/churn/commit/{told[AGAIN]}"'
    for page in (reverse("repository", args=[repository.pk]), reverse("changes", args=[repository.pk])):
        text = reader.get(page).content.decode()
        assert link in text
        assert "by Grace Hopper" in text
    Flip.objects.filter(commit=told[AGAIN]).update(since_commit=told[WRITER], author="")
    text = reader.get(reverse("changes", args=[repository.pk]), {"check": SLUG}).content.decode()
    assert re.search(r"between\s+<a", text)
    assert text.count("<tr>") == 4
