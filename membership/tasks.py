"""Celery's door to cleaning after imports."""

from celery import shared_task
from django.utils import timezone

from membership.actions.imports import forget_old


@shared_task
def forget_old_imports() -> None:
    """Hourly: files nobody confirmed go; may run twice."""
    forget_old(now=timezone.now())
