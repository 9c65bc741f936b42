"""Celery's door to the return mailbox."""

import logging

from celery import shared_task
from django.utils import timezone

from jobs.periodic import NotDone
from messaging.bounces.fetching import fetch as fetch_all
from messaging.bounces.mailbox import MailboxError

log = logging.getLogger(__name__)


@shared_task
def fetch() -> None:
    """Each few minutes. A mailbox that cannot be read now is read the next time."""
    try:
        fetch_all(clock=timezone.now)
    except MailboxError as error:
        log.warning("The return mailbox cannot be read: %s", error)
        raise NotDone from error
