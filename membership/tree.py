"""A branch and all under it, with how many each has: one query that carries the heading, the filter and the names."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Final

from membership.enums import BranchKind
from membership.models import Branch, BranchSummary

_COLUMNS: Final = (
    "branch_id",
    "branch__slug",
    "branch__place",
    "branch__kind",
    "branch__sort_key",
    "municipal_id",
    "members",
    "people",
    "branch__valid_to",
)


@dataclass(frozen=True, slots=True)
class Node:
    """One branch: its short name, and the members it has itself."""

    pk: int
    slug: str
    place: str
    kind: str
    sort_key: str
    municipal_id: int | None
    members: int
    people: int
    valid_to: date | None

    def stands(self, today: date) -> bool:
        """Whether it is to be chosen from: still in force, or not yet empty."""
        return self.people > 0 or self.valid_to is None or self.valid_to > today


@dataclass(frozen=True, slots=True)
class Part:
    """A branch to list the members of, and how many rows the register has there, of any status."""

    branch: Branch
    people: int


class Tree:
    """A branch and all under it."""

    def __init__(self, top: Branch, nodes: Iterable[Node]) -> None:
        self.top = top
        self.nodes = {node.pk: node for node in nodes}

    @cached_property
    def in_order(self) -> list[Node]:
        """The top first, then municipal branches in Norwegian order, each followed by its local branches."""
        return sorted(self.nodes.values(), key=self._order)

    def _order(self, node: Node) -> tuple[int, str, int, str]:
        above = self.nodes.get(node.municipal_id or 0, node)
        return (node.pk != self.top.pk, above.sort_key, node.kind == BranchKind.LOCAL, node.sort_key)

    @cached_property
    def members(self) -> int:
        """Current members, all branches together."""
        return sum(node.members for node in self.nodes.values())

    @property
    def own_members(self) -> int:
        """Current members that belong to the top alone."""
        return self.nodes[self.top.pk].members

    def part(self, slug: str) -> Part | None:
        """The part of the tree that a slug names; the top's own slug names those who belong to it alone."""
        node = next((node for node in self.nodes.values() if node.slug == slug), None)
        if node is None:
            return None
        if node.pk == self.top.pk:
            # A local branch has nothing under it: scoped as one, the top is taken alone.
            return Part(Branch(pk=node.pk, kind=BranchKind.LOCAL), node.people)
        under = sum(other.people for other in self.nodes.values() if node.pk in (other.pk, other.municipal_id))
        return Part(Branch(pk=node.pk, kind=node.kind), under)

    @property
    def whole(self) -> Part:
        """The top and all under it."""
        return Part(self.top, sum(node.people for node in self.nodes.values()))

    def municipal(self, today: date) -> list[Node]:
        """The municipal branches."""
        return [node for node in self.in_order if node.kind == BranchKind.MUNICIPAL and node.stands(today)]

    def places(self) -> dict[int, str]:
        """Each branch's short name."""
        return {pk: node.place for pk, node in self.nodes.items()}


def tree_of(branch: Branch) -> Tree:
    """Read it: one query."""
    rows = BranchSummary.objects.filter(**branch.scope_of()).values_list(*_COLUMNS)
    return Tree(branch, (Node(*row) for row in rows))
