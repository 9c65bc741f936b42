"""Celery's doors to the outbox."""

from uuid import UUID

from celery import shared_task
from django.utils import timezone

from messaging.actions import outbox as actions


@shared_task
def send(delivery_id: str) -> None:
    """Send one message."""
    actions.send(UUID(delivery_id), now=timezone.now())


@shared_task
def sweep() -> None:
    """Each ten seconds: wipe what has served, send what is due."""
    actions.tidy(now=timezone.now())
    for delivery_id in actions.due_ids(now=timezone.now()):
        # A clock of its own for each: a long round must not make its last message look stuck.
        actions.send(delivery_id, now=timezone.now())
