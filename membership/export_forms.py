"""What one chooses before members are taken out as a file."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from membership.exporting.columns import Group
from membership.exporting.files import Format

COLUMNS: Final = "kolonner"


class ExportForm(forms.Form):
    """Which columns, and which kind of file."""

    kolonner = forms.MultipleChoiceField(
        label=_("Columns"),
        error_messages={
            "required": _("Tick at least one column."),
            "invalid_choice": _("One of the columns is not there any more. Look over your choice."),
        },
    )
    format = forms.ChoiceField(
        label=_("Kind of file"), choices=Format.choices, widget=forms.Select({"class": "ds-input"})
    )

    def __init__(self, data: Any, *, groups: Iterable[Group], initial: dict[str, Any]) -> None:
        super().__init__(data, initial=initial)
        keys = [(column.key, column.label) for group in groups for column in group.columns]
        self.fields[COLUMNS].choices = keys  # type: ignore[attr-defined]  # it is a choice field

    @property
    def ticked(self) -> set[str]:
        """The columns that stand ticked: as they were sent, else as they were last time."""
        value = self[COLUMNS].value()
        return set(value or [])
