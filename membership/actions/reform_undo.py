"""Taking a merger or a split of branches back: whole, or not at all, with the reasons."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.enums import Verb
from accounts.models import User
from membership.actions.reform_steps import set_parent
from membership.actions.summaries import recount
from membership.actions.undo import Undone, obstacles, undo
from membership.extensions import registry
from membership.models import (
    BoardPost,
    Branch,
    BranchNumber,
    ChangeBatch,
    Grant,
    Member,
    SavedView,
    Succession,
)


class StandsInTheWay(Exception):
    """What was done since would be lost; `reasons` are sentences."""

    def __init__(self, reasons: list[str]) -> None:
        super().__init__("later changes")
        self.reasons = reasons


@transaction.atomic
def undo_reform(batch: ChangeBatch, *, by: User, now: datetime, today: date) -> Undone:
    """Everybody back to where they were, and the tree and the access as before. Raises `TooLate`, `StandsInTheWay`."""
    Branch.objects.select_for_update(no_key=True).get(pk=batch.branch_id)
    if reasons := reasons_against(batch):
        raise StandsInTheWay(reasons)
    outcome = undo(batch, by=by, now=now, today=today, verb=Verb.BRANCHES_REFORMED)
    details, touched = batch.details, _touched(batch)
    ended = list(batch.successions.values_list("predecessor_id", flat=True))
    _restore_tree(details, ended)
    _restore_access(details, list(batch.successions.values_list("successor_id", flat=True)), today)
    _restore_dates(BoardPost, details["posts"])
    for view, branch_id in details["views"].items():
        SavedView.objects.filter(pk=view).update(branch_id=branch_id)
    for reform in registry.reforms:
        reform.undo(details["apps"].get(reform.name), details["made"], by, now)
    batch.successions.all().delete()
    _retire(details["made"], date.fromisoformat(details["on"]))
    recount(touched, today=today)
    for rebuild in registry.summaries:
        rebuild(touched)
    return outcome


def reasons_against(batch: ChangeBatch) -> list[str]:
    """Why it cannot be taken back as a whole; empty where it can."""
    made, parents = batch.details["made"], batch.details["parents"]
    reasons = []
    if _is_reformed_since(batch):
        reasons.append(_("One of the branches has been merged or split again since."))
    if Branch.objects.filter(parent__in=made).exclude(pk__in=map(int, parents)).exists():
        reasons.append(_("A branch has been made under the new one since."))
    if count := _newcomers(batch, made):
        reasons.append(
            ngettext(
                "%(count)d member has come to the new branch since. Move them first.",
                "%(count)d members have come to the new branch since. Move them first.",
                count,
            )
            % {"count": count}
        )
    return reasons


def _touched(batch: ChangeBatch) -> set[int]:
    pairs = batch.successions.values_list("predecessor_id", "successor_id")
    return {pk for pair in pairs for pk in pair} | {int(pk) for pk in batch.details["parents"]}


def _is_reformed_since(batch: ChangeBatch) -> bool:
    newest = batch.successions.order_by("-id").values_list("pk", flat=True).first() or 0
    later, involved = Succession.objects.filter(pk__gt=newest), _touched(batch)
    return later.filter(predecessor__in=involved).exists() or later.filter(successor__in=involved).exists()


def _newcomers(batch: ChangeBatch, made: list[int]) -> int:
    """Who would be left in a branch that is no more: came since, or came back to it."""
    here = set(Member.objects.filter(branch__in=made).values_list("pk", flat=True))
    brought = set(batch.changes.filter(member__branch__in=made).values_list("member_id", flat=True))
    return len(here - brought) + len(here & brought & obstacles(batch).keys()) if here else 0


def _restore_tree(details: Mapping[str, Any], ended: list[int]) -> None:
    Branch.objects.filter(pk__in=ended, valid_to=details["on"]).update(valid_to=None)
    for local_id, (before, after) in details["parents"].items():
        if Branch.objects.filter(pk=local_id, parent_id=after).exists():
            set_parent(int(local_id), Branch.objects.get(pk=before))
    BranchNumber.objects.filter(pk__in=details.get("numbers", [])).delete()
    for number, valid_to in details.get("numbers_ended", {}).items():
        BranchNumber.objects.filter(pk=number).update(valid_to=valid_to)


def _restore_access(details: Mapping[str, Any], heirs: list[int], today: date) -> None:
    """What was given goes, and so does other access to a branch that is no more.

    Who has lost the role in the heir since does not get it back in the old branch.
    """
    going = Grant.objects.filter(Q(ends_on__isnull=True) | Q(ends_on__gt=today))
    held = set(going.filter(branch__in=heirs).values_list("user_id", "role"))
    gone = Q(pk__in=details["given"]) | Q(branch__in=details["made"])
    going.filter(gone, starts_on__lt=today).update(ends_on=today)
    going.filter(gone, starts_on__gte=today).update(ends_on=F("starts_on"))
    for grant in Grant.objects.filter(pk__in=details["grants"]):
        if (grant.user_id, grant.role) in held:
            Grant.objects.filter(pk=grant.pk).update(ends_on=details["grants"][str(grant.pk)])


def _restore_dates(model: Any, ends: Mapping[str, str | None]) -> None:
    for pk, ends_on in ends.items():
        model.objects.filter(pk=pk).update(ends_on=ends_on)


def _retire(made: list[int], on: date) -> None:
    """Branches made by it stay for the history's sake, in force on no day since, and leave their address free."""
    for branch in Branch.objects.filter(pk__in=made):
        branch.valid_from, branch.valid_to = on - timedelta(days=1), on
        branch.slug = f"{branch.slug[:60]}-angret-{branch.pk}"
        branch.save(update_fields=["valid_from", "valid_to", "slug"])
