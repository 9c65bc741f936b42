"""What stands under “Privacy” in the menu: each page says here what it is for and who opens it."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext_lazy as _

from membership.extensions import Text
from membership.roles import Permission


@dataclass(frozen=True, slots=True)
class Place:
    """A page of a branch; `county_only`: there is nothing to do there below the county."""

    label: Text
    explain: Text
    icon: str
    url_name: str
    permission: Permission
    county_only: bool = False


# In the order of the page.
PLACES: Final = (
    Place(
        _("Those who have left"),
        _("Who, how and when, when they are erased, and receipts to post. Put a mistake right here."),
        "Leave",
        "privacy:leavers",
        Permission.RECORD_LEAVING,
    ),
    Place(
        _("Who is erased when"),
        _("Those who have left, by the day they are erased, and what remains after."),
        "Calendar",
        "privacy:erasing",
        Permission.RECORD_LEAVING,
    ),
    Place(
        _("Erasing put off"),
        _("Whom we do not erase yet, why, and until when."),
        "Clock",
        "privacy:holds",
        Permission.MANAGE_PRIVACY,
    ),
    Place(
        _("Dues long unpaid"),
        _("Who has gone so long without paying that they are to be struck off, after notice."),
        "Wallet",
        "privacy:unpaid",
        Permission.MANAGE_PRIVACY,
        county_only=True,
    ),
    Place(
        _("Requests from members"),
        _("Whoever asks to see, correct or erase their data gets an answer within a month."),
        "Chat",
        "privacy:requests",
        Permission.RECORD_LEAVING,
    ),
    Place(
        _("Breaches"),
        _("When something has gone wrong with members’ data: report it, and see what to do."),
        "ExclamationmarkTriangle",
        "privacy:breaches",
        Permission.REPORT_BREACH,
    ),
    Place(
        _("Review of access"),
        _("Twice a year: who has access, do they still need it, and a signature."),
        "PadlockLocked",
        "privacy:access_review",
        Permission.REVIEW_ACCESS,
        county_only=True,
    ),
    Place(
        _("What we keep, and how long"),
        _("The rules the program follows, for the board to read."),
        "Books",
        "privacy:policy",
        Permission.RECORD_LEAVING,
    ),
    Place(
        _("The county’s rules"),
        _("How long, and who answers for the data."),
        "Cog",
        "privacy:settings",
        Permission.MANAGE_PRIVACY,
        county_only=True,
    ),
)


def places_for(access: Container[Permission], *, is_county: bool) -> list[Place]:
    """Those that whoever holds these rights can open, in order."""
    return [place for place in PLACES if place.permission in access and (is_county or not place.county_only)]
