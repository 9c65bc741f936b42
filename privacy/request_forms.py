"""The shapes of what an officer writes about a request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.fields import NorwegianDateField
from membership.models import Member
from privacy.enums import RequestKind, RequestWay

LONGEST: Final = 10_000
# Not in the register: a choice as good as a member, made on purpose.
NOBODY: Final = "ingen"
_TOO_LONG: Final = {
    "max_length": gettext_lazy("Write at most %(limit_value)d characters. Now there are %(show_value)d.")
}


class LongField(forms.CharField):
    """A text of several lines."""

    def __init__(self, *, rows: int = 5, **kwargs: Any) -> None:
        messages = {**_TOO_LONG, **kwargs.pop("error_messages", {})}
        widget = forms.Textarea({"class": "ds-input", "rows": rows})
        super().__init__(widget=widget, max_length=LONGEST, error_messages=messages, **kwargs)


class NewRequestForm(forms.Form):
    """A request that has come by email, letter, phone or in person."""

    kind = forms.ChoiceField(
        label=gettext_lazy("What is asked for?"),
        choices=RequestKind.choices,
        error_messages={"required": gettext_lazy("Choose what is asked for.")},
    )
    way = forms.ChoiceField(
        label=gettext_lazy("How it came"),
        choices=[(way.value, way.label) for way in RequestWay if way != RequestWay.MY_PAGE],
        widget=forms.Select({"class": "ds-input"}),
    )
    received_on = NorwegianDateField(
        label=gettext_lazy("When it came"),
        help_text=gettext_lazy("dd.mm.yyyy. The month is counted from this day."),
        error_messages={"required": gettext_lazy("Write the date, for example 20.11.2026.")},
    )
    q = forms.CharField(
        label=gettext_lazy("Whose is it?"),
        help_text=gettext_lazy("Write a name or a member number, and find the member."),
        required=False,
        max_length=80,
        widget=forms.TextInput({"class": "ds-input", "autocomplete": "off"}),
    )
    member = forms.ChoiceField(
        label=gettext_lazy("Member"),
        required=False,
        error_messages={"invalid_choice": gettext_lazy("Find the member once more, and choose from the list.")},
    )
    text = LongField(
        label=gettext_lazy("In the member’s own words (optional)"),
        help_text=gettext_lazy("Nothing about health, and nothing about others."),
        required=False,
    )

    def __init__(
        self,
        data: Mapping[str, Any] | None,
        *,
        found: Sequence[Member],
        today: date,
        typed: Mapping[str, Any] | None = None,
    ) -> None:
        # `typed`: what stands there while one only looks for the member, and is not told what is missing yet.
        super().__init__(data, initial={"received_on": today, "way": RequestWay.EMAIL.value, **(typed or {})})
        self.today = today
        choices = [(str(one.pk), f"{one.full_name or one.member_number}, {one.branch.place}") for one in found]
        self.fields["member"].choices = [*choices, (NOBODY, _("Somebody who is not in the register"))]  # type: ignore[attr-defined]

    def clean_received_on(self) -> date:
        """Not in the future."""
        day: date = self.cleaned_data["received_on"]
        if day > self.today:
            raise ValidationError(_("The date is in the future."))
        return day

    def clean_member(self) -> str:
        """Chosen on purpose: nobody is guessed at."""
        chosen: str = self.cleaned_data["member"]
        if not chosen:
            raise ValidationError(
                _("Find the member and choose one, or choose that the person is not in the register.")
            )
        return chosen


class ExtendForm(forms.Form):
    """Why it takes longer."""

    because = LongField(
        label=gettext_lazy("Why do you need more time?"),
        help_text=gettext_lazy("The member is told this."),
        rows=3,
        error_messages={"required": gettext_lazy("Write why. The member is to be told.")},
    )


class AnswerForm(forms.Form):
    """What is answered, and whether we send it. `can_email`: there is an address that works."""

    text = LongField(
        label=gettext_lazy("Your answer"),
        rows=7,
        error_messages={"required": gettext_lazy("Write what you answer, or what you have done.")},
    )
    email = forms.BooleanField(
        label=gettext_lazy("Send it to the member by email"),
        required=False,
        widget=forms.CheckboxInput({"class": "ds-input"}),
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, prefix: str, can_email: bool) -> None:
        super().__init__(data, prefix=prefix, initial={"email": True})
        if not can_email:
            del self.fields["email"]
        if prefix == "refuse":
            self.fields["text"].label = _("Why do you say no?")
            self.fields["text"].error_messages["required"] = _("Write why. The member has a right to know.")

    @property
    def wants_email(self) -> bool:
        """Whether it is to be sent."""
        return bool(self.cleaned_data.get("email"))
