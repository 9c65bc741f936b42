"""What members say no to by themselves, from the link in a mail."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any, Final

from django.db import transaction

from accounts.actions import record
from accounts.enums import Verb
from membership.actions.editing import Edit, Pen, locked, write
from membership.enums import ChangeSource
from membership.models import Member
from messaging.enums import Purpose
from messaging.models import Delivery

_NO: Final[Mapping[str, Mapping[str, Any]]] = {
    Purpose.NEWSLETTER: {"no_newsletter": True},
    Purpose.MEETINGS: {"no_meetings": True},
    Purpose.SURVEYS: {"no_surveys": True},
    Purpose.RECRUITMENT: {"no_recruitment": True},
    Purpose.FUNDRAISING: {"fundraising_consent_on": None},
}
# What one may say by a link without signing in. Consent is not given there: whoever reads the mail may be another.
OPEN_TO_READERS: Final = frozenset(
    {"no_email", "no_sms", "no_phone", "no_post", *(name for values in _NO.values() for name in values)}
)


def say_no(members: Iterable[Member], *, delivery: Delivery, now: datetime, today: date) -> list[Member]:
    """No to more of the kind that a delivery was; those who had not said so before. Twice is once."""
    return _reserve(members, _NO[delivery.purpose], delivery, now, today)


def choose(
    member: Member, values: Mapping[str, Any], *, delivery: Delivery, now: datetime, today: date
) -> list[Member]:
    """Set one member's reservations, as columns; the member, if that changed something.

    Raises ValueError for a column that a link does not open, and for consent given by it.
    """
    if not values.keys() <= OPEN_TO_READERS or values.get("fundraising_consent_on") is not None:
        raise ValueError
    return _reserve([member], values, delivery, now, today)


@transaction.atomic
def _reserve(
    members: Iterable[Member], values: Mapping[str, Any], delivery: Delivery, now: datetime, today: date
) -> list[Member]:
    rows = locked(Member.objects.filter(pk__in=[member.pk for member in members]))
    pen = Pen(by=None, source=ChangeSource.MEMBER, now=now, today=today)
    changed = write([Edit(member, values) for member in rows], pen=pen)
    if changed:
        record(
            Verb.UNSUBSCRIBED,
            by=None,
            branch_id=delivery.branch_id,
            subject=delivery,
            count=len(changed),
            fields=",".join(sorted(values)),
        )
    return changed
