"""What an officer types when somebody leaves or has died."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy

from common.fields import NorwegianDateField
from common.text import clean_lines
from privacy.enums import LeaveWay

# A letter, not a book.
LONGEST_TEXT: Final = 5_000


class ResignationForm(forms.Form):
    """A written resignation: when, how, and in what words."""

    on = NorwegianDateField(
        label=gettext_lazy("Date of the email or letter"),
        help_text=gettext_lazy("dd.mm.yyyy"),
        error_messages={"required": gettext_lazy("Write the date of the email or letter.")},
    )
    way = forms.ChoiceField(
        label=gettext_lazy("How did it come?"),
        choices=[(LeaveWay.EMAIL.value, gettext_lazy("By email")), (LeaveWay.LETTER.value, gettext_lazy("By letter"))],
        widget=forms.RadioSelect({"class": "ds-input"}),
        error_messages={"required": gettext_lazy("Choose how it came.")},
    )
    text = forms.CharField(
        label=gettext_lazy("The member’s own words"),
        help_text=gettext_lazy("Copy what the member wrote. It is erased together with the rest."),
        max_length=LONGEST_TEXT,
        widget=forms.Textarea({"class": "ds-input", "rows": 5}),
        error_messages={"required": gettext_lazy("Copy what the member wrote. What was said by phone is not enough.")},
    )

    def clean_text(self) -> str:
        """Without what no keyboard types."""
        return clean_lines(self.cleaned_data["text"])


class DeathForm(forms.Form):
    """The day somebody died, as far as it is known."""

    on = NorwegianDateField(
        label=gettext_lazy("Date of death"),
        help_text=gettext_lazy("dd.mm.yyyy. Let today stand if you do not know the day."),
        required=False,
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, today: date) -> None:
        super().__init__(data, initial={"on": today})
        self.today = today

    def clean_on(self) -> date:
        """Today where nothing is written."""
        day: date | None = self.cleaned_data["on"]
        return day or self.today
