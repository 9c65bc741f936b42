"""What hangs on a member, and moving it to another: generic over every relation of this app, so that none is forgotten.

Apps above move their own (`registry.mergers`). tests/membership/test_merging.py walks every relation in all apps.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any, Final, TypeVar

from django.db import models

from membership.changes import to_json
from membership.enums import MoveState, PairState
from membership.models import DuplicateCheck, DuplicatePair, Member, MoveRequest, Placement

Moved = dict[str, Any]
M = TypeVar("M", bound=models.Model)


def snapshot(row: models.Model) -> dict[str, Any]:
    """A whole row as JSON."""
    return {field.attname: to_json(getattr(row, field.attname)) for field in row._meta.concrete_fields}


def restored(model: type[M], kept: Mapping[str, Any]) -> M:
    """The row again, with the number it had; saves nothing."""
    return model(**{field.attname: field.to_python(kept[field.attname]) for field in model._meta.concrete_fields})


def name_of(relation: models.ForeignObjectRel) -> str:
    """app.Model.field, as the store has it."""
    return f"{relation.related_model._meta.label}.{relation.field.name}"


def own_relations() -> Iterator[models.ForeignObjectRel]:
    """Everything in this app that points to a member."""
    for relation in Member._meta.related_objects:
        if relation.related_model._meta.app_label == Member._meta.app_label:
            yield relation


def move_relations(lost: Member, kept: Member, *, now: datetime) -> Moved:
    """Let everything of `lost` be of `kept`; what is needed to move it back."""
    moved: Moved = {}
    for relation in own_relations():
        name = name_of(relation)
        if name in _APART:
            continue
        if before := _BEFORE.get(name):
            moved |= before(lost, kept, now)
        rows: Any = relation.related_model
        of_lost = rows._base_manager.filter(**{relation.field.name: lost.pk}).order_by("pk")
        ids = list(of_lost.values_list("pk", flat=True))
        of_lost.update(**{relation.field.name: kept.pk})
        moved[name] = [str(pk) for pk in ids]
    return moved | _take_pairs(lost, kept)


def move_back(moved: Mapping[str, Any], lost: Member, kept: Member) -> None:
    """What was moved and is still where it was moved to."""
    for relation in own_relations():
        name = name_of(relation)
        rows: Any = relation.related_model
        still = rows._base_manager.filter(pk__in=moved.get(name, ()), **{relation.field.name: kept.pk})
        still.update(**{relation.field.name: lost.pk})
    Placement.objects.filter(pk__in=moved.get("closed", ()), member=lost).update(to_on=None)
    MoveRequest.objects.filter(pk__in=moved.get("withdrawn", ()), state=MoveState.WITHDRAWN).update(
        state=MoveState.WAITING, answered_at=None
    )
    _give_pairs_back(moved)


def _close_placement(lost: Member, _kept: Member, now: datetime) -> Moved:
    """A member belongs to one branch at a time."""
    still_open = Placement.objects.filter(member=lost, to_on__isnull=True).order_by("pk")
    closed = list(still_open.values_list("pk", flat=True))
    still_open.update(to_on=now.date())
    return {"closed": closed}


def _withdraw_request(lost: Member, kept: Member, now: datetime) -> Moved:
    """A member waits for one branch at a time."""
    if not MoveRequest.objects.waiting().filter(member=kept).exists():
        return {}
    waiting = MoveRequest.objects.waiting().filter(member=lost).order_by("pk")
    withdrawn = list(waiting.values_list("pk", flat=True))
    waiting.update(state=MoveState.WITHDRAWN, answered_at=now)
    return {"withdrawn": withdrawn}


_BEFORE: Final[Mapping[str, Callable[[Member, Member, datetime], Moved]]] = {
    "membership.Placement.member": _close_placement,
    "membership.MoveRequest.member": _withdraw_request,
}
# Pairs carry an order and are found again; a place in the queue is given anew.
_APART: Final = frozenset(
    {"membership.DuplicatePair.first", "membership.DuplicatePair.second", "membership.DuplicateCheck.member"}
)


def _take_pairs(lost: Member, kept: Member) -> Moved:
    """What was decided of the lost record holds for the one that is left; likely pairs are looked for anew."""
    pairs = list(DuplicatePair.objects.filter(models.Q(first=lost) | models.Q(second=lost)).order_by("pk"))
    DuplicatePair.objects.filter(pk__in=[pair.pk for pair in pairs]).delete()
    DuplicateCheck.objects.filter(member=lost).delete()
    carried = []
    for pair in pairs:
        other = pair.second_id if pair.first_id == lost.pk else pair.first_id
        if pair.state == PairState.DIFFERENT and other != kept.pk:
            first, second = sorted((kept.pk, other))
            known, made = DuplicatePair.objects.get_or_create(
                first_id=first,
                second_id=second,
                defaults={
                    "county_id": pair.county_id,
                    "score": pair.score,
                    "reasons": pair.reasons,
                    "state": pair.state,
                    "found_at": pair.found_at,
                    "decided_by_id": pair.decided_by_id,
                    "decided_at": pair.decided_at,
                },
            )
            carried += [known.pk] if made else []
    return {"pairs": [snapshot(pair) for pair in pairs], "carried": carried}


def _give_pairs_back(moved: Mapping[str, Any]) -> None:
    DuplicatePair.objects.filter(pk__in=moved.get("carried", ())).delete()
    there = set(
        Member.objects.filter(
            pk__in={row[side] for row in moved.get("pairs", ()) for side in ("first_id", "second_id")}
        ).values_list("pk", flat=True)
    )
    for row in moved.get("pairs", ()):
        if row["first_id"] in there and row["second_id"] in there:
            DuplicatePair.objects.bulk_create([restored(DuplicatePair, row)], ignore_conflicts=True)
