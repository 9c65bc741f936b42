"""Which branch a row belongs to: what its branch or municipality column says, held against the tree."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext as _

from common.text import fold
from membership.figures import heirs_of_ended
from membership.models import Branch, BranchNumber

_BETWEEN_NAMES: Final = re.compile(r"\s+-\s+|\s*/\s*|\s*,\s*")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a row belongs; `branch` is None where the file does not tell, or not in words we know."""

    branch: Branch | None = None
    # The column names a branch that is not the officer's.
    foreign: bool = False
    # What the column says, where we know no such branch.
    unknown: str = ""


class Places:
    """The tree by every name and number it goes by; built once an import."""

    def __init__(self, branch: Branch) -> None:
        self.branch = branch
        self.scope = branch.scope_of()
        self._by_name: dict[str, set[int]] = {}
        self._by_id: dict[int, Branch] = {}
        # As our own export names a branch: exactly.
        self._by_slug: dict[str, Branch] = {}
        for found in Branch.objects.select_related("county").order_by("id"):
            self._by_id[found.pk] = self._by_slug[found.slug] = found
            for name in _names(found):
                self._by_name.setdefault(name, set()).add(found.pk)
        for branch_id, number, name in BranchNumber.objects.values_list("branch_id", "number", "name"):
            for known in (number, number.lstrip("0"), *(fold(part) for part in _BETWEEN_NAMES.split(name))):
                self._by_name.setdefault(known.strip(), set()).add(branch_id)

        self._heirs = heirs_of_ended()

    def holds(self, row: Any) -> bool:
        """Whether a row with branch, municipal and county columns belongs to the officer's branches."""
        return all(getattr(row, column) == pk for column, pk in self.scope.items())

    def get(self, branch_id: int) -> Branch:
        """A branch by id, without a query."""
        return self._by_id[branch_id]

    def of(self, values: Mapping[str, Any]) -> Place:
        """What a row says of its branch. A municipality alone places nobody outside a county's import."""
        if found := self._by_slug.get(str(values.get("branch_code", ""))):
            return Place(found) if self._in_scope(found) else Place(foreign=True)
        if text := values.get("branch"):
            return self._find(str(text))
        if self.branch.is_county and (text := values.get("municipality")):
            place = self._find(str(text))
            return place if place.branch else Place()
        return Place()

    def _find(self, text: str) -> Place:
        for key in (fold(text).strip(), text.strip()):
            ids = {self._heirs.get(pk, pk) for pk in self._by_name.get(key, set())}
            mine = [self._by_id[pk] for pk in ids if self._in_scope(self._by_id[pk])]
            if mine:
                # A local branch may share its municipality's name: the one highest up is meant.
                return Place(min(mine, key=lambda branch: (branch.kind_order, branch.pk)))
            if ids:
                return Place(foreign=True)
        return Place(unknown=text)

    def _in_scope(self, branch: Branch) -> bool:
        return self.branch.pk in branch.ancestor_ids


def _names(branch: Branch) -> set[str]:
    names = {branch.name, branch.place, branch.slug, *_BETWEEN_NAMES.split(branch.other_names)}
    return {folded for name in names if (folded := fold(name).strip())}


def foreign_branch() -> str:
    """For a row whose branch column names a branch outside the officer's own."""
    return _("The row belongs to a branch that is not yours.")
