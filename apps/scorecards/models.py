"""Audits that were kept, and where each repository stands now."""

from __future__ import annotations

import hashlib
import json
import zlib
from datetime import datetime
from functools import cached_property
from typing import Any

from django.db import models
from django.urls import reverse

from apps.audit.snapshot import Json
from apps.repositories.models import Repository


class Details(models.Model):
    """The results of an audit with findings and evidence, and the facts that pages draw, compressed.

    Audits that found the same share them.
    """

    repository = models.ForeignKey(Repository, on_delete=models.CASCADE, related_name="+")
    digest = models.CharField(max_length=64)
    packed = models.BinaryField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["repository", "digest"], name="details_once"),)

    def __str__(self) -> str:
        return self.digest[:12]

    @classmethod
    def keep(cls, repository: Repository, results: list[Json], facts: Json) -> Details:
        found = {"results": results, "facts": facts}
        text = json.dumps(found, sort_keys=True, separators=(",", ":")).encode()
        digest = hashlib.sha256(text).hexdigest()
        return cls.objects.get_or_create(
            repository=repository, digest=digest, defaults={"packed": zlib.compress(text)}
        )[0]

    @cached_property
    def found(self) -> dict[str, Any]:
        """`results` and `facts` as the engine's JSON has them; audits of former versions kept no facts."""
        found = json.loads(zlib.decompress(self.packed))
        return found if isinstance(found, dict) else {"results": found, "facts": {}}

    @property
    def results(self) -> list[dict[str, Any]]:
        return list(self.found["results"])

    @property
    def facts(self) -> dict[str, Any]:
        return dict(self.found["facts"])


class Scorecard(models.Model):
    """The audit of one commit, in one context, by one version of the engine, under one policy."""

    repository = models.ForeignKey(Repository, on_delete=models.CASCADE, related_name="scorecards")
    commit = models.CharField(max_length=64)
    context = models.CharField(max_length=16)
    engine = models.CharField(max_length=16)
    policy = models.CharField(max_length=16)
    # The part of the policy that can change an outcome; the rest only re-scores.
    thresholds = models.CharField(max_length=16)
    committed_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    score = models.FloatField(null=True)
    grade = models.CharField(max_length=1, blank=True)
    complete = models.BooleanField()
    areas = models.JSONField()
    outcomes = models.JSONField()
    measures = models.JSONField()
    # What changed since the scorecard before: some of repository, rules, thresholds, context; empty for the first.
    causes = models.JSONField(default=list)
    delta = models.FloatField(null=True)
    details = models.ForeignKey(Details, on_delete=models.RESTRICT, related_name="+")

    class Meta:
        ordering = ("-recorded_at", "-pk")
        constraints = (
            models.UniqueConstraint(
                fields=["repository", "commit", "context", "engine", "policy"], name="scorecard_once"
            ),
        )
        indexes = (models.Index(fields=["repository", "-recorded_at"], name="scorecard_history"),)

    def __str__(self) -> str:
        return f"{self.repository} at {self.commit[:12]}"

    def get_absolute_url(self) -> str:
        return reverse("scorecard", args=[self.repository_id, self.pk])


class Replayed(models.Model):
    """A commit judged as if the repository had stopped there, without branches, tags and remotes.

    `parent` is its first one, empty where the history begins. `error` says why there are no outcomes.
    """

    repository = models.ForeignKey(Repository, on_delete=models.CASCADE, related_name="replayed")
    commit = models.CharField(max_length=64)
    parent = models.CharField(max_length=64, blank=True)
    author = models.TextField(blank=True)
    committed_at = models.DateTimeField()
    engine = models.CharField(max_length=16)
    thresholds = models.CharField(max_length=16)
    packed = models.BinaryField()
    error = models.TextField(blank=True)
    # Whether it was held against the commit before it, so that its flips are known.
    compared = models.BooleanField(default=False)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["repository", "commit"], name="replayed_once"),)
        indexes = (
            models.Index(fields=["repository"], condition=models.Q(compared=False), name="replayed_not_compared"),
        )

    def __str__(self) -> str:
        return f"{self.repository} at {self.commit[:12]}"

    @staticmethod
    def pack(outcomes: Json, measures: Json) -> bytes:
        return zlib.compress(json.dumps([outcomes, measures], separators=(",", ":")).encode())

    @cached_property
    def unpacked(self) -> tuple[dict[str, str], dict[str, float]]:
        """Outcomes by check, and measures by name."""
        outcomes, measures = json.loads(zlib.decompress(self.packed))
        return outcomes, measures


class Flip(models.Model):
    """A check whose outcome changed; the scorecard that showed it, unless it is older than the first one.

    `commit` made the change, or, where `since_commit` names another, some commit after that one and up to `commit`
    did; it is empty where none did: then the causes of the scorecard say what did. `at` is when it was found; for
    what is known from a replay only, when it was committed.
    """

    repository = models.ForeignKey(Repository, on_delete=models.CASCADE, related_name="flips")
    scorecard = models.ForeignKey(Scorecard, on_delete=models.CASCADE, null=True, related_name="flips")
    check_slug = models.CharField(max_length=80)
    before = models.CharField(max_length=16)
    after = models.CharField(max_length=16)
    at = models.DateTimeField()
    commit = models.CharField(max_length=64, blank=True)
    since_commit = models.CharField(max_length=64, blank=True)
    author = models.TextField(blank=True)
    committed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-at", "-pk")
        constraints = (
            models.UniqueConstraint(
                fields=["repository", "check_slug", "commit"],
                condition=models.Q(scorecard=None),
                name="flip_of_replay_once",
            ),
        )
        indexes = (
            models.Index(fields=["repository", "check_slug", "-at"], name="flip_since"),
            models.Index(fields=["check_slug", "-at"], name="flip_check"),
        )

    def __str__(self) -> str:
        return f"{self.repository}: {self.check_slug} {self.before} to {self.after}"

    @property
    def happened_at(self) -> datetime:
        """When it was committed, or else found."""
        return self.committed_at or self.at


class Standing(models.Model):
    """Where a repository stands now: everything that lists show, in one row."""

    repository = models.OneToOneField(Repository, on_delete=models.CASCADE, related_name="standing")
    scorecard = models.ForeignKey(Scorecard, on_delete=models.RESTRICT, related_name="+")
    # Branches, tags, engine and policy of the last audit: while these stay, there is nothing to audit.
    seen = models.CharField(max_length=200)
    audited_at = models.DateTimeField()
    committed_at = models.DateTimeField()
    score = models.FloatField(null=True, db_index=True)
    grade = models.CharField(max_length=1, blank=True, db_index=True)
    delta = models.FloatField(null=True)
    complete = models.BooleanField()
    areas = models.JSONField()
    outcomes = models.JSONField()
    # The score at the end of each of the last 52 weeks, oldest first; null before the first audit.
    weeks = models.JSONField(default=list)

    def __str__(self) -> str:
        return f"{self.repository}: {self.grade or 'no grade'}"

    @property
    def left_out(self) -> int:
        """The size in bytes from which on files missed in the mirror that was audited; 0 where none did."""
        _, left_out, *_ = [*self.seen.split(" "), "0", "0"]
        return int(left_out)

    @property
    def trend(self) -> list[float | None]:
        """The weekly scores, once there are two to compare."""
        return self.weeks if sum(score is not None for score in self.weeks) > 1 else []
