"""The register list's views, as tabs: everybody's own, those of apps above, and those a user has saved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from urllib.parse import urlencode

from django.utils.translation import gettext_lazy as _

from common.dates import format_date
from common.listing import SORT
from membership.access import BranchRequest
from membership.enums import MemberStatus
from membership.extensions import registry
from membership.filters import BRANCH, FROM, STATUS, MemberFilterSet
from membership.models import SavedView
from membership.more_filters import NAMES as RARE
from membership.roles import Permission
from membership.tree import Tree

_LONGEST_VALUE: Final = 60


@dataclass(frozen=True, slots=True)
class Tab:
    """A view of the list; `pk` where it is one that this user may rename and delete."""

    label: Any
    url: str
    count: int | None
    current: bool
    pk: int | None = None
    is_shared: bool = False


def tabs_of(request: BranchRequest, tree: Tree, shown: Mapping[str, str] | None) -> list[Tab]:
    """All tabs; `shown` is what narrows the list now, None where no tab fits: one query, and one for each count."""
    tabs = [Tab(_("All"), "?", tree.members, shown == {})]
    for view in registry.member_views:
        if view.permission in request.access:
            count = view.count(request.branch, request.today)
            tabs.append(_tab(view.label, view.params(request.today), shown, count=count))
    tabs.append(_tab(_("New this year"), _new_this_year(request.today), shown))
    keeps = Permission.EDIT_MEMBERS in request.access
    saved = request.branch.saved_views.seen_by(request.user).order_by("name", "id")
    return [*tabs, *(_saved(view, tree, shown, mine=keeps or view.owner_id == request.user.pk) for view in saved)]


def _tab(label: Any, params: Mapping[str, str], shown: Mapping[str, str] | None, *, count: int | None = None) -> Tab:
    return Tab(label, f"?{urlencode(params)}", count, _narrowing(params) == shown)


def _saved(view: SavedView, tree: Tree, shown: Mapping[str, str] | None, *, mine: bool) -> Tab:
    params = understood(view.params, tree)
    url, current = f"?{urlencode(params)}", _narrowing(params) == shown
    return Tab(view.name, url, None, current, view.pk if mine else None, view.is_shared)


def _new_this_year(today: date) -> dict[str, str]:
    return {FROM: format_date(date(today.year, 1, 1)), SORT: "-innmeldt"}


def _narrowing(params: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in params.items() if name != SORT}


def understood(params: object, tree: Tree) -> dict[str, str]:
    """Of what stands in a saved view, what may stand in an address: known names, short texts, a branch of the tree.

    Current members are what the list shows anyway. The values are read again, as any address's, when the tab is opened.
    """
    known = {BRANCH, SORT, *RARE, *MemberFilterSet.base_filters, *(added.name for added in registry.member_filters)}
    return {
        name: value
        for name, value in (params.items() if isinstance(params, dict) else ())
        if name in known and isinstance(value, str) and 0 < len(value) <= _LONGEST_VALUE
        if (name, value) != (STATUS, MemberStatus.MEMBER) and (name != BRANCH or tree.part(value))
    }
