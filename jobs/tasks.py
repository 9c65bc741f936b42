"""Celery's doors to jobs."""

from uuid import UUID

from celery import shared_task
from django.utils import timezone

from jobs import actions


@shared_task
def run(job_id: str) -> None:
    """Do one job."""
    actions.run(UUID(job_id))


@shared_task
def sweep() -> None:
    """Each ten seconds."""
    actions.sweep(now=timezone.now())
