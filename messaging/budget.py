"""What a branch spends on SMS in a calendar month, and what is left of its budget."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Q, Sum

from common.clock import OSLO
from membership.models import Branch
from messaging.enums import DeliveryState
from messaging.models import Delivery, settings_of

# Not known to be free: what may have gone is counted as gone.
_SPENT: Final = (DeliveryState.SENDING, DeliveryState.SENT, DeliveryState.BOUNCED, DeliveryState.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Spending:
    """In øre. `reserved_ore` is for SMS that wait; `budget_ore` is None where the branch has set no limit."""

    spent_ore: int
    reserved_ore: int
    budget_ore: int | None

    @property
    def left_ore(self) -> int | None:
        """What can still be used, 0 at least; None for as much as one likes."""
        return None if self.budget_ore is None else max(0, self.budget_ore - self.spent_ore - self.reserved_ore)

    @property
    def is_over(self) -> bool:
        """Whether more is used or reserved than there is."""
        return self.budget_ore is not None and self.spent_ore + self.reserved_ore > self.budget_ore


def month_of(now: datetime) -> tuple[datetime, datetime]:
    """The first moment of the month in Norway, and of the next."""
    first = now.astimezone(OSLO).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    later = first + timedelta(days=32)
    return first, later.replace(day=1)


def spending_of(branch: Branch, now: datetime) -> Spending:
    """Of a branch itself, not those under it: its messages, answers and tests. Two queries."""
    first, last = month_of(now)
    mine = Delivery.objects.filter(branch=branch, created_at__gte=first, created_at__lt=last, price_ore__gt=0)
    sums = mine.aggregate(
        spent=Sum("price_ore", filter=Q(state__in=_SPENT)),
        reserved=Sum("price_ore", filter=Q(state=DeliveryState.QUEUED)),
    )
    return Spending(sums["spent"] or 0, sums["reserved"] or 0, settings_of(branch).sms_budget_ore)


def left_of(branch: Branch, now: datetime) -> int | None:
    """Øre left of the month's budget; None where there is none."""
    return spending_of(branch, now).left_ore
