"""What dues adds to the register: a place in the menu, a panel, a filter, a column, a tab, an import, counts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from types import MappingProxyType
from typing import Final

from django.db.models import Exists, OuterRef, Sum
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dues.actions import undoing
from dues.actions.claims import follow_members
from dues.actions.leaving import LEAVING
from dues.actions.merging import merge_claims, undo_claims
from dues.actions.summaries import rebuild
from dues.enums import TONES, DuesStatus
from dues.models import Claim, ClaimQuerySet, counts_of
from dues.panel import member_dues
from dues.reforms import REFORM
from dues.register_import import RegisterDues
from dues.timeline import events_of
from membership.extensions import (
    BuiltInView,
    Cell,
    MemberColumn,
    MemberFilter,
    MemberPanel,
    Merger,
    NavItem,
    Removal,
    Text,
    TimelineSource,
    registry,
)
from membership.models import Branch, MemberQuerySet
from membership.roles import Permission

FILTER: Final = "kontingent"
# How many years the filter offers, this one first.
_YEARS: Final = 5

_UNPAID: Final = "ubetalt"
_PARTIAL: Final = "delvis"
_PAID: Final = "betalt"
_NONE: Final = "uten-krav"
# Those of the filter's answers whose members still owe something.
ASKS_TO_PAY: Final = frozenset({_UNPAID, _PARTIAL})

_CONDITIONS: Final[Mapping[str, Callable[[ClaimQuerySet], ClaimQuerySet]]] = MappingProxyType(
    {
        _UNPAID: lambda claims: claims.open(),
        _PARTIAL: lambda claims: claims.open().partly_paid(),
        _PAID: lambda claims: claims.paid(),
    }
)


def register() -> None:
    """Fill the registry; called once, when the app is ready."""
    registry.nav.append(
        NavItem(
            key="kontingent",
            label=gettext_lazy("Dues"),
            icon="Wallet",
            url_name="dues:unpaid",
            permission=Permission.VIEW_DUES,
            order=30,
            args=lambda today: (today.year,),
        )
    )
    registry.nav.append(
        NavItem(
            key="ringelister",
            label=gettext_lazy("Call lists"),
            icon="Phone",
            url_name="dues:call_lists",
            permission=Permission.MANAGE_CALLS,
            or_permission=Permission.CALL,
            order=40,
        )
    )
    registry.member_panels.append(MemberPanel("dues/_member_panel.html", Permission.VIEW_DUES, 10, member_dues))
    registry.timeline.append(TimelineSource(Permission.VIEW_DUES, events_of))
    registry.member_filters.append(
        MemberFilter(FILTER, gettext_lazy("Dues"), Permission.VIEW_DUES, status_choices, with_status)
    )
    registry.member_columns.append(
        MemberColumn(FILTER, gettext_lazy("Dues this year"), Permission.VIEW_DUES, status_cells)
    )
    registry.member_views.append(
        BuiltInView(
            key="ikke-betalt",
            label=gettext_lazy("Not paid this year"),
            permission=Permission.VIEW_DUES,
            params=lambda today: {FILTER: f"{today.year}-{_UNPAID}"},
            count=unpaid_count,
        )
    )
    registry.imports.append(RegisterDues())
    registry.removals.append(Removal(undoing.blocks, undoing.prepare))
    registry.summaries.append(rebuild)
    registry.member_changed.append(follow_members)
    registry.mergers.append(Merger("dues", frozenset({"dues.Claim.member"}), merge_claims, undo_claims))
    registry.reforms.append(REFORM)
    registry.leavings.append(LEAVING)


def status_choices(_branch: Branch, today: date) -> list[tuple[str, Text]]:
    """What the filter offers: four answers for each of the last years."""
    return [
        (f"{year}-{key}", text % {"year": year})
        for year in range(today.year, today.year - _YEARS, -1)
        for key, text in (
            (_UNPAID, _("Not paid %(year)s")),
            (_PARTIAL, _("Partly paid %(year)s")),
            (_PAID, _("Paid %(year)s")),
            (_NONE, _("No claim %(year)s")),
        )
    ]


def with_status(members: MemberQuerySet, value: str, _branch: Branch, _today: date) -> MemberQuerySet:
    """The members whose claim of a year is as chosen (`2026-ubetalt`); nobody for a word that is no choice."""
    year, _dash, key = value.partition("-")
    if not (year.isascii() and year.isdigit() and len(year) == 4):
        return members.none()
    claims = Claim.objects.filter(member_id=OuterRef("pk")).for_year(int(year))
    if key == _NONE:
        return members.filter(~Exists(claims.standing()))
    condition = _CONDITIONS.get(key)
    return members.filter(Exists(condition(claims))) if condition else members.none()


def status_cells(member_ids: Iterable[int], _branch: Branch, today: date) -> dict[int, Cell]:
    """This year's status of each member on a page; members without a claim have no cell."""
    claims = Claim.objects.standing().for_year(today.year).filter(member_id__in=list(member_ids))
    cells = {status: Cell(status.label, TONES[status]) for status in DuesStatus}
    found = claims.only("member_id", "state", "amount_ore", "outstanding_ore")
    return {claim.member_id: cells[claim.status] for claim in found if claim.member_id}


def unpaid_count(branch: Branch, today: date) -> int:
    """How many have not paid this year, from the summary rows."""
    total: int | None = counts_of(branch).filter(year=today.year).aggregate(unpaid=Sum("unpaid"))["unpaid"]
    return total or 0
