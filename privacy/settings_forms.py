"""The shape of a county's rules, each field with what follows from it."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from common.policy import policy
from membership.branch_forms import CleanField, text_input
from privacy.enums import UnpaidFrom
from privacy.models import PrivacySettings

_TIMES: Final = ("correction_days", "unpaid_from", "unpaid_months", "notice_days")
_FEWEST_DAYS_OF_NOTICE: Final = 14
_MOST_DAYS_OF_NOTICE: Final = 90


def _email(label: Any, help_text: Any) -> forms.EmailField:
    return forms.EmailField(
        label=label,
        max_length=254,
        required=False,
        help_text=help_text,
        widget=forms.EmailInput({"class": "ds-input", "autocomplete": "off"}),
    )


def _number(label: Any, help_text: Any, least: int, most: int) -> forms.IntegerField:
    return forms.IntegerField(
        label=label,
        help_text=help_text,
        min_value=least,
        max_value=most,
        widget=text_input(inputmode="numeric", size="4"),
        error_messages={"invalid": _("Write a whole number."), "required": _("Write a number.")},
    )


class SettingsForm(forms.Form):
    """Times first, then who answers."""

    unpaid_from = forms.ChoiceField(
        label=_("Unpaid dues: the months run"),
        choices=UnpaidFrom.choices,
        help_text=_(
            "From the due date they end in the autumn, while you still call those who have not paid. "
            "From the end of the dues year they end the summer after."
        ),
        widget=forms.Select({"class": "ds-input"}),
    )
    controller = CleanField(
        label=_("Who answers for the data (optional)"),
        max_length=160,
        required=False,
        help_text=_("The organisation’s full name, and its organisation number. Members read it on the public page."),
        widget=text_input(),
    )
    controller_address = CleanField(
        label=_("Postal address (optional)"),
        max_length=200,
        required=False,
        help_text=_("Where a letter about one’s own data, or a resignation, is sent."),
        widget=text_input(),
    )
    contact_email = _email(
        _("Email for questions (optional)"), _("Members who ask what we have about them write here.")
    )
    contact_phone = CleanField(
        label=_("Phone for questions (optional)"),
        max_length=40,
        required=False,
        help_text=_("For those who do not write. Stands on the public page."),
        widget=text_input(inputmode="tel"),
    )
    protection_officer_email = _email(
        _("Data protection officer’s email (optional)"), _("Only if you have one. Members may write there directly.")
    )
    accessibility_email = _email(
        _("Email about barriers (optional)"),
        _("Whoever cannot use a page writes here. Empty: to the email for questions."),
    )

    def __init__(self, data: Any = None, *, row: PrivacySettings) -> None:
        super().__init__(data, initial={name: getattr(row, name) for name in (*self.base_fields, *_TIMES)})
        rules = policy()
        self.fields |= {
            "correction_days": _number(
                _("Days before one who has left is erased"),
                _(
                    "So long a mistake can be put right. Then everything about the member goes, for good. "
                    "0: the same night. Those who have left already keep their day."
                ),
                rules.least("leaving"),
                rules.most("leaving"),
            ),
            "unpaid_months": _number(
                _("Months unpaid"),
                _("After so long a member can be struck off. Nobody is struck off until a person approves the list."),
                rules.least("unpaid"),
                rules.most("unpaid"),
            ),
            "notice_days": _number(
                _("Days of notice"),
                _("So long a member who is on the list has to pay, or to say that they want to stay."),
                _FEWEST_DAYS_OF_NOTICE,
                _MOST_DAYS_OF_NOTICE,
            ),
        }

    @property
    def times(self) -> list[forms.BoundField]:
        """How long."""
        return [self[name] for name in _TIMES]

    @property
    def answering(self) -> list[forms.BoundField]:
        """Who answers."""
        return [self[name] for name in self.fields if name not in _TIMES]
