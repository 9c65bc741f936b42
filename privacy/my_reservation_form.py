"""The form of reservations on Min side: the one behind “unsubscribe”, and consent to be asked for gifts beside it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from membership.models import ADULT, Member
from messaging.contact import is_stopped
from messaging.models import BlockedAddress
from messaging.reservation_forms import ReservationForm
from privacy.actions.my_reservations import CONSENT
from privacy.own_addresses import sent_to


def own_stops(member: Member) -> frozenset[str]:
    """The ways that the member has closed by a STOPP or a complaint: not what a stranger did at an address once."""
    rows = BlockedAddress.objects.in_force().filter(sent_to(member, "noted_at"))
    return frozenset(
        channel for channel, reason in rows.values_list("channel", "reason") if is_stopped(channel, [reason])
    )


class MyReservationForm(ReservationForm):
    """On means: I want it. Nobody under 18 is asked for gifts."""

    def __init__(
        self, data: Mapping[str, Any] | None = None, *, member: Member, stopped: frozenset[str], today: date
    ) -> None:
        super().__init__(data, member=member, stopped=stopped)
        self.today = today
        if CONSENT not in self.fields and not member.is_under(ADULT, on=today):
            self.add_gifts(wanted=False)

    @property
    def values(self) -> dict[str, Any]:
        """Column → value, of what was turned."""
        found = super().values
        if CONSENT in self.changed_data and self.cleaned_data[CONSENT]:
            found[CONSENT] = self.today
        return found
