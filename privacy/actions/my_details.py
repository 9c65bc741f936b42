"""A member puts their own details right; whoever had the old address is told, in case it was somebody else."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final

from django.db import transaction

from accounts.actions import record
from accounts.enums import Verb
from membership.actions.member_editing import edit_member, lock_here
from membership.enums import ChangeSource
from membership.models import Member, MemberChange
from messaging.contact import address_of
from messaging.models import Delivery
from privacy.post import Address, Words, send, working_addresses
from privacy.rules import rules_for

# What a member may write of themself. The rest stands in the register by what others know, or is asked for.
OWN: Final = frozenset(
    {"first_name", "last_name", "gender", "language", "care_of", "street", "postal_code", "city", "skills"}
    | {"email", "mobile", "mobile_ok", "phone", "phone_ok", "birth_on", "birth_year"}
)
_BIRTH: Final = ("birth_on", "birth_year")
_NOTICE: Final = Words(
    "privacy/email/contact_changed_subject.txt",
    "privacy/email/contact_changed_message.txt",
    "privacy/sms/contact_changed.txt",
)


# So often a day is somebody told that their address is replaced: not every stranger's whose number is typed in here.
MOST_A_DAY: Final = 3


class NotOwn(ValueError):
    """A column that is not the member's to write."""


class BirthIsKnown(Exception):
    """A day or a year of birth stands there already: it is corrected by a request, for one signs in by it."""


@transaction.atomic
def correct(
    member: Member, *, values: Mapping[str, Any], since: int, now: datetime, today: date, true_now: datetime
) -> bool:
    """Write what a member changed in the form that was made when `since` was the newest change; whether anything was.

    `true_now` is when the notice to a replaced address goes out. Raises `NotOwn`, `BirthIsKnown`, and as
    `membership.actions.member_editing.edit_member` does.
    """
    if not values.keys() <= OWN:
        raise NotOwn
    fresh = lock_here(member, branch=member.county)
    if any(name in values and not _may_be_born(fresh, values) for name in _BIRTH):
        raise BirthIsKnown
    reached = working_addresses(fresh)
    changed = edit_member(
        fresh,
        branch=fresh.county,
        values=values,
        tags=None,
        since=since,
        by=None,
        now=now,
        today=today,
        source=ChangeSource.MEMBER,
    )
    if changed:
        record(Verb.MY_PAGE_CHANGED, by=None, branch_id=fresh.branch_id, subject=fresh, now=now)
        _tell(fresh, reached, true_now=true_now)
    return changed


def _may_be_born(member: Member, values: Mapping[str, Any]) -> bool:
    """Nothing is known yet; or it is the same; or a day within the year that is known."""
    year = member.birth_on.year if member.birth_on else member.birth_year
    if member.birth_on is not None:
        return bool(values.get("birth_on") == member.birth_on)
    return year is None or values.get("birth_year") == year


def _tell(member: Member, reached: list[Address], *, true_now: datetime) -> None:
    """Once for each change, to what was replaced and did work; three times a day at most."""
    after = Member.objects.select_related("branch").get(pk=member.pk)
    number = MemberChange.objects.newest_of(member.pk)
    rules = rules_for(member.county_id)
    for channel, address in reached:
        if address_of(after, channel) == address:
            continue
        context = {"contact": rules.contact_email or member.county.email}
        today = f"contact_changed:{member.pk}:{channel}:{true_now.date()}:"
        if Delivery.objects.filter(key__startswith=today).count() < MOST_A_DAY:
            key = f"{today}{number}"
            send(_NOTICE, (channel, address), context, key=key, branch=after.branch, now=true_now)
