"""The shape of what is typed about dues."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from common.fields import KronerField, NorwegianDateField
from common.money import as_kroner
from dues.actions.payments import PaymentRefused
from dues.models import Claim

FIRST_YEAR: Final = 1990
# No dues are higher: a slip of the finger, or a reference number in the wrong field.
_MAX_RATE_ORE: Final = 10_000_000
# Dues fall due within the year before to the year after their own.
_LEEWAY: Final = timedelta(days=366)


def is_dues_year(year: int, today: date) -> bool:
    """Whether a year can have dues: from 1990 to next year."""
    return FIRST_YEAR <= year <= today.year + 1


class TermsForm(forms.Form):
    """What the members in a register file are asked for."""

    year = forms.IntegerField(
        label=_("Dues year"),
        widget=forms.NumberInput(attrs={"class": "ds-input num", "inputmode": "numeric"}),
        error_messages={"required": _("Write the dues year."), "invalid": _("Write the year with four digits.")},
    )
    rate = KronerField(
        label=_("Dues in kroner"),
        help_text=_("Leave it empty to import the register without asking for dues."),
        max_ore=_MAX_RATE_ORE,
        required=False,
    )
    due_on = NorwegianDateField(label=_("Due date"), help_text=_("dd.mm.yyyy"), required=False)

    def __init__(self, data: Mapping[str, Any] | None, *, initial: Mapping[str, Any], today: date) -> None:
        super().__init__(data, initial=dict(initial))
        self.today = today

    def clean_year(self) -> int:
        """From 1990 to next year."""
        year: int = self.cleaned_data["year"]
        if not is_dues_year(year, self.today):
            raise ValidationError(
                _("Write a year from %(first)s to %(last)s.") % {"first": FIRST_YEAR, "last": self.today.year + 1}
            )
        return year

    def clean_rate(self) -> int | None:
        """More than nothing, or none at all."""
        ore: int | None = self.cleaned_data["rate"]
        if ore is not None and ore <= 0:
            raise ValidationError(_("Write an amount above 0 kr."))
        return ore

    def clean(self) -> dict[str, Any]:
        """Dues have a due date, and it belongs to the year."""
        cleaned = super().clean() or {}
        year, due_on = cleaned.get("year"), cleaned.get("due_on")
        if cleaned.get("rate") and not due_on and "due_on" not in self.errors:
            self.add_error("due_on", _("Write the due date."))
        if year and due_on and abs(due_on - date(year, 7, 1)) > _LEEWAY:
            self.add_error("due_on", _("The due date is far from the dues year. Check the year of both."))
        return cleaned


class PaymentForm(forms.Form):
    """One payment, typed by hand."""

    amount = KronerField(label=_("Amount in kroner"))
    paid_on = NorwegianDateField(
        label=_("Paid on"),
        help_text=_("dd.mm.yyyy"),
        error_messages={"required": _("Write the day the payment came.")},
    )
    # What was outstanding when the form was shown: of two who press at the same time, one wins.
    expected = forms.IntegerField(widget=forms.HiddenInput)

    @classmethod
    def for_claim(cls, claim: Claim, *, today: date) -> PaymentForm:
        """Filled in with all that is outstanding, paid today."""
        left = claim.outstanding_ore
        return cls(initial={"amount": as_kroner(left), "paid_on": today, "expected": left})

    def against(self, claim: Claim) -> PaymentForm:
        """The same form, with its errors, for another try at what is outstanding now."""
        self.data = {**self.data.dict(), "expected": str(claim.outstanding_ore)}  # type: ignore[attr-defined]
        return self

    def refuse(self, refusal: PaymentRefused) -> None:
        """Show why the action said no, at the field it is about."""
        self.add_error(refusal.field or None, str(refusal.sentence))
