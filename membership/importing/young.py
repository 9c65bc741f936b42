"""Under 15, nobody is a member without a guardian's consent: that holds for those in a file too."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from membership.models import Member

CONSENT_AGE: Final = 15


def is_too_young(values: Mapping[str, Any], today: date) -> bool:
    """Whether a row tells of somebody who is certainly under 15, and of no consent; a year alone tells it only from
    the year before."""
    if values.get("guardian_consent"):
        return False
    born, year = values.get("birth_date"), values.get("birth_year")
    return _is_under(born, year, today)


def member_is_too_young(member: Member, values: Mapping[str, Any], today: date) -> bool:
    """The same of a member: by what the row tells, else by what is known; not where the consent is recorded."""
    if member.guardian_consent_on is not None:
        return False
    if "birth_date" in values or "birth_year" in values:
        return is_too_young(values, today)
    return _is_under(member.birth_on, member.birth_year, today)


def _is_under(born: date | None, year: int | None, today: date) -> bool:
    if born is not None:
        before_birthday = (today.month, today.day) < (born.month, born.day)
        return today.year - born.year - before_birthday < CONSENT_AGE
    return year is not None and today.year - year < CONSENT_AGE
