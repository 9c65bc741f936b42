"""Forms of the register."""

from __future__ import annotations

from typing import Final

from django import forms
from django.utils.translation import gettext_lazy as _

LONGEST_SEARCH: Final = 200


class SearchForm(forms.Form):
    """What one looks for. It comes by POST: names stay out of addresses, which are logged."""

    q = forms.CharField(label=_("Search by name, number, phone or email"), max_length=LONGEST_SEARCH, required=False)


class SavedViewForm(forms.Form):
    """The name of a view; what it shows stands in the address."""

    name = forms.CharField(label=_("Name of the view"), max_length=40)
