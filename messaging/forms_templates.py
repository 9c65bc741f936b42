"""The shape of a text that is kept for another time."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from common.text import clean
from messaging.enums import PURPOSES, TemplateKind
from messaging.forms import MOST_BODY, MOST_SMS, LineField, TypedField


class TemplateForm(forms.Form):
    """One text: of a message with subject and SMS, of an answer the words alone."""

    kind = forms.ChoiceField(
        label=_("What is it for?"), choices=TemplateKind.choices, widget=forms.Select({"class": "ds-input"})
    )
    name = LineField(
        label=_("Name of the text"),
        max_length=60,
        help_text=_("What you look for it by, for example “Annual meeting”."),
        widget=forms.TextInput({"class": "ds-input", "autocomplete": "off"}),
        error_messages={"required": _("Give the text a name.")},
    )
    purpose = forms.ChoiceField(
        label=_("What is it about?"),
        choices=[("", "–"), *((purpose.value, purpose.label) for purpose in PURPOSES)],
        required=False,
        widget=forms.Select({"class": "ds-input"}),
    )
    subject = LineField(
        label=_("Subject"),
        max_length=150,
        required=False,
        widget=forms.TextInput({"class": "ds-input", "autocomplete": "off"}),
    )
    body = TypedField(label=_("The text"), rows=10, max_length=MOST_BODY)
    sms = TypedField(label=_("SMS text"), rows=4, max_length=MOST_SMS)

    def clean(self) -> dict[str, Any]:
        """A text has words. An answer has neither subject nor SMS: it goes the way the question came."""
        data = super().clean() or {}
        if data.get("kind") == TemplateKind.REPLY:
            data |= {"purpose": "", "subject": "", "sms": ""}
        words = any(clean(data.get(part) or "") for part in ("body", "sms"))
        if not words and not {"body", "sms"} & self.errors.keys():
            self.add_error("body", _("Write the text."))
        return data
