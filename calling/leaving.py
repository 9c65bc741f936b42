"""What calls do when members leave or are erased. Nothing else takes a call from its caller for that.

A call is closed in the transaction in which its member leaves, with the member's row held: `make_list` holds the same
rows before it looks at who may be phoned. So nobody is handed out between the two.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final

from accounts.models import User
from calling.enums import Outcome
from calling.models import Call
from membership.extensions import Erasure, Leaving
from membership.models import Member

_AT_ONCE: Final = 500


def close_calls(member_ids: Sequence[int], _by: User | None, now: datetime, _today: date) -> None:
    """Open calls to these end, and nobody phones them again. Callers' locks end here too, when they come.

    Always in the same order, whoever leaves together.
    """
    for ids in _pieces(member_ids):
        open_calls = Call.objects.open().filter(member__in=ids)
        held = list(open_calls.order_by("pk").select_for_update(of=("self",)).values_list("pk", flat=True))
        Call.objects.filter(pk__in=held, outcome="").update(
            outcome=Outcome.NO_LONGER_MEMBER, outcome_at=now, note="", follow_up_on=None
        )
        # Made already, but somebody was to phone again.
        again = Call.objects.filter(member__in=ids, follow_up_on__isnull=False, call_list__closed_at__isnull=True)
        again.update(follow_up_on=None)


def stay_closed(_member_ids: Sequence[int], _by: User | None, _now: datetime, _today: date) -> None:
    """One who has not left after all can be put on a new list; calls that were closed stay so."""


def wipe(members: Sequence[Member], now: datetime) -> None:
    """The rows stay as counts: of whom, and what the caller wrote, is gone."""
    ids = [member.pk for member in members]
    close_calls(ids, None, now, now.date())
    for some in _pieces(ids):
        Call.objects.filter(member__in=some).update(member=None, note="", follow_up_on=None)


def _pieces(ids: Sequence[int]) -> list[Sequence[int]]:
    return [ids[start : start + _AT_ONCE] for start in range(0, len(ids), _AT_ONCE)]


LEAVING: Final = Leaving(close_calls, stay_closed)
ERASURE: Final = Erasure("calling", wipe)
