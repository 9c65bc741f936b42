"""Celery's door to the monthly figures."""

from celery import shared_task

from common import clock
from overview import actions


@shared_task
def take_snapshots() -> None:
    """Each night, the running month's figures; may run twice."""
    actions.take_snapshots(today=clock.today(), now=clock.now())
