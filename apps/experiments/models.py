"""Experiments: the runs that were collected, their values, and what is known of a repository's history."""

from __future__ import annotations

import base64
import json
import zlib
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.db import models
from django.urls import reverse

from apps.experiments.grouping import check_pattern
from apps.repositories.models import Repository


class Values(models.Model):
    """Metrics or params by file and dotted key, compressed. Runs that have the same share them.

    NaN and infinities are kept, which is why this is no JSON of the database's.
    """

    repository = models.ForeignKey(Repository, on_delete=models.CASCADE, related_name="+")
    digest = models.CharField(max_length=32)
    packed = models.BinaryField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["repository", "digest"], name="values_once"),)

    def __str__(self) -> str:
        return self.digest[:12]

    @staticmethod
    def pack(files: dict[str, dict[str, Any]]) -> bytes:
        return zlib.compress(json.dumps(files, separators=(",", ":")).encode())

    @cached_property
    def files(self) -> dict[str, dict[str, Any]]:
        return dict(json.loads(zlib.decompress(self.packed)))


class Plot(models.Model):
    """A curve, or an image as it is in git. Runs that have the same share it."""

    repository = models.ForeignKey(Repository, on_delete=models.CASCADE, related_name="plots")
    digest = models.CharField(max_length=32)
    kind = models.CharField(max_length=5, choices=(("curve", "curve"), ("png", "PNG"), ("jpeg", "JPEG")))
    packed = models.BinaryField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["repository", "digest"], name="plot_once"),)

    def __str__(self) -> str:
        return f"{self.kind} {self.digest[:12]}"

    @staticmethod
    def pack(told: dict[str, Any]) -> bytes:
        """Of a curve the names of its axes and its points, of an image its bytes."""
        if told["kind"] != "curve":
            return base64.b64decode(told["data"])
        return zlib.compress(json.dumps({name: told[name] for name in ("x", "y", "points")}).encode())

    @cached_property
    def curve(self) -> dict[str, Any]:
        return dict(json.loads(zlib.decompress(self.packed)))


class Source(models.TextChoices):
    """Where a run was found."""

    DVC = "dvc", "DVC experiment"
    MESSAGE = "message", "exp: commit"
    BRANCH = "branch", "Experiment branch"
    MLFLOW = "mlflow", "MLflow"
    COMMIT = "commit", "Commit"


class Run(models.Model):
    """One run. `key` is `git:<commit>` or `mlflow:<run>`; its experiment is its source and name."""

    repository = models.ForeignKey(Repository, on_delete=models.CASCADE, related_name="runs")
    key = models.CharField(max_length=210)
    source = models.CharField(max_length=8, choices=Source)
    # All that cite it.
    sources = models.JSONField(default=list)
    group = models.CharField(max_length=200, blank=True)
    name = models.CharField(max_length=200)
    commit = models.CharField(max_length=64, blank=True)
    # The commit of the run before it, and what DVC calls its baseline: the same, or one that is no run.
    builds_on = models.CharField(max_length=64, blank=True)
    baseline = models.CharField(max_length=64, blank=True)
    branch = models.CharField(max_length=200, blank=True)
    author = models.CharField(max_length=200, blank=True)
    time = models.DateTimeField(null=True)
    subject = models.CharField(max_length=500, blank=True)
    hypothesis = models.TextField(blank=True)
    result = models.TextField(blank=True)
    notes = models.TextField(blank=True)
    # What its message states: metrics as [name, value, before], changes of configuration.
    stated = models.JSONField(default=list)
    changes = models.JSONField(default=list)
    # What is declared there and could not be had, in words.
    missing = models.JSONField(default=list)
    metrics = models.ForeignKey(Values, on_delete=models.RESTRICT, related_name="+")
    params = models.ForeignKey(Values, on_delete=models.RESTRICT, related_name="+")
    # Hashes of data, artifacts, code and environment, as `apps.audit.experiments.lineage` tells them.
    lineage = models.ForeignKey(Values, on_delete=models.RESTRICT, related_name="+")
    # Its stages and pointers, as `apps.audit.experiments.pipeline` tells them; null until an engine that does read it.
    pipeline = models.ForeignKey(Values, on_delete=models.RESTRICT, null=True, related_name="+")
    # Digests of plots by path.
    plots = models.JSONField(default=dict)
    # The metric that tells most of its project, what it was here, and by how much that beat all before (null: not).
    headline = models.CharField(max_length=500, blank=True)
    value = models.FloatField(null=True)
    gain = models.FloatField(null=True)
    # Since when no branch, tag or ref leads to it, or the engine does not count it as a run any more.
    gone_since = models.DateTimeField(null=True)
    # The version of the engine that told it last.
    seen = models.CharField(max_length=120, blank=True)

    class Meta:
        ordering = (models.F("time").desc(nulls_last=True), "-pk")
        constraints = (models.UniqueConstraint(fields=["repository", "key"], name="run_once"),)
        indexes = (
            models.Index(fields=["repository", "time"], name="run_time"),
            models.Index(fields=["repository", "commit"], name="run_commit"),
        )

    def __str__(self) -> str:
        name = self.name or self.subject or self.short
        return f"{self.group}/{name}" if self.group else name

    def get_absolute_url(self) -> str:
        return reverse("run", args=[self.repository_id, self.pk])

    @property
    def experiment(self) -> str:
        """The address of its experiment: all runs with its source, group and name."""
        told = urlencode({"source": self.source, "group": self.group, "name": self.name})
        return f"{reverse('experiment', args=[self.repository_id])}?{told}"

    @property
    def branch_page(self) -> str:
        """The address of all that was tried on its branch."""
        return f"{reverse('experiment', args=[self.repository_id])}?{urlencode({'branch': self.branch})}"

    @property
    def lead(self) -> str:
        """Its subject, where that says more than its name does; DVC's own subjects say nothing."""
        return "" if self.subject == self.name or self.subject.startswith("dvc: commit experiment") else self.subject

    @property
    def told(self) -> str:
        """What it was about, in its author's words."""
        return self.hypothesis or self.lead

    @property
    def short(self) -> str:
        """Its commit, or its id elsewhere, as short as people write it."""
        return self.commit[:7] or self.key.partition(":")[2][:8]


class Collection(models.Model):
    """How far a repository's history was read, and its marks: tags, model versions, merges."""

    repository = models.OneToOneField(Repository, on_delete=models.CASCADE, related_name="collection")
    # Branches and tags as they were read, and the version of what read them.
    seen = models.CharField(max_length=120, blank=True)
    # The commits after which nothing is known.
    known = models.JSONField(default=list)
    # Branches with commits that the default branch does not have.
    open_branches = models.JSONField(default=list)
    tags = models.JSONField(default=list)
    merges = models.JSONField(default=list)
    collected_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"experiments of {self.repository}"


class Direction(models.Model):
    """What somebody said of a metric: whether lower is better."""

    repository = models.ForeignKey(Repository, on_delete=models.CASCADE, related_name="directions")
    metric = models.CharField(max_length=500)
    lower = models.BooleanField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["repository", "metric"], name="direction_once"),)

    def __str__(self) -> str:
        return f"{self.metric}: {'lower' if self.lower else 'higher'} is better"


class GroupPattern(models.Model):
    """How branches and names of runs tell their group, in one repository or in all."""

    repository = models.ForeignKey(
        Repository,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="group_patterns",
        help_text="Empty: every repository that has none of its own.",
    )
    pattern = models.CharField(
        max_length=200,
        validators=[check_pattern],
        help_text="As in feature/{group}-*: of feature/churn-deeper-trees it makes the group churn.",
    )

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return self.pattern

    @classmethod
    def of(cls, repository: Repository) -> list[str]:
        """The patterns of a repository, or those of all."""
        own = list(cls.objects.filter(repository=repository).values_list("pattern", flat=True))
        return own or list(cls.objects.filter(repository=None).values_list("pattern", flat=True))
