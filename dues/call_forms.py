"""“Make a call list”: the panel beside the unpaid list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID, uuid4

from django import forms
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from calling.callers import PossibleCaller, possible_callers
from common.fields import NorwegianDateField
from common.text import clean
from dues.call_lists import filters_in
from membership.access import BranchRequest
from membership.models import Branch

FREE_NAMES: Final = 3
# How long callers usually get.
_USUAL_TIME: Final = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class ChosenCaller:
    """One who will phone: a user, or only a name on a printed sheet; `count` is None for an even share."""

    user: User | None
    name: str
    count: int | None


class CallListForm(forms.Form):
    """Who phones, how many names each takes, and by when."""

    token = forms.UUIDField(widget=forms.HiddenInput)
    keep_households = forms.BooleanField(
        label=_("Keep households together"),
        required=False,
        initial=True,
        widget=forms.CheckboxInput({"class": "ds-input"}),
    )
    finish_by_on = NorwegianDateField(label=_("Finished by (optional)"), help_text=_("dd.mm.yyyy"), required=False)

    def __init__(self, data: Mapping[str, Any] | None, *, callers: Sequence[PossibleCaller], today: date) -> None:
        super().__init__(data)
        self.possible = callers
        self.today = today
        self.fields["token"].initial = uuid4()
        self.fields["finish_by_on"].initial = today + _USUAL_TIME
        for caller in callers:
            self._add(f"caller_{caller.user.pk}", caller.user.name, chosen=caller.is_caller)
        for n in range(1, FREE_NAMES + 1):
            self._add_name(n)

    def _add(self, name: str, label: str, *, chosen: bool) -> None:
        self.fields[name] = forms.BooleanField(
            label=label, required=False, initial=chosen, widget=forms.CheckboxInput({"class": "ds-input"})
        )
        self.fields[f"{name}_count"] = _count_field(_("Number of names for %(name)s") % {"name": label})

    def _add_name(self, n: int) -> None:
        self.fields[f"name_{n}"] = forms.CharField(
            label=_("Name"),
            required=False,
            max_length=80,
            widget=forms.TextInput({"class": "ds-input", "autocomplete": "off"}),
        )
        self.fields[f"name_{n}_count"] = _count_field(_("Number of names for this one"))

    @property
    def callers(self) -> list[dict[str, Any]]:
        """The rows of the form that are users: a box, a number, and who it is."""
        return [
            {
                "box": self[f"caller_{caller.user.pk}"],
                "count": self[f"caller_{caller.user.pk}_count"],
                "info": caller.info,
            }
            for caller in self.possible
        ]

    @property
    def names(self) -> list[dict[str, Any]]:
        """The rows for names typed in: they get a printed sheet."""
        return [{"name": self[f"name_{n}"], "count": self[f"name_{n}_count"]} for n in range(1, FREE_NAMES + 1)]

    @property
    def alone(self) -> bool:
        """Whether nobody but the officer can phone on screen: then one tap is enough."""
        return len(self.possible) == 1

    def clean_finish_by_on(self) -> date | None:
        """A day that is over is a slip of the finger."""
        day: date | None = self.cleaned_data["finish_by_on"]
        if day and day < self.today:
            raise forms.ValidationError(_("Write a date that has not passed."))
        return day

    def clean(self) -> dict[str, Any]:
        """Somebody must phone."""
        cleaned = super().clean() or {}
        if not self.errors and not self.chosen():
            raise forms.ValidationError(_("Choose at least one who phones, or write a name."))
        return cleaned

    def chosen(self) -> list[ChosenCaller]:
        """Who phones, in the order of the form; whoever was given the number 0 does not."""
        data = self.cleaned_data
        users = [
            ChosenCaller(caller.user, caller.user.name, data.get(f"caller_{caller.user.pk}_count"))
            for caller in self.possible
            if data.get(f"caller_{caller.user.pk}")
        ]
        typed = [
            ChosenCaller(None, clean(data[f"name_{n}"]), data.get(f"name_{n}_count"))
            for n in range(1, FREE_NAMES + 1)
            if clean(data.get(f"name_{n}", ""))
        ]
        return [caller for caller in users + typed if caller.count != 0]


def _count_field(label: Any) -> forms.IntegerField:
    return forms.IntegerField(
        label=label,
        required=False,
        min_value=0,
        max_value=1000,
        widget=forms.NumberInput({"class": "ds-input", "inputmode": "numeric", "aria-label": label}),
    )


def call_list_form(branch: Branch, data: Mapping[str, Any] | None = None, *, user: User, today: date) -> CallListForm:
    """The form of one branch, empty or filled in."""
    return CallListForm(data, callers=possible_callers(branch, me=user, on=today), today=today)


def form_token(data: Mapping[str, Any]) -> UUID | None:
    """The form's own mark, also where one button was tapped and nothing else counts."""
    try:
        return UUID(str(data.get("token", "")))
    except ValueError:
        return None


def call_list_panel(request: BranchRequest, year: int) -> dict[str, Any]:
    """What `dues/_call_list_form.html` shows: put it under the key `call_form`.

    The panel is a form of its own with the id `call-list`; a box in the table beside it belongs to it by
    `<input type="checkbox" name="id" form="call-list" value="{{ claim.member_id }}">`. No box ticked means all who are
    on the list as it is filtered, on every page of it.
    """
    return {
        "form": call_list_form(request.branch, user=request.user, today=request.today),
        "action": reverse("dues:call_list_make", args=[request.branch.slug, year]),
        "ids": [],
        "filters": filters_in(request.GET),
    }
