"""The shape of a merger, of a split, and of a new branch."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from common.fields import NorwegianDateField
from membership.actions.reforms import Heir
from membership.models import Branch

NEW: Final = ""
PARTS: Final = 3
_CODE: Final = re.compile(r"^\d{4}$")
_RANGE: Final = re.compile(r"^(\d{4})[-–](\d{4})$")
_BETWEEN: Final = re.compile(r"[\s,;]+")


def _text(label: Any, length: int, help_text: Any = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=help_text,
        max_length=length,
        required=False,
        widget=forms.TextInput({"class": "ds-input", "autocomplete": "off"}),
    )


def _date() -> NorwegianDateField:
    return NorwegianDateField(
        label=_("Counts from"),
        help_text=_("dd.mm.yyyy. Figures before that day stay as they are."),
        error_messages={"required": _("Write the date, for example 20.11.2026.")},
    )


class _Named(forms.Form):
    """A branch to be made: its own name, and the short form of lists."""

    name = _text(_("Name"), 120, _("What it calls itself, such as Senja Arbeiderparti."))
    place = _text(_("Place"), 80, _("The short form in lists, such as Senja."))

    def need_name(self) -> None:
        """Both are needed for a new one."""
        if not self.cleaned_data.get("name"):
            self.add_error("name", _("Write a name."))
        if not re.search(r"\w", self.cleaned_data.get("place") or ""):
            self.add_error("place", _("Write a place."))


class BranchForm(_Named):
    """A new branch under the one that is open."""

    other_names = _text(_("Other names"), 160, _("Sámi and Kven names"))

    def clean(self) -> None:
        """Both names."""
        self.need_name()


class MergeForm(_Named):
    """What the chosen branches become."""

    into = forms.ChoiceField(label=_("Become"), required=False, widget=forms.Select({"class": "ds-input"}))
    number = forms.CharField(
        label=_("Municipality number"),
        help_text=_("Four digits, if the municipality is new."),
        required=False,
        widget=forms.TextInput({"class": "ds-input num", "inputmode": "numeric", "size": "6", "autocomplete": "off"}),
    )
    on = _date()

    field_order = ("into", "name", "place", "number", "on")

    def __init__(self, data: Mapping[str, Any] | None, *, branches: Sequence[Branch], today: date) -> None:
        super().__init__(data, initial={"on": today})
        self.branches = {branch.slug: branch for branch in branches}
        choices = [(NEW, _("A new one")), *((branch.slug, branch.name) for branch in branches)]
        self.fields["into"].choices = choices  # type: ignore[attr-defined]  # a ChoiceField

    def clean_number(self) -> str:
        """Four digits or nothing."""
        number: str = self.cleaned_data["number"].strip()
        if number and not _CODE.match(number):
            raise ValidationError(_("Write the number with four digits."))
        return number

    def clean(self) -> None:
        """A new one needs a name."""
        if self.cleaned_data.get("into") == NEW:
            self.need_name()

    def heir(self) -> Heir:
        """What they become."""
        data = self.cleaned_data
        if data["into"]:
            return Heir(self.branches[data["into"]])
        return Heir(name=data["name"], place=data["place"], number=data["number"])


class PartForm(_Named):
    """One part of a branch that is split: who goes there."""

    codes = _text(_("Postal codes"), 2000, _("With commas or spaces between, or from–to: 9380, 9385–9389."))
    numbers = _text(_("Member numbers"), 4000, _("For those whom the postal code does not tell."))
    locals = forms.MultipleChoiceField(
        label=_("Local branches"), required=False, widget=forms.CheckboxSelectMultiple({"class": "ds-input"})
    )

    def __init__(self, data: QueryDict | None, *, position: int, children: Sequence[Branch]) -> None:
        self.sent = data or QueryDict()
        super().__init__(data, prefix=f"d{position}")
        if children:
            self.fields["locals"].choices = [  # type: ignore[attr-defined]  # a MultipleChoiceField
                (str(branch.pk), branch.name) for branch in children
            ]
        else:
            del self.fields["locals"]

    @property
    def is_used(self) -> bool:
        """Whether anything was filled in."""
        return any("".join(self.sent.getlist(self.add_prefix(name))).strip() for name in self.fields)

    def clean_codes(self) -> frozenset[str]:
        """Every code that is meant."""
        codes: set[str] = set()
        for word in filter(None, _BETWEEN.split(self.cleaned_data["codes"].replace(" –", "–").replace("– ", "–"))):
            if _CODE.match(word):
                codes.add(word)
            elif found := _RANGE.match(word):
                codes.update(f"{number:04d}" for number in range(int(found[1]), int(found[2]) + 1))
            else:
                raise ValidationError(_("“%(word)s” is no postal code of four digits."), params={"word": word[:20]})
        return frozenset(codes)

    def heir(self) -> Heir:
        """The branch to be made."""
        return Heir(name=self.cleaned_data["name"], place=self.cleaned_data["place"])

    def clean_numbers(self) -> frozenset[str]:
        """Each number by itself."""
        return frozenset(filter(None, _BETWEEN.split(self.cleaned_data["numbers"])))

    def clean(self) -> None:
        """A part needs a name."""
        self.need_name()


class SplitForm(forms.Form):
    """From when, and what becomes of the rest."""

    on = _date()
    rest = forms.ChoiceField(
        label=_("Everybody else"),
        choices=[("", _("Stay, and the branch goes on")), ("0", _("Go to the first part, and the branch ends"))],
        required=False,
        widget=forms.Select({"class": "ds-input"}),
    )

    def __init__(self, data: Mapping[str, Any] | None, *, today: date) -> None:
        super().__init__(data, initial={"on": today})
