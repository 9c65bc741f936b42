"""The shape of what an officer sends with a register file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from membership.importing.asked import NEW, SKIP, UPDATE
from membership.importing.columns import Field

MAX_BYTES = 20 * 1024 * 1024


class UploadForm(forms.Form):
    """One file."""

    file = forms.FileField(
        label=_("The file from the central register"),
        help_text=_("Excel or CSV, at most 20 MB."),
        error_messages={
            "required": _("Choose a file first."),
            "empty": _("The file is empty. Choose another file."),
            "invalid": _("Choose a file first."),
        },
        widget=forms.FileInput(attrs={"class": "ds-input", "accept": ".xlsx,.xlsm,.xls,.ods,.csv,.txt"}),
    )

    def clean_file(self) -> Any:
        """Large files are refused before anything opens them."""
        file = self.cleaned_data["file"]
        if file.size > MAX_BYTES:
            raise forms.ValidationError(
                _("The file is too large. Delete sheets and pictures that are not needed, and try again.")
            )
        return file


def posted_fields(data: Any, columns: list[dict[str, Any]]) -> dict[int, str]:
    """The officer's choice of field for each column of the preview; “not read” is left out."""
    chosen = {column["index"]: data.get(f"column_{column['index']}", "") for column in columns}
    return {index: name for index, name in chosen.items() if name in Field.values}


def posted_options(data: Any, forms_by_name: dict[str, forms.Form]) -> dict[str, dict[str, str]]:
    """What was typed in the extensions' forms, as text: it is checked again each time it is used."""
    return {
        name: {field: str(data.get(form.add_prefix(field), ""))[:100] for field in form.fields}
        for name, form in forms_by_name.items()
    }


def posted_decisions(
    data: Any, waiting: list[dict[str, Any]], kept: Mapping[str, Mapping[str, Any]]
) -> dict[str, dict[str, Any]]:
    """The officer's answer for each row that was shown, beside those given before for rows that were not.

    Only what was offered counts: a member among the row's own candidates, a new member, or nothing.
    """
    answers = {row: dict(decision) for row, decision in kept.items()}
    for row in waiting:
        name = str(row["row"])
        said = data.get(f"rad_{name}", "")
        answers.pop(name, None)
        if said in {NEW, SKIP}:
            answers[name] = {"do": said}
        elif said in {str(pk) for pk in row["candidates"]}:
            answers[name] = {"do": UPDATE, "member": int(said)}
    return answers
