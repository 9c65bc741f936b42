"""The shape of what is typed about access."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from common.fields import NorwegianDateField
from membership.branch_forms import CleanField, text_input
from membership.models import Branch, Grant
from membership.roles import Role, roles_at

_LATEST: Final = timedelta(days=366 * 5)


def _email_field(**attributes: Any) -> forms.EmailField:
    return forms.EmailField(
        label=_("Email"),
        max_length=254,
        widget=forms.EmailInput({"class": "ds-input", "autocomplete": "off", **attributes}),
    )


class LastDayField(NorwegianDateField):
    """The last day with access, as people say it; what is kept is the day after, the first without."""

    def __init__(self, *, today: date, **kwargs: Any) -> None:
        super().__init__(help_text=_("dd.mm.yyyy"), **kwargs)
        self.today = today

    def clean(self, value: Any) -> date | None:
        """The first day without; None for no end."""
        last_day: date | None = super().clean(value)
        if last_day is None:
            return None
        if not self.today <= last_day <= self.today + _LATEST:
            raise forms.ValidationError(_("Write a date from today and within five years."))
        return last_day + timedelta(days=1)


class GiveForm(forms.Form):
    """A role for somebody, in a branch of the tree one stands in; or a substitute for somebody who has one."""

    email = _email_field()
    name = CleanField(label=_("Name (for one who is new)"), max_length=120, required=False, widget=text_input())
    role = forms.ChoiceField(label=_("Role"), widget=forms.Select({"class": "ds-input"}))
    branch = forms.ChoiceField(label=_("Where"), widget=forms.Select({"class": "ds-input"}))

    def __init__(
        self, data: Any = None, *, branches: Sequence[Branch], stands_in_for: Grant | None, today: date
    ) -> None:
        super().__init__(data)
        self.branches = {branch.slug: branch for branch in branches}
        self.stands_in_for = stands_in_for
        label = _("Last day (optional)") if stands_in_for is None else _("Last day")
        self.fields["ends_on"] = LastDayField(today=today, label=label, required=stands_in_for is not None)
        roles = [role for role in Role if any(role in roles_at(county=b.is_county) for b in branches)]
        self.fields["role"].choices = [(role.value, role.label) for role in roles]  # type: ignore[attr-defined]
        self.fields["branch"].choices = [(b.slug, b.name) for b in branches]  # type: ignore[attr-defined]
        if stands_in_for:
            del self.fields["role"], self.fields["branch"]

    def clean(self) -> dict[str, Any]:
        """The role fits the level, and a caller's access ends."""
        cleaned = super().clean() or {}
        role, branch = cleaned.get("role"), self.branches.get(cleaned.get("branch", ""))
        if role and branch and Role(role) not in roles_at(county=branch.is_county):
            self.add_error("role", _("This role is not given there. Choose another role, or another place."))
        if role == Role.CALLER and "ends_on" in cleaned and cleaned["ends_on"] is None:
            self.add_error("ends_on", _("A caller's access always ends. Write the last day."))
        return cleaned

    @property
    def chosen(self) -> dict[str, Any]:
        """What to give, and where."""
        data = self.cleaned_data
        common = {"name": data["name"], "ends_on": data["ends_on"]}
        if self.stands_in_for:
            grant = self.stands_in_for
            return common | {"role": Role(grant.role), "branch": grant.branch, "stands_in_for": grant.user}
        return common | {"role": Role(data["role"]), "branch": self.branches[data["branch"]]}


class EndForm(forms.Form):
    """The last day of somebody's access."""

    def __init__(self, data: Any = None, *, grant: Grant, today: date) -> None:
        super().__init__(data, initial={"ends_on": grant.last_day if grant.ends_on and grant.ends_on > today else None})
        self.fields["ends_on"] = LastDayField(today=today, label=_("Last day (empty: no end)"), required=False)


class HandoverForm(forms.Form):
    """From whom, and to whom."""

    old = forms.ChoiceField(label=_("Who hands over"), widget=forms.Select({"class": "ds-input"}))
    email = _email_field()
    name = CleanField(
        label=_("The successor's name (if they are new here)"), max_length=120, required=False, widget=text_input()
    )
    with_views = forms.BooleanField(
        label=_("Give the successor the saved views too"),
        required=False,
        initial=True,
        widget=forms.CheckboxInput({"class": "ds-input"}),
    )

    def __init__(self, data: Any = None, *, holders: Sequence[Grant], old: str = "") -> None:
        super().__init__(data, initial={"old": old})
        self.users = {str(grant.user_id): grant.user for grant in holders}
        self.fields["email"].label = _("The successor's email")
        self.fields["old"].choices = [("", "–"), *((pk, user.name) for pk, user in self.users.items())]  # type: ignore[attr-defined]
