"""What changes accounts, and the one door to the log."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.contrib.sessions.models import Session
from django.db import models

from accounts.enums import Verb
from accounts.models import AuditEvent, User
from common import clock
from common.policy import keep


def record(
    verb: Verb,
    *,
    by: User | None,
    branch_id: int | None = None,
    subject: models.Model | None = None,
    count: int | None = None,
    now: datetime | None = None,
    **details: int | str | bool | list[int] | None,
) -> None:
    """Write one line in the log. `details` holds ids, counts and field names: never names of people or free text."""
    at = now or clock.now()
    AuditEvent.objects.create(
        at=at,
        actor_id=by.pk if by else None,
        branch_id=branch_id,
        verb=verb,
        object_type=subject._meta.label_lower if subject else "",
        object_id=str(subject.pk) if subject else "",
        count=count,
        details=_without_empty(details),
        erase_on=(at + keep("log")).date(),
    )


def _without_empty(details: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in details.items() if value is not None}


def clear_expired(*, today: date, now: datetime) -> int:
    """Erase log lines past their date and sessions past theirs; the number of log lines that went.

    Sessions live by the true clock, in the demo too, so `now` is the true time.
    """
    Session.objects.filter(expire_date__lt=now).delete()
    # _raw_delete: the trigger lets only expired lines go, and nothing hangs on them.
    expired = AuditEvent.objects.expired(today)
    return expired._raw_delete(expired.db)


def record_many(
    verb: Verb, *, by: User | None, branch_id: int | None, subjects: Iterable[tuple[models.Model, dict[str, Any]]]
) -> None:
    """One line for each of many objects, with ids, counts and field names as in `record`."""
    at = clock.now()
    AuditEvent.objects.bulk_create(
        AuditEvent(
            at=at,
            actor_id=by.pk if by else None,
            branch_id=branch_id,
            verb=verb,
            object_type=subject._meta.label_lower,
            object_id=str(subject.pk),
            details=details,
            erase_on=(at + keep("log")).date(),
        )
        for subject, details in subjects
    )
