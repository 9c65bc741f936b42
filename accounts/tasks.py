"""Nightly cleaning of what has served its time."""

from celery import shared_task
from django.utils import timezone

from accounts.actions import clear_expired as _clear_expired
from common import clock


@shared_task
def clear_expired() -> None:
    """Old sessions and log lines go; may run twice."""
    _clear_expired(today=clock.today(), now=timezone.now())
