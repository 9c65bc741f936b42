"""What the first page of Min side tells a member of themself. The queries are the same for every member."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.dates import format_long
from dues.enums import TONES
from dues.models import claims_on
from membership.extensions import Cell, Text
from membership.models import Branch, Member, MoveRequest
from privacy.doors import may_leave
from privacy.models import Hold, RightsRequest

# So many dues years stand in the line; the rest on the page of dues.
YEARS: Final = 3
_LEAVE: Final = "privacy:my_leave"


@dataclass(frozen=True, slots=True)
class Door:
    """One of the pages, as the first one shows it."""

    label: Text
    explain: Text
    icon: str
    url_name: str

    @property
    def url(self) -> str:
        """Where it leads; empty where there is no such page."""
        return _url(self.url_name)


@dataclass(frozen=True, slots=True)
class Waiting:
    """Something that is not finished: a sentence, and where one reads more."""

    text: str
    url_name: str = ""

    @property
    def url(self) -> str:
        """Where one reads more; empty where there is no more."""
        return _url(self.url_name)


def _url(name: str) -> str:
    try:
        return reverse(name) if name else ""
    except NoReverseMatch:
        return ""


DOORS: Final[Sequence[Door]] = (
    Door(
        gettext_lazy("My details"),
        gettext_lazy("See what we have, and put it right"),
        "Pencil",
        "privacy:my_details",
    ),
    Door(
        gettext_lazy("What you want to hear"),
        gettext_lazy("Email, SMS, calls, and what about"),
        "Bell",
        "privacy:my_reservations",
    ),
    Door(gettext_lazy("My dues"), gettext_lazy("Year by year, with KID"), "Wallet", "privacy:my_dues"),
    Door(gettext_lazy("Change branch"), gettext_lazy("Ask to move to another"), "Branching", "privacy:my_move"),
    Door(
        gettext_lazy("Groups and channels"), gettext_lazy("Where your branch meets"), "PersonGroup", "privacy:my_groups"
    ),
    Door(
        gettext_lazy("Recruit others"),
        gettext_lazy("Your own link, with a QR code"),
        "PersonPlus",
        "privacy:my_recruiting",
    ),
    Door(
        gettext_lazy("Who has looked at me"),
        gettext_lazy("When, and in which role"),
        "MagnifyingGlass",
        "privacy:my_lookups",
    ),
    Door(
        gettext_lazy("Fetch everything"),
        gettext_lazy("All that is kept about you"),
        "Download",
        "privacy:my_everything",
    ),
    Door(
        gettext_lazy("Ask for something"),
        gettext_lazy("Access, correction or erasure"),
        "QuestionmarkCircle",
        "privacy:my_requests",
    ),
    Door(gettext_lazy("Resign"), gettext_lazy("Leave the party"), "DoorOpen", _LEAVE),
)


def doors(member: Member) -> list[Door]:
    """The pages there are for a member: who has been put out has no way to resign."""
    return [door for door in DOORS if door.url and (door.url_name != _LEAVE or may_leave(member))]


def home_of(member: Member) -> list[Branch]:
    """The member's branch and those above it, the nearest first."""
    found: list[Branch] = []
    for one in (member.branch, member.municipal, member.county):
        if one and one not in found:
            found.append(one)
    return found


def dues_line(member: Member) -> list[tuple[int, Cell]]:
    """The last dues years in a word each, the newest first."""
    claims = list(claims_on(member))[:YEARS]
    return [(claim.year, Cell(claim.status.label, TONES[claim.status])) for claim in claims]


def waiting_for(member: Member, today: date) -> list[Waiting]:
    """What is not finished: a move, a request, an erasing that is put off."""
    return [*_move(member), *_requests(member), *_hold(member, today)]


def _move(member: Member) -> Iterator[Waiting]:
    for asked in MoveRequest.objects.live().filter(member=member).select_related("to_branch").order_by("id"):
        text = _("You are asked for by %(branch)s: it must say yes before you are moved.")
        if asked.by_member:
            text = _("You have asked to move to %(branch)s. They have not answered yet.")
        yield Waiting(text % {"branch": asked.to_branch.name}, "privacy:my_move")


def _requests(member: Member) -> Iterator[Waiting]:
    for request in RightsRequest.objects.open().filter(member=member).most_urgent_first():
        text = _("Your request of %(day)s is answered by %(due)s at the latest.")
        days = {"day": format_long(request.received_on), "due": format_long(request.due_on)}
        yield Waiting(text % days, "privacy:my_requests")


def _hold(member: Member, today: date) -> Iterator[Waiting]:
    for hold in Hold.objects.in_force(today).filter(member=member).order_by("id"):
        text = _("You are not erased before %(day)s, whatever else happens. The reason: %(reason)s.")
        yield Waiting(text % {"day": format_long(hold.until_on), "reason": hold.get_reason_display()})
