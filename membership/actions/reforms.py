"""Merging and splitting branches: with a date, in one transaction, and so that it can be taken back.

Members go to the new branch with a placement from the date; local branches get the new parent; officers get the same
role there. The old branch ends, and stays as it was in every figure before the date.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, ClassVar, Final

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.actions import record
from accounts.enums import Verb
from accounts.models import User
from membership.actions import reform_steps as steps
from membership.actions.branches import create_branch, free_slug
from membership.actions.editing import Edit, Pen, locked, open_batch, write
from membership.actions.summaries import recount
from membership.enums import BatchKind, BranchKind, ChangeSource, ImportState
from membership.extensions import registry
from membership.models import Branch, BranchNumber, ChangeBatch, Member, RegisterImport, Succession

CHUNK: Final = 1000


class ReformRefused(Exception):
    """A merger or split that cannot be; `sentence` says why."""

    sentence: ClassVar[str | Promise] = ""
    field: ClassVar[str | None] = None


class TooFew(ReformRefused):
    """One branch is no merger, and one part no split."""

    sentence = _("Choose at least two branches.")


class NotSisters(ReformRefused):
    """Branches of different levels, or under different parents."""

    sentence = _("Only branches of the same kind, right under the same one, can be merged.")


class NotInForce(ReformRefused):
    """One of them has ended already: somebody else was first."""

    sentence = _("One of the branches is no more. Open the page again.")


class InFuture(ReformRefused):
    """A day that has not been."""

    sentence = _("The date has not been yet. Write today's date or an earlier one.")
    field = "on"


class BeforeBranch(ReformRefused):
    """Before one of the branches was there."""

    sentence = _("One of the branches was not there yet on that day. Write a later date.")
    field = "on"


class ImportRunning(ReformRefused):
    """Members are being written meanwhile."""

    sentence = _("A register file is being imported. Wait until it is done.")


class NameTaken(ReformRefused):
    """A sister has the same place already."""

    sentence = _("There is a branch with that place already. Choose it instead, or write another place.")
    field = "place"


class NumberTaken(ReformRefused):
    """Another municipality has the number."""

    sentence = _("Another branch has that municipality number.")
    field = "number"


class NotOfTheBranch(ReformRefused):
    """A member or local branch that is not of the branch that is split."""

    sentence = _("Some of those chosen no longer belong to the branch. Open the page again.")


@dataclass(frozen=True, slots=True)
class Heir:
    """A branch that is there after the reform: one that exists, or the words for one to be made."""

    branch: Branch | None = None
    name: str = ""
    place: str = ""
    other_names: str = ""
    number: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """What of a branch that is split goes to one heir: members by id, and whole local branches."""

    heir: Heir
    member_ids: frozenset[int] = frozenset()
    local_ids: frozenset[int] = frozenset()


@transaction.atomic
def merge(branches: Sequence[Branch], *, into: Heir, on: date, by: User, now: datetime, today: date) -> ChangeBatch:
    """Let branches become one from a day on; `into` is a new one or one that goes on. Raises `ReformRefused`."""
    old = _locked([branch for branch in branches if branch != into.branch], today)
    if len(old) + (into.branch is not None) < 2:
        raise TooFew
    _check(old, into, on, today)
    batch = _open(old[0], by, now)
    heir = _heir(into, old[0], on, by)
    heirs = {branch.pk: [heir] for branch in old}
    details: dict[str, Any] = {"kind": "merger", "on": on.isoformat(), "made": _made(into, heir), "parents": {}}
    pen = Pen(by, ChangeSource.REFORM, now, on, batch)
    count = 0
    for branch in old:
        details["parents"] |= steps.adopt(branch, dict.fromkeys(_locals(branch), heir))
        count += _move_all(branch.home_members.all(), heir, pen)
    details |= steps.hand_over(heirs, ended=old, on=on, by=by, today=today, now=now)
    details |= steps.pass_on_numbers(old, heir, into.number, on=on)
    steps.end(old, on=on)
    _finish(batch, heirs, details, count, by=by, today=today, now=now)
    return batch


@transaction.atomic
def split(
    branch: Branch, *, parts: Sequence[Part], rest: int | None, on: date, by: User, now: datetime, today: date
) -> ChangeBatch:
    """Let one branch become several from a day on. `rest` is the part that gets whoever was not chosen for another.

    Without `rest` the branch goes on with them, else it ends. Raises `ReformRefused`.
    """
    (old,) = _locked([branch], today)
    if len(parts) + (rest is None) < 2:
        raise TooFew
    for part in parts:
        if part.heir.branch == old:
            raise NotSisters
        _check([old], part.heir, on, today)
    _check_parts(old, parts)
    batch = _open(old, by, now)
    heirs = [_heir(part.heir, old, on, by) for part in parts]
    made = [pk for part, heir in zip(parts, heirs, strict=True) for pk in _made(part.heir, heir)]
    details: dict[str, Any] = {"kind": "split", "on": on.isoformat(), "made": made, "parents": {}}
    pen = Pen(by, ChangeSource.REFORM, now, on, batch)
    count = 0
    for part, heir in zip(parts, heirs, strict=True):
        details["parents"] |= steps.adopt(old, dict.fromkeys(part.local_ids, heir))
        count += _move_all(old.home_members.filter(pk__in=part.member_ids), heir, pen)
    ended = []
    if rest is not None:
        details["parents"] |= steps.adopt(old, dict.fromkeys(_locals(old), heirs[rest]))
        count += _move_all(old.home_members.all(), heirs[rest], pen)
        ended = [old]
    details |= steps.hand_over({old.pk: heirs}, ended=ended, on=on, by=by, today=today, now=now)
    steps.end(ended, on=on)
    _finish(batch, {old.pk: heirs}, details, count, by=by, today=today, now=now)
    return batch


def _locked(branches: Sequence[Branch], today: date) -> list[Branch]:
    """As the database has them, while nobody else reforms, imports or makes call lists in the county."""
    if not branches:
        raise TooFew
    county_id = branches[0].root_id
    Branch.objects.select_for_update(no_key=True).get(pk=county_id)
    if RegisterImport.objects.filter(county_id=county_id, state=ImportState.APPLYING).exists():
        raise ImportRunning
    found = list(
        Branch.objects.in_force(today).filter(pk__in=[branch.pk for branch in branches]).order_by("sort_key", "id")
    )
    if len(found) != len(branches):
        raise NotInForce
    return found


def _check(old: Sequence[Branch], into: Heir, on: date, today: date) -> None:
    sisters = {(branch.kind, branch.parent_id) for branch in [*old, *([into.branch] if into.branch else [])]}
    if len(sisters) != 1 or old[0].kind == BranchKind.COUNTY:
        raise NotSisters
    if into.branch and not Branch.objects.in_force(today).filter(pk=into.branch.pk).exists():
        raise NotInForce
    if on > today:
        raise InFuture
    # An heir that went on before may have been there on the very day.
    if any(on <= branch.valid_from for branch in old) or (into.branch and on < into.branch.valid_from):
        raise BeforeBranch
    if into.branch is None and _is_taken(old, into.place, today):
        raise NameTaken
    in_use = BranchNumber.objects.filter(number=into.number, valid_to__isnull=True).exclude(branch__in=old)
    if into.number and in_use.exists():
        raise NumberTaken


def _is_taken(old: Sequence[Branch], place: str, today: date) -> bool:
    """By a sister that goes on; a merged branch may well be called as one of the merged."""
    sisters = Branch.objects.in_force(today).filter(parent_id=old[0].parent_id, place__iexact=place.strip())
    return sisters.exclude(pk__in=[branch.pk for branch in old]).exists()


def _check_parts(old: Branch, parts: Sequence[Part]) -> None:
    members = [pk for part in parts for pk in part.member_ids]
    local_ids = [pk for part in parts for pk in part.local_ids]
    own = set(_locals(old))
    if len(set(members)) != len(members) or len(set(local_ids)) != len(local_ids) or not own.issuperset(local_ids):
        raise NotOfTheBranch
    if old.home_members.filter(pk__in=members).count() != len(members):
        raise NotOfTheBranch


def _open(branch: Branch, by: User, now: datetime) -> ChangeBatch:
    return open_batch(Branch.objects.get(pk=branch.root_id), kind=BatchKind.REFORM, by=by, now=now)


def _heir(into: Heir, beside: Branch, on: date, by: User) -> Branch:
    if into.branch is not None:
        return into.branch
    parent = beside.parent
    return create_branch(
        parent,
        name=into.name.strip(),
        place=into.place.strip(),
        other_names=into.other_names.strip(),
        slug=free_slug(into.place, above=parent.place if parent else ""),
        valid_from=on,
        by=by,
    )


def _made(into: Heir, heir: Branch) -> list[int]:
    return [] if into.branch is not None else [heir.pk]


def _locals(branch: Branch) -> list[int]:
    return list(branch.children.order_by("id").values_list("pk", flat=True))


def _move_all(members: Any, heir: Branch, pen: Pen) -> int:
    """Members of every status, a thousand at a time, until none is left."""
    ids = list(members.order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(ids), CHUNK):
        some = locked(Member.objects.filter(pk__in=ids[start : start + CHUNK]))
        write([Edit(member, branch=heir) for member in some], pen=pen, quietly=True)
    return len(ids)


def _finish(
    batch: ChangeBatch,
    heirs: Mapping[int, Sequence[Branch]],
    details: dict[str, Any],
    count: int,
    *,
    by: User,
    today: date,
    now: datetime,
) -> None:
    """Who followed whom, what the apps above do, and every count anew."""
    Succession.objects.bulk_create(
        Succession(kind=details["kind"], batch=batch, predecessor_id=old, successor=heir, from_on=details["on"])
        for old, found in heirs.items()
        for heir in found
        if heir.pk != old
    )
    ids = {old: [heir.pk for heir in found] for old, found in heirs.items()}
    details["apps"] = {reform.name: reform.follow(ids, by, now) for reform in registry.reforms}
    batch.details, batch.count = details, count
    batch.save(update_fields=["details", "count"])
    touched = {*ids, *(pk for found in ids.values() for pk in found), *map(int, details["parents"])}
    recount(touched, today=today)
    for rebuild in registry.summaries:
        rebuild(touched)
    record(
        Verb.BRANCHES_REFORMED,
        by=by,
        branch_id=batch.branch_id,
        subject=batch,
        count=count,
        now=now,
        before=sorted(ids),
        after=sorted({pk for found in ids.values() for pk in found}),
    )
