"""The steps that mergers and splits have in common, each giving back what undoing it needs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db.models import F, Q

from accounts.actions import record
from accounts.enums import Verb
from accounts.models import User
from membership.enums import MoveState
from membership.extensions import registry
from membership.models import (
    BoardPost,
    Branch,
    BranchNumber,
    BranchSummary,
    Grant,
    Member,
    MoveRequest,
    SavedView,
)

_AT_ONCE = 2000


def adopt(old: Branch, parents: Mapping[int, Branch]) -> dict[str, list[int]]:
    """Give local branches another parent; {local branch: [parent before, parent now]}."""
    for local_id, parent in parents.items():
        set_parent(local_id, parent)
    return {str(local_id): [old.pk, parent.pk] for local_id, parent in parents.items()}


def set_parent(local_id: int, parent: Branch) -> None:
    """Members and counts of a local branch carry the id above it."""
    Branch.objects.filter(pk=local_id).update(parent=parent, municipal_id=parent.municipal_id)
    BranchSummary.objects.filter(pk=local_id).update(municipal_id=parent.municipal_id)
    Member.objects.filter(branch_id=local_id).update(municipal_id=parent.municipal_id)
    ids = list(Member.objects.filter(branch_id=local_id).order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(ids), _AT_ONCE):
        registry.tell_changed(ids[start : start + _AT_ONCE])


def hand_over(
    heirs: Mapping[int, Sequence[Branch]], *, ended: Sequence[Branch], on: date, by: User, today: date, now: datetime
) -> dict[str, Any]:
    """Access, board posts, saved views and requests of branches that end. One that goes on keeps its own."""
    gone = {branch.pk for branch in ended}
    own = {pk: found for pk, found in heirs.items() if pk in gone}
    given, closed = _grants(own, by=by, today=today)
    if all(len(found) == 1 for found in own.values()):
        _requests({pk: found[0] for pk, found in own.items()}, now=now)
    return {
        "given": given,
        "grants": closed,
        "posts": _posts(gone, on=on),
        "views": _views({pk: found[0] for pk, found in own.items() if len(found) == 1}),
    }


def end(branches: Iterable[Branch], *, on: date) -> None:
    """From the day on they are no more."""
    Branch.objects.filter(pk__in=[branch.pk for branch in branches]).update(valid_to=on)


def pass_on_numbers(old: Sequence[Branch], heir: Branch, number: str, *, on: date) -> dict[str, Any]:
    """The old municipality numbers end with the day, and the heir gets its own where one is given."""
    ending = BranchNumber.objects.filter(
        Q(valid_to__isnull=True) | Q(valid_to__gt=on), branch__in=old, valid_from__lt=on
    )
    ended = {str(row.pk): row.valid_to.isoformat() if row.valid_to else None for row in ending.order_by("id")}
    ending.update(valid_to=on)
    made = []
    if number:
        made = [BranchNumber.objects.create(branch=heir, number=number, name=heir.place, valid_from=on).pk]
    return {"numbers": made, "numbers_ended": ended}


def _grants(heirs: Mapping[int, Sequence[Branch]], *, by: User, today: date) -> tuple[list[int], dict[str, str | None]]:
    """The same role for the same user in each heir, once; the old one ends today, when it stops opening anything."""
    given: list[int] = []
    closed: dict[str, str | None] = {}
    open_ones = Grant.objects.filter(Q(ends_on__isnull=True) | Q(ends_on__gt=today))
    # The longest first: of two of the same role, the shorter adds nothing.
    longest_first = open_ones.order_by(F("ends_on").desc(nulls_first=True), "id")
    for grant in longest_first.filter(branch__in=heirs).select_related("user"):
        for heir in heirs[grant.branch_id]:
            same = open_ones.filter(user=grant.user, role=grant.role, branch=heir)
            if not same.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=grant.ends_on or date.max)).exists():
                given.append(_give(grant, heir, by=by, today=today))
        closed[str(grant.pk)] = grant.ends_on.isoformat() if grant.ends_on else None
        Grant.objects.filter(pk=grant.pk).update(ends_on=max(today, grant.starts_on))
        record(Verb.GRANT_ENDED, by=by, branch_id=grant.branch_id, subject=grant.user, role=grant.role)
    return given, closed


def _give(grant: Grant, heir: Branch, *, by: User, today: date) -> int:
    new = Grant.objects.create(
        user=grant.user,
        branch=heir,
        role=grant.role,
        starts_on=max(today, grant.starts_on),
        ends_on=grant.ends_on,
        granted_by=by,
        stands_in_for=grant.stands_in_for,
    )
    record(Verb.GRANT_GIVEN, by=by, branch_id=heir.pk, subject=grant.user, role=grant.role)
    return new.pk


def _posts(branch_ids: Iterable[int], *, on: date) -> dict[str, str | None]:
    ended: dict[str, str | None] = {}
    holding = BoardPost.objects.filter(Q(ends_on__isnull=True) | Q(ends_on__gt=on), branch__in=branch_ids)
    for post in holding.order_by("id"):
        ended[str(post.pk)] = post.ends_on.isoformat() if post.ends_on else None
        BoardPost.objects.filter(pk=post.pk).update(ends_on=max(on, post.starts_on))
    return ended


def _views(heirs: Mapping[int, Branch]) -> dict[str, int]:
    """Saved views go along, but for those whose owner has one of the same name there; {view: branch before}."""
    moved: dict[str, int] = {}
    for view in SavedView.objects.filter(branch__in=heirs).order_by("id"):
        heir = heirs[view.branch_id]
        if not SavedView.objects.filter(branch=heir, owner=view.owner_id, name=view.name).exists():
            moved[str(view.pk)] = view.branch_id
            SavedView.objects.filter(pk=view.pk).update(branch=heir)
    return moved


def _requests(heirs: Mapping[int, Branch], *, now: datetime) -> None:
    """Requests from and to the old branches are the heir's to answer; those within it are done with."""
    for pk, heir in heirs.items():
        waiting = MoveRequest.objects.waiting()
        inside = waiting.filter(Q(from_branch=pk, to_branch=heir) | Q(from_branch=heir, to_branch=pk))
        inside.update(state=MoveState.WITHDRAWN, answered_at=now)
        waiting.filter(from_branch=pk).update(from_branch=heir)
        waiting.filter(to_branch=pk).update(to_branch=heir)
