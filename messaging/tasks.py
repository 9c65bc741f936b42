"""Celery's doors to the outbox."""

from celery import shared_task
from django.utils import timezone

from messaging import actions


@shared_task
def sweep() -> None:
    """Each ten seconds: send what is due, wipe what has served."""
    actions.sweep(now=timezone.now())
