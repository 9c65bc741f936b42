"""The notice as letters, for those whom neither email nor SMS reaches: one PDF."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import override

from common.dates import format_long
from common.money import format_kr
from dues.models import Claim
from membership.models import Member
from messaging.letters.addressees import Letter
from messaging.letters.printing import print_letters
from privacy.actions.unpaid_notice import later
from privacy.enums import RoundState
from privacy.models import UnpaidRound
from privacy.rules import rules_of
from privacy.unpaid import letters_of, open_claims


def print_notices(unpaid: UnpaidRound, member_ids: Sequence[int], *, today: date) -> tuple[bytes, int]:
    """The letters of those named here who still must have one, and how many; nothing where there is none."""
    if unpaid.state != RoundState.NOTIFIED:
        return b"", 0
    members = list(letters_of(unpaid, today).filter(pk__in=list(member_ids)))
    claims = open_claims([member.pk for member in members], unpaid.year)
    with override("nb"):
        letters = [_letter(member, claims[member.pk], unpaid, today) for member in members if member.pk in claims]
        if not letters:
            return b"", 0
        rules = rules_of(unpaid.county)
        made = print_letters(
            letters,
            title=_("Letters"),
            sender=unpaid.county.name,
            contact=" · ".join(filter(None, [rules.contact_email or unpaid.county.email, rules.contact_phone])),
            date=format_long(today),
        )
    return made, len(letters)


def _letter(member: Member, claim: Claim, unpaid: UnpaidRound, today: date) -> dict[str, Any]:
    # Posted today, it gives as many days as the others had.
    values = {
        "name": member.first_name or member.full_name,
        "year": unpaid.year,
        "amount": format_kr(claim.outstanding_ore),
        "day": format_long(later(unpaid, today)),
        "kid": claim.kid,
        "number": member.member_number,
        "email": rules_of(unpaid.county).contact_email or unpaid.county.email,
    }
    text = render_to_string("privacy/unpaid_letter.txt", values)
    return {
        "address": Letter((member,)).address,
        "subject": " ".join(render_to_string("privacy/email/unpaid_subject.txt", values).split()),
        "blocks": [_block(paragraph.strip()) for paragraph in text.strip().split("\n\n")],
    }


def _block(text: str) -> dict[str, Any]:
    return {"kind": "text", "runs": [{"text": text, "bold": False, "italic": False}], "depth": 0, "mark": ""}
