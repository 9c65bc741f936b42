"""Members' requests: what waits, registering one, and answering it in time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts.actions import record
from accounts.enums import Verb
from common import clock
from membership.access import BranchRequest, branch_view
from membership.roles import Permission
from privacy.actions import requests as actions
from privacy.enums import RequestKind, RequestWay
from privacy.export import as_json
from privacy.models import RightsRequest
from privacy.request_forms import NOBODY, AnswerForm, ExtendForm, NewRequestForm
from privacy.request_mail import email_of
from privacy.request_page import data_for, detail_page, handled_in, list_page, members_like, request_in

FIND: Final = "finn"


@branch_view(Permission.MANAGE_PRIVACY, Permission.RECORD_LEAVING)
def request_list(request: BranchRequest) -> HttpResponse:
    """What waits, the most urgent first; or all."""
    context = list_page(request)
    record(Verb.REQUESTS_LISTED, by=request.user, branch_id=request.branch.pk, count=context["listing"].total.count)
    return render(request, "privacy/request_list.html", context)


@branch_view(Permission.MANAGE_PRIVACY, Permission.RECORD_LEAVING, methods=("GET", "POST"))
def request_new(request: BranchRequest) -> HttpResponse:
    """Register one that came by email, letter, phone or in person; the button beside the name only looks."""
    posted = request.method == "POST"
    found = members_like(request, request.POST.get("q", "")[:80])
    if posted and found:
        record(Verb.MEMBERS_SEARCHED, by=request.user, branch_id=request.branch.pk, count=len(found))
    looks = request.POST.get("handling") == FIND
    data, typed = (None, request.POST.dict()) if looks else (request.POST if posted else None, None)
    form = NewRequestForm(data, found=found, today=request.today, typed=typed)
    if not form.is_valid():
        context = {"page": "personvern", "form": form, "found": found, "looked": looks}
        return render(request, "privacy/request_new.html", context, status=422 if form.is_bound else 200)
    values = form.cleaned_data
    member = next((one for one in found if str(one.pk) == values["member"] != NOBODY), None)
    made = actions.open_request(
        member.branch if member else request.branch,
        member=member,
        kind=RequestKind(values["kind"]),
        way=RequestWay(values["way"]),
        text=values["text"],
        received_on=values["received_on"],
        by=request.user,
        now=clock.now(),
        today=request.today,
    )
    messages.success(request, _("The request is registered. Those who answer for it in the county see it now."))
    return redirect("privacy:request_detail", request.branch.slug, made.pk)


@branch_view(Permission.MANAGE_PRIVACY, Permission.RECORD_LEAVING)
def request_detail(request: BranchRequest, pk: int) -> HttpResponse:
    """One request: what to do, and what has been done."""
    one = request_in(request, pk)
    record(Verb.REQUESTS_LISTED, by=request.user, branch_id=one.branch_id, subject=one)
    return render(request, "privacy/request_detail.html", detail_page(request, one))


@branch_view(Permission.MANAGE_PRIVACY)
def request_data(request: BranchRequest, pk: int) -> HttpResponse:
    """All we have on the one who asks for access, as the member would get it; to be handed over to that one alone."""
    one = handled_in(request, pk)
    member = data_for(request, one)
    if member is None:
        raise Http404
    record(Verb.MY_DATA_FETCHED, by=request.user, branch_id=member.branch_id, subject=member, way="request")
    answer = JsonResponse(as_json(member, request.today), json_dumps_params={"ensure_ascii": False, "indent": 2})
    answer.headers["Content-Disposition"] = f'attachment; filename="innsyn-{one.pk}.json"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


@branch_view(Permission.MANAGE_PRIVACY, methods=("POST",))
def request_extend(request: BranchRequest, pk: int) -> HttpResponse:
    """Two months more; the member is told why."""
    one = handled_in(request, pk)
    form = ExtendForm(request.POST, prefix="extend")
    if not form.is_valid():
        return _again(request, one, extend_form=form)

    def do() -> bool:
        return actions.extend(
            one,
            because=form.cleaned_data["because"],
            by=request.user,
            now=clock.now(),
            today=request.today,
            machine_now=clock.machine_time(),
        )

    return _done(request, one, do, _("The deadline is two months later."), must_tell=True)


@branch_view(Permission.MANAGE_PRIVACY, methods=("POST",))
def request_answer(request: BranchRequest, pk: int) -> HttpResponse:
    """It is answered."""
    return _answer(request, handled_in(request, pk), "answer", actions.answer, _("The request is answered."))


@branch_view(Permission.MANAGE_PRIVACY, methods=("POST",))
def request_refuse(request: BranchRequest, pk: int) -> HttpResponse:
    """No, with a reason."""
    return _answer(request, handled_in(request, pk), "refuse", actions.refuse, _("The request is refused."))


@branch_view(Permission.MANAGE_PRIVACY, methods=("POST",))
def request_withdraw(request: BranchRequest, pk: int) -> HttpResponse:
    """The member does not want it any more."""
    one = handled_in(request, pk)

    def do() -> bool:
        actions.withdraw(one, by=request.user, today=request.today)
        return False

    return _done(request, one, do, _("It is written down that the member has withdrawn the request."))


def _answer(
    request: BranchRequest, one: RightsRequest, prefix: str, act: Callable[..., bool], said: str
) -> HttpResponse:
    form = AnswerForm(request.POST, prefix=prefix, can_email=bool(email_of(one.member)))
    if not form.is_valid():
        return _again(request, one, **{f"{prefix}_form": form})

    def do() -> bool:
        return act(
            one,
            text=form.cleaned_data["text"],
            email=form.wants_email,
            by=request.user,
            today=request.today,
            machine_now=clock.machine_time(),
        )

    return _done(request, one, do, said, must_tell=not form.wants_email)


def _done(
    request: BranchRequest, one: RightsRequest, do: Callable[[], bool], said: str, *, must_tell: bool = False
) -> HttpResponse:
    """Do it, and say what is left to do; a second officer, who came too late, is told."""
    try:
        sent = do()
    except actions.NotOpen:
        messages.error(request, _("Somebody has closed this request meanwhile. Nothing was changed."))
    except actions.TooLateToExtend:
        messages.error(request, _("More time is taken once, and before the first month is over. Answer it now."))
    else:
        told = ""
        if sent:
            told = _("The member gets an email.")
        elif must_tell:
            told = _("Nothing was sent: tell the member by letter or in person. You can print it here.")
        messages.success(request, f"{said} {told}".strip())
    return redirect("privacy:request_detail", request.branch.slug, one.pk)


def _again(request: BranchRequest, one: RightsRequest, **bound: ExtendForm | AnswerForm) -> HttpResponse:
    return render(request, "privacy/request_detail.html", detail_page(request, one, dict(bound)), status=422)
