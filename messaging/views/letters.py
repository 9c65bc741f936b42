"""Letters on paper: the list, the PDFs, and what is in the post."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.actions import record
from accounts.enums import Verb
from common import clock, listing
from jobs import actions as jobs
from membership.access import BranchRequest, branch_view
from membership.roles import Permission
from messaging.actions.letters import mark_not_posted, mark_posted
from messaging.letters.addressees import message_with_letters, not_posted, recipients_of, shown_of
from messaging.letters.jobs import LABELS, LETTERS, MOST
from messaging.message_words import title_of
from messaging.models import Message

_KINDS: Final = {"brev": LETTERS, "etiketter": LABELS}
POSTED: Final = "postet"


@branch_view(Permission.EXPORT_MEMBERS)
def letters(request: BranchRequest, pk: UUID) -> HttpResponse:
    """Who is to have a letter, and which are in the post."""
    message = _message(request, pk)
    waiting, undo = not_posted(message).count(), _moment(request.GET.get(POSTED, ""))
    shown = listing.fetch_page(shown_of(message), listing.page_number(request.GET))
    record(Verb.RECIPIENTS_LISTED, by=request.user, branch_id=request.branch.pk, subject=message, count=len(shown.rows))
    context = {
        "page": "meldinger",
        "message": message,
        "title": title_of(message),
        "listing": shown,
        "query": "",
        "waiting": min(waiting, MOST),
        "too_many": waiting > MOST,
        "most": MOST,
        "undo": undo,
        "told": _told(message, undo),
    }
    return render(request, "messaging/letters.html", context)


@branch_view(Permission.EXPORT_MEMBERS, methods=("POST",))
def letters_make(request: BranchRequest, pk: UUID) -> HttpResponse:
    """Begin on the PDF; a second tap leads to the first one's page."""
    message = _message(request, pk)
    kind = _KINDS.get(request.POST.get("handling", ""))
    if kind is None:
        messages.error(request, _("Choose letters or labels."))
        return redirect(_page(request, message))
    params = {
        "message": str(message.pk),
        "title": _("Letters, to PDF") if kind == LETTERS else _("Address labels, to PDF"),
        "back": _page(request, message),
    }
    going = request.user.jobs.going(kind, branch_id=request.branch.pk).filter(params=params).first()
    job = going or jobs.start(
        kind,
        by=request.user,
        branch_id=request.branch.pk,
        permission=Permission.EXPORT_MEMBERS,
        params=params,
    )
    return redirect("membership:job", request.branch.slug, job.pk)


@branch_view(Permission.EXPORT_MEMBERS, methods=("POST",))
def letters_posted(request: BranchRequest, pk: UUID) -> HttpResponse:
    """Mark those that the PDF holds as posted; or take that back."""
    message = _message(request, pk)
    if when := _moment(request.POST.get("angre", "")):
        mark_not_posted(message, posted_at=when, by=request.user)
        messages.success(request, _("They are not marked as posted any more."))
        return redirect(_page(request, message))
    ids = list(not_posted(message).values_list("pk", flat=True)[:MOST])
    if not ids or request.POST.get("antall") != str(len(ids)):
        messages.error(request, _("The list has changed since you saw it. Look it over, and mark once more."))
        return redirect(_page(request, message))
    now = clock.machine_time()
    mark_posted(message, recipient_ids=ids, by=request.user, now=now)
    return redirect(f"{_page(request, message)}?{urlencode({POSTED: now.isoformat()})}")


def _told(message: Message, posted_at: datetime | None) -> str:
    """What was marked at that moment; nothing for a moment at which nothing was."""
    count = recipients_of(message).filter(posted_at=posted_at).count() if posted_at else 0
    if not count:
        return ""
    return ngettext("%(n)s letter is marked as posted.", "%(n)s letters are marked as posted.", count) % {"n": count}


def _moment(text: str) -> datetime | None:
    """What an address or a form names; nothing for what is no moment with a zone."""
    try:
        found = parse_datetime(text)
    except ValueError:
        return None
    return found if found and found.tzinfo else None


def _page(request: BranchRequest, message: Message) -> str:
    return reverse("messaging:letters", args=[request.branch.slug, message.pk])


def _message(request: BranchRequest, pk: UUID) -> Message:
    try:
        return message_with_letters(request.branch, pk)
    except Message.DoesNotExist:
        raise Http404
