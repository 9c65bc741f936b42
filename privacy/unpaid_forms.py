"""The small forms around those whose dues are long unpaid."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


class CountForm(forms.Form):
    """How many are struck off: hidden where it is few, written by the one who approves where it is many."""

    count = forms.IntegerField(
        label=_("Write how many are struck off"),
        min_value=0,
        max_value=10_000_000,
        widget=forms.TextInput(
            attrs={"class": "ds-input num", "inputmode": "numeric", "autocomplete": "off", "size": "8"}
        ),
        error_messages={
            "required": _("Write the number that stands above."),
            "invalid": _("Write the number with digits alone."),
        },
    )
