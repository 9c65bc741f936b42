"""Erasing a member: the record goes, and an older file does not bring it back."""

from __future__ import annotations

from datetime import date

from django.db import transaction

from accounts.actions import record
from accounts.enums import Verb
from accounts.models import User
from membership.actions.numbers import forget_number
from membership.actions.summaries import recount
from membership.actions.undo import remove
from membership.models import Member


@transaction.atomic
def erase(member: Member, *, by: User | None, today: date) -> None:
    """Take a member out of the register for good.

    That its numbers, also those it had before, were erased is remembered by keyed hashes. The log keeps the id alone.
    """
    held = Member.objects.select_for_update().get(pk=member.pk)
    for number in (held.member_number, *held.former_numbers.values_list("number", flat=True)):
        forget_number(number, on=today)
    branch_id = held.branch_id
    record(Verb.MEMBER_ERASED, by=by, branch_id=branch_id, subject=held)
    remove([held.pk])
    recount([branch_id], today=today)
