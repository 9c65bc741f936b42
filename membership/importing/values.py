"""From a row's values to a member's columns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from common.text import fold
from membership.enums import Category
from membership.models import Member

# Row value → member column, where the value is taken as it is.
_PLAIN: Final = {
    "first_name": "first_name",
    "last_name": "last_name",
    "gender": "gender",
    "email": "email",
    "address": "street",
    "address2": "care_of",
    "postal_code": "postal_code",
    "city": "city",
    "mobile": "mobile",
    "mobile_ok": "mobile_ok",
    "phone2": "phone",
    "phone2_ok": "phone_ok",
    "status": "status",
    "joined": "joined_on",
    "left": "left_on",
    "language": "language",
    "note": "note",
    "no_email": "no_email",
    "no_sms": "no_sms",
    "no_phone": "no_phone",
    "no_post": "no_post",
    "no_newsletter": "no_newsletter",
    "no_meetings": "no_meetings",
    "no_surveys": "no_surveys",
    "no_recruitment": "no_recruitment",
    "fundraising_consent": "fundraising_consent_on",
    "recruited_by": "recruited_by_text",
    "source": "source",
    "skills": "skills",
    "guardian_name": "guardian_name",
    "guardian_consent": "guardian_consent_on",
    "checked": "checked_on",
}
# A file sets these, and never takes them back.
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
_LENGTHS: Final = {
    column.name: column.max_length
    for column in Member._meta.concrete_fields
    if getattr(column, "max_length", None) is not None
}
# Row value → what the columns it fills hold where there is nothing. Never emptied by a file: number, name, status and
# the day somebody left, branch, category, payments, reservations, protection and note.
_EMPTY: Final[Mapping[str, Mapping[str, Any]]] = {
    "gender": {"gender": ""},
    "birth_date": {"birth_on": None, "birth_year": None},
    "email": {"email": ""},
    "address": {"street": ""},
    "address2": {"care_of": ""},
    "postal_code": {"postal_code": ""},
    "city": {"city": ""},
    "mobile": {"mobile": "", "mobile_ok": False},
    "phone2": {"phone": "", "phone_ok": False},
    "joined": {"joined_on": None},
    "language": {"language": ""},
    "recruited_by": {"recruited_by_text": ""},
}
# The first word of a folded category that decides; anything else is ordinary.
_CATEGORIES: Final = (
    ("hus", Category.HOUSEHOLD),
    ("redus", Category.REDUCED),
    ("honnor", Category.REDUCED),
    ("pensjon", Category.REDUCED),
    ("student", Category.REDUCED),
    ("forste", Category.FIRST_YEAR),
    ("første", Category.FIRST_YEAR),
    ("introduksjon", Category.FIRST_YEAR),
    ("ungdom", Category.YOUTH),
    ("ordin", Category.ORDINARY),
)


def attributes(values: Mapping[str, Any]) -> dict[str, Any]:
    """The member columns a row tells; what it does not tell has no key, and so wipes nothing."""
    found = {column: _fit(column, values[name]) for name, column in _PLAIN.items() if name in values}
    if (born := values.get("birth_date")) is not None:
        found |= {"birth_on": born, "birth_year": born.year}
    elif (year := values.get("birth_year")) is not None:
        found["birth_year"] = year
    if (category := category_of(str(values.get("fee_type", "")))) is not None:
        found["category"] = category.value
    return found


def keep_ours(member: Member, changes: dict[str, Any]) -> None:
    """Take out of a file's changes what only goes one way: reservations, a consent withdrawn here, a later check."""
    for name in RESERVATIONS:
        if changes.get(name) is False:
            del changes[name]
    # Whether it was never given, or given and withdrawn since the file was made, the file cannot tell.
    if member.fundraising_consent_on is None:
        changes.pop("fundraising_consent_on", None)
    checked = changes.get("checked_on")
    if checked and member.checked_on and checked < member.checked_on:
        del changes["checked_on"]


def emptied(names: Iterable[str]) -> dict[str, Any]:
    """The member columns that empty cells would empty, and to what."""
    return {column: empty for name in names for column, empty in _EMPTY.get(name, {}).items()}


def category_of(words: str) -> Category | None:
    """The category a file's own word stands for; None for a word that says none (an amount, a year)."""
    folded = fold(words)
    return next((category for word, category in _CATEGORIES if word in folded), None)


def _fit(column: str, value: Any) -> Any:
    """Cut a text to its column: both databases must hold the same, and only one of them complains."""
    limit = _LENGTHS.get(column)
    return value[:limit].rstrip() if limit and isinstance(value, str) and len(value) > limit else value
