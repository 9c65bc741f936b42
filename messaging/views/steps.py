"""What one does with a message from its page: approve, send back, take back, stop, try again, decide. POST only."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common.clock import machine_time
from common.numbers import format_int
from membership.access import BranchRequest, branch_view
from membership.links import url_if_there
from membership.roles import Permission
from messaging.actions import deciding
from messaging.actions import messages as actions
from messaging.actions.messages import Refused
from messaging.message_page import message_in
from messaging.models import Message


@branch_view(Permission.SEND_MESSAGES, methods=("POST",))
def message_approve(request: BranchRequest, pk: UUID) -> HttpResponse:
    """Say yes as the second person."""
    message = message_in(request, pk, to_approve=True)
    try:
        actions.approve(message, by=request.user, now=machine_time(), today=request.today)
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Approved. It goes out as the sender wanted."))
    return _answered(request, message)


@branch_view(Permission.SEND_MESSAGES, methods=("POST",))
def message_send_back(request: BranchRequest, pk: UUID) -> HttpResponse:
    """Say no, with a sentence to the writer."""
    message = message_in(request, pk, to_approve=True)
    reason = request.POST.get("reason", "")
    try:
        actions.send_back(message, by=request.user, now=machine_time(), today=request.today, reason=reason)
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Sent back. It is a draft again, with what you wrote."))
    return _answered(request, message)


def _answered(request: BranchRequest, message: Message) -> HttpResponse:
    """The message; its list for one who only stood in, and may not see it any more."""
    if request.branch.pk in (message.branch_id, message.municipal_id, message.county_id):
        return redirect("messaging:message_detail", request.branch.slug, message.pk)
    return redirect("messaging:message_list", request.branch.slug)


@branch_view(Permission.SEND_MESSAGES, methods=("POST",))
def message_take_back(request: BranchRequest, pk: UUID) -> HttpResponse:
    """Make it a draft again, to be changed or left."""
    message = message_in(request, pk)
    try:
        actions.take_back(message, by=request.user, now=machine_time())
    except Refused as refusal:
        messages.error(request, str(refusal))
        return _page(request, message)
    messages.success(request, _("It is a draft again. Nothing has been sent."))
    slug = message.branch.slug
    edit = url_if_there("messaging:message_edit", slug, pk) if Permission.WRITE_MESSAGES in request.access else ""
    return redirect(edit) if edit else redirect("messaging:message_detail", slug, pk)


@branch_view(Permission.SEND_MESSAGES, methods=("POST",))
def message_stop(request: BranchRequest, pk: UUID) -> HttpResponse:
    """Send no more of it. No question is asked: one who wants to stop is in a hurry."""
    message = message_in(request, pk)
    try:
        gone = actions.stop(message, by=request.user, now=machine_time())
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        told = ngettext(
            "Stopped. It had gone to %(n)s person by then.", "Stopped. It had gone to %(n)s people by then.", gone
        )
        messages.success(request, told % {"n": format_int(gone)} if gone else _("Stopped. It had gone to nobody."))
    return _page(request, message)


@branch_view(Permission.SEND_MESSAGES, methods=("POST",))
def message_retry(request: BranchRequest, pk: UUID) -> HttpResponse:
    """Try again what failed, where that is safe."""
    message = message_in(request, pk)
    try:
        count = actions.retry_failed(message, by=request.user, now=machine_time())
    except Refused as refusal:
        messages.error(request, str(refusal))
        return _page(request, message)
    told = ngettext("Sent again to %(n)s address.", "Sent again to %(n)s addresses.", count)
    messages.success(request, told % {"n": format_int(count)} if count else _("There was nothing to send again."))
    return _page(request, message)


@branch_view(Permission.SEND_MESSAGES, methods=("POST",))
def message_decide(request: BranchRequest, pk: UUID) -> HttpResponse:
    """Of what nobody knows: say that it arrived, one or all; or send one again, knowing that it may come twice."""
    message = message_in(request, pk)
    handling, now = request.POST.get("handling"), machine_time()
    try:
        if handling == "alle":
            done = deciding.mark_arrived(message, by=request.user, now=now)
        elif handling == "kom-fram":
            done = deciding.mark_arrived(message, by=request.user, now=now, delivery_id=_delivery(request))
        elif handling == "igjen":
            done = deciding.send_again(message, _delivery(request), by=request.user, now=now)
        else:
            raise Http404
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        _say(request, bool(done), again=handling == "igjen")
    return redirect("messaging:message_recipients", request.branch.slug, message.pk)


def _delivery(request: BranchRequest) -> UUID:
    try:
        return UUID(request.POST.get("levering", ""))
    except ValueError:
        raise Http404 from None


def _say(request: BranchRequest, done: bool, *, again: bool) -> None:
    if not done:
        messages.info(request, _("Somebody had decided that already."))
    elif again:
        messages.success(request, _("It is sent again."))
    else:
        messages.success(request, _("Noted as sent."))


def _page(request: BranchRequest, message: Message) -> HttpResponse:
    return redirect("messaging:message_detail", request.branch.slug, message.pk)
