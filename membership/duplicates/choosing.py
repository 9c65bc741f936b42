"""Which value of two records the one that is left gets: what an officer chooses, what is chosen beforehand, what is not
a choice. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from membership.enums import AddressProtection, MemberStatus
from membership.models import Member

# Chosen for the note alone: what both say.
BOTH: Final = "both"
NOTE: Final = "note"
ADDRESS: Final = "address"
BRANCH: Final = "branch"

# The strictest wins: whoever said no on one of the records has said no.
RESERVATIONS: Final = (
    "no_email",
    "no_sms",
    "no_phone",
    "no_post",
    "no_newsletter",
    "no_meetings",
    "no_surveys",
    "no_recruitment",
)
_STRICTNESS: Final = (AddressProtection.NONE, AddressProtection.CONFIDENTIAL, AddressProtection.STRICT)
_CURRENT: Final = (MemberStatus.MEMBER, MemberStatus.APPLIED)


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing that is chosen as a whole: its columns belong together."""

    key: str
    columns: tuple[str, ...]


CHOICES: Final = (
    Choice("first_name", ("first_name",)),
    Choice("last_name", ("last_name",)),
    Choice("birth", ("birth_on", "birth_year")),
    Choice("gender", ("gender",)),
    Choice("mobile", ("mobile", "mobile_ok")),
    Choice("phone", ("phone", "phone_ok")),
    Choice("email", ("email", "email_bounced_on")),
    Choice(ADDRESS, ("care_of", "street", "postal_code", "city")),
    Choice("language", ("language",)),
    Choice(BRANCH, ("branch_id",)),
    Choice("status", ("status", "left_on")),
    Choice("category", ("category",)),
    Choice("source", ("source",)),
    Choice("recruited", ("recruited_by_id", "recruited_by_text")),
    Choice("skills", ("skills",)),
    Choice("guardian", ("guardian_name", "guardian_consent_on")),
    Choice(NOTE, ("note",)),
)


def kept_first(one: Member, other: Member) -> tuple[Member, Member]:
    """Which of the two to keep, where nobody says otherwise: an official number, a member, the older record."""

    def rank(member: Member) -> tuple[bool, bool, int]:
        return member.number_is_local, member.status not in _CURRENT, member.pk

    kept, lost = sorted((one, other), key=rank)
    return kept, lost


def same(choice: Choice, one: Member, other: Member) -> bool:
    """Whether there is nothing to choose."""
    return all(getattr(one, column) == getattr(other, column) for column in choice.columns)


def better(choice: Choice, kept: Member, lost: Member) -> Member:
    """The one whose value is chosen beforehand: the fuller, and of two as full the newer."""
    if choice.key == BRANCH:
        return kept
    if choice.key == "status":
        return lost if lost.status in _CURRENT and kept.status not in _CURRENT else kept
    full = (_fullness(choice, kept), _fullness(choice, lost))
    if full[0] != full[1]:
        return kept if full[0] > full[1] else lost
    return lost if lost.updated_at > kept.updated_at else kept


def _fullness(choice: Choice, member: Member) -> tuple[int, int, bool]:
    """How many of its columns say something; of a name, how many words it has, and not all in capitals."""
    values = [getattr(member, column) for column in choice.columns]
    said = sum(value not in (None, "", False) for value in values)
    if choice.key not in ("first_name", "last_name"):
        return said, 0, False
    return said, len(str(values[0]).split()), not str(values[0]).isupper()


def merged_values(kept: Member, lost: Member, chosen: Mapping[str, str]) -> dict[str, Any]:
    """What the record that is left is to say; `chosen` has the id of a record, or `BOTH` for the note, by key."""
    values: dict[str, Any] = {}
    for choice in CHOICES:
        if choice.key not in (BRANCH, NOTE, ADDRESS):
            source = _chosen(choice, kept, lost, chosen)
            values |= {column: getattr(source, column) for column in choice.columns}
    if values["recruited_by_id"] in (kept.pk, lost.pk):
        values["recruited_by_id"] = None
    return values | _address(kept, lost, chosen) | _note(kept, lost, chosen) | _not_chosen(kept, lost)


def branch_source(kept: Member, lost: Member, chosen: Mapping[str, str]) -> Member:
    """Whose branch it is to belong to."""
    return lost if chosen.get(BRANCH) == str(lost.pk) else kept


def _chosen(choice: Choice, kept: Member, lost: Member, chosen: Mapping[str, str]) -> Member:
    asked = chosen.get(choice.key, "")
    if asked in (str(kept.pk), str(lost.pk)):
        return kept if asked == str(kept.pk) else lost
    return better(choice, kept, lost)


def address_is_hidden(one: Member, other: Member) -> bool:
    """Whether the address is nobody's to choose: where one is protected, hers is the address."""
    return one.address_hidden or other.address_hidden


def _address(kept: Member, lost: Member, chosen: Mapping[str, str]) -> dict[str, Any]:
    choice = next(one for one in CHOICES if one.key == ADDRESS)
    if address_is_hidden(kept, lost):
        protected = [one for one in (kept, lost) if one.address_hidden]
        told = [one for one in protected if _fullness(choice, one)[0]]
        source = (told or protected)[0]
    else:
        source = _chosen(choice, kept, lost, chosen)
    return {column: getattr(source, column) for column in choice.columns}


def _note(kept: Member, lost: Member, chosen: Mapping[str, str]) -> dict[str, Any]:
    """Both unless one is chosen: who may not read notes loses none."""
    asked = chosen.get(NOTE, BOTH)
    if asked in (str(kept.pk), str(lost.pk)):
        return {NOTE: kept.note if asked == str(kept.pk) else lost.note}
    return {NOTE: "\n\n".join(dict.fromkeys(note for note in (kept.note, lost.note) if note))}


def _not_chosen(kept: Member, lost: Member) -> dict[str, Any]:
    """Reservations and protection: the strictest. Joined: the earliest. Money is asked for where both said yes."""
    values: dict[str, Any] = {name: getattr(kept, name) or getattr(lost, name) for name in RESERVATIONS}
    values["address_protection"] = max(
        (kept.address_protection, lost.address_protection), key=lambda word: _STRICTNESS.index(AddressProtection(word))
    )
    values["joined_on"] = min((day for day in (kept.joined_on, lost.joined_on) if day), default=None)
    consents: list[date] = [day for day in (kept.fundraising_consent_on, lost.fundraising_consent_on) if day]
    values["fundraising_consent_on"] = max(consents) if len(consents) == 2 else None
    return values
