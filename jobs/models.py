"""Work that outlives a request, with its progress and its result."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import ClassVar, Final

from django.db import models
from django.db.models import Q

from accounts.models import User
from jobs.enums import JobState

RESULTS: Final = "results/"


class JobQuerySet(models.QuerySet["Job"]):
    """Reads of jobs."""

    def of(self, user: User) -> JobQuerySet:
        """A job is its owner's alone."""
        return self.filter(owner=user)

    def waiting(self) -> JobQuerySet:
        """Not begun."""
        return self.filter(state=JobState.QUEUED)

    def waiting_since(self, moment: datetime) -> JobQuerySet:
        """Not begun, and queued before `moment`; the oldest first."""
        return self.waiting().filter(created_at__lt=moment).order_by("created_at", "id")

    def silent_since(self, moment: datetime) -> JobQuerySet:
        """Running, but without a sign of life since `moment`: the worker is gone."""
        return self.filter(state=JobState.RUNNING, heartbeat_at__lt=moment)

    def going(self, kind: str, *, branch_id: int) -> JobQuerySet:
        """Of one kind and branch, waiting or running."""
        return self.filter(kind=kind, branch_id=branch_id, state__in=[JobState.QUEUED, JobState.RUNNING])

    def kept(self, now: datetime) -> JobQuerySet:
        """Whose result may still be fetched."""
        return self.filter(expires_at__gt=now)

    def expired(self, now: datetime) -> JobQuerySet:
        """Whose result may no longer be fetched."""
        return self.filter(expires_at__lte=now)


class Job(models.Model):
    """One piece of background work. Celery carries its id; everything else stands here."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(User, models.CASCADE, related_name="jobs")
    kind = models.CharField(max_length=40)
    # The branch it was started for, by number: this app stands below the register.
    branch_id = models.BigIntegerField()
    # The right that was needed to start it, asked again when the result is fetched.
    permission = models.CharField(max_length=32)
    params = models.JSONField(default=dict)
    state = models.CharField(max_length=12, choices=JobState.choices, default=JobState.QUEUED)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    attempts = models.PositiveSmallIntegerField(default=0)
    problem = models.TextField(blank=True)
    file = models.FileField(upload_to=RESULTS, max_length=200, blank=True)
    file_name = models.CharField(max_length=120, blank=True)
    created_at = models.DateTimeField()
    heartbeat_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField()

    objects = JobQuerySet.as_manager()

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["state", "heartbeat_at"], name="job_open", condition=Q(state__in=["queued", "running"])
            ),
            models.Index(fields=["expires_at"], name="job_expires"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.state}"

    @property
    def percent(self) -> int:
        """0–100, whole."""
        return min(100, self.done * 100 // self.total) if self.total else 0

    @property
    def is_open(self) -> bool:
        """Whether there is still something to wait for."""
        return self.state in {JobState.QUEUED, JobState.RUNNING}


class PeriodicRun(models.Model):
    """When a job of the clock's last ran, and how it went. One row for each name in the schedule."""

    name = models.CharField(max_length=60, primary_key=True)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    # When it last went well; and what kind of error it broke off with, if it did.
    succeeded_at = models.DateTimeField(null=True)
    problem = models.CharField(max_length=120, blank=True)

    def __str__(self) -> str:
        return self.name
