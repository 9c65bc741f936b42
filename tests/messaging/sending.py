"""A message on its way, for tests: written, sent, and its job done."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db.models import Q

from accounts.enums import Verb
from accounts.models import AuditEvent, User
from jobs.actions import run
from jobs.enums import JobState
from jobs.models import Job
from membership.models import Branch
from messaging.actions.messages import Refused, Why, queue, save_draft, settle
from messaging.enums import Purpose, Way
from messaging.models import Delivery, Message, MessagingSettings, Recipient
from tests.factories import NOW, TODAY

MINUTE = timedelta(minutes=1)

TEXTS = {"nb": {"subject": "Medlemsmøte", "body": "Hei {{ fornavn }}!", "sms": "Hei {{ fornavn }}!"}}
ALL: dict[str, Any] = {"kind": "members", "params": {}}


def write(branch: Branch, by: User, **values: Any) -> Message:
    """A newsletter to all the branch's members, by email, unless the values say otherwise."""
    given = {"purpose": Purpose.NEWSLETTER, "way": Way.EMAIL, "audience": ALL, "texts": TEXTS, **values}
    return save_draft(branch, values=given, by=by, now=NOW)


def send(branch: Branch, by: User, confirmed: int, **values: Any) -> Message:
    """Written and sent; its recipients are not found yet."""
    return queue(write(branch, by, **values), by=by, confirmed=confirmed, now=NOW, today=TODAY)


def work() -> None:
    """What the workers do: every job that waits."""
    for job in Job.objects.filter(state=JobState.QUEUED).order_by("created_at", "id"):
        run(job.pk)


def expanded(branch: Branch, by: User, confirmed: int, **values: Any) -> Message:
    """Written, sent, and with all its recipients: it waits for its time, or has begun."""
    message = send(branch, by, confirmed, **values)
    work()
    message.refresh_from_db()
    return message


def swept(message: Message, now: Any = NOW) -> Message:
    """As the clock leaves it."""
    settle(now)
    message.refresh_from_db()
    return message


def reached(message: Message) -> dict[str, str]:
    """Name → channel, of those who get it."""
    rows = Recipient.objects.filter(~Q(channel=""), message=message)
    return {_name(row): row.channel for row in rows.select_related("member", "user").order_by("pk")}


def left_out(message: Message) -> dict[str, str]:
    """Name → why, of those who do not."""
    rows = Recipient.objects.filter(message=message, channel="")
    return {_name(row): row.left_out for row in rows.select_related("member", "user").order_by("pk")}


def _name(row: Recipient) -> str:
    return row.member.first_name if row.member else row.user.name if row.user else ""


def addresses(message: Message) -> list[str]:
    """Where it goes, in order."""
    return sorted(Delivery.objects.filter(message=message).values_list("address", flat=True))


def limits(branch: Branch, **fields: Any) -> MessagingSettings:
    """What the county has decided, or the branch's own budget and substitute."""
    return MessagingSettings.objects.update_or_create(branch=branch, defaults=fields)[0]


def logged(verb: Verb) -> int:
    return AuditEvent.objects.filter(verb=verb).count()


def refusal(action: Any, *arguments: Any, **named: Any) -> Why:
    with pytest.raises(Refused) as caught:
        action(*arguments, **named)
    assert str(caught.value)
    assert "%(" not in str(caught.value)
    return caught.value.why
