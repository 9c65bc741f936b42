"""Taking a merge apart again: both records as they were, with what hung on each."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from accounts.enums import Verb
from accounts.models import User
from membership.actions.editing import ask_for_duplicates, locked
from membership.actions.merging import APPS
from membership.actions.relations import move_back, restored
from membership.actions.summaries import recount
from membership.actions.undo import TooLate, obstacles, undo
from membership.enums import ChangeSource
from membership.extensions import registry
from membership.models import Branch, ChangeBatch, FormerNumber, Member, MemberChange, Merge, Tag
from membership.models.member import GONE


class UndoRefused(Exception):
    """What came after stands in the way; `sentence` says what."""

    def __init__(self, sentence: str | Promise) -> None:
        super().__init__(str(sentence))
        self.sentence = sentence


def merges_in(branch: Branch, now: datetime) -> Any:
    """Merges that may still be taken back, of members of a branch and the branches under it."""
    return (
        Merge.objects.filter(batch__undone_at__isnull=True, batch__undo_until_at__gt=now, **branch.scope_of("kept__"))
        .exclude(kept__status__in=GONE)
        .select_related("batch", "kept")
    )


def was_in(branch: Branch, merge: Merge) -> bool:
    """Whether the lost record belonged to the branch or one under it: undoing brings it back there."""
    row = merge.lost["row"]
    return all(row[column] == pk for column, pk in branch.scope_of().items())


@transaction.atomic
def undo_merge(merge: Merge, *, by: User, now: datetime, today: date) -> Member:
    """Make two records of it again; the one that was lost. Raises `TooLate` or `UndoRefused`; then nothing is changed.

    What was paid, called and written since stays where it is: what was moved goes back, with what has come on it.
    """
    found = locked(Member.objects.filter(pk=merge.kept_id))
    batch = ChangeBatch.objects.undoable(now).filter(pk=merge.batch_id).first()
    if not found or batch is None:
        raise TooLate
    kept = found[0]
    _refuse_what_is_in_the_way(merge, batch, kept)
    FormerNumber.objects.filter(batch=batch).delete()
    if undo(batch, by=by, now=now, today=today, verb=Verb.MERGE_UNDONE).kept:
        raise UndoRefused(_("The member has been changed since."))
    kept.refresh_from_db()
    lost = _bring_back(merge)
    move_back(merge.moved, lost, kept)
    try:
        with transaction.atomic():
            for merger in registry.mergers:
                merger.undo(kept, lost, merge.moved[APPS].get(merger.name), by, now)
    except IntegrityError:
        raise UndoRefused(_("Claims or calls have been changed since.")) from None
    MemberChange.objects.create(
        member=kept, field="merged", before=lost.member_number, source=ChangeSource.UNDO, by=by, at=now
    )
    merge.delete()
    ask_for_duplicates([kept.pk, lost.pk], now=now)
    recount({kept.branch_id, lost.branch_id}, today=today)
    return lost


def _refuse_what_is_in_the_way(merge: Merge, batch: ChangeBatch, kept: Member) -> None:
    if kept.status in GONE:
        # The same person: whoever has left does not come back by half.
        raise UndoRefused(_("The member has left."))
    merged = MemberChange.objects.of([kept.pk]).filter(batch=batch, field="merged").order_by("-id").first()
    since = MemberChange.objects.of([kept.pk]).since(merged.pk if merged else 0)
    if since.filter(field="merged", after__isnull=False, batch__undone_at__isnull=True).exists():
        raise UndoRefused(_("The member has been merged with another since. Undo that first."))
    if since.filter(source=ChangeSource.IMPORT).exists():
        raise UndoRefused(_("An import has changed the member since."))
    number = merge.lost["row"]["member_number"]
    if Member.objects.filter(member_number=number).exists():
        raise UndoRefused(_("Another member has the number now."))
    if reason := obstacles(batch).get(kept.pk):
        raise UndoRefused(reason)


def _bring_back(merge: Merge) -> Member:
    """The lost record, with the id and the number it had."""
    row = dict(merge.lost["row"])
    if not Member.objects.filter(pk=row["recruited_by_id"]).exists():
        row["recruited_by_id"] = None
    if not ChangeBatch.objects.filter(pk=row["created_in_id"], undone_at__isnull=True).exists():
        row["created_in_id"] = None
    lost = restored(Member, row)
    times = {"created_at": lost.created_at, "updated_at": lost.updated_at}
    lost.save(force_insert=True)
    # Both fill themselves when a row is made.
    Member.objects.filter(pk=lost.pk).update(**times)
    lost.tags.set(Tag.objects.filter(pk__in=merge.lost["tags"]))
    return lost
