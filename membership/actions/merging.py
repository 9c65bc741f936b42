"""One record folded into another: what it said that was chosen, all that hung on it, and its number."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, ClassVar, Final

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.actions import record
from accounts.enums import Verb
from accounts.models import User
from membership.actions.editing import Edit, Pen, ask_for_duplicates, locked, open_batch, write
from membership.actions.relations import move_relations, snapshot
from membership.actions.summaries import recount
from membership.duplicates.choosing import branch_source, merged_values
from membership.enums import BatchKind, ChangeSource
from membership.extensions import registry
from membership.models import Branch, FormerNumber, Member, MemberChange, Merge

APPS: Final = "apps"


class MergeRefused(Exception):
    """Two records that cannot be merged; `sentence` says why, and what to do."""

    sentence: ClassVar[str | Promise] = ""


class OneRecord(MergeRefused):
    """The same twice."""

    sentence = _("This is one and the same record. Choose another one.")


class GoneMeanwhile(MergeRefused):
    """Merged, moved away or erased since the page was shown."""

    sentence = _("Somebody else has merged or moved one of them in the meantime. Nothing was changed.")


class ChangedMeanwhile(MergeRefused):
    """What was chosen from is no longer what stands there."""

    sentence = _("Somebody has changed one of them in the meantime. Look at them again before you merge them.")


def mark_of(member: Member) -> str:
    """What a form carries to tell whether the record has been changed since."""
    return member.updated_at.isoformat()


@transaction.atomic
def merge(
    branch: Branch,
    *,
    kept_id: int,
    lost_id: int,
    chosen: Mapping[str, str],
    by: User,
    now: datetime,
    today: date,
    seen: Mapping[int, str] | None = None,
) -> Merge:
    """Fold one record into another; both belong to the branch or one under it. Can be taken back for 14 days.

    `chosen`: by key of `duplicates.choosing.CHOICES`, the id of the record whose value is kept. One may have left and
    the other not: the status is chosen like the rest. `seen`: what the form had of each. Raises `MergeRefused`.
    """
    kept, lost = _both(branch, kept_id, lost_id, seen)
    batch = open_batch(branch, kind=BatchKind.MERGE, by=by, now=now, count=1, kept=kept.pk, lost=lost.pk)
    values = merged_values(kept, lost, chosen)
    target = branch_source(kept, lost, chosen).branch
    tags = {member.pk: list(member.tags.order_by("pk").values_list("pk", flat=True)) for member in (kept, lost)}
    store = {"row": snapshot(lost), "tags": tags[lost.pk]}
    old_branches = {kept.branch_id, lost.branch_id}
    moved: dict[str, Any] = move_relations(lost, kept, now=now)
    write(
        [Edit(kept, values, target, frozenset(tags[kept.pk] + tags[lost.pk]))],
        pen=Pen(by, ChangeSource.MERGE, now, today, batch),
        quietly=True,
    )
    MemberChange.objects.create(
        member=kept, batch=batch, field="merged", after=lost.member_number, source=ChangeSource.MERGE, by=by, at=now
    )
    moved[APPS] = {merger.name: merger.merge(kept, lost, by, now) for merger in registry.mergers}
    FormerNumber.objects.update_or_create(number=lost.member_number, defaults={"member": kept, "batch": batch})
    made = Merge.objects.create(batch=batch, kept=kept, lost_id=lost.pk, lost=store, moved=moved)
    record(Verb.MEMBER_MERGED, by=by, branch_id=kept.branch_id, subject=kept, now=now, lost=lost.pk)
    Member.objects.filter(pk=lost.pk).delete()
    ask_for_duplicates([kept.pk], now=now)
    recount(old_branches | {kept.branch_id}, today=today)
    return made


def _both(branch: Branch, kept_id: int, lost_id: int, seen: Mapping[int, str] | None) -> tuple[Member, Member]:
    """The two, locked: of two officers who merge them at the same time, the second finds one gone."""
    if kept_id == lost_id:
        raise OneRecord
    found = {member.pk: member for member in locked(branch.members.filter(pk__in=(kept_id, lost_id)))}
    if len(found) != 2:
        raise GoneMeanwhile
    if seen is not None and any(mark_of(member) != seen.get(pk) for pk, member in found.items()):
        raise ChangedMeanwhile
    return found[kept_id], found[lost_id]
