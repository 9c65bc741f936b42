"""Form fields that read Norwegian whatever language the browser speaks."""

from datetime import date, datetime
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from common.dates import format_date, parse_date
from common.money import MAX_ORE, parse_kroner


class NorwegianDateInput(forms.TextInput):
    """A plain text field with the numeric keypad: `type=date` would show the browser's own order of day and month."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(
            {
                "inputmode": "numeric",
                "autocomplete": "off",
                "size": "10",
                "class": "ds-input",
                **(attrs or {}),
            }
        )

    def format_value(self, value: Any) -> str | None:
        """Show a date as dd.mm.yyyy, and what could not be read as it was typed."""
        return format_date(value) if isinstance(value, date) else super().format_value(value)


class NorwegianDateField(forms.DateField):
    """A date typed as dd.mm.yyyy, or as 03122026 on a keypad without a full stop."""

    widget = NorwegianDateInput
    default_error_messages: ClassVar[dict[str, Any]] = {
        "invalid": _("Write the date as day, month and year, for example 20.11.2026.")
    }

    def __init__(self, *, first_short_year: int = 1950, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.first_short_year = first_short_year

    def to_python(self, value: Any) -> date | None:
        """Return the date, or refuse in words that say how to write it."""
        if value in self.empty_values:
            return None
        if isinstance(value, datetime):
            return value.date()
        try:
            return parse_date(value, first_short_year=self.first_short_year)
        except (ValueError, TypeError, AttributeError):
            raise ValidationError(self.error_messages["invalid"], code="invalid") from None


class KronerField(forms.Field):
    """An amount typed in kroner, read as øre; what it starts with is text too (`common.money.as_kroner`)."""

    widget = forms.TextInput(
        attrs={"class": "ds-input num", "inputmode": "decimal", "autocomplete": "off", "size": "8"}
    )
    default_error_messages: ClassVar[dict[str, Any]] = {
        "invalid": _("Write an amount in kroner, for example 450 or 450,50."),
        "required": _("Write an amount in kroner, for example 450 or 450,50."),
    }

    def __init__(self, *, min_ore: int = -MAX_ORE, max_ore: int = MAX_ORE, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.min_ore = min_ore
        self.max_ore = max_ore

    def to_python(self, value: Any) -> int | None:
        """Øre, or a refusal that says how to write it."""
        if value in self.empty_values:
            return None
        try:
            ore = parse_kroner(str(value))
        except ValueError:
            raise ValidationError(self.error_messages["invalid"], code="invalid") from None
        if not self.min_ore <= ore <= self.max_ore:
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return ore
