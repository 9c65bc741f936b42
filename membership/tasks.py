"""Celery's doors to cleaning up, and to what follows changes."""

from celery import shared_task
from django.utils import timezone

from common import clock
from membership.actions.imports import forget_old
from membership.actions.undo import forget_stores
from membership.duplicates.following import follow_changes


@shared_task
def forget_old_imports() -> None:
    """Hourly: files nobody confirmed go; may run twice."""
    forget_old(now=timezone.now())


@shared_task
def forget_old_work() -> None:
    """Nightly: what a merge kept for its undo goes when its time is over; may run twice."""
    forget_stores(now=timezone.now())


@shared_task
def follow_duplicates() -> None:
    """Each minute: whoever has changed is held against the register again; may run twice."""
    follow_changes(now=clock.now())
