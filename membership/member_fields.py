"""Form fields of a member: each reads what people type, keeps what it can, and takes no national identity number."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar, Final, NamedTuple

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _

from common.dates import format_date, parse_date
from common.phone import format_phone, parse_phone
from common.text import clean, clean_lines
from membership.importing.identity import is_identity_number, without_identity_numbers

OLDEST: Final = 120


class Birth(NamedTuple):
    """A day, or the year alone; neither where nothing is known."""

    on: date | None = None
    year: int | None = None


class Number(NamedTuple):
    """A telephone as it is stored: E.164, or as typed with `ok` off."""

    text: str = ""
    ok: bool = False


def no_identity_number(text: str) -> None:
    """Refuse a text that holds a national identity number. The number itself is not repeated."""
    if is_identity_number(text):
        raise ValidationError(
            _("Take the national identity number out. Medlemsboka keeps none, here or in any other field."),
            code="identity_number",
        )


class CleanForm(forms.Form):
    """A form whose refused national identity numbers are not shown again either."""

    def full_clean(self) -> None:
        """As ever; then take them out of what was typed."""
        super().full_clean()
        refused = [
            name for name, errors in self.errors.as_data().items() if any(e.code == "identity_number" for e in errors)
        ]
        if refused:
            kept: Any = self.data
            self.data = kept = kept.copy()
            for name in refused:
                kept[name] = without_identity_numbers(str(kept.get(name, "")))


class PlainField(forms.CharField):
    """One line, cleaned."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("required", False)
        kwargs.setdefault("widget", forms.TextInput(attrs={"class": "ds-input", "autocomplete": "off"}))
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> str:
        """Without control characters, in NFC, spaces as single ones."""
        return clean(str(value)) if value not in self.empty_values else ""

    def validate(self, value: Any) -> None:
        """As it should, and without an identity number."""
        super().validate(value)
        no_identity_number(value)


class LinesField(PlainField):
    """Several lines."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=forms.Textarea(attrs={"class": "ds-input", "rows": "3"}), **kwargs)

    def to_python(self, value: Any) -> str:
        """Each line cleaned."""
        return clean_lines(str(value)) if value not in self.empty_values else ""


class EmailField(PlainField):
    """An email address; the domain in small letters. One that stands there already is no worse than it was: `known`."""

    def __init__(self, *, known: str = "", **kwargs: Any) -> None:
        self.known = known
        attrs = {"class": "ds-input", "autocomplete": "off", "inputmode": "email", "type": "email"}
        super().__init__(widget=forms.TextInput(attrs=attrs), max_length=254, **kwargs)

    def to_python(self, value: Any) -> str:
        """Small letters after the last @."""
        name, at, domain = super().to_python(value).rpartition("@")
        return f"{name}{at}{domain.lower()}"

    def validate(self, value: Any) -> None:
        """What cannot be an address is refused."""
        super().validate(value)
        if value and value != self.known:
            try:
                validate_email(value)
            except ValidationError:
                raise ValidationError(_("Write the email address as name@example.no."), code="invalid") from None


class BirthField(forms.Field):
    """“12.03.1980”, or only “1980”."""

    default_error_messages: ClassVar[dict[str, Any]] = {
        "invalid": _("Write the date as day, month and year, for example 12.03.1980, or only the year."),
        "future": _("The date of birth is in the future."),
        "old": _("Nobody is that old. Check the year."),
    }

    def __init__(self, *, today: date, **kwargs: Any) -> None:
        attrs = {"class": "ds-input", "inputmode": "numeric", "autocomplete": "off", "size": "10"}
        super().__init__(required=False, widget=forms.TextInput(attrs=attrs), **kwargs)
        self.today = today

    def prepare_value(self, value: Any) -> Any:
        """As people write it."""
        if isinstance(value, Birth):
            return format_date(value.on) if value.on else value.year or ""
        return value

    def to_python(self, value: Any) -> Birth:
        """The day, or the year, or nothing."""
        text = str(value or "").strip()
        if not text:
            return Birth()
        if is_identity_number(text):
            no_identity_number(text)
        found = self._read(text)
        self._check(found)
        return found

    def _read(self, text: str) -> Birth:
        if text.isascii() and text.isdigit() and len(text) == 4:
            return Birth(None, int(text))
        try:
            day = parse_date(text, first_short_year=self.today.year - 99)
        except ValueError:
            raise ValidationError(self.error_messages["invalid"], code="invalid") from None
        return Birth(day, day.year)

    def _check(self, found: Birth) -> None:
        year = found.year or 0
        if year > self.today.year or (found.on and found.on > self.today):
            raise ValidationError(self.error_messages["future"], code="future")
        if year < self.today.year - OLDEST:
            raise ValidationError(self.error_messages["old"], code="old")


class PhoneField(forms.Field):
    """A telephone number. What cannot be read is kept as it was typed, and flagged; nobody is turned away for it."""

    def __init__(self, **kwargs: Any) -> None:
        attrs = {"class": "ds-input", "inputmode": "tel", "autocomplete": "off", "type": "tel"}
        super().__init__(required=False, widget=forms.TextInput(attrs=attrs), **kwargs)

    def prepare_value(self, value: Any) -> Any:
        """As people write it."""
        if isinstance(value, Number):
            return format_phone(value.text) if value.ok else value.text
        return value

    def to_python(self, value: Any) -> Number:
        """E.164 where it is one."""
        text = clean(str(value or ""))
        if len(text) > 40:
            raise ValidationError(_("Write one phone number, of 40 letters at most."), code="too_long")
        no_identity_number(text)
        found = parse_phone(text)
        return Number(found.e164 or text, found.e164 is not None)
