"""Under 15, nobody is a member without a guardian's consent: that holds for those in a file too."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from membership.models import Member
from membership.models.member import OWN_CONSENT, is_under


def is_too_young(values: Mapping[str, Any], today: date) -> bool:
    """Whether a row tells of somebody who is, or by the year alone may be, under 15, and of no consent."""
    if values.get("guardian_consent"):
        return False
    return is_under(values.get("birth_date"), values.get("birth_year"), OWN_CONSENT, on=today)


def member_is_too_young(member: Member, values: Mapping[str, Any], today: date) -> bool:
    """The same of a member: by what the row tells, else by what is known; not where the consent is recorded."""
    if member.guardian_consent_on is not None:
        return False
    if "birth_date" in values or "birth_year" in values:
        return is_too_young(values, today)
    return member.is_under(OWN_CONSENT, on=today)
