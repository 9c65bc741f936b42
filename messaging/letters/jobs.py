"""Making the PDFs, in the background: with the rights that whoever asked has then."""

from __future__ import annotations

import io
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.utils.translation import gettext as _

from accounts.actions import record
from accounts.enums import Verb
from common import clock
from common.dates import format_long
from jobs import actions as jobs
from jobs.models import Job
from membership.access import may
from membership.models import Branch
from membership.roles import Permission
from messaging.actions.letters import leave_out
from messaging.letters.addressees import Letter, day_of, in_envelopes, not_posted, sorted_out
from messaging.letters.blocks import filled, read_blocks
from messaging.letters.printing import print_labels, print_letters
from messaging.models import Message
from messaging.writing.compose import Composer
from messaging.writing.placeholders import put_in

LETTERS: Final = "messages.letters"
LABELS: Final = "messages.labels"
# As many as one file can hold and one person can fold; the next file has the rest, once these are marked as posted.
MOST: Final = 2_000


@jobs.handles(LETTERS)
def make_letters(job: Job) -> None:
    """One letter for each envelope that is not in the post yet."""
    message = _message(job)
    composer = Composer(message)
    envelopes = _envelopes(job, message, composer)
    made = print_letters(
        _written(envelopes, composer),
        title=_("Letters"),
        sender=message.branch.name,
        contact=message.branch.email,
        date=format_long(day_of(message, clock.now())),
    )
    _keep(job, made, _("letters"), message, envelopes)


@jobs.handles(LABELS)
def make_labels(job: Job) -> None:
    """One label for each envelope that is not in the post yet."""
    message = _message(job)
    envelopes = _envelopes(job, message, Composer(message))
    made = print_labels([envelope.address for envelope in envelopes], title=_("Address labels"))
    _keep(job, made, _("labels"), message, envelopes)


def _message(job: Job) -> Message:
    """The message, while whoever asked may take addresses out of its branch. Raises `JobFailed`."""
    branch = Branch.objects.get(pk=job.branch_id)
    if not may(job.owner, Permission.EXPORT_MEMBERS, branch, on=clock.today()):
        raise jobs.JobFailed(_("You can no longer download lists from %(branch)s.") % {"branch": branch.name})
    message = Message.objects.of(branch).select_related("branch").filter(pk=UUID(job.params["message"])).first()
    if message is None:
        raise jobs.JobFailed(_("The message is not there any more."))
    return message


def _envelopes(job: Job, message: Message, composer: Composer) -> list[Letter]:
    waiting = list(not_posted(message)[:MOST])
    fine, fallen = sorted_out(waiting, message.purpose, on=clock.today())
    leave_out(message, fallen)
    if not fine:
        raise jobs.JobFailed(_("There are no letters to print."))
    composer.load(fine)
    jobs.progress(job, 0, total=len(fine))
    return in_envelopes(fine, is_personal=composer.is_personal)


def _written(envelopes: list[Letter], composer: Composer) -> list[dict[str, Any]]:
    read: dict[str, list[dict[str, Any]]] = {}
    letters = []
    for envelope in envelopes:
        text, values = composer.text_for(envelope.people), composer.values(envelope.people)
        blocks = read.setdefault(text.language, read_blocks(text.body))
        subject = " ".join(put_in(text.subject, values).split())
        letters.append({"address": envelope.address, "subject": subject, "blocks": filled(blocks, values)})
    return letters


def _keep(job: Job, made: bytes, word: str, message: Message, envelopes: list[Letter]) -> None:
    now: datetime = clock.now()
    jobs.keep_result(job, io.BytesIO(made), name=f"{word}-{message.branch.slug}-{now:%Y-%m-%d}.pdf")
    people = sum(len(envelope.people) for envelope in envelopes)
    record(Verb.LETTERS_MADE, by=job.owner, branch_id=message.branch_id, subject=message, count=people, now=now)
