"""Making a whole county's tree at once, as often as one likes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction

from accounts.models import User
from common.text import fold
from membership.actions.branches import Number, create_branch, free_slug
from membership.models import Branch, BranchNumber


class NotOneCounty(Exception):
    """The rows are of no county, or of several."""


class UnknownParent(Exception):
    """A branch stands under one that is neither in the rows nor in the tree."""


class NumberTaken(Exception):
    """A municipality number already belongs to another branch in the same years."""


@dataclass(frozen=True, slots=True)
class BranchRow:
    """One branch as a file tells of it. `parent` is the place above it; empty for one right under the county."""

    county: str
    place: str
    name: str
    parent: str = ""
    other_names: str = ""
    slug: str = ""
    numbers: tuple[Number, ...] = ()

    @property
    def is_county(self) -> bool:
        """The county's own row carries its own place, and nothing above it."""
        return not self.parent and self.place == self.county


@transaction.atomic
def build_tree(rows: Iterable[BranchRow], *, by: User | None) -> Branch:
    """Make the branches that are not there, add the numbers that are not known, and return the county.

    A branch is known by its place under the one above it; names and slugs of branches that are there already are left
    as they are. Raises `NotOneCounty`, `UnknownParent`, `NumberTaken`, or `TreeTooDeep`, and then nothing is made.
    """
    given = list(rows)
    if len({fold(row.county) for row in given}) != 1:
        raise NotOneCounty
    place = given[0].county
    own = next((row for row in given if row.is_county), BranchRow(place, place, place))
    county = _ensure(own, None, Branch.objects.counties().filter(place=place).first(), by=by)
    known = {fold(branch.place): branch for branch in county.subtree.filter(kind="municipal").select_related("county")}
    local = {(branch.parent_id, fold(branch.place)): branch for branch in county.subtree.filter(kind="local")}
    for row in given:
        if not row.is_county and not row.parent:
            known[fold(row.place)] = _ensure(row, county, known.get(fold(row.place)), by=by)
    for row in given:
        if row.parent:
            parent = known.get(fold(row.parent))
            if parent is None:
                raise UnknownParent(row.parent)
            _ensure(row, parent, local.get((parent.pk, fold(row.place))), by=by)
    return county


def _ensure(row: BranchRow, parent: Branch | None, branch: Branch | None, *, by: User | None) -> Branch:
    if branch is None:
        branch = create_branch(
            parent,
            name=row.name,
            place=row.place,
            other_names=row.other_names,
            slug=free_slug(row.slug or row.place, above=row.parent or row.county),
            by=by,
        )
    for number in row.numbers:
        _add_number(branch, number)
    return branch


def _add_number(branch: Branch, number: Number) -> None:
    """Add one number, or write when a known one ended. Two counties may have shared a county number."""
    known = BranchNumber.objects.filter(number=number.number, valid_from=number.valid_from)
    own = known.filter(branch=branch)
    if own.exists():
        if number.valid_to is not None:
            own.filter(valid_to__isnull=True).update(valid_to=number.valid_to)
        return
    if known.exists() and not branch.is_county:
        raise NumberTaken(number.number)
    BranchNumber.objects.create(
        branch=branch, number=number.number, name=number.name, valid_from=number.valid_from, valid_to=number.valid_to
    )
