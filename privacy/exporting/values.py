"""One thing kept about a member: a stable key, a label, and the value as JSON and in words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.text import capfirst
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from common.dates import format_long, format_time
from common.money import format_kr
from membership.extensions import Text
from membership.models import Member

Value = str | int | bool | date | datetime | list[str] | None


@dataclass(frozen=True, slots=True)
class Item:
    """`said` is the value in words where the value itself is a code. A key ending in _ore is an amount of øre."""

    key: str
    label: Text
    value: Value
    said: Text = ""

    @property
    def json(self) -> Any:
        """Dates and times as ISO texts, amounts as whole øre."""
        return self.value.isoformat() if isinstance(self.value, date) else self.value

    @property
    def text(self) -> str:
        """As it is read; empty where there is nothing."""
        value = self.value
        if self.said:
            return str(capfirst(str(self.said)))
        if value is None or value == "" or value == []:
            return ""
        for kind, say in _WORDS:
            if isinstance(value, kind):
                return say(value)
        return format_kr(value) if self.key.endswith("_ore") and isinstance(value, int) else str(value)


Record = Sequence[Item]


def _moment(at: datetime) -> str:
    local = localtime(at)
    return _("%(day)s at %(time)s") % {"day": format_long(local.date()), "time": format_time(local.time())}


# A bool is an int, and a datetime a date: the narrower first.
_WORDS: tuple[tuple[type, Callable[[Any], str]], ...] = (
    (bool, lambda value: _("yes") if value else _("no")),
    (datetime, _moment),
    (date, format_long),
    (list, ", ".join),
)


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the file: what it is called, and how it is read. `models` names the tables it tells of."""

    key: str
    label: Text
    models: frozenset[str]
    read: Callable[[Member], Sequence[Record]]
