"""Forms of the register."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from django import forms
from django.utils.translation import gettext_lazy as _

from common.text import clean

LONGEST_SEARCH: Final = 200


class SearchForm(forms.Form):
    """What one looks for. It comes by POST: names stay out of addresses, which are logged."""

    q = forms.CharField(label=_("Search by name, number, phone or email"), max_length=LONGEST_SEARCH, required=False)


class SavedViewForm(forms.Form):
    """The name of a view; what it shows stands in the address."""

    name = forms.CharField(label=_("Name of the view"), max_length=40)
    delt = forms.BooleanField(label=_("Everyone who sees the register here may use it"), required=False)


class TagForm(forms.Form):
    """What a group is called."""

    name = forms.CharField(
        label=_("Name"), max_length=60, widget=forms.TextInput({"class": "ds-input", "autocomplete": "off"})
    )

    def clean_name(self) -> str:
        """In one form, whatever keyboard it was typed on."""
        name = clean(self.cleaned_data["name"])
        if not name:
            raise forms.ValidationError(_("Give the group a name."))
        return name


class ChoiceForm(forms.Form):
    """One thing out of a list, chosen for many members: a group, a branch."""

    valg = forms.ChoiceField(widget=forms.Select({"class": "ds-input"}))

    def __init__(self, data: Mapping[str, str] | None, *, label: str, options: Iterable[tuple[str, str]]) -> None:
        super().__init__(data)
        field = self.fields["valg"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - told to the type checker
        field.label = label
        field.choices = [("", _("Choose")), *options]
        field.error_messages |= {"required": _("Choose one."), "invalid_choice": _("Choose one from the list.")}
