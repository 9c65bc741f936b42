"""Making the tree of branches."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from django.db import transaction

from accounts.actions import record
from accounts.enums import Verb
from accounts.models import User
from common.text import slugify_nb, sort_key
from membership.enums import BranchKind
from membership.models import Branch, BranchNumber, BranchSummary

_LEVEL_BELOW: Mapping[str, str] = {BranchKind.COUNTY: BranchKind.MUNICIPAL, BranchKind.MUNICIPAL: BranchKind.LOCAL}
_ORDER: Mapping[str, int] = {BranchKind.COUNTY: 0, BranchKind.MUNICIPAL: 1, BranchKind.LOCAL: 2}


# A branch that nobody knows the beginning of.
_ALWAYS: Final = date(1900, 1, 1)


class TreeTooDeep(Exception):
    """A local branch can have no branch under it."""


@dataclass(frozen=True, slots=True)
class Number:
    """A municipality (or county) number and when it was in force; both ends are days, the last not included."""

    number: str
    name: str
    valid_from: date
    valid_to: date | None = None


@transaction.atomic
def create_branch(
    parent: Branch | None,
    *,
    name: str,
    place: str,
    by: User | None,
    slug: str = "",
    other_names: str = "",
    numbers: Iterable[Number] = (),
    valid_from: date = _ALWAYS,
) -> Branch:
    """Make one branch under `parent`, or a county where there is none.

    Raises `TreeTooDeep` under a local branch, and `IntegrityError` where the slug is taken.
    """
    kind = _kind_under(parent)
    branch = Branch.objects.create(
        parent=parent,
        kind=kind,
        kind_order=_ORDER[kind],
        name=name,
        place=place,
        other_names=other_names,
        slug=slug or slugify_nb(place),
        sort_key=sort_key(place, ""),
        county=parent.county if parent else None,
        municipal=parent.municipal if parent else None,
        valid_from=valid_from,
    )
    if kind == BranchKind.COUNTY:
        branch.county = branch
    elif kind == BranchKind.MUNICIPAL:
        branch.municipal = branch
    branch.save(update_fields=["county", "municipal"])
    BranchSummary.objects.create(branch=branch, county_id=branch.root_id, municipal_id=branch.municipal_id)
    for number in numbers:
        BranchNumber.objects.create(
            branch=branch,
            number=number.number,
            name=number.name,
            valid_from=number.valid_from,
            valid_to=number.valid_to,
        )
    record(Verb.BRANCH_CREATED, by=by, branch_id=branch.pk, subject=branch)
    return branch


def free_slug(wanted: str, *, above: str) -> str:
    """The address of a place; where it is taken, with what stands above it, and then with a number."""
    slug, parent = slugify_nb(wanted), slugify_nb(above)
    tries = [slug, f"{slug}-{parent}", *(f"{slug}-{parent}-{number}" for number in range(2, 100))]
    taken = set(Branch.objects.filter(slug__startswith=slug).values_list("slug", flat=True))
    return next(free for free in tries if free not in taken)


def _kind_under(parent: Branch | None) -> str:
    if parent is None:
        return BranchKind.COUNTY
    if parent.kind not in _LEVEL_BELOW:
        raise TreeTooDeep(parent.slug)
    return _LEVEL_BELOW[parent.kind]
