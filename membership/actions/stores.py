"""What the register keeps of the erased where no foreign key leads: files, previews, undo stores, others' history.

Only what is still kept is looked through, never the whole register: a file goes after a day, a result after two weeks.
What an officer wrote by hand in a list of the board stays as the branch's history, until an officer takes it away.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import partial
from typing import Any, Final

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from jobs import actions as jobs
from membership.actions import imports
from membership.enums import ImportState
from membership.extensions import Erasure
from membership.models import Branch, FormerNumber, Member, MemberChange, Merge, RegisterImport, SavedView

_UNCONFIRMED: Final = (ImportState.UPLOADED, ImportState.READ, ImportState.FAILED)
_IN_BRACKETS: Final = re.compile(r"\(([^()]+)\)")
_AT_ONCE: Final = 500
_RECRUITED: Final = "recruited_by_text"


def wipe(members: Sequence[Member], now: datetime) -> None:
    """Some hundreds at once, in the transaction that takes their rows away. May run twice."""
    del now
    numbers = _numbers_of(members)
    around = {pk for member in members for pk in (member.branch_id, member.municipal_id, member.county_id) if pk}
    jobs.withdraw(around, problem=_("Somebody who may be in the file has been erased since. Make it again."))
    _throw_away_files(around)
    counties = {member.county_id for member in members}
    _forget_recruiter(numbers)
    _wipe_merges(numbers)
    _wipe_history(numbers)
    _wipe_searches(members, numbers, counties)


def _numbers_of(members: Sequence[Member]) -> set[str]:
    former = FormerNumber.objects.filter(member__in=[member.pk for member in members])
    return {member.member_number for member in members} | set(former.values_list("number", flat=True))


def _throw_away_files(branch_ids: Iterable[int]) -> None:
    """Files that nobody has confirmed, with their previews, and workbooks of results; the officer is told why."""
    theirs = RegisterImport.objects.filter(branch__in=list(branch_ids))
    sentence = _("Somebody who may be in the file has been erased since. Upload the file again.")
    for made in theirs.filter(state__in=_UNCONFIRMED).exclude(file="").order_by("pk"):
        # The file itself goes when all of this is certain; should that fail, the hourly cleaning finds it.
        thrown = RegisterImport.objects.filter(pk=made.pk, state__in=_UNCONFIRMED).update(
            state=ImportState.FAILED, preview={}, decisions={}, mapping={}, file_name="", problem=sentence
        )
        if thrown:
            transaction.on_commit(partial(imports.forget, made), robust=True)
    sentence = _("What happened to each row is thrown away, because somebody in the register has been erased since.")
    for made in theirs.filter(state=ImportState.APPLIED).exclude(result_file="").order_by("pk"):
        RegisterImport.objects.filter(pk=made.pk).update(problem=sentence)
        transaction.on_commit(partial(imports.forget_result, made), robust=True)


def _forget_recruiter(numbers: set[str]) -> None:
    """Others' “Recruited by: Kari (100234)” loses who it was."""
    named = Member.objects.with_recruiter_text().filter(recruited_by_text__contains="(")
    rows = named.values_list("pk", _RECRUITED).iterator(_AT_ONCE)
    Member.objects.filter(pk__in=[pk for pk, text in rows if _names(text, numbers)]).update(recruited_by_text="")


def _wipe_merges(numbers: set[str]) -> None:
    """A lost record that may be taken apart again, and says who recruited it."""
    for merge in Merge.objects.order_by("pk").iterator(_AT_ONCE):
        row = merge.lost["row"]
        if _names(row.get(_RECRUITED, ""), numbers):
            row[_RECRUITED] = ""
            Merge.objects.filter(pk=merge.pk).update(lost=merge.lost)


def _wipe_history(numbers: set[str]) -> None:
    """Others' history: whom they were merged with and told apart from again, and who recruited them."""
    changes = MemberChange.objects.naming_others()
    found: dict[str, list[int]] = {"before": [], "after": []}
    for pk, before, after in changes.values_list("pk", "before", "after").iterator(chunk_size=5_000):
        for side, value in (("before", before), ("after", after)):
            if isinstance(value, str) and (value in numbers or _names(value, numbers)):
                found[side].append(pk)
    for side, ids in found.items():
        MemberChange.objects.filter(pk__in=ids).update(**{side: None})


def _names(text: Any, numbers: set[str]) -> bool:
    return isinstance(text, str) and not numbers.isdisjoint(part.strip() for part in _IN_BRACKETS.findall(text))


def _wipe_searches(members: Sequence[Member], numbers: set[str], counties: set[int]) -> None:
    """A view that somebody saved of a search for one of them."""
    marks = {text.casefold() for text in numbers} | {
        text.casefold()
        for member in members
        for text in (member.full_name, member.email, member.mobile, member.phone)
        if text
    }
    saved = SavedView.objects.filter(branch__in=Branch.objects.filter(Q(pk__in=counties) | Q(county__in=counties)))
    for pk, params in saved.values_list("pk", "params"):
        if not marks.isdisjoint(_words(params)):
            SavedView.objects.filter(pk=pk).delete()


def _words(params: Any) -> set[str]:
    values = params.values() if isinstance(params, dict) else [json.dumps(params)]
    return {str(value).strip().casefold() for value in values}


ERASURE: Final = Erasure("membership", wipe)
