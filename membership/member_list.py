"""The register list as one page shows it: what is asked for, the members, and the words around them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from django.forms import BoundField
from django.http import Http404
from django.utils.html import format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common import listing
from common.numbers import format_int
from common.rows import print_rows
from membership.access import BranchRequest
from membership.enums import BranchKind
from membership.filters import BRANCH, FROM, MemberFilterSet
from membership.links import MERGE, compare_url, url_if_there
from membership.models import MemberQuerySet
from membership.roles import Permission
from membership.search import find, is_partial
from membership.search_memory import recall
from membership.tables import DEFAULT_SORT, MemberTable, columns_for, rows_of
from membership.tabs import tabs_of
from membership.tree import Part, Tree, tree_of

SEARCH: Final = "sok"


class MemberList:
    """What one request asks to see of the register."""

    def __init__(self, request: BranchRequest, *, complete: bool = False) -> None:
        """`complete`: with every filter there is, for the page where one chooses among them."""
        self.request = request
        self.params = request.GET.dict()
        self.tree = tree_of(request.branch)
        self.part = _part(self.tree, self.params.get(BRANCH, ""))
        self.token = self.params.get(SEARCH, "")
        self.q = (recall(request.session, self.token) if self.token else None) or ""
        self.filters = MemberFilterSet(
            self.params,
            self._found(),
            branch=request.branch,
            may=request.access,
            today=request.today,
            people=self.part.people,
            complete=complete,
        )
        # What narrows the list, in the order of the form.
        self.used = {**_given(self.params, BRANCH), **self.filters.used}

    def _found(self) -> MemberQuerySet:
        if self.q:
            return find(self.part.branch, self.q, people=self.part.people)
        return self.part.branch.members

    @property
    def is_understood(self) -> bool:
        """Whether everything that was asked for could be read, and is remembered."""
        return not self.filters.form.errors and (bool(self.q) or not self.token)

    @property
    def places_label(self) -> str:
        """What the branches under this one are called; empty where there are none."""
        if len(self.tree.nodes) == 1:
            return ""
        return _("Municipal branch") if self.request.branch.is_county else _("Local branch")

    def query(self, sort: str = DEFAULT_SORT) -> str:
        """What the page's links keep, ending in “&”: what was understood, and nothing else."""
        kept = dict(self.used)
        if sort != DEFAULT_SORT:
            kept[listing.SORT] = sort
        if self.q:
            kept[SEARCH] = self.token
        return f"{urlencode(kept)}&" if kept else ""

    def table(self) -> MemberTable:
        """The columns and the order."""
        return MemberTable(
            self.filters.members,
            sort=self.params.get(listing.SORT, ""),
            people=self.part.people,
            dated=FROM in self.used,
            added=columns_for(self.request.access),
            places=self.places_label,
        )

    @property
    def picks(self) -> bool:
        """Whether members can be ticked here, to be changed many at once."""
        return Permission.EDIT_MEMBERS in self.request.access

    def _export_url(self) -> str:
        if Permission.EXPORT_MEMBERS not in self.request.access:
            return ""
        return url_if_there("membership:member_export", self.request.branch.slug)

    def _write_url(self) -> str:
        """Where one writes to those on the list; a search is remembered for its user only, and leads nowhere."""
        if Permission.WRITE_MESSAGES not in self.request.access:
            return ""
        return url_if_there("messaging:message_new", self.request.branch.slug)

    def filter_context(self) -> dict[str, Any]:
        """What the page with all filters prints."""
        return {
            "page": "medlemmer",
            "more": self.filters.rarer,
            "filter": self.filters.form,
            "added": self.filters.added,
            "places_label": self.places_label,
            "branches": _branches(self.tree, self.params.get(BRANCH, ""), self.request),
            "token": self.token if self.q else "",
            "sort": self.params.get(listing.SORT, ""),
        }

    def context(self) -> dict[str, Any]:
        """Everything that the page and its fragment print."""
        table, branch, today = self.table(), self.request.branch, self.request.today
        narrowed = bool(self.q or self.used or self.filters.form.errors)
        count = None if narrowed else self.tree.members
        page = listing.fetch_page(table.members, listing.page_number(self.request.GET), count=count)
        places = self.tree.places() if self.places_label else {}
        columns = columns_for(self.request.access)
        rows = rows_of(page.rows, places, columns, branch=branch, today=today)
        return {
            "page": "medlemmer",
            "lead": _lead(self.tree, self.request),
            "tabs": tabs_of(self.request, self.tree, None if self.q else self.used),
            "filter": self.filters.form,
            "added": self.filters.added,
            "rarer": [_Chosen(field) for field in self.filters.rarer],
            "places_label": self.places_label,
            "branches": _branches(self.tree, self.params.get(BRANCH, ""), self.request),
            "used": len(self.used),
            "listing": page,
            "heading": _heading(page.total, narrowed=narrowed),
            "rows": rows,
            "printed": print_rows(
                "membership/_member_row.html", {"picks": self.picks, "places_label": self.places_label}, rows
            ),
            "picks": self.picks,
            "export_url": self._export_url(),
            "write_url": self._write_url(),
            "merge": MERGE if compare_url(branch) else "",
            "heads": listing.heads(table),
            "sort": table.sort,
            "q": self.q,
            "token": self.token if self.q else "",
            "forgotten": bool(self.token) and not self.q,
            "partial": bool(self.q) and is_partial(self.q, people=self.part.people),
            "can_save": bool(self.used) and not self.q,
            "query": self.query(table.sort),
            "sort_url": f"{self.request.path}?{self.query()}".rstrip("?&"),
        }


@dataclass(frozen=True, slots=True)
class _Chosen:
    """One of the rarer filters, in use: what it is called, and what was chosen."""

    field: BoundField

    @property
    def name(self) -> str:
        """Its name in the address."""
        return str(self.field.html_name)

    @property
    def value(self) -> str:
        """As it stands in the address."""
        return str(self.field.data or "")

    @property
    def words(self) -> str:
        """“Email: No email”."""
        value = self.value
        choices = getattr(self.field.field, "choices", ())
        chosen = next((label for key, label in choices if str(key) == value), value)
        return f"{self.field.label}: {chosen}"


def _heading(total: listing.Total, *, narrowed: bool) -> str:
    if not narrowed:
        return _("All members")
    return ngettext("%(n)s hit", "%(n)s hits", total.count) % {"n": total}


def _given(params: dict[str, str], name: str) -> dict[str, str]:
    return {name: params[name]} if params.get(name) else {}


def _part(tree: Tree, slug: str) -> Part:
    """The part of the tree that the address names; a branch outside it is not found."""
    part = tree.part(slug) if slug else tree.whole
    if part is None:
        raise Http404
    return part


def _lead(tree: Tree, request: BranchRequest) -> str:
    """“2 082 members: 2 071 in 21 municipal branches, 11 without one”."""
    total = tree.members
    members = ngettext("%(n)s member", "%(n)s members", total) % {"n": format_int(total)}
    if request.branch.kind != BranchKind.COUNTY:
        return members
    branches = len(tree.municipal(request.today))
    placed = ngettext("%(n)s in %(branches)s municipal branch", "%(n)s in %(branches)s municipal branches", branches)
    parts = [placed % {"n": format_int(total - tree.own_members), "branches": branches}]
    if tree.own_members:
        parts.append(_("%(n)s without one") % {"n": format_int(tree.own_members)})
    return f"{members}: {', '.join(parts)}"


def _branches(tree: Tree, chosen: str, request: BranchRequest) -> SafeString:
    """The options of the branch filter, empty where there is nothing to choose between.

    Written straight out: as a form field, a choice of 357 branches costs more than the page.
    """
    nodes = [node for node in tree.in_order[1:] if node.stands(request.today)]
    if not nodes:
        return mark_safe("")
    words = _("Without a municipal branch") if request.branch.is_county else _("Without a local branch")
    options = [("", _("All")), *((node.slug, _indented(node.place, node.kind, request)) for node in nodes)]
    if tree.own_members or chosen == request.branch.slug:
        options.append((request.branch.slug, words))
    return format_html_join(
        "",
        '<option value="{}"{}>{}</option>',
        ((value, mark_safe(" selected") if value == chosen else "", label) for value, label in options),
    )


def _indented(place: str, kind: str, request: BranchRequest) -> str:
    return f"– {place}" if kind == BranchKind.LOCAL and request.branch.is_county else place
