"""The shape of a message as it is written."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, time
from typing import Any, ClassVar, Final
from uuid import uuid4

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.clock import OSLO
from common.dates import format_time, parse_time
from common.fields import NorwegianDateField
from common.text import clean
from membership.member_words import LANGUAGES, language_name
from messaging.enums import PURPOSES, Way

NOW: Final = "now"
LATER: Final = "later"
MOST_BODY: Final = 20_000
MOST_SMS: Final = 1_000
# Whom one writes in when no other language is chosen.
MAIN: Final = "nb"
_LAST_MINUTE: Final = time(23, 59)

Choices = Sequence[tuple[str | Promise, Any]]


def typed(value: str) -> str:
    """A text of several lines as it was typed: in NFC, without control characters, spaces at its lines' ends."""
    text = unicodedata.normalize("NFC", value.replace("\r\n", "\n").replace("\r", "\n"))
    kept = "".join(one for one in text if one in "\n\t" or unicodedata.category(one) not in {"Cc", "Cs"})
    return "\n".join(line.rstrip() for line in kept.split("\n")).strip("\n")


_TOO_LONG: Final = {
    "max_length": gettext_lazy("Write at most %(limit_value)d characters. Now there are %(show_value)d.")
}


class TypedField(forms.CharField):
    """A text of several lines."""

    default_error_messages: ClassVar[dict[str, Any]] = _TOO_LONG

    def __init__(self, *, rows: int, **kwargs: Any) -> None:
        widget = forms.Textarea({"class": "ds-input", "rows": rows})
        super().__init__(required=False, strip=False, widget=widget, **kwargs)

    def to_python(self, value: Any) -> str:
        """As `typed` makes it."""
        return typed(str(super().to_python(value) or ""))


class LineField(forms.CharField):
    """A text of one line."""

    default_error_messages: ClassVar[dict[str, Any]] = _TOO_LONG

    def to_python(self, value: Any) -> str:
        """Without line breaks: a subject becomes a header."""
        return clean(str(super().to_python(value) or ""))


class TimeField(forms.CharField):
    """A time of day as people write it: 17.00, 1700, 17."""

    def __init__(self, **kwargs: Any) -> None:
        attributes = {"class": "ds-input num", "inputmode": "numeric", "autocomplete": "off", "size": "6"}
        super().__init__(required=False, widget=forms.TextInput(attributes), **kwargs)

    def clean(self, value: Any) -> time | None:
        """The time, or None for an empty field."""
        text = str(super().clean(value) or "").strip()
        try:
            return parse_time(text) if text else None
        except ValueError:
            raise forms.ValidationError(_("Write the time as hours and minutes, for example 17.00.")) from None


def _choice(label: Any, choices: Choices, **attributes: Any) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label, choices=choices, required=False, widget=forms.Select({"class": "ds-input", **attributes})
    )


class MessageForm(forms.Form):
    """Everything on the page. Nothing is required: a draft may lack anything, and what is missing stops the sending."""

    seen = forms.CharField(required=False, max_length=60, widget=forms.HiddenInput)
    form_token = forms.UUIDField(required=False, widget=forms.HiddenInput)
    purpose = _choice(gettext_lazy("What is it about?"), [(purpose.value, purpose.label) for purpose in PURPOSES])
    way = forms.ChoiceField(choices=Way.choices, required=False)
    with_letters = forms.BooleanField(
        label=gettext_lazy("Print a letter for those who have neither"),
        required=False,
        widget=forms.CheckboxInput({"class": "ds-input"}),
    )
    q = forms.CharField(
        label=gettext_lazy("Find members by name"),
        required=False,
        max_length=100,
        widget=forms.TextInput({"class": "ds-input", "type": "search", "autocomplete": "off"}),
    )
    when = forms.ChoiceField(choices=[(NOW, NOW), (LATER, LATER)], required=False)
    send_on = NorwegianDateField(label=gettext_lazy("Date"), help_text=gettext_lazy("dd.mm.yyyy"), required=False)
    send_time = TimeField(label=gettext_lazy("Time"), help_text=gettext_lazy("hh.mm"))
    until_on = NorwegianDateField(
        label=gettext_lazy("Not after, date"), help_text=gettext_lazy("dd.mm.yyyy"), required=False
    )
    until_time = TimeField(label=gettext_lazy("Not after, time"), help_text=gettext_lazy("hh.mm"))

    def __init__(
        self,
        data: Mapping[str, Any] | None,
        *,
        audiences: Choices,
        templates: Choices,
        languages: Iterable[str],
        initial: Mapping[str, Any],
    ) -> None:
        super().__init__(data, initial={"when": NOW, "form_token": uuid4(), **initial})
        self.fields["to"] = _choice(gettext_lazy("Recipients"), audiences)
        self.fields["template"] = _choice(gettext_lazy("Begin with a text"), templates)
        self.languages = [code for code in dict.fromkeys(languages) if code in LANGUAGES and code != MAIN]
        for code in (MAIN, *self.languages):
            self.fields |= _texts(code)
        present = {MAIN, *self.languages} - {(data or {}).get("add_language")}
        rest = [(code, language_name(code)) for code in LANGUAGES if code not in present]
        self.fields["add_language"] = _choice(gettext_lazy("Write it in one more language"), [("", "–"), *rest])

    def clean(self) -> dict[str, Any]:
        """Two points in time of four fields."""
        data = super().clean() or {}
        later = data.get("when") == LATER
        data["send_at"] = self._moment("send_on", "send_time") if later else None
        data["expires_at"] = self._moment("until_on", "until_time", otherwise=_LAST_MINUTE)
        if later and not data["send_at"] and not {"send_on", "send_time"} & self.errors.keys():
            self.add_error("send_on", _("Write the date it is to be sent, for example 20.11.2026."))
        if data["send_at"] and data["expires_at"] and data["expires_at"] <= data["send_at"]:
            self.add_error("until_on", _("“Not after” must come after the time it is sent."))
        return data

    def _moment(self, day: str, hour: str, *, otherwise: time | None = None) -> datetime | None:
        on, at = self.cleaned_data.get(day), self.cleaned_data.get(hour) or otherwise
        if at and not on and self.cleaned_data.get(hour):
            self.add_error(day, _("Write the date too, for example 20.11.2026."))
        if on and not at and hour not in self.errors:
            self.add_error(hour, _("Write the time too, for example 17.00."))
        return datetime.combine(on, at, OSLO) if on and at else None

    def texts(self) -> dict[str, dict[str, str]]:
        """By language its subject, body and SMS, as they were typed; a language of which nothing is left falls out."""
        made = {
            code: {part: str(self.cleaned_data.get(f"{part}_{code}") or "") for part in ("subject", "body", "sms")}
            for code in (MAIN, *self.languages)
        }
        return {code: text for code, text in made.items() if code == MAIN or any(text.values())}

    @property
    def translations(self) -> list[dict[str, Any]]:
        """For each further language its name and fields."""
        return [
            {"code": code, "name": language_name(code), "fields": [self[f"{part}_{code}"] for part in _PARTS]}
            for code in self.languages
        ]


_PARTS: Final = ("subject", "body", "sms")


def _texts(code: str) -> dict[str, forms.Field]:
    subject = LineField(
        label=gettext_lazy("Subject"),
        required=False,
        max_length=150,
        widget=forms.TextInput({"class": "ds-input", "autocomplete": "off"}),
    )
    body = TypedField(label=gettext_lazy("The text"), rows=6, max_length=MOST_BODY)
    sms = TypedField(label=gettext_lazy("SMS text"), rows=4, max_length=MOST_SMS)
    fields: dict[str, forms.Field] = {f"subject_{code}": subject, f"body_{code}": body, f"sms_{code}": sms}
    for field in fields.values():
        field.widget.attrs["lang"] = code
    return fields


def time_words(moment: datetime | None) -> str:
    """A moment's time of day, as its field has it."""
    return format_time(moment.astimezone(OSLO).time()) if moment else ""
