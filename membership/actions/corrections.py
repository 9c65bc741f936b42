"""Telling the central register of corrections: how far it has been told, and taking that back."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.db import connection, transaction
from django.db.models import Max

from accounts.actions import record
from accounts.enums import Verb
from accounts.models import User
from membership.models import Branch, CorrectionsReport, Member, MemberChange

_WRITERS: Final = (Member, MemberChange)


class NothingNew(Exception):
    """Somebody has just made a report: what was seen as new has been told."""


class NotTheLast(Exception):
    """A later report builds on this one, or it has been taken back already."""


@transaction.atomic
def report_corrections(branch: Branch, *, after: int, by: User, now: datetime) -> CorrectionsReport:
    """Mark what has been corrected so far as told. `after` is the last report that was seen, 0 for none.

    `now` is the machine's true time: members who were registered later are told the next time. Raises `NothingNew`.
    The count is the file's to fill in.
    """
    _wait_for_writers()
    last = last_report(branch)
    up_to = MemberChange.objects.aggregate(most=Max("pk"))["most"] or 0
    if (last.pk if last else 0) != after:
        raise NothingNew
    return CorrectionsReport.objects.create(branch=branch, up_to=up_to, by=by, at=now)


def note_count(report: CorrectionsReport, *, count: int) -> None:
    """Keep how many lines the file had."""
    CorrectionsReport.objects.filter(pk=report.pk).update(count=count)


@transaction.atomic
def take_back(branch: Branch, *, pk: int, by: User) -> None:
    """Not sent after all: what it told is to be told again. Raises `NotTheLast`."""
    last = CorrectionsReport.objects.select_for_update().filter(branch=branch).order_by("-pk").first()
    if last is None or last.pk != pk:
        raise NotTheLast
    # Of two who press, one finds it.
    removed, _rows = CorrectionsReport.objects.filter(pk=pk).delete()
    if not removed:
        raise NotTheLast
    record(Verb.CORRECTIONS_RECALLED, by=by, branch_id=branch.pk, report=pk)


def last_report(branch: Branch) -> CorrectionsReport | None:
    """The newest of a branch's own."""
    return CorrectionsReport.objects.filter(branch=branch).order_by("-pk").first()


def report_before(report: CorrectionsReport) -> CorrectionsReport | None:
    """The one that this one went on from."""
    return CorrectionsReport.objects.filter(branch=report.branch_id, pk__lt=report.pk).order_by("-pk").first()


def _wait_for_writers() -> None:
    """Let those who are writing finish first.

    Ids are given out before they are seen: one that is on its way would be passed over, and never be told. SQLite has
    one writer, which is us.
    """
    if connection.vendor != "postgresql":
        return
    tables = ", ".join(connection.ops.quote_name(model._meta.db_table) for model in _WRITERS)
    with connection.cursor() as cursor:
        cursor.execute(f"LOCK TABLE {tables} IN SHARE ROW EXCLUSIVE MODE")
