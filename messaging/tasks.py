"""Celery's doors to the outbox."""

from uuid import UUID

from celery import shared_task
from django.utils import timezone

from messaging.actions import outbox as actions
from messaging.actions.messages import settle
from messaging.outbox import pump as pumps


@shared_task
def send(delivery_id: str) -> None:
    """Send one message."""
    pumps.send_one(UUID(delivery_id))


@shared_task
def pump(channel: str) -> None:
    """Send what is due on a channel, for a minute at most."""
    pumps.pump(channel)


@shared_task
def sweep() -> None:
    """Each ten seconds: give up who is silent, wipe what has served, send what is due, codes first."""
    actions.tidy(now=timezone.now())
    pumps.send_alone()
    settle(timezone.now())
    pumps.tell_all()
