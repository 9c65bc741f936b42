"""The shape of a move, and of an answer to a request."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from common.fields import NorwegianDateField
from membership.actions.moves import MoveRefused
from membership.models import Branch

Choices = list[tuple[str, str | Promise] | tuple[str | Promise, list[tuple[str, str]]]]


class MoveForm(forms.Form):
    """Where to, and from which day. The branches are told apart by whether they have to say yes first."""

    to = forms.ChoiceField(
        label=_("Move to"),
        widget=forms.Select({"class": "ds-input"}),
        error_messages={"required": _("Choose a branch."), "invalid_choice": _("Choose a branch from the list.")},
    )
    on = NorwegianDateField(
        label=_("The move counts from"),
        help_text=_("dd.mm.yyyy. A request counts from the day it is accepted."),
        error_messages={"required": _("Write the date, for example 20.11.2026.")},
    )
    by_member = forms.BooleanField(
        label=_("The member has asked for it"),
        required=False,
        widget=forms.CheckboxInput({"class": "ds-input"}),
    )

    def __init__(
        self, data: Mapping[str, Any] | None, *, own: Iterable[Branch], others: Iterable[Branch], today: date, to: str
    ) -> None:
        super().__init__(data, initial={"on": today, "to": to})
        mine, rest = _options(own), _options(others)
        choices: Choices = [("", _("Choose a branch"))]
        if mine and rest:
            choices += [(_("Moved at once"), mine), (_("Must say yes first"), rest)]
        else:
            choices += [*mine, *rest]
        self.fields["to"].choices = choices  # type: ignore[attr-defined]  # a ChoiceField
        if not rest:
            del self.fields["by_member"]
            self.fields["on"].help_text = _("dd.mm.yyyy")

    def refuse(self, refusal: MoveRefused) -> None:
        """Put the reason where it belongs."""
        self.add_error(refusal.field, str(refusal.sentence))


def _options(branches: Iterable[Branch]) -> list[tuple[str, str]]:
    return [(branch.slug, branch.name) for branch in branches]


class RefusalForm(forms.Form):
    """Why the branch says no."""

    reason = forms.CharField(
        label=_("Why not?"),
        max_length=200,
        help_text=_("One sentence, for the one who asked."),
        widget=forms.TextInput({"class": "ds-input", "autocomplete": "off"}),
        error_messages={"required": _("Write why, so that the other branch knows what to do.")},
    )
