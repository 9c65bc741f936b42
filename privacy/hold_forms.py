"""The form that puts an erasing off."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from common.fields import NorwegianDateField
from privacy.enums import HoldReason


class HoldForm(forms.Form):
    """Why, and until when."""

    reason = forms.ChoiceField(
        label=_("Why must we wait?"),
        choices=HoldReason.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose why we must wait.")},
    )
    until_on = NorwegianDateField(
        label=_("Until"),
        help_text=_("dd.mm.yyyy. From that day the member can be erased again. At most one year ahead."),
        error_messages={"required": _("Write the day.")},
    )
