"""The form of reservations on Min side: the one behind “unsubscribe”, and consent to be asked for gifts beside it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from membership.models import ADULT, Member
from messaging.reservation_forms import ReservationForm
from privacy.actions.my_reservations import CONSENT


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
