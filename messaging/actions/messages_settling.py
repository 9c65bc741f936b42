"""What the clock does with messages: begins those that are due, ends those that are over. May run twice."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from typing import Final

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from common.clock import OSLO
from jobs.models import Job
from membership.roles import Permission
from messaging.actions.messages_checks import EXPAND
from messaging.actions.messages_ends import OPEN, back_to_draft, finished, leave_out_the_rest
from messaging.audience import NotAnAudience, members_of, rights_behind
from messaging.enums import DeliveryState, MessageState, Reason
from messaging.models import Delivery, Message
from messaging.outbox.pump import tell, tell_all
from messaging.outbox.ways import CHANNELS

# What a second person has not answered in so long goes back to its writer.
UNANSWERED: Final = timedelta(days=7)
# A job that is gone is not waited for; it is told to a worker again for a while first.
LOST: Final = timedelta(minutes=2)
_ENDED: Final = Q(state__in=[MessageState.STOPPED, MessageState.EXPIRED], finished_at__isnull=True)
_GOING: Final = Q(state__in=[MessageState.APPROVAL, MessageState.QUEUED, MessageState.SENDING])


def settle(now: datetime) -> None:
    """Every few seconds: each message that is under way takes its next step, if its time has come."""
    people = ("branch", "queued_by", "approved_by")
    for message in Message.objects.filter(_GOING | _ENDED).select_related(*people).order_by("due_at", "pk"):
        settle_one(message, now)


def settle_one(message: Message, now: datetime) -> None:
    """The next step of one, as it was read; it is taken only where the message is still so."""
    if message.state in (MessageState.STOPPED, MessageState.EXPIRED):
        _close(message, now)
    elif message.expires_at is not None and message.expires_at <= now:
        _expire(message, now)
    elif message.state == MessageState.APPROVAL:
        if message.queued_at is not None and message.queued_at < now - UNANSWERED:
            _give_back(message, _("Nobody approved it within a week. Send it again, and tell them."), now)
    elif message.state == MessageState.SENDING:
        _finish(message, now)
    elif message.expanded_at is None:
        _look_for_job(message, now)
    elif message.due_at is not None and message.due_at <= now:
        _begin(message, now)


def _begin(message: Message, now: datetime) -> None:
    """Let its deliveries go, with the rights that its sender has now."""
    # By the true day, as messages go by the true clock.
    today = now.astimezone(OSLO).date()
    rights = rights_behind(message, today)
    if Permission.SEND_MESSAGES not in rights:
        _give_back(message, _("Whoever sent this may not send here any more. Look it over, and send it again."), now)
        return
    try:
        members_of(message.branch, message.audience, today, may=rights)
    except NotAnAudience:
        _give_back(message, _("We can no longer tell whom this is for. Choose the recipients again."), now)
        return
    with transaction.atomic():
        due = Message.objects.filter(
            pk=message.pk, state=MessageState.QUEUED, queued_at=message.queued_at, expanded_at__isnull=False
        )
        if due.update(state=MessageState.SENDING, started_at=now):
            Delivery.objects.filter(message=message, state=DeliveryState.QUEUED).update(not_before_at=now)
            for channel in CHANNELS:
                transaction.on_commit(partial(tell, channel), robust=True)
            transaction.on_commit(tell_all, robust=True)


@transaction.atomic
def _give_back(message: Message, problem: str, now: datetime) -> None:
    back_to_draft(message, problem, now=now)


@transaction.atomic
def _expire(message: Message, now: datetime) -> None:
    """What has not gone, does not go any more. One that has gone altogether is done."""
    if message.state == MessageState.SENDING and not _has_open(message):
        _finish(message, now)
        return
    if Message.objects.filter(pk=message.pk, state=message.state).update(state=MessageState.EXPIRED, changed_at=now):
        leave_out_the_rest(message, Reason.EXPIRED)


@transaction.atomic
def _finish(message: Message, now: datetime) -> None:
    if _has_open(message):
        return
    # Locked before it looks once more: a retry, which locks it too, must not be taken for done.
    sending = Message.objects.filter(pk=message.pk, state=MessageState.SENDING)
    if sending.select_for_update().exists() and not _has_open(message):
        sending.update(state=MessageState.DONE, finished_at=now, **finished(message))


@transaction.atomic
def _close(message: Message, now: datetime) -> None:
    """Of one that was stopped: what was under way then has come back by now, or goes out to the end."""
    reason = Reason.EXPIRED if message.state == MessageState.EXPIRED else Reason.STOPPED_BY_HAND
    leave_out_the_rest(message, reason)
    if not _has_open(message):
        ended = Message.objects.filter(pk=message.pk, state=message.state, finished_at__isnull=True)
        ended.update(finished_at=now, **finished(message))


def _has_open(message: Message) -> bool:
    return Delivery.objects.filter(message=message, state__in=OPEN).exists()


def _look_for_job(message: Message, now: datetime) -> None:
    """A message whose job broke off waits for nothing: its writer gets it back."""
    if message.queued_at is None or max(message.queued_at, message.approved_at or message.queued_at) > now - LOST:
        return
    open_jobs = Job.objects.going(EXPAND, branch_id=message.branch_id)
    if not any(job.params.get("message") == str(message.pk) for job in open_jobs):
        _give_back(message, _("Something went wrong on our side, and nothing was sent. Send it again."), now)
