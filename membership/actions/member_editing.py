"""Changing one member by hand: what two change at once is merged field by field, and never overwritten unseen."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction

from accounts.models import User
from membership.actions.editing import Edit, Pen, locked, write
from membership.changes import NOTE, from_json
from membership.enums import ChangeSource, MemberStatus
from membership.models import Branch, Member, MemberChange


class NotHere(Exception):
    """The member no longer belongs to the branch."""


class GuardianMissing(Exception):
    """Under 15, and no guardian has consented."""


class LeftBeforeJoined(Exception):
    """The day of joining lies after the day of leaving."""


class ChangedMeanwhile(Exception):
    """Somebody changed the same fields after the form was made; nothing is saved. `mine` are all columns one changed.

    `overtaken` tells of each: from what stood there when the form was made, to what the last one made of it.
    """

    def __init__(self, overtaken: Sequence[MemberChange], mine: Collection[str]) -> None:
        super().__init__("changed meanwhile")
        self.overtaken = overtaken
        self.mine = mine


@transaction.atomic
def edit_member(
    member: Member,
    *,
    branch: Branch,
    values: Mapping[str, Any],
    tags: frozenset[int] | None,
    since: int,
    by: User | None,
    now: datetime,
    today: date,
    source: ChangeSource = ChangeSource.OFFICER,
) -> bool:
    """Write what was changed in a form that was made when `since` was the member's newest change; whether anything was.

    `values` holds every column the form speaks of; `tags` is None where it does not speak of groups, and `by` where
    the member has it in hand. What others changed and this form did not, stays as they left it.
    Raises `NotHere`, `ChangedMeanwhile`, `GuardianMissing` and `LeftBeforeJoined`.
    """
    fresh = lock_here(member, branch=branch)
    lacked = _lacks(fresh, {}, on=today)
    wanted = {**values} if tags is None else {**values, "tags": sorted(tags)}
    now_there = {name: _present(fresh, name) for name in wanted}
    meanwhile = _meanwhile(fresh, since)
    mine = {
        name: value for name, value in wanted.items() if value != _as_shown(name, now_there[name], meanwhile.get(name))
    }
    overtaken = [meanwhile[name] for name, value in mine.items() if name in meanwhile and value != now_there[name]]
    if overtaken:
        raise ChangedMeanwhile(overtaken, frozenset(mine))
    changed_tags = tags if mine.pop("tags", None) is not None else None
    if not lacked and _lacks(fresh, mine, on=today):
        raise GuardianMissing
    joined_on = mine.get("joined_on", fresh.joined_on)
    if "joined_on" in mine and fresh.left_on and joined_on and joined_on > fresh.left_on:
        raise LeftBeforeJoined
    return bool(write([Edit(fresh, mine, tags=changed_tags)], pen=Pen(by, source, now, today)))


def lock_here(member: Member, *, branch: Branch) -> Member:
    """The member as the database has it, held until the transaction ends. Raises `NotHere`."""
    found = locked(branch.members.filter(pk=member.pk))
    if not found:
        raise NotHere
    return found[0]


def _present(member: Member, name: str) -> Any:
    if name == "tags":
        return sorted(member.tags.order_by("pk").values_list("pk", flat=True))
    return getattr(member, name)


def _meanwhile(member: Member, since: int) -> dict[str, MemberChange]:
    """Field → its changes since, as one: nothing of it is saved."""
    found: dict[str, MemberChange] = {}
    for change in MemberChange.objects.of([member.pk]).since(since).in_order().select_related("by"):
        if first := found.get(change.field):
            change.before = first.before
        found[change.field] = change
    return found


def _as_shown(name: str, now_there: Any, overtaken: MemberChange | None) -> Any:
    """What the form showed. Of a note the history does not tell: it is among the values only where it was touched."""
    if overtaken is None or name == NOTE:
        return now_there
    return overtaken.before if name == "tags" else from_json(name, overtaken.before)


def _lacks(member: Member, changes: Mapping[str, Any], *, on: date) -> bool:
    """Whether a member is in the register without the consent that it takes."""
    columns = ("status", "birth_on", "birth_year", "guardian_name", "guardian_consent_on")
    then = Member(**{name: changes.get(name, getattr(member, name)) for name in columns})
    return then.status == MemberStatus.MEMBER and then.lacks_consent(on=on)
