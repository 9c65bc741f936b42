"""What dues adds to messages: a warning where we do not know who has paid lately, and a last look before they go.

A view such as “not paid 2026” is asked again at the moment of sending, as every audience is; so whoever has paid
meanwhile is out. The claims themselves are asked too: what a message says of dues is never said to who has paid.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

from django.utils.translation import gettext as _

from common.dates import format_date
from dues.extensions import ASKS_TO_PAY, FILTER
from dues.freshness import STALE_DAYS, freshness_of
from dues.models import Claim
from membership.extensions import Text
from membership.filters import BRANCH
from membership.models import Branch
from messaging.extensions import Recheck, StaleWarning, registry
from messaging.models import Message

# Whatever the message is called: one about dues may be sent as a newsletter too.
_ANY_PURPOSE: Final = ""


def register() -> None:
    """Fill the registry; called once, when the app is ready."""
    registry.stale_warnings.append(StaleWarning(warn))
    registry.rechecks.append(Recheck(_ANY_PURPOSE, have_paid))


def year_asked_for(message: Message) -> int | None:
    """The year whose dues its recipients have not paid; None where it is about something else."""
    params = message.audience.get("params")
    value = params.get(FILTER) if isinstance(params, dict) else None
    year, _dash, key = value.partition("-") if isinstance(value, str) else ("", "", "")
    return int(year) if key in ASKS_TO_PAY and year.isascii() and year.isdigit() and len(year) == 4 else None


def warn(message: Message, branch: Branch, today: date) -> Text:
    """For a message to those who have not paid, where what we know of payments is old."""
    year = year_asked_for(message)
    if year is None:
        return ""
    slug = message.audience["params"].get(BRANCH)
    part = branch.subtree.filter(slug=slug).first() if slug else None
    fresh = freshness_of(part or branch, year, today=today)
    known_on = fresh.as_of_on or fresh.some_on
    if known_on is None or (today - known_on).days <= STALE_DAYS:
        return ""
    return _("What we know of payments is from %(day)s. Some of these may have paid since then.") % {
        "day": format_date(known_on)
    }


def have_paid(message: Message, member_ids: Sequence[int], _today: date) -> frozenset[int]:
    """Of these members those who owe nothing for the year the message is about: one query."""
    year = year_asked_for(message)
    if year is None:
        return frozenset()
    owing = Claim.objects.unpaid(year).filter(member_id__in=list(member_ids)).values_list("member_id", flat=True)
    return frozenset(member_ids) - {pk for pk in owing if pk is not None}
