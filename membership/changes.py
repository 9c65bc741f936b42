"""The history's words and values: what a changed field is called, and how what stood in it is kept and shown."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, Final
from uuid import UUID

from django.db import models
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.dates import format_date
from common.phone import format_phone
from membership.models import Member

# Not shown, searched, exported or printed while the member's address is protected.
ADDRESS: Final = frozenset({"care_of", "street", "postal_code", "city"})
# Told by another column, and so never named beside it.
SILENT: Final = frozenset({"mobile_ok", "phone_ok", "birth_year", "created_in", "number_is_local"})
# Which of the two kinds of protection it is, is never shown.
SECRET: Final = frozenset({"address_protection"})
# Read with a right of its own.
NOTE: Final = "note"
# What follows from these is to be held against the others again: duplicates.
IDENTITY: Final = frozenset(
    {"first_name", "last_name", "birth_on", "birth_year", "gender", "email", "mobile", "phone", "street", "postal_code"}
    | {"address_protection", "status"}
)

_LABELS: Final[Mapping[str, Any]] = {
    "branch": gettext_lazy("branch"),
    "tags": gettext_lazy("groups"),
    "merged": gettext_lazy("merged with"),
    "recruited_by_id": gettext_lazy("recruited by"),
}


def to_json(value: Any) -> Any:
    """A column's value as the history keeps it."""
    if isinstance(value, UUID):
        return str(value)
    return value.isoformat() if isinstance(value, date) else value


def from_json(name: str, value: Any) -> Any:
    """The column's value again; both ways give back what was put in."""
    return None if value is None else _column(name).to_python(value)


def label_of(name: str) -> str:
    """What a field is called, in the middle of a sentence."""
    if name in _LABELS:
        return str(_LABELS[name])
    return str(_column(name).verbose_name)


def _column(name: str) -> models.Field[Any, Any]:
    found = Member._meta.get_field(name)
    assert isinstance(found, models.Field)  # noqa: S101 - told to the type checker: changes are of columns
    return found


def shown(name: str, value: Any) -> str:
    """A kept value as it is read; empty where there was nothing. Branches and groups are looked up by their pages."""
    if value is None or value == "":
        return ""
    return _READ.get(name, _plain)(name, value)


def _plain(name: str, value: Any) -> str:
    field = _column(name) if name not in _LABELS else None
    if isinstance(field, models.BooleanField):
        return _("yes") if value else _("no")
    if isinstance(field, models.DateField):
        return format_date(date.fromisoformat(value))
    choices = dict(getattr(field, "choices", None) or ())
    return str(capfirst(choices[value])) if value in choices else str(value)


def _phone(_name: str, value: Any) -> str:
    return format_phone(value) if str(value).startswith("+") else str(value)


_READ: Final[Mapping[str, Callable[[str, Any], str]]] = {"mobile": _phone, "phone": _phone}
