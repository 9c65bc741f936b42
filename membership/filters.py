"""What the register list can be narrowed by. Nothing but the names below is read from an address or a saved view."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping
from datetime import date
from functools import partial
from typing import Any, Final

import django_filters
from django import forms
from django.utils.translation import gettext_lazy as _

from common.fields import NorwegianDateField
from membership.enums import MemberStatus
from membership.extensions import MemberFilter, registry
from membership.models import Branch, MemberQuerySet
from membership.models.member import GONE
from membership.more_filters import NAMES as RARE
from membership.more_filters import make
from membership.roles import Permission

BRANCH: Final = "lag"
STATUS: Final = "status"
FROM: Final = "fra"
TO: Final = "til"


# Whoever has left is not in the list.
_SHOWN: Final = [(value, label) for value, label in MemberStatus.choices if value not in GONE]


class DateFilter(django_filters.Filter):  # type: ignore[misc]  # django-filter has no types
    """A date as Norwegians type it."""

    field_class = NorwegianDateField


class MemberFilterSet(django_filters.FilterSet):  # type: ignore[misc]  # django-filter has no types
    """Status, when joined, and what apps above the register have added; the names are the words of the address."""

    status = django_filters.ChoiceFilter(
        label=_("Status"), choices=_SHOWN, empty_label=None, widget=forms.Select({"class": "ds-input"})
    )
    fra = DateFilter(field_name="joined_on", lookup_expr="gte", label=_("Joined from"), help_text=_("dd.mm.yyyy"))
    til = DateFilter(field_name="joined_on", lookup_expr="lte", label=_("Joined to"), help_text=_("dd.mm.yyyy"))

    def __init__(
        self,
        data: Mapping[str, Any],
        queryset: MemberQuerySet,
        *,
        branch: Branch,
        may: Container[Permission],
        today: date,
        people: int,
        complete: bool = False,
    ) -> None:
        """`branch` is the one in the address, whatever part of it is listed; `people` how many that part has.

        The rarer filters are there where they are in use, or all of them where `complete`: each costs a form field.
        """
        super().__init__({STATUS: MemberStatus.MEMBER, **data}, queryset)
        if (asked := self.data[STATUS]) in GONE:
            # An old view asks for them: it finds nobody, and says what it asked for.
            self.filters[STATUS].extra["choices"] = [*_SHOWN, (asked, MemberStatus(asked).label)]
        self.more = [added for added in registry.member_filters if added.permission in may]
        for added in self.more:
            self.filters[added.name] = _choice(added, branch, today)
        self.rare = [name for name in RARE if complete or str(data.get(name, "")).strip()]
        for name in self.rare:
            self.filters[name] = make(name, branch, today, people)

    @property
    def members(self) -> MemberQuerySet:
        """Those who are left; a value that cannot be read narrows nothing, and its field says so."""
        found: MemberQuerySet = self.qs
        return found

    @property
    def added(self) -> list[forms.BoundField]:
        """The fields of the apps above."""
        return [self.form[added.name] for added in self.more]

    @property
    def rarer(self) -> list[forms.BoundField]:
        """The fields of the rarer filters."""
        return [self.form[name] for name in self.rare]

    @property
    def used(self) -> dict[str, str]:
        """What narrows the list, as it was typed: understood values only."""
        form = self.form
        form.is_valid()
        return {
            name: str(self.data[name]).strip()
            for name, value in form.cleaned_data.items()
            if value and (name, value) != (STATUS, MemberStatus.MEMBER)
        }


def _choice(added: MemberFilter, branch: Branch, today: date) -> django_filters.ChoiceFilter:
    return django_filters.ChoiceFilter(
        label=added.label,
        choices=added.choices(branch, today),
        empty_label=_("All"),
        widget=forms.Select({"class": "ds-input"}),
        method=partial(_apply, added.apply, branch, today),
    )


def _apply(
    apply: Callable[[MemberQuerySet, str, Branch, date], MemberQuerySet],
    branch: Branch,
    today: date,
    members: MemberQuerySet,
    _name: str,
    value: str,
) -> MemberQuerySet:
    return apply(members, value, branch, today)
