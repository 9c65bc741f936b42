"""The small forms around a member: the status, and why a protected address is opened."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.fields import NorwegianDateField
from membership.actions.member_status import WAYS
from membership.enums import MemberStatus, OpeningReason
from membership.extensions import Text
from membership.models import Member

_TAKE_UP: Final = gettext_lazy("Take up as a member")
_WORDS: Final[Mapping[MemberStatus, tuple[Text, Text]]] = {
    MemberStatus.MEMBER: (gettext_lazy("Is a member: the record was wrong"), ""),
    MemberStatus.EXPELLED: (gettext_lazy("Register expulsion"), gettext_lazy("The date of the decision.")),
}


class StatusForm(forms.Form):
    """Where the member stands from a day on."""

    expected = forms.CharField(widget=forms.HiddenInput, max_length=12)
    to = forms.ChoiceField(
        label=gettext_lazy("What has happened?"),
        error_messages={"required": gettext_lazy("Choose what has happened.")},
    )
    on = NorwegianDateField(
        label=gettext_lazy("Date"),
        help_text=gettext_lazy("dd.mm.yyyy"),
        error_messages={"required": gettext_lazy("Write the date.")},
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, member: Member, today: date) -> None:
        super().__init__(data, initial={"expected": member.status, "on": today})
        self.today = today
        self.ways = [_way(member, to) for to in WAYS[member.status]]
        field = self.fields["to"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - told to the type checker
        field.choices = [(to, label) for to, label, _explain in self.ways]

    @property
    def chosen(self) -> str:
        """The one that is ticked. Beforehand only what takes nothing away: nobody is put out by a hasty press."""
        only = self.ways[0][0] if len(self.ways) == 1 else ""
        return str(self["to"].value() or (only if only == MemberStatus.MEMBER else ""))

    def clean_on(self) -> date:
        """Not in the future."""
        day: date = self.cleaned_data["on"]
        if day > self.today:
            raise ValidationError(_("The date is in the future."))
        return day


def _way(member: Member, to: MemberStatus) -> tuple[str, Text, Text]:
    label, explain = _WORDS[to]
    if to == MemberStatus.MEMBER and member.status == MemberStatus.APPLIED:
        return to.value, _TAKE_UP, gettext_lazy("The member has joined from this date.")
    return to.value, label, explain


class OpeningForm(forms.Form):
    """Why somebody must see a protected address."""

    reason = forms.ChoiceField(
        label=gettext_lazy("Why do you need the address?"),
        choices=OpeningReason.choices,
        error_messages={"required": gettext_lazy("Choose why you need the address.")},
    )
