"""Everything that is kept about one member (GDPR articles 15 and 20), as sections of records.

Each table that points to a member is in a section, or under `NOT_GIVEN` with the reason; tests/privacy/test_export.py
finds the one that is in neither. Others are not named: callers and officers are roles, whoever recruited is somebody.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final, NamedTuple

from common.policy import policy
from membership.extensions import Text
from membership.models import Member
from privacy.exporting import messages, money, register, rights
from privacy.exporting.values import Record, Section

FORMAT: Final = 1
SECTIONS: Final[Sequence[Section]] = (
    *register.SECTIONS,
    *money.SECTIONS,
    *messages.SECTIONS,
    *rights.SECTIONS,
)
# The relation, as app.Model.field, or the whole table.
NOT_GIVEN: Final[Mapping[str, str]] = {
    "membership.Member.recruited_by": "whom one has recruited is theirs to tell; how many stands under person",
    "membership.DuplicatePair.first": "a machine's guess about two people; the other one would be told of",
    "membership.DuplicatePair.second": "a machine's guess about two people; the other one would be told of",
    "membership.DuplicateCheck.member": "a place in a queue for some minutes; it says nothing",
    "messaging.InboxMessage.candidates": "a message that may be another's: nobody has said whose it is",
    "messaging.InboxMessage_candidates.member": "the same",
}


class Part(NamedTuple):
    """One section, read."""

    key: str
    label: Text
    records: Sequence[Record]
    # As docs/retention.yaml has it.
    until: str


def everything(member: Member) -> list[Part]:
    """All sections, also those with nothing in them. The queries are the same for every member."""
    return [Part(section.key, section.label, section.read(member), _until(section)) for section in SECTIONS]


def _until(section: Section) -> str:
    found = (rule.until for rule in policy().rules.values() if section.models & rule.fields.keys())
    return next(found, "")


def as_json(member: Member, today: date) -> dict[str, Any]:
    """The file: stable keys, ISO dates, amounts in øre."""
    return {
        "format": FORMAT,
        "made_on": today.isoformat(),
        "member_number": member.member_number,
        "kept_until": {section.key: _until(section) for section in SECTIONS},
        "sections": {
            part.key: [{item.key: item.json for item in record} for record in part.records]
            for part in everything(member)
        },
    }
