"""Celery's door to what is kept for a year."""

from celery import shared_task
from django.utils import timezone

from messaging.forgetting.yearly import forget_old as forget


@shared_task
def forget_old() -> None:
    """Nightly; may run twice."""
    forget(now=timezone.now(), today=timezone.localdate())
