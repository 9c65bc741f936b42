"""Where members belong, and from when: placements are closed and opened, and taken back, many at a time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from membership.models import Member, Placement


def place_all(members: Sequence[Member], *, on: date) -> None:
    """Open each member's placement in its branch, and close the one before; none is closed before it began."""
    opened = _open_of(members)
    begins: dict[date, list[int]] = {}
    new: list[Placement] = []
    for member in members:
        old = opened.get(member.pk)
        if old is not None and old.branch_id == member.branch_id:
            continue
        day = max(on, old.from_on) if old is not None and old.from_on else on
        if old is not None:
            begins.setdefault(day, []).append(old.pk)
        new.append(Placement(member=member, branch_id=member.branch_id, from_on=day))
    for day, ids in begins.items():
        Placement.objects.filter(pk__in=ids).update(to_on=day)
    Placement.objects.bulk_create(new, batch_size=1000)


def place_back(members: Sequence[Member], *, on: date) -> None:
    """As if the last move had not been, for those who are back where they came from; the others move there on a day."""
    opened = _open_of(members)
    last = _last_closed(members)
    again: list[int] = []
    gone: list[int] = []
    others: list[Member] = []
    for member in members:
        now, before = opened.get(member.pk), last.get(member.pk)
        if now and before and before.branch_id == member.branch_id and before.to_on == now.from_on:
            gone.append(now.pk)
            again.append(before.pk)
        else:
            others.append(member)
    Placement.objects.filter(pk__in=gone).delete()
    Placement.objects.filter(pk__in=again).update(to_on=None)
    place_all(others, on=on)


def _open_of(members: Iterable[Member]) -> dict[int, Placement]:
    ids = [member.pk for member in members]
    return {row.member_id: row for row in Placement.objects.filter(member_id__in=ids, to_on__isnull=True)}


def _last_closed(members: Iterable[Member]) -> dict[int, Placement]:
    """Each member's newest placement that has an end."""
    ids = [member.pk for member in members]
    closed = Placement.objects.filter(member_id__in=ids, to_on__isnull=False).order_by("to_on", "id")
    return {row.member_id: row for row in closed}
