"""The shapes of a report of a breach, and of the routine that follows."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils.dateparse import parse_datetime
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.clock import OSLO
from common.dates import format_time
from common.fields import NorwegianDateField
from messaging.forms import TimeField
from privacy.actions.breaches import DECISIONS, FACTS
from privacy.enums import BreachKind, Verdict
from privacy.models import Breach
from privacy.request_forms import LongField

# More people than a county has.
_MOST: Final = 1_000_000


class _Count(forms.IntegerField):
    """How many, or nothing where nobody knows."""

    def __init__(self) -> None:
        super().__init__(
            label=gettext_lazy("How many members is it about? (optional)"),
            help_text=gettext_lazy("Leave it empty while you do not know. A rough number is enough."),
            required=False,
            min_value=0,
            max_value=_MOST,
            widget=forms.TextInput({"class": "ds-input num", "inputmode": "numeric", "size": "8"}),
            error_messages={"invalid": gettext_lazy("Write a whole number.")},
        )


class ReportForm(forms.Form):
    """What one who finds out writes at once; the rest is for those who answer."""

    kind = forms.ChoiceField(
        label=gettext_lazy("What kind of thing is it?"),
        choices=BreachKind.choices,
        error_messages={"required": gettext_lazy("Choose what fits best.")},
    )
    what = LongField(
        label=gettext_lazy("What happened?"),
        help_text=gettext_lazy("Short, and without members’ names."),
        error_messages={"required": gettext_lazy("Write what happened.")},
    )
    found_on = NorwegianDateField(
        label=gettext_lazy("When was it found out?"),
        help_text=gettext_lazy("dd.mm.yyyy. The 72 hours are counted from here."),
        error_messages={"required": gettext_lazy("Write the date, for example 20.11.2026.")},
    )
    found_time = TimeField(label=gettext_lazy("Time of day"))
    affected = _Count()
    measures = LongField(
        label=gettext_lazy("What have you done to stop it? (optional)"),
        help_text=gettext_lazy("Stop a sending, lock an account, take a list down."),
        required=False,
        rows=3,
    )

    def __init__(self, data: Mapping[str, Any] | None, *, now: datetime, kind: str = "") -> None:
        local = localtime(now)
        first = {"found_on": local.date(), "found_time": format_time(local.time()), "kind": kind}
        super().__init__(data, initial=first)
        self.now = local

    @property
    def found_at(self) -> datetime:
        """The moment; without a time of day the first of the day, so that the deadline comes early, not late."""
        return datetime.combine(self.cleaned_data["found_on"], self.cleaned_data.get("found_time") or time.min, OSLO)


class BreachForm(forms.Form):
    """Everything of the routine, saved as one; `seen` is when the breach was last changed, as the page had it."""

    seen = forms.CharField(widget=forms.HiddenInput, max_length=40)
    measures = LongField(label=gettext_lazy("What have you done to stop it?"), required=False, rows=3)
    what = LongField(
        label=gettext_lazy("What happened?"),
        help_text=gettext_lazy("Short, and without members’ names."),
        error_messages={"required": gettext_lazy("Write what happened.")},
    )
    affected = _Count()
    consequences = LongField(
        label=gettext_lazy("What can it lead to for them?"),
        help_text=gettext_lazy("Membership of a party shows a political opinion: that alone counts."),
        required=False,
        rows=3,
    )
    authority = forms.ChoiceField(
        label=gettext_lazy("Is the data protection authority to be told?"), choices=Verdict.choices, required=False
    )
    authority_because = LongField(label=gettext_lazy("Why?"), required=False, rows=3)
    authority_told_on = NorwegianDateField(label=gettext_lazy("Told on"), required=False)
    authority_told_time = TimeField(label=gettext_lazy("Time of day"))
    people = forms.ChoiceField(
        label=gettext_lazy("Are those it is about to be told?"), choices=Verdict.choices, required=False
    )
    people_because = LongField(label=gettext_lazy("Why?"), required=False, rows=3)
    people_told_on = NorwegianDateField(label=gettext_lazy("Told on"), required=False)
    people_told_time = TimeField(label=gettext_lazy("Time of day"))

    def clean_seen(self) -> datetime:
        """When the breach was last changed, as the page had it."""
        found = _moment(self.cleaned_data["seen"])
        if found is None or found.tzinfo is None:
            raise ValidationError(_("Open the page once more."))
        return found

    @property
    def values(self) -> dict[str, Any]:
        """As `privacy.actions.breaches.save` takes them."""
        given = {name: self.cleaned_data[name] for name in FACTS}
        for one in DECISIONS:
            given[one] = self.cleaned_data[one]
            given[f"{one}_because"] = self.cleaned_data[f"{one}_because"]
            day, at = self.cleaned_data[f"{one}_told_on"], self.cleaned_data[f"{one}_told_time"]
            given[f"{one}_told_at"] = datetime.combine(day, at, OSLO) if day and at else None
        return given

    def clean(self) -> dict[str, Any]:
        """A day without a time of day, or the other way round, is half a moment."""
        found = super().clean() or self.cleaned_data
        for one in DECISIONS:
            day, at = f"{one}_told_on", f"{one}_told_time"
            if day in found and at in found and bool(found[day]) != (found[at] is not None):
                self.add_error(at if found[day] else day, _("Write both the date and the time of day."))
        return found


def breach_form(breach: Breach, data: Mapping[str, Any] | None = None) -> BreachForm:
    """The form as the breach has it, or as it was typed."""
    first: dict[str, Any] = {name: getattr(breach, name) for name in (*FACTS, *DECISIONS)}
    first["seen"] = breach.changed_at.isoformat()
    for one in DECISIONS:
        first[f"{one}_because"] = getattr(breach, f"{one}_because")
        told_at = getattr(breach, f"{one}_told_at")
        if told_at:
            first[f"{one}_told_on"] = localtime(told_at).date()
            first[f"{one}_told_time"] = format_time(localtime(told_at).time())
    return BreachForm(data, initial=first)


def _moment(text: str) -> datetime | None:
    try:
        return parse_datetime(text)
    except ValueError:
        return None
