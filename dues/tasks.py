"""Celery's door to what dues forgets."""

from celery import shared_task

from common import clock
from dues.actions import forgetting


@shared_task
def forget_vouchers() -> None:
    """Nightly; may run twice."""
    forgetting.forget_vouchers(today=clock.today())
