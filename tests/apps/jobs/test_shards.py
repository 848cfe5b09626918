from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from apps.jobs import claims, presence, queue
from apps.jobs.models import Job, Worker
from apps.jobs.shards import BUCKETS, bucket_of, buckets_of, home

SHARDS = st.sets(st.text("abcdefgh-0123", min_size=1, max_size=8), min_size=1, max_size=8)


@given(SHARDS)
def test_every_bucket_has_one_home(shards: set[str]) -> None:
    shared = Counter(bucket for shard in shards for bucket in buckets_of(shard, shards))
    assert shared == Counter(range(BUCKETS))


@given(SHARDS, st.data())
def test_a_shard_that_leaves_moves_only_its_own_buckets(shards: set[str], data: st.DataObject) -> None:
    lost = data.draw(st.sampled_from(sorted(shards)))
    for bucket in range(BUCKETS):
        if (before := home(bucket, shards)) != lost:
            assert home(bucket, shards - {lost}) == before


@pytest.fixture
def elsewhere(settings: Settings) -> Job:
    """A job whose mirror another shard has."""
    settings.SHARD = "here"
    for shard in ("here", "there"):
        Worker.objects.create(name=shard, shard=shard, slots=1, queues="audit")
    subjects = (str(number) for number in range(1000))
    return queue.enqueue(
        "chores.succeed", next(each for each in subjects if home(bucket_of(each), ("here", "there")) == "there")
    )


@pytest.mark.django_db
def test_a_job_is_left_to_the_shard_that_has_its_mirror(elsewhere: Job, settings: Settings) -> None:
    assert claims.claim("us", reach=presence.reach()) is None
    settings.SHARD = "there"
    assert claims.claim("them", reach=presence.reach())


@pytest.mark.django_db
def test_a_busy_shard_is_not_waited_for_long(elsewhere: Job) -> None:
    Job.objects.update(run_after=timezone.now() - timedelta(minutes=1))
    assert claims.claim("us", reach=presence.reach())


@pytest.mark.django_db
def test_a_dead_shard_is_not_waited_for(elsewhere: Job) -> None:
    Worker.objects.filter(shard="there").update(seen_at=timezone.now() - timedelta(hours=1))
    assert claims.claim("us", reach=presence.reach())


@pytest.mark.django_db
def test_a_shard_that_does_not_serve_a_queue_has_none_of_its_buckets(elsewhere: Job) -> None:
    Worker.objects.filter(shard="there").update(queues="report, history")
    assert claims.claim("us", reach=presence.reach())


@pytest.mark.django_db
def test_a_worker_takes_only_what_its_queues_hold(settings: Settings) -> None:
    queue.enqueue("chores.succeed", "a", priority=queue.Priority.REPORT)
    settings.QUEUES = ["interactive", "audit"]
    assert claims.claim("us", reach=presence.reach()) is None
    settings.QUEUES = ["report"]
    assert claims.claim("us", reach=presence.reach())
