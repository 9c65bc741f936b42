"""Celery's doors to what the clock starts here."""

from celery import shared_task

from common import clock
from privacy.actions import erasing


@shared_task
def erase_due() -> None:
    """Nightly: those whose correction time is over go; may run twice."""
    erasing.erase_due(now=clock.now(), today=clock.today())
