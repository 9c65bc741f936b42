"""Corrections as a workbook for the central register, at once or by a worker."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from typing import IO, Final

from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.actions import record
from accounts.enums import Verb
from accounts.models import User
from common import clock
from common.dates import format_long
from common.numbers import format_int
from jobs import actions as jobs
from jobs.models import Job
from membership.actions.corrections import report_before
from membership.corrections import corrections, left_out, span_of
from membership.exporting.files import Format, Head, writing
from membership.exporting.jobs import checking, rights
from membership.exporting.writing import CHUNK, Exporter, file_name, not_in_file, origin
from membership.models import Branch, CorrectionsReport

CORRECTIONS_EXPORT: Final = "corrections_export"


@dataclass(slots=True)
class CorrectionsFile:
    """What one report tells, written from the history; `count` is how many lines it has."""

    branch: Branch
    report: CorrectionsReport
    by: Exporter
    count: int
    progress: Callable[[int], None] = lambda _done: None

    def write(self, file: IO[bytes]) -> None:
        """Write it as a workbook."""
        span = span_of(self.report, report_before(self.report))
        title = _("Corrections, %(branch)s") % {"branch": self.branch.name}
        amount = ngettext("%(n)s row.", "%(n)s rows.", self.count) % {"n": format_int(self.count)}
        until = _("Made in Medlemsboka until %(day)s.") % {"day": format_long(localtime(self.report.at).date())}
        lines = [title, origin(self.by), until, amount, not_in_file(left_out(self.branch, span))]
        head = Head(_("Corrections"), _headings(), [line for line in lines if line])
        done = 0
        with writing(file, Format.XLSX, head, tick=lambda: self.progress(done)) as rows:
            for told in corrections(self.branch, span):
                day = localtime(told.at).date()
                rows.add(
                    [told.number, told.last_name, told.first_name, told.field, told.before, told.after, day, told.by]
                )
                done += 1
                if done % CHUNK == 0:
                    self.progress(done)


def _headings() -> list[tuple[str, int]]:
    return [
        (_("Member no."), 13),
        (_("Last name"), 20),
        (_("First name"), 20),
        (_("Field"), 20),
        (_("From"), 28),
        (_("To"), 28),
        (_("When"), 12),
        (_("By"), 20),
    ]


def amount_of(branch: Branch, report: CorrectionsReport) -> int:
    """How many lines a report has, told anew: who has moved away since is no longer in it."""
    return sum(1 for _told in corrections(branch, span_of(report, report_before(report))))


def log_corrections(branch: Branch, report: CorrectionsReport, *, count: int, by: User) -> None:
    """One line in the log for each fetching."""
    record(
        Verb.CORRECTIONS_EXPORTED,
        by=by,
        branch_id=branch.pk,
        subject=report,
        count=count,
        up_to=report.up_to,
    )


@jobs.handles(CORRECTIONS_EXPORT)
def export_corrections(job: Job) -> None:
    """One report of many lines."""
    now = clock.now()
    branch, by = Branch.objects.get(pk=job.branch_id), Exporter(job.owner, now, now.date())
    rights(job, branch, by.today)
    check = checking(job, branch, by.today)
    report = CorrectionsReport.objects.filter(branch=branch, pk=job.params["report"]).first()
    if report is None:
        raise jobs.JobFailed(_("The report has been taken back. Fetch the corrections anew."))
    count = amount_of(branch, report)
    jobs.progress(job, 0, total=count)

    def progress(done: int) -> None:
        jobs.progress(job, done)

    made = CorrectionsFile(branch, report, by, count, progress)
    with tempfile.TemporaryFile() as file:
        made.write(file)
        check()
        file.seek(0)
        jobs.keep_result(job, file, name=file_name("endringer", branch, by.today, Format.XLSX))
    log_corrections(branch, report, count=count, by=job.owner)
