"""The register list's rarer filters: asked for on a page of their own, and there on the list only while in use.

None of them has an index but the groups: the list walks its own order and looks at each row. Where that could mean
looking at very many to find a few, they say that a branch must be chosen first.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from functools import partial
from typing import Any, Final

import django_filters
from django import forms
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.fields import NorwegianDateField
from membership.actions.tags import CACHED_SECONDS, cache_key, tags_of
from membership.enums import Category, MemberSource
from membership.extensions import MemberFilter, Text
from membership.models import Branch, Member, MemberQuerySet
from membership.roles import Permission

GROUP: Final = "gruppe"
SKILLS: Final = "kan"
UNCHECKED: Final = "sjekket"
# Rows that a request may look at one by one: about 40 ms for twenty thousand, and once more to count.
LOOKED_AT: Final = 20_000

Condition = Callable[[date], Q]


def _yes(column: str) -> Condition:
    return lambda _today: Q(**{column: True})


_EMAIL: Final[Mapping[str, tuple[Text, Condition]]] = {
    "mangler": (gettext_lazy("No email"), lambda _today: Q(email="")),
    "retur": (gettext_lazy("Email came back"), lambda _today: Q(email_bounced_on__isnull=False)),
    "har": (gettext_lazy("Has email"), lambda _today: ~Q(email="")),
}
UNREADABLE: Final = (~Q(mobile="") & Q(mobile_ok=False)) | (~Q(phone="") & Q(phone_ok=False))
NO_PHONE: Final = Q(mobile="", phone="")
_PHONE: Final[Mapping[str, tuple[Text, Condition]]] = {
    "uleselig": (gettext_lazy("Number that cannot be read"), lambda _today: UNREADABLE),
    "mangler": (gettext_lazy("No phone"), lambda _today: NO_PHONE),
}
_RESERVED: Final[Mapping[str, tuple[Text, Condition]]] = {
    "epost": (gettext_lazy("Wants no email"), _yes("no_email")),
    "sms": (gettext_lazy("Wants no SMS"), _yes("no_sms")),
    "telefon": (gettext_lazy("Wants no calls"), _yes("no_phone")),
    "brev": (gettext_lazy("Wants no letters"), _yes("no_post")),
    "nyhetsbrev": (gettext_lazy("Wants no newsletters"), _yes("no_newsletter")),
    "moter": (gettext_lazy("Wants no invitations"), _yes("no_meetings")),
    "undersokelser": (gettext_lazy("Wants no surveys"), _yes("no_surveys")),
    "verving": (gettext_lazy("Is not asked to recruit"), _yes("no_recruitment")),
}
# From and to, both included; None is open.
_AGES: Final[Mapping[str, tuple[int, int | None]]] = {
    "0-14": (0, 14),
    "15-17": (15, 17),
    "18-25": (18, 25),
    "26-34": (26, 34),
    "35-49": (35, 49),
    "50-66": (50, 66),
    "67": (67, None),
}
_UNKNOWN: Final = "ukjent"
BIRTH_UNKNOWN: Final = Q(birth_on__isnull=True, birth_year__isnull=True)
_LANGUAGES: Final[Mapping[str, Text]] = {
    "nb": gettext_lazy("Norwegian (bokmål)"),
    "nn": gettext_lazy("Norwegian (nynorsk)"),
    "se": gettext_lazy("Northern Sámi"),
    "fkv": gettext_lazy("Kven"),
    "fi": gettext_lazy("Finnish"),
    "en": gettext_lazy("English"),
    "ar": gettext_lazy("Arabic"),
    "pl": gettext_lazy("Polish"),
    "ru": gettext_lazy("Russian"),
    "so": gettext_lazy("Somali"),
    "ti": gettext_lazy("Tigrinya"),
    "uk": gettext_lazy("Ukrainian"),
    _UNKNOWN: gettext_lazy("Not given"),
}


def born(today: date, youngest: int, oldest: int | None) -> Q:
    """Whose age is between two, both included. Where only the year is known, the age they reach this year counts."""
    dates = Q(birth_on__lte=_years_before(today, youngest))
    years = Q(birth_year__lte=today.year - youngest)
    if oldest is not None:
        dates &= Q(birth_on__gt=_years_before(today, oldest + 1))
        years &= Q(birth_year__gte=today.year - oldest)
    return dates | (Q(birth_on__isnull=True) & years)


def _years_before(today: date, years: int) -> date:
    try:
        return today.replace(year=today.year - years)
    except ValueError:
        # 29 February.
        return today.replace(year=today.year - years, day=28)


def _of(table: Mapping[str, tuple[Text, Condition]]) -> tuple[Any, Any]:
    """The choices of a table of conditions, and what applies one."""

    def choices(_branch: Branch, _today: date) -> list[tuple[str, Text]]:
        return [(key, label) for key, (label, _condition) in table.items()]

    def apply(members: MemberQuerySet, value: str, _branch: Branch, today: date) -> MemberQuerySet:
        return members.filter(table[value][1](today)) if value in table else members.none()

    return choices, apply


def _column(name: str, values: Mapping[str, Text]) -> tuple[Any, Any]:
    def choices(_branch: Branch, _today: date) -> list[tuple[str, Text]]:
        return [(key, label) for key, label in values.items()]

    def apply(members: MemberQuerySet, value: str, _branch: Branch, _today: date) -> MemberQuerySet:
        return members.filter(**{name: "" if value == _UNKNOWN else value})

    return choices, apply


def _age_choices(_branch: Branch, _today: date) -> list[tuple[str, Text]]:
    ranges = [
        (
            key,
            _("%(from)s to %(to)s years") % {"from": low, "to": high}
            if high
            else _("%(from)s or older") % {"from": low},
        )
        for key, (low, high) in _AGES.items()
    ]
    return [*ranges, (_UNKNOWN, _("Not known"))]


def _by_age(members: MemberQuerySet, value: str, _branch: Branch, today: date) -> MemberQuerySet:
    if value == _UNKNOWN:
        return members.filter(BIRTH_UNKNOWN)
    return members.filter(born(today, *_AGES[value])) if value in _AGES else members.none()


def group_choices(branch: Branch, _today: date) -> list[tuple[str, Text]]:
    """The county's groups, remembered for a while: they change a few times a year."""
    key = cache_key(branch.root_id)
    kept: list[list[str]] | None = cache.get(key)
    if kept is None:
        kept = [[str(tag.pk), tag.name] for tag in tags_of(branch)]
        cache.set(key, kept, CACHED_SECONDS)
    return [(pk, name) for pk, name in kept]


def _by_group(members: MemberQuerySet, value: str, branch: Branch, _today: date) -> MemberQuerySet:
    """Looked for in the groups' own table: walking the list for it reads no rows but the index."""
    rows = Member.tags.through._default_manager.filter(tag_id=int(value), tag__county_id=branch.root_id)
    return members.filter(pk__in=rows.values("member_id"))


_VIEW: Final = Permission.VIEW_MEMBERS
MORE: Final[tuple[MemberFilter, ...]] = (
    MemberFilter(GROUP, gettext_lazy("Group"), _VIEW, group_choices, _by_group),
    MemberFilter("epost", gettext_lazy("Email"), _VIEW, *_of(_EMAIL)),
    MemberFilter("telefon", gettext_lazy("Phone"), _VIEW, *_of(_PHONE)),
    MemberFilter("reservert", gettext_lazy("Reservation"), _VIEW, *_of(_RESERVED)),
    MemberFilter("alder", gettext_lazy("Age"), _VIEW, _age_choices, _by_age),
    MemberFilter("kategori", gettext_lazy("Category"), _VIEW, *_column("category", dict(Category.choices))),
    MemberFilter("sprak", gettext_lazy("Language"), _VIEW, *_column("language", _LANGUAGES)),
    MemberFilter(
        "kilde",
        gettext_lazy("How they joined"),
        _VIEW,
        *_column("source", {**dict(MemberSource.choices), _UNKNOWN: gettext_lazy("Not given")}),
    ),
)
NAMES: Final = (*(added.name for added in MORE), SKILLS, UNCHECKED)


class _DateFilter(django_filters.Filter):  # type: ignore[misc]  # django-filter has no types
    field_class = NorwegianDateField


def make(name: str, branch: Branch, today: date, people: int) -> django_filters.Filter:
    """The filter of a name, for a list among so many."""
    validators = [] if people <= LOOKED_AT or name == GROUP else [_refuse]
    if name == SKILLS:
        return django_filters.CharFilter(
            label=gettext_lazy("Can contribute with"),
            method=_who_can,
            max_length=60,
            validators=validators,
            widget=forms.TextInput({"class": "ds-input", "autocomplete": "off"}),
        )
    if name == UNCHECKED:
        return _DateFilter(
            label=gettext_lazy("Not checked since"),
            help_text=gettext_lazy("dd.mm.yyyy"),
            method=_not_checked_since,
            validators=validators,
        )
    added = next(added for added in MORE if added.name == name)
    return django_filters.ChoiceFilter(
        label=added.label,
        choices=[(key, capfirst(str(label))) for key, label in added.choices(branch, today)],
        empty_label=gettext_lazy("All"),
        widget=forms.Select({"class": "ds-input"}),
        method=partial(_apply, added, branch, today),
        validators=validators,
    )


def _refuse(_value: object) -> None:
    raise ValidationError(_("There are too many members here to look through. Choose a branch first."))


def _apply(
    added: MemberFilter, branch: Branch, today: date, members: MemberQuerySet, _name: str, value: str
) -> MemberQuerySet:
    return added.apply(members, value, branch, today)


def _who_can(members: MemberQuerySet, _name: str, value: str) -> MemberQuerySet:
    return members.who_can(value)


def _not_checked_since(members: MemberQuerySet, _name: str, value: date) -> MemberQuerySet:
    return members.filter(Q(checked_on__isnull=True) | Q(checked_on__lt=value))
