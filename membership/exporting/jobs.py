"""A long file of members, made by a worker: asked for again there, with the rights its owner has then."""

from __future__ import annotations

import tempfile
from array import array
from collections.abc import Callable
from datetime import date
from typing import Final

from django.utils.translation import gettext as _

from accounts.actions import record
from accounts.enums import Verb
from common import clock
from jobs import actions as jobs
from jobs.models import Job
from membership.access import Access, access_of
from membership.exporting.asked import AskedFor, NotTheirs
from membership.exporting.columns import chosen_columns
from membership.exporting.writing import Exporter, MemberFile, file_name, ids_of, in_files
from membership.models import Branch
from membership.roles import Permission

MEMBER_EXPORT: Final = "member_export"


@jobs.handles(MEMBER_EXPORT)
def export_members(job: Job) -> None:
    """Write the file. The search itself stands in no job: there, the ids it found do."""
    branch, now = Branch.objects.get(pk=job.branch_id), clock.now()
    by, access = Exporter(job.owner, now, now.date()), rights(job, branch, now.date())
    made = MemberFile(
        branch,
        by,
        chosen_columns(access, job.params["columns"]),
        _ids(job, branch, access, now.date()),
        job.params["kind"],
        chosen=job.params["chosen"],
        left_out=job.params["left_out"],
        progress=lambda done: jobs.progress(job, done),
        check=checking(job, branch, now.date()),
    )
    jobs.progress(job, 0, total=len(made.ids))
    with tempfile.TemporaryFile() as file:
        count = made.write(file)
        file.seek(0)
        jobs.keep_result(job, file, name=file_name("medlemmer", branch, by.today, made.kind))
    record(
        Verb.MEMBERS_EXPORTED,
        by=job.owner,
        branch_id=branch.pk,
        subject=job,
        count=count,
        now=now,
        filters=job.params["keys"],
        columns=",".join(column.key for column in made.columns),
        kind=made.kind,
    )


def rights(job: Job, branch: Branch, today: date) -> Access:
    """What the owner may do in the branch now. Raises `JobFailed` where that is not to take lists out."""
    access = access_of(job.owner, branch, on=today)
    if not job.owner.is_active or Permission.EXPORT_MEMBERS not in access:
        raise jobs.JobFailed(_("You can no longer download lists from %(branch)s.") % {"branch": branch.name})
    return access


def checking(job: Job, branch: Branch, today: date) -> Callable[[], None]:
    """Asks again on the way, so that a right that ends stops the file too."""

    def check() -> None:
        job.owner.refresh_from_db(fields=["is_active"])
        rights(job, branch, today)

    return check


def _ids(job: Job, branch: Branch, access: Access, today: date) -> array[int]:
    if job.params["ids"] is not None:
        return array("q", job.params["ids"])
    try:
        asked = AskedFor(branch, access, today, job.params["params"])
        if not asked.is_understood:
            raise NotTheirs
    except NotTheirs:
        raise jobs.JobFailed(_("What you asked for is not there any more. Begin again from the list.")) from None
    return ids_of(in_files(asked.members()))
