"""The register list's columns. Rows are printed by a template of our own: the stock ones take 0.8 ms each."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from datetime import date
from typing import Any, Final

import django_tables2 as tables
from django.db.models import F
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from common.dates import format_date
from common.phone import format_phone, tel_uri
from membership.extensions import Cell, MemberColumn, Text, registry
from membership.models import Branch, Member, MemberQuerySet
from membership.roles import Permission

DEFAULT_SORT: Final = "navn"
# What no index carries is sorted in memory, and so only where that is quick.
SORTED_IN_MEMORY: Final = 10_000
_PRINTED: Final = (
    "member_number",
    "first_name",
    "last_name",
    "branch_id",
    "mobile",
    "mobile_ok",
    "phone",
    "phone_ok",
    "no_phone",
    "joined_on",
)


class MemberTable(tables.Table):  # type: ignore[misc]  # django-tables2 has no types
    """The names of the columns are the words of the address: `?sorter=-innmeldt`."""

    navn = tables.Column(_("Name"), order_by=("sort_key", "id"))
    lag = tables.Column(_("Branch"), order_by=("branch__sort_key", "sort_key", "id"))
    telefon = tables.Column(_("Phone"), orderable=False)
    innmeldt = tables.Column(_("Joined"), order_by=("joined_on", "id"))

    def __init__(
        self,
        members: MemberQuerySet,
        *,
        sort: str,
        people: int,
        dated: bool,
        added: Iterable[MemberColumn],
        places: Text,
    ) -> None:
        """`dated`: only members with a joined date are listed, so that the index on it carries the order.

        `places`: what the branches under this one are called; empty where there are none.
        """
        self.dated = dated
        extra = [(column.name, tables.Column(column.label, orderable=False)) for column in added]
        super().__init__(members, extra_columns=extra, exclude=() if places else ("lag",))
        small = people <= SORTED_IN_MEMORY
        self.columns["innmeldt"].column.orderable = small or dated
        if places:
            self.columns["lag"].column.orderable = small
            self.columns["lag"].column.verbose_name = places
        self.order_by = sort
        if not self.order_by:
            self.order_by = DEFAULT_SORT

    def order_innmeldt(self, members: MemberQuerySet, is_descending: bool) -> tuple[MemberQuerySet, bool]:
        """Unknown dates last, whichever database and way."""
        joined = F("joined_on")
        if self.dated:
            return members.order_by(*(("-joined_on", "-id") if is_descending else ("joined_on", "id"))), True
        if is_descending:
            return members.order_by(joined.desc(nulls_last=True), "-id"), True
        return members.order_by(joined.asc(nulls_last=True), "id"), True

    @property
    def sort(self) -> str:
        """The order in force, as the address says it."""
        return str(self.order_by[0])

    @property
    def members(self) -> MemberQuerySet:
        """The members in order, with what the rows print and no more."""
        found: MemberQuerySet = self.data.data.only(*_PRINTED)
        return found


def columns_for(may: Container[Permission]) -> list[MemberColumn]:
    """The columns of other apps that one may see."""
    return [column for column in registry.member_columns if column.permission in may]


def rows_of(
    members: list[Member], places: Mapping[int, str], added: Iterable[MemberColumn], *, branch: Branch, today: date
) -> list[dict[str, Any]]:
    """What the row template prints: one query for each added column. Without places the phone goes below the name."""
    ids = [member.pk for member in members]
    columns = [_Column(column.load(ids, branch, today), first=at == 0) for at, column in enumerate(added)]
    tel_css = "c-hide" if places else "c-kom"
    quiet = format_html('<span class="small muted">{}</span>', _("Does not want calls"))
    return [
        {
            "pk": member.pk,
            "name": member.list_name or member.member_number,
            "place": places.get(member.branch_id, ""),
            "phone": _phone(member, quiet),
            "tel_css": tel_css,
            "joined": format_date(member.joined_on) if member.joined_on else "",
            "cells": SafeString("".join([column.printed(member.pk) for column in columns])),
        }
        for member in members
    ]


def _phone(member: Member, quiet: SafeString) -> SafeString:
    if member.no_phone:
        return quiet
    number = member.call_number
    if not number:
        return SafeString("")
    return format_html('<a class="ds-link" href="{}">{}</a>', tel_uri(number), format_phone(number))


class _Column:
    """An added column's cells as they are printed: a few words over and over, each rendered once."""

    def __init__(self, cells: Mapping[int, Cell], *, first: bool) -> None:
        self.cells = cells
        self.first = first
        self.rendered: dict[Cell | None, SafeString] = {}

    def printed(self, pk: int) -> SafeString:
        """The cell of one member."""
        cell = self.cells.get(pk)
        if cell not in self.rendered:
            context = {"first": self.first, "text": cell.text if cell else "", "tone": cell.tone if cell else ""}
            self.rendered[cell] = render_to_string("membership/_member_cell.html", context)
        return self.rendered[cell]
