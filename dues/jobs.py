"""Work of this app that outlives a request."""

from __future__ import annotations

import tempfile

from django.utils.translation import gettext as _

from accounts.actions import record
from accounts.enums import Verb
from common import clock
from dues.call_lists import unpaid_claims
from dues.export import Exporter, unpaid_file_name, write_unpaid
from jobs import actions as jobs
from jobs.models import Job
from membership.access import may
from membership.models import Branch
from membership.roles import Permission

UNPAID_EXPORT = "unpaid_export"


@jobs.handles(UNPAID_EXPORT)
def export_unpaid(job: Job) -> None:
    """The unpaid list of one branch and year as a workbook; asks again whether the owner may have it."""
    now = clock.now()
    branch = Branch.objects.get(pk=job.branch_id)
    year = int(job.params["year"])
    if not may(job.owner, Permission.EXPORT_MEMBERS, branch, on=now.date()):
        raise jobs.JobFailed(_("You can no longer download lists from %(branch)s.") % {"branch": branch.name})
    filters = job.params["filters"]
    jobs.progress(job, 0, total=unpaid_claims(branch, year, filters).count())
    with tempfile.TemporaryFile() as file:
        count = write_unpaid(
            branch,
            year,
            file=file,
            by=Exporter(job.owner, now),
            filters=filters,
            progress=lambda done: jobs.progress(job, done),
        )
        file.seek(0)
        jobs.keep_result(job, file, name=unpaid_file_name(branch, year, now.date()))
    record(Verb.UNPAID_EXPORTED, by=job.owner, branch_id=branch.pk, subject=job, count=count, now=now, year=year)
