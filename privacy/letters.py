"""Letters about leaving, each a PDF of one page. What somebody has written is data to the typesetter, never markup."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.utils import translation
from django.utils.translation import gettext as _

from common.dates import format_long
from membership.models import Member
from messaging.letters.printing import print_letters
from privacy.models import Departure, PrivacySettings

# What is written on by hand.
_LINE: Final = "_" * 44


@dataclass(frozen=True, slots=True)
class Letter:
    """What stands on the page: the envelope's lines, the heading, and the text as the typesetter takes it."""

    address: list[str]
    subject: str
    blocks: list[dict[str, Any]]
    sender: str
    contact: str
    date: str

    def printed(self) -> bytes:
        """The PDF."""
        page = {"address": self.address, "subject": self.subject, "blocks": self.blocks}
        return print_letters(
            [page], title=self.subject, sender=self.sender, contact=self.contact, date=self.date, language="nb"
        )


def reply_letter(member: Member, *, rules: PrivacySettings, today: date) -> Letter:
    """To one whom no link reaches: how to leave, and a slip to sign and post back."""
    with translation.override("nb"):
        blocks = [
            _text(_("You have said that you want to leave. You decide that yourself, and it must be in writing.")),
            _text(_("If you want to leave: sign the slip below, and post it to the address on it.")),
            _text(_("If you have changed your mind, you need do nothing. You are a member until we have your answer.")),
            _text(_told_of_erasing(rules)),
            *_ask(rules),
            {"kind": "rule", "runs": [], "depth": 0, "mark": ""},
            _text(_("Reply slip"), bold=True),
            _text(_("To: %(address)s") % {"address": "\n".join(_post_to(member, rules))}),
            _text(_("I resign from %(party)s.") % {"party": member.branch.name}),
            _text(_("Name: %(name)s") % {"name": member.full_name}),
            _text(_("Member number: %(number)s") % {"number": member.member_number}),
            _text(_("Place and date: %(line)s") % {"line": _LINE}),
            _text(_("Signature: %(line)s") % {"line": _LINE}),
        ]
        return _letter(member, _("Resigning"), blocks, rules, today)


def receipt_letter(departure: Departure, *, rules: PrivacySettings, today: date) -> Letter:
    """To one whom we cannot write to otherwise: that they have left, and what to do where it was not them."""
    member = departure.member
    with translation.override("nb"):
        left = {"party": member.branch.name, "day": format_long(departure.left_on)}
        erased = {"day": format_long(departure.erase_on)}
        blocks = [
            _text(_("You have left %(party)s from %(day)s.") % left),
            _text(_("We send you nothing more, and what we hold about you is erased on %(day)s.") % erased),
            _text(_("Was this not you, or is it a mistake? Tell us before that day, and it is put right."), bold=True),
            *_ask(rules),
        ]
        return _letter(member, _("Receipt: you have left"), blocks, rules, today)


def _told_of_erasing(rules: PrivacySettings) -> str:
    days = rules.correction_days
    if not days:
        return _("When we have registered it, what we hold about you is erased.")
    return _("When we have registered it, what we hold about you is erased after %(days)s days.") % {"days": days}


def _ask(rules: PrivacySettings) -> Iterable[dict[str, Any]]:
    reach = [part for part in (rules.contact_phone, rules.contact_email) if part]
    if reach:
        yield _text(_("Questions: %(reach)s") % {"reach": ", ".join(reach)})


def _post_to(member: Member, rules: PrivacySettings) -> list[str]:
    """Who answers for the data, and where; the branch's own name where the county has not said."""
    return [part for part in (rules.controller or member.branch.name, rules.controller_address) if part]


def _text(text: str, *, bold: bool = False) -> dict[str, Any]:
    return {"kind": "text", "runs": [{"text": text, "bold": bold, "italic": False}], "depth": 0, "mark": ""}


def _letter(member: Member, subject: str, blocks: list[dict[str, Any]], rules: PrivacySettings, today: date) -> Letter:
    return Letter(
        _address(member),
        subject,
        blocks,
        sender=rules.controller or member.branch.name,
        contact=rules.contact_email or member.branch.email,
        date=format_long(today),
    )


def _address(member: Member) -> list[str]:
    """As it stands on an envelope; of a protected address nothing: it is written on by the one who may see it."""
    if member.address_hidden:
        return [member.full_name]
    rows = [member.full_name, member.care_of and f"c/o {member.care_of}", member.street]
    return [row for row in (*rows, f"{member.postal_code} {member.city}".strip()) if row]
