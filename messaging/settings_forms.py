"""The shape of how a branch writes."""

from __future__ import annotations

import re
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from common.fields import KronerField
from common.money import as_kroner
from membership.branch_forms import CleanField, text_input
from messaging.models import MessagingSettings

_SENDER: Final = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9 ]{3,11}", re.ASCII)
_HOURS: Final = (
    ("weekday", _("SMS on weekdays")),
    ("saturday", _("SMS on Saturdays")),
    ("holiday", _("SMS on Sundays and public holidays: only about meetings")),
)
_MOST_PEOPLE: Final = 1_000_000


class SenderField(CleanField):
    """What a telephone shows in place of a number: the networks take no other letters."""

    def clean(self, value: Any) -> str:
        """The name, or nothing."""
        name = str(super().clean(value) or "")
        if name and not _SENDER.fullmatch(name):
            raise forms.ValidationError(_("Use 3 to 11 letters from A to Z, digits and spaces. No æ, ø or å."))
        return name


class SettingsForm(forms.Form):
    """A branch's own, and for the county what holds for all its branches."""

    sender_name = forms.CharField(
        label=_("Sender of email (optional)"),
        max_length=80,
        required=False,
        help_text=_("The name the email comes from. Empty: the branch's name."),
        widget=text_input(),
    )
    reply_to = forms.EmailField(
        label=_("Answers by email go to (optional)"),
        max_length=254,
        required=False,
        help_text=_("Empty: to the inbox here, where everyone who has access can answer."),
        widget=forms.EmailInput({"class": "ds-input", "autocomplete": "off"}),
    )
    sms_sender = SenderField(
        label=_("Sender of SMS (optional)"),
        required=False,
        help_text=_("Shown in place of a number, also on a locked phone. 3 to 11 letters and digits."),
        widget=text_input(maxlength="11"),
    )
    service_sms_sender = SenderField(
        label=_("Sender of SMS about dues (optional)"),
        required=False,
        help_text=_("A name that tells nobody which party it is. Empty: “Beskjed”."),
        widget=text_input(maxlength="11"),
    )
    sms_budget = KronerField(
        label=_("Budget for SMS in a month (optional)"),
        min_ore=0,
        max_ore=100_000_000,
        required=False,
        help_text=_("In kroner. When it is used up, no more SMS are sent that month. Empty: no limit. 0: no SMS."),
    )
    substitute = forms.TypedChoiceField(
        label=_("Approves large messages (optional)"),
        coerce=int,
        empty_value=None,
        required=False,
        help_text=_("In place of a second person in the branch."),
        widget=forms.Select({"class": "ds-input"}),
    )
    seen = forms.CharField(max_length=16, widget=forms.HiddenInput)

    def __init__(
        self, data: Any = None, *, row: MessagingSettings, seen: str, is_county: bool, approvers: list[tuple[int, str]]
    ) -> None:
        initial: dict[str, Any] = {
            name: getattr(row, name) for name in ("sender_name", "reply_to", "sms_sender", "service_sms_sender")
        }
        budget = "" if row.sms_budget_ore is None else as_kroner(row.sms_budget_ore)
        initial |= {"sms_budget": budget, "substitute": row.substitute_id, "seen": seen}
        super().__init__(data, initial=initial)
        self.fields["substitute"].choices = [("", "–"), *approvers]  # type: ignore[attr-defined]
        self.county_names = list(_county_fields(row)) if is_county else []
        self.fields |= _county_fields(row) if is_county else {}

    @property
    def own(self) -> list[forms.BoundField]:
        """The branch's fields, those one sees."""
        return [self[name] for name in self.fields if name not in {"seen", *self.county_names}]

    @property
    def county(self) -> list[forms.BoundField]:
        """Price and limits, which hold for all branches; empty but for the county."""
        return [self[name] for name in self.county_names if not name.endswith(("_from", "_to"))]

    @property
    def hours(self) -> list[tuple[Any, forms.BoundField, forms.BoundField]]:
        """What kind of day, from when, to when; empty but for the county."""
        return [(words, self[f"{day}_from"], self[f"{day}_to"]) for day, words in _HOURS] if self.county_names else []

    def clean(self) -> dict[str, Any]:
        """No hours that end before they begin."""
        cleaned = super().clean() or {}
        for day, _words in _HOURS:
            begin, end = cleaned.get(f"{day}_from"), cleaned.get(f"{day}_to")
            if begin is not None and end is not None and begin > end:
                self.add_error(f"{day}_to", _("It must end after it begins. The same hour twice: no SMS on such days."))
        return cleaned

    def values(self) -> dict[str, Any]:
        """The columns, as they are to be."""
        values = {name: value for name, value in self.cleaned_data.items() if name != "seen"}
        values["sms_budget_ore"] = values.pop("sms_budget")
        values["substitute_id"] = values.pop("substitute")
        if "sms_price" in values:
            values["sms_price_ore"] = values.pop("sms_price")
        return values


def _county_fields(row: MessagingSettings) -> dict[str, forms.Field]:
    number: dict[str, Any] = {"min_value": 0, "max_value": _MOST_PEOPLE}
    fields: dict[str, forms.Field] = {
        "sms_price": KronerField(
            label=_("Price of one SMS"),
            min_ore=0,
            max_ore=10_000,
            initial=as_kroner(row.sms_price_ore),
            help_text=_("In kroner, as your gateway says."),
        ),
        "type_over": _number(_("Write the number of recipients when there are more than"), row.type_over, **number),
        "regret_over": _number(_("Wait five minutes when there are more than"), row.regret_over, **number),
        "approve_over": _number(_("Ask for a second person when there are more than"), row.approve_over, **number),
    }
    for day, _words in _HOURS:
        fields[f"{day}_from"] = _number(_("From the hour"), getattr(row, f"{day}_from"), min_value=0, max_value=24)
        fields[f"{day}_to"] = _number(_("To the hour"), getattr(row, f"{day}_to"), min_value=0, max_value=24)
    return fields


def _number(label: Any, initial: int, **limits: Any) -> forms.IntegerField:
    return forms.IntegerField(
        label=label,
        initial=initial,
        widget=text_input(inputmode="numeric", size="8"),
        error_messages={"invalid": _("Write a whole number."), "required": _("Write a number.")},
        **limits,
    )
