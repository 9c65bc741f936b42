"""Which members a file is to hold: the register list's own address, run again here and scoped to the branch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from django.utils.translation import gettext as _

from common import listing
from membership.access import Access
from membership.filters import BRANCH, FROM, MemberFilterSet
from membership.models import Branch, MemberQuerySet
from membership.search import find
from membership.tables import MemberTable
from membership.tree import Part, tree_of

SEARCH: Final = "sok"


class NotTheirs(Exception):
    """The address names a branch, or a form a member, that is not the branch's. Says nothing about which."""


class AskedFor:
    """What an address asks to see, for whoever has the right: the same for a page and for a worker."""

    def __init__(self, branch: Branch, access: Access, today: date, params: Mapping[str, str], *, q: str = "") -> None:
        """`q` is the search itself, which stands in no address. Raises `NotTheirs`."""
        self.branch, self.q = branch, q
        self._sort = params.get(listing.SORT, "")
        tree = tree_of(branch)
        self._part = _part(tree.part(params[BRANCH]) if params.get(BRANCH) else tree.whole)
        self._one_branch = len(tree.nodes) == 1
        found = find(self._part.branch, q, people=self._part.people) if q else self._part.branch.members
        self.filters = MemberFilterSet(params, found, branch=branch, may=access, today=today, people=self._part.people)

    @property
    def is_understood(self) -> bool:
        """Whether every filter could be read: one that cannot narrows nothing, and would let everybody into a file."""
        return not self.filters.form.errors

    @property
    def used(self) -> dict[str, str]:
        """What narrows, as the address has it; never the search."""
        whole = {} if self._part.branch.pk == self.branch.pk else {BRANCH: self._part.branch.slug}
        used: dict[str, str] = self.filters.used
        return whole | used

    @property
    def params(self) -> dict[str, str]:
        """What a worker needs to ask again."""
        return self.used | ({listing.SORT: self._sort} if self._sort else {})

    @property
    def keys(self) -> str:
        """The names of what narrows, for the log."""
        return ",".join(sorted([*self.used, *([SEARCH] if self.q else [])]))

    def members(self, ids: Sequence[int] | None = None) -> MemberQuerySet:
        """They, in the list's order; of `ids` all must be among them. Raises `NotTheirs`."""
        table = MemberTable(
            self.filters.members,
            sort=self._sort,
            people=self._part.people,
            dated=FROM in self.used,
            added=[],
            places="" if self._one_branch else _("Branch"),
        )
        if ids is None:
            return table.members
        found = table.members.filter(pk__in=ids)
        if found.order_by().count() != len(set(ids)):
            raise NotTheirs
        return found

    def words(self, *, picked: bool = False) -> str:
        """The choice in words, for people; of a search only that there was one."""
        told = [_("Members ticked on the list.")] if picked else []
        if self._part.branch.pk != self.branch.pk:
            told.append(f"{_('Branch')}: {self._part.branch.name}.")
        told += [f"{label}: {value}." for label, value in self._filters_in_words()]
        if self.q:
            told.append(_("A search on the list."))
        return " ".join(told)

    def _filters_in_words(self) -> list[tuple[Any, str]]:
        form = self.filters.form
        words = []
        for name in self.filters.used:
            field = form.fields[name]
            value = form.cleaned_data[name]
            choices = {str(key): str(label) for key, label in getattr(field, "choices", ())}
            words.append((field.label, choices.get(str(value), self.filters.used[name])))
        return words


def _part(part: Part | None) -> Part:
    if part is None:
        raise NotTheirs
    return part
