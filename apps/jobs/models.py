"""What is to be done, and when: the rows are the truth, workers only read and move them."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from django.db import models
from django.db.models.functions import Now

from apps.jobs.when import When, in_words


class Priority(models.IntegerChoices):
    """Who waits for it; higher goes first."""

    INTERACTIVE = 30, "A person waits"
    AUDIT = 20, "Audit"
    REPORT = 15, "Report"
    HISTORY = 10, "History"

    @property
    def queue(self) -> str:
        """What workers and brokers call the jobs of this priority."""
        return self.name.lower()


class Status(models.TextChoices):
    """Where a job stands. Failed was hopeless from the start; dead has used up its attempts."""

    QUEUED = "queued", "Queued"
    RUNNING = "running", "Running"
    SUCCEEDED = "succeeded", "Succeeded"
    FAILED = "failed", "Failed"
    CANCELLED = "cancelled", "Cancelled"
    DEAD = "dead", "Dead"


ACTIVE = (Status.QUEUED, Status.RUNNING)
HOUR = 3600


class Job(models.Model):
    """One piece of work: `kind` says which function does it, `subject` to what."""

    Status = Status

    kind = models.CharField(max_length=100, help_text="app.function: the function in that app's jobs module")
    subject = models.CharField(max_length=200)
    dedupe_key = models.CharField(max_length=301, help_text="At most one job of a key is queued or running")
    priority = models.SmallIntegerField(choices=Priority, default=Priority.AUDIT)
    bucket = models.PositiveSmallIntegerField(default=0, help_text="Of the subject; shards divide the buckets")
    run_after = models.DateTimeField(db_default=Now())
    timeout = models.PositiveIntegerField(default=HOUR, help_text="Seconds it may run")

    status = models.CharField(max_length=10, choices=Status, default=Status.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0, help_text="Failures and lost workers so far")
    fence = models.PositiveIntegerField(default=0, help_text="Claims so far; only the latest may write")
    lease_until = models.DateTimeField(null=True)
    worker = models.CharField(max_length=200, blank=True)
    cancel_requested = models.BooleanField(default=False)
    again = models.BooleanField(default=False, help_text="Asked for while it ran, so it is done once more")

    phase = models.CharField(max_length=100, blank=True)
    done = models.PositiveBigIntegerField(null=True)
    total = models.PositiveBigIntegerField(null=True)

    result = models.JSONField(null=True)
    error = models.TextField(blank=True)
    log = models.TextField(blank=True, help_text="The end of what its last run logged")

    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["dedupe_key"], condition=models.Q(status__in=ACTIVE), name="job_one_active"
            ),
        )
        indexes = (
            models.Index(
                fields=["-priority", "run_after", "id"],
                condition=models.Q(status=Status.QUEUED),
                name="job_ready",
            ),
            models.Index(fields=["lease_until"], condition=models.Q(status=Status.RUNNING), name="job_lease"),
            models.Index(fields=["kind", "subject", "-id"], name="job_subject"),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}"

    @property
    def reason(self) -> str:
        """Why it failed, in one line: a traceback ends with it."""
        return self.error.strip().rpartition("\n")[2]


class Worker(models.Model):
    """Somebody who does jobs, and was heard of lately."""

    name = models.CharField(max_length=200, unique=True)
    host = models.CharField(max_length=200)
    shard = models.CharField(max_length=100, help_text="Workers of one shard have their mirrors in one place")
    engine = models.CharField(max_length=10)
    version = models.CharField(max_length=40)
    queues = models.CharField(max_length=100)
    slots = models.PositiveSmallIntegerField(help_text="Jobs it does side by side")
    started_at = models.DateTimeField(db_default=Now())
    seen_at = models.DateTimeField(db_default=Now(), db_index=True)

    class Meta:
        ordering = ("shard", "name")

    def __str__(self) -> str:
        return self.name


class Schedule(models.Model):
    """Work that is due again and again: when its cron expression says, and its own part of `spread` later."""

    kind = models.CharField(max_length=100)
    subject = models.CharField(max_length=200)
    cron = models.CharField(max_length=100)
    time_zone = models.CharField(max_length=64)
    spread = models.DurationField(default=timedelta(0), help_text="Over how long such work is spread")
    next_run_at = models.DateTimeField(db_index=True)
    priority = models.SmallIntegerField(choices=Priority, default=Priority.AUDIT)
    timeout = models.PositiveIntegerField(default=HOUR, help_text="Seconds it may run")

    class Meta:
        constraints = (models.UniqueConstraint(fields=["kind", "subject"], name="schedule_once_per_subject"),)

    def __str__(self) -> str:
        return f"{self.kind} {self.subject} {self.words}"

    @property
    def when(self) -> When:
        return When(self.cron, self.time_zone)

    @property
    def words(self) -> str:
        return in_words(self.when, self.spread)

    def after(self, moment: datetime) -> datetime:
        """Its first turn later than this. Of one kind, each subject has a part of the spread that stays its own."""
        name = hashlib.sha256(f"{self.kind}:{self.subject}".encode()).digest()
        late = self.spread * (int.from_bytes(name[:4]) / 2**32)
        return self.when.after(moment - late) + late
