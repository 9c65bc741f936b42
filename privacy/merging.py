"""What leaving, keeping and rights have on two records of one person that become one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, ClassVar, Final

from django.db import models
from django.utils.functional import Promise
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from membership.actions.merging import MergeRefused
from membership.actions.relations import restored, snapshot
from membership.extensions import Merger
from membership.models import Member
from privacy.models import AccessLink, Departure, Hold, RightsRequest, StayAgreement, UnpaidCase, UnpaidRound

# Of each table, what a member has one of at most; None for a row that there is always room for.
_ONE_OF: Final[Mapping[type[models.Model], Callable[[Any], object]]] = {
    Departure: lambda row: "standing" if row.returned_at is None else None,
    Hold: lambda row: "open" if row.lifted_at is None else None,
    StayAgreement: lambda row: row.year,
    UnpaidCase: lambda row: row.round_id,
    AccessLink: lambda _row: None,
    RightsRequest: lambda _row: None,
}


class HeldBack(MergeRefused):
    """Somebody has decided about one of them alone."""

    sentence: ClassVar[str | Promise] = _(
        "One of them is held back from being erased. End that first, and merge them afterwards."
    )


class Leaves(MergeRefused):
    """One of them has left and waits to be erased."""

    sentence: ClassVar[str | Promise] = _("One of them has left, and is to be erased. It cannot be merged.")


def merge(kept: Member, lost: Member, _by: User, now: datetime) -> dict[str, Any]:
    """Move the lost record's where there is room; else the kept one's wins. Raises `HeldBack` and `Leaves`."""
    both = [kept.pk, lost.pk]
    if Departure.objects.standing().filter(member__in=both).exists():
        raise Leaves
    if Hold.objects.in_force(localdate(now)).filter(member__in=both).exists():
        raise HeldBack
    return {model.__name__: _move(model, one_of, kept, lost) for model, one_of in _ONE_OF.items()}


def undo(kept: Member, lost: Member, data: Any, _by: User, _now: datetime) -> None:
    """Give back what was moved, and what there was no room for."""
    rounds = set(UnpaidRound.objects.values_list("pk", flat=True)) if data else set()
    for model in _ONE_OF:
        store = (data or {}).get(model.__name__)
        if not store:
            continue
        model._default_manager.filter(pk__in=store["moved"], member=kept).update(member=lost)
        rows = [row for row in store["folded"] if row.get("round_id") is None or row["round_id"] in rounds]
        model._default_manager.bulk_create([restored(model, row) for row in rows])


def _move(model: type[models.Model], one_of: Callable[[Any], object], kept: Member, lost: Member) -> dict[str, Any]:
    rows = model._default_manager
    taken = {one_of(row) for row in rows.filter(member=kept).order_by("pk")} - {None}
    theirs = list(rows.filter(member=lost).order_by("pk").select_for_update())
    folded = [row for row in theirs if one_of(row) in taken]
    moved = [row.pk for row in theirs if one_of(row) not in taken]
    rows.filter(pk__in=[row.pk for row in folded]).delete()
    rows.filter(pk__in=moved).update(member=kept)
    return {"moved": moved, "folded": [snapshot(row) for row in folded]}


MERGER: Final = Merger("privacy", frozenset(f"{model._meta.label}.member" for model in _ONE_OF), merge, undo)
