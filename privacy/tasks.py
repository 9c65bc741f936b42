"""Celery's doors to what the clock starts here."""

from celery import shared_task
from django.utils import timezone

from common import clock
from privacy import journal
from privacy.actions import erasing, links, reminders, weeks
from privacy.actions import forget_rights as forgetting


@shared_task
def send_week() -> None:
    """Each hour of the day: the week's changes, to the officers who have not had them; may run twice, and late."""
    weeks.send_week(now=clock.now(), today=clock.today(), sent_at=timezone.now())


@shared_task
def erase_due() -> None:
    """Nightly: those whose correction time is over go, and the journal of it is kept whole; may run twice."""
    # Whatever fails is told when the rest is done: nothing keeps members' erasing from running.
    try:
        journal.forget_old(timezone.localdate())
    finally:
        try:
            journal.mend(timezone.now())
        finally:
            erasing.erase_due(now=clock.now(), today=clock.today())


@shared_task
def remind_requests() -> None:
    """Each morning: members' requests that are due within a week, or late."""
    reminders.remind_requests(today=clock.today(), now=clock.machine_time())


@shared_task
def remind_reviews() -> None:
    """Each morning: a half-year's review of access that has opened, or is late."""
    reminders.remind_reviews(today=clock.today(), now=clock.machine_time())


@shared_task
def forget_rights() -> None:
    """Each night: requests and breaches whose time is over."""
    forgetting.forget_rights(today=clock.today())


@shared_task
def forget_links() -> None:
    """Nightly: links that open nothing any more go; may run twice. By the true clock, as they were made."""
    links.forget_links(now=clock.machine_time())


@shared_task
def watch_breaches() -> None:
    """Each hour: breaches with a day left to tell the authority, and nothing decided."""
    reminders.watch_breaches(now=clock.now(), machine_now=clock.machine_time())
