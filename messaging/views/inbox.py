"""The inbox of a branch: what members have written, and what is done with it."""

from __future__ import annotations

from uuid import UUID, uuid4

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _

from accounts.actions import record
from accounts.enums import Verb
from common import clock
from common.clock import machine_time
from common.text import clean_lines
from membership.access import BranchRequest, branch_view
from membership.roles import Permission
from messaging.actions import inbox as actions
from messaging.enums import Channel
from messaging.inbox_page import Answering, candidates_of, count_part, detail_page, inbox_of, list_page, saved_text
from messaging.models import InboxMessage

ANSWER = Permission.ANSWER_INBOX


def _message_in(request: BranchRequest, pk: int) -> InboxMessage:
    found: InboxMessage = get_object_or_404(inbox_of(request.branch), pk=pk)
    return found


@branch_view(ANSWER)
def inbox_list(request: BranchRequest) -> HttpResponse:
    """What waits for an answer, the oldest first; or what is dealt with."""
    context = list_page(request)
    record(Verb.INBOX_OPENED, by=request.user, branch_id=request.branch.pk, count=context["listing"].total.count)
    return render(request, "messaging/inbox_list.html", context)


@branch_view(ANSWER)
def inbox_detail(request: BranchRequest, pk: int) -> HttpResponse:
    """One message, with the talk it is part of."""
    message = _message_in(request, pk)
    record(Verb.INBOX_OPENED, by=request.user, branch_id=message.branch_id, subject=message)
    return render(request, "messaging/inbox_detail.html", detail_page(request, message))


@branch_view(ANSWER, methods=("POST",))
def inbox_answer(request: BranchRequest, pk: int) -> HttpResponse:
    """Send an answer; or put a saved one into the form, or count its parts, and send nothing."""
    message = _message_in(request, pk)
    text = request.POST.get("tekst", "").replace("\r\n", "\n")
    handling = request.POST.get("handling")
    if handling == "tell" and request.htmx:
        return render(request, "messaging/_inbox_count.html", count_part(request, message, text))
    if handling in {"hent", "tell"}:
        wanted = request.POST.get("lagret", "") if handling == "hent" else ""
        saved = saved_text(request.branch, wanted, message.channel)
        return _form(request, message, Answering("\n\n".join(filter(None, (text, saved)))), status=200)
    if error := _wrong_with(text, message):
        return _form(request, message, Answering(text, error))
    try:
        actions.answer(
            message,
            text=text,
            seen=_number(request.POST.get("sett", "")),
            form_token=_token(request.POST.get("form_token", "")),
            by=request.user,
            now=clock.now(),
            machine_now=machine_time(),
        )
    except actions.MovedMeanwhile:
        raise Http404
    except actions.InboxRefused as refusal:
        return _form(request, message, Answering(text, _sentence(refusal)))
    messages.success(request, _("The answer is on its way."))
    return redirect("messaging:inbox_list", request.branch.slug)


def _form(request: BranchRequest, message: InboxMessage, form: Answering, *, status: int = 422) -> HttpResponse:
    return render(request, "messaging/inbox_detail.html", detail_page(request, message, form), status=status)


def _wrong_with(text: str, message: InboxMessage) -> str:
    longest = actions.LONGEST_SMS if message.channel == Channel.SMS else actions.LONGEST_EMAIL
    if not clean_lines(text):
        return _("Write an answer first.")
    if len(text) <= longest:
        return ""
    said = _("Shorten the answer: it has %(n)d characters, and %(most)d is the most.")
    return said % {"n": len(text), "most": longest}


def _sentence(refusal: actions.InboxRefused) -> str:
    if isinstance(refusal, actions.AnsweredMeanwhile):
        return _("Somebody else has answered meanwhile. Read it below, and send yours if it is still needed.")
    if isinstance(refusal, actions.Stopped):
        return _("Nothing goes there: the member has answered STOPP, or the address does not work. Call instead.")
    return _("There is no answering this sender. Find the member in the register, and call.")


def _number(raw: str) -> int:
    return int(raw) if raw.isascii() and raw.isdigit() and len(raw) < 7 else 0


def _token(raw: str) -> UUID:
    """The form's own; a form without one is a new one each time."""
    try:
        return UUID(raw)
    except ValueError:
        return uuid4()


@branch_view(ANSWER, methods=("POST",))
def inbox_forward(request: BranchRequest, pk: int) -> HttpResponse:
    """Hand it to another branch of the county."""
    message = _message_in(request, pk)
    county = request.branch.county or request.branch
    to = county.subtree.in_force(request.today).filter(slug=request.POST.get("lag", "")[:80]).first()
    if to is None:
        messages.error(request, _("Choose which branch it is for."))
        return redirect("messaging:inbox_detail", request.branch.slug, message.pk)
    try:
        actions.forward(message, to=to, by=request.user, now=clock.now())
    except actions.NotThere:
        messages.error(request, _("The message is there already. Choose another branch."))
        return redirect("messaging:inbox_detail", request.branch.slug, message.pk)
    except actions.MovedMeanwhile:
        raise Http404
    messages.success(request, _("The message is forwarded. %(branch)s answers it now.") % {"branch": to.name})
    return redirect("messaging:inbox_list", request.branch.slug)


@branch_view(ANSWER, methods=("POST",))
def inbox_close(request: BranchRequest, pk: int) -> HttpResponse:
    """It needs no answer; or it does after all."""
    message = _message_in(request, pk)
    if request.POST.get("angre"):
        actions.open_again(message, by=request.user, now=clock.now())
        messages.success(request, _("The message waits for an answer again."))
        return redirect("messaging:inbox_detail", request.branch.slug, message.pk)
    if actions.close(message, by=request.user, now=clock.now()):
        url = reverse("messaging:inbox_detail", args=[request.branch.slug, message.pk])
        text = _("Put aside: it needs no answer.")
        messages.success(request, format_html('{} <a class="ds-link" href="{}#angre">{}</a>', text, url, _("Undo")))
    else:
        messages.info(request, _("Somebody has dealt with it already."))
    return redirect("messaging:inbox_list", request.branch.slug)


@branch_view(ANSWER, methods=("POST",))
def inbox_who(request: BranchRequest, pk: int) -> HttpResponse:
    """Which of those who share the address it was."""
    message = _message_in(request, pk)
    chosen = request.POST.get("hvem", "")
    member = next((one for one in candidates_of(message) if str(one.pk) == chosen), None)
    if member is None and chosen != "vet-ikke":
        raise Http404
    actions.choose_who(message, member=member, by=request.user, now=clock.now())
    messages.success(request, _("It is written down."))
    return redirect("messaging:inbox_detail", request.branch.slug, message.pk)
