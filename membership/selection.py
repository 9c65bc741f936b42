"""Whom an officer has chosen on the register list: those ticked, or all that the list shows, asked for again here.

What comes from the browser only narrows what the list shows to this user, of this branch, with these filters.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b
from typing import Final

from membership.access import BranchRequest
from membership.actions.bulk import MOST
from membership.member_list import MemberList
from membership.models import MemberQuerySet

IDS: Final = "id"
ALL: Final = "alle"
# Who “all” were when the officer saw the question.
SEEN: Final = "sett"
_NAMED: Final = 5
_LONGEST_NUMBER: Final = 18


class NobodyChosen(Exception):
    """Nothing was ticked."""


class NotOnTheList(Exception):
    """One of those ticked is not on the list, or the list cannot be asked for again. Says nothing about who."""


class TooMany(Exception):
    """More than one piece of work can hold."""


@dataclass(frozen=True, slots=True)
class Selection:
    """The ids, in the order of the database, and how they were chosen."""

    ids: list[int]
    everyone: bool
    asked: MemberList

    @property
    def count(self) -> int:
        """How many."""
        return len(self.ids)

    @property
    def print(self) -> str:
        """A short word for exactly these: another if one of them goes or comes."""
        return blake2b(",".join(map(str, self.ids)).encode(), digest_size=8).hexdigest()

    @property
    def members(self) -> MemberQuerySet:
        """Them, scoped to the branch once more."""
        return self.asked.request.branch.members.filter(pk__in=self.ids)

    def names(self) -> list[str]:
        """The first few, as the list has them."""
        first = self.members.in_order()[:_NAMED]
        return [member.list_name or member.member_number for member in first]

    def has_changed(self, seen: str) -> bool:
        """Whether “all” are no longer those whom the officer was asked about."""
        return self.everyone and seen != self.print


def selection_of(request: BranchRequest) -> Selection:
    """What a posted form chose. Raises `NobodyChosen`, `NotOnTheList`, `TooMany`."""
    everyone = request.POST.get(ALL) == "1"
    numbers = [] if everyone else request.POST.getlist(IDS)
    if not everyone and not numbers:
        raise NobodyChosen
    asked = MemberList(request)
    if not asked.is_understood:
        # A filter that cannot be read narrows nothing on the list; here it would mean everybody.
        raise NotOnTheList
    found = asked.filters.members if everyone else asked.filters.members.filter(pk__in=_ids(numbers))
    ids = list(found.order_by("pk").values_list("pk", flat=True)[: MOST + 1])
    if len(ids) > MOST:
        raise TooMany
    if not everyone and len(ids) != len(set(numbers)):
        raise NotOnTheList
    if not ids:
        raise NobodyChosen
    return Selection(ids, everyone, asked)


def _ids(numbers: list[str]) -> list[int]:
    if not all(text.isascii() and text.isdigit() and len(text) <= _LONGEST_NUMBER for text in numbers):
        raise NotOnTheList
    return [int(text) for text in numbers]
