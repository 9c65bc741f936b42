"""What officers do with a message: draft → (approval →) queued → sending → done.

Each change of state is one conditional UPDATE, so that of two at once one wins: the other is told, or finds it done.
Messages live by the true clock; `today` is the day by which rights and members are read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actions import record
from accounts.enums import Verb
from accounts.models import User
from jobs import actions as jobs
from membership.links import url_if_there
from membership.roles import Permission
from messaging.actions.messages_approvers import ask_approvers
from messaging.actions.messages_checks import EXPAND, approvers_of, check, due_at
from messaging.actions.messages_drafts import FIELDS, delete_draft, save_draft
from messaging.actions.messages_ends import AS_DRAFT, discard_rows, gone_of, leave_out_the_rest
from messaging.actions.messages_refusals import Refused, Why
from messaging.actions.messages_settling import settle
from messaging.contact import blocks_of
from messaging.enums import DeliveryState, MessageState, Reason
from messaging.models import Delivery, Message, MessagingSettings, settings_of

__all__ = [
    "EXPAND",
    "FIELDS",
    "Refused",
    "Why",
    "approve",
    "delete_draft",
    "queue",
    "retry_failed",
    "save_draft",
    "send_back",
    "settle",
    "stop",
    "take_back",
]

_ON_ITS_WAY: Final = (MessageState.APPROVAL, MessageState.QUEUED, MessageState.SENDING, MessageState.DONE)
# What a mail server says of an address that is no good: trying again would only say so again.
_NO_SUCH_ADDRESS: Final = re.compile(r"\b55[013]\b|\b5\.1\.[0-9]")


def queue(message: Message, *, by: User, confirmed: int, now: datetime, today: date) -> Message:
    """Send it: now, at its time, or when a second person has said yes. `confirmed`: how many the sender saw.

    Sent twice it goes once. Raises `Refused`; a large message's recipients are counted again by the job, which gives it
    back as a draft, with `problem`, where they are more than confirmed.
    """
    kept = _read(message)
    if _is_done_by(kept, by):
        return kept
    if not kept.is_draft:
        raise Refused(Why.NOT_A_DRAFT)
    limits = settings_of(kept.branch)
    check(kept, limits, by=by, confirmed=confirmed, now=now, today=today)
    changes = _sent_by(kept, limits, by, confirmed, now, today)
    with transaction.atomic():
        # As the sender read it: what somebody wrote since then is not sent unseen.
        mine = Message.objects.filter(pk=kept.pk, state=MessageState.DRAFT, changed_at=message.changed_at)
        if mine.update(**changes):
            _note(Verb.MESSAGE_QUEUED, kept, by, count=confirmed, held=changes["is_held"] or None)
            _start_expanding(_with(kept, changes), by)
            if changes["state"] == MessageState.APPROVAL:
                approvers = approvers_of(kept.branch, limits, but=by.pk, today=today)
                ask_approvers(kept, approvers.values(), by=by, confirmed=confirmed, now=now)
            return kept
    kept = _read(message)
    if _is_done_by(kept, by):
        return kept
    raise Refused(Why.CHANGED, name=kept.changed_by.name)


def _is_done_by(kept: Message, by: User) -> bool:
    return kept.state in _ON_ITS_WAY and kept.queued_by_id == by.pk


def _sent_by(
    kept: Message, limits: MessagingSettings, by: User, confirmed: int, now: datetime, today: date
) -> dict[str, Any]:
    is_large = confirmed > limits.approve_over
    waits = is_large and bool(approvers_of(kept.branch, limits, but=by.pk, today=today))
    is_held = is_large and not waits
    due = due_at(kept, limits, confirmed=confirmed, now=now, is_held=is_held)
    return {
        "state": MessageState.APPROVAL if waits else MessageState.QUEUED,
        "due_at": None if waits else due,
        "is_held": is_held,
        "queued_by": by,
        "queued_at": now,
        "confirmed": confirmed,
        "sms_price_ore": limits.sms_price_ore,
        "problem": "",
        "changed_at": now,
    }


def _start_expanding(message: Message, by: User) -> None:
    if message.state != MessageState.QUEUED or message.queued_at is None:
        return
    slug = message.branch.slug
    page = url_if_there("messaging:message_detail", slug, message.pk) or url_if_there("messaging:message_list", slug)
    jobs.start(
        EXPAND,
        by=by,
        branch_id=message.branch_id,
        permission=Permission.VIEW_MESSAGES,
        params={
            "title": _("Finding the recipients"),
            "next": page,
            "back": page,
            "message": str(message.pk),
            # A message that was taken back and sent anew is another job's.
            "queued_at": message.queued_at.isoformat(),
        },
        total=message.confirmed,
    )


def approve(message: Message, *, by: User, now: datetime, today: date) -> Message:
    """Say yes to a large message as the second person. Twice is once. Raises `Refused`."""
    kept = _read(message)
    if kept.state in _ON_ITS_WAY and kept.approved_by_id == by.pk:
        return kept
    limits = settings_of(kept.branch)
    _may_answer(kept, by, today)
    due = due_at(kept, limits, confirmed=kept.confirmed, now=now, is_held=False)
    with transaction.atomic():
        waiting = Message.objects.filter(pk=kept.pk, state=MessageState.APPROVAL, queued_at=kept.queued_at)
        if not waiting.update(
            state=MessageState.QUEUED, due_at=due, approved_by=by, approved_at=now, changed_at=now, problem=""
        ):
            raise Refused(Why.NOT_WAITING)
        _note(Verb.MESSAGE_APPROVED, kept, by, count=kept.confirmed)
        kept.refresh_from_db()
        _start_expanding(kept, by)
    return kept


@transaction.atomic
def send_back(message: Message, *, by: User, now: datetime, today: date, reason: str = "") -> Message:
    """Say no: it is its writer's draft again, with the reason in `problem`. Raises `Refused`."""
    kept = _read(message)
    _may_answer(kept, by, today)
    problem = reason.strip() or _("The second person sent it back. Ask why, and send it again.")
    waiting = Message.objects.filter(pk=kept.pk, state=MessageState.APPROVAL, queued_at=kept.queued_at)
    if not waiting.update(**AS_DRAFT, problem=problem[:200], changed_at=now):
        raise Refused(Why.NOT_WAITING)
    _note(Verb.MESSAGE_REFUSED, kept, by)
    return _read(kept)


def _may_answer(kept: Message, by: User, today: date) -> None:
    if kept.state != MessageState.APPROVAL:
        raise Refused(Why.NOT_WAITING)
    if kept.queued_by_id == by.pk:
        raise Refused(Why.SAME_PERSON)
    if by.pk not in approvers_of(kept.branch, settings_of(kept.branch), but=kept.queued_by_id, today=today):
        raise Refused(Why.NO_RIGHT)


@transaction.atomic
def take_back(message: Message, *, by: User, now: datetime) -> Message:
    """Make a draft of what still waits, and nothing has gone of. Twice is once. Raises `Refused` when it has begun."""
    waiting = Message.objects.filter(pk=message.pk, state__in=[MessageState.APPROVAL, MessageState.QUEUED])
    if waiting.update(**AS_DRAFT, problem="", changed_by=by, changed_at=now):
        discard_rows(message)
        _note(Verb.MESSAGE_TAKEN_BACK, message, by)
    kept = _read(message)
    if not kept.is_draft:
        raise Refused(Why.BEGUN)
    return kept


@transaction.atomic
def stop(message: Message, *, by: User, now: datetime) -> int:
    """Send nothing more of it; how many people it had gone to by then. Twice is once. Raises `Refused` for a draft, and
    when it is over."""
    going = Message.objects.filter(
        pk=message.pk, state__in=[MessageState.APPROVAL, MessageState.QUEUED, MessageState.SENDING]
    )
    if going.update(state=MessageState.STOPPED, stopped_by=by, stopped_at=now, changed_at=now):
        leave_out_the_rest(message, Reason.STOPPED_BY_HAND)
        gone = gone_of(message)
        _note(Verb.MESSAGE_STOPPED, message, by, count=gone)
        return gone
    kept = _read(message)
    if kept.state != MessageState.STOPPED:
        raise Refused(Why.OVER)
    return gone_of(kept)


@transaction.atomic
def retry_failed(message: Message, *, by: User, now: datetime) -> int:
    """Send again what failed, where that is safe; how many copies. Never what may have arrived, nor to an address that
    does not exist or is blocked. Twice is once. Raises `Refused`."""
    sent = Message.objects.select_for_update().filter(pk=message.pk).first()
    if sent is None or sent.state not in (MessageState.SENDING, MessageState.DONE):
        raise Refused(Why.NOT_SENT)
    if sent.expires_at is not None and sent.expires_at <= now:
        raise Refused(Why.TOO_LATE)
    again = Delivery.objects.filter(pk__in=_safe_to_retry(sent), state=DeliveryState.FAILED).update(
        state=DeliveryState.QUEUED, attempts=0, problem="", run=None, started_at=None, not_before_at=now
    )
    if again:
        Message.objects.filter(pk=sent.pk).update(state=MessageState.SENDING, finished_at=None, changed_at=now)
        _note(Verb.MESSAGE_RETRIED, sent, by, count=again)
    return again


def retryable(message: Message) -> int:
    """How many copies `retry_failed` would send again."""
    return len(_safe_to_retry(message))


def _safe_to_retry(message: Message) -> list[Any]:
    failed = Delivery.objects.filter(message=message, state=DeliveryState.FAILED, bounced_at__isnull=True)
    rows = list(failed.order_by("pk").values_list("pk", "channel", "address", "problem"))
    blocks = blocks_of([(channel, address) for _pk, channel, address, _problem in rows])
    return [
        pk
        for pk, channel, address, problem in rows
        if (channel, address) not in blocks and not _NO_SUCH_ADDRESS.search(problem)
    ]


def _read(message: Message) -> Message:
    found = Message.objects.select_related("branch").filter(pk=message.pk).order_by("pk").first()
    if found is None:
        raise Refused(Why.NOT_A_DRAFT)
    return found


def _with(message: Message, changes: Mapping[str, Any]) -> Message:
    """As the database has it after an update that went through."""
    for name, value in changes.items():
        setattr(message, name, value)
    return message


def _note(verb: Verb, message: Message, by: User, **details: Any) -> None:
    record(verb, by=by, branch_id=message.branch_id, subject=message, **details)
