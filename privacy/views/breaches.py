"""Breaches: reporting one, the routine in order, the template letters."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts.actions import record
from accounts.enums import Verb
from common import clock
from membership.access import BranchRequest, branch_view
from membership.roles import Permission
from messaging.actions.messages import save_draft
from messaging.audience import label_of, people_audience
from privacy.actions import breaches as actions
from privacy.breach_forms import BreachForm, ReportForm, breach_form
from privacy.breach_letters import LETTERS, Letter, letter_named, text_of
from privacy.breach_page import TooMany, breach_in, detail_page, ids_who_got_it, list_page, message_asked, sent_part
from privacy.enums import BreachKind
from privacy.models import Breach
from privacy.refusals import Refused

CLOSE = "lukk"


@branch_view(Permission.REPORT_BREACH, Permission.MANAGE_PRIVACY)
def breach_list(request: BranchRequest) -> HttpResponse:
    """Those of the branch and under it, the latest first."""
    context = list_page(request, clock.now())
    record(Verb.BREACHES_LISTED, by=request.user, branch_id=request.branch.pk, count=context["listing"].total.count)
    return render(request, "privacy/breach_list.html", context)


@branch_view(Permission.REPORT_BREACH, methods=("GET", "POST"))
def breach_new(request: BranchRequest) -> HttpResponse:
    """Report one; `?melding=` names the message that went to the wrong people."""
    message, now = message_asked(request), clock.now()
    form = ReportForm(
        request.POST if request.method == "POST" else None, now=now, kind=BreachKind.SENT_WRONG if message else ""
    )
    if form.is_valid():
        values = form.cleaned_data
        try:
            made = actions.report(
                message.branch if message else request.branch,
                kind=BreachKind(values["kind"]),
                what=values["what"],
                found_at=form.found_at,
                measures=values["measures"],
                affected=values["affected"],
                message=message,
                by=request.user,
                now=now,
                machine_now=clock.machine_time(),
            )
        except Refused as refusal:
            form.add_error(refusal.field, str(refusal.sentence))
        else:
            messages.success(request, _("It is reported. Those who answer for it in the county get an email now."))
            return redirect("privacy:breach_detail", request.branch.slug, made.pk)
    context = {"page": "personvern", "form": form, "sent": sent_part(request, message) if message else None}
    return render(request, "privacy/breach_new.html", context, status=422 if form.errors else 200)


@branch_view(Permission.REPORT_BREACH, Permission.MANAGE_PRIVACY)
def breach_detail(request: BranchRequest, pk: int) -> HttpResponse:
    """One breach: the routine in order, with the clock."""
    one = breach_in(request, pk)
    record(Verb.BREACHES_LISTED, by=request.user, branch_id=one.branch_id, subject=one)
    return _detail(request, one)


@branch_view(Permission.MANAGE_PRIVACY, methods=("POST",))
def breach_save(request: BranchRequest, pk: int) -> HttpResponse:
    """Save what is written down; with the other button close it too."""
    one, now = breach_in(request, pk), clock.now()
    form = breach_form(one, request.POST)
    if not form.is_valid():
        return _detail(request, one, form)
    closes = request.POST.get("handling") == CLOSE
    try:
        saved = actions.save(one, seen=form.cleaned_data["seen"], values=form.values, by=request.user, now=now)
    except actions.ChangedMeanwhile as refusal:
        return _changed(request, one, refusal)
    except actions.ClosedAlready as refusal:
        messages.error(request, str(refusal.sentence))
        return redirect("privacy:breach_detail", request.branch.slug, one.pk)
    except Refused as refusal:
        form.add_error(refusal.field, str(refusal.sentence))
        return _detail(request, one, form)
    if closes:
        return _close(request, saved, now)
    messages.success(request, _("It is saved."))
    return redirect("privacy:breach_detail", request.branch.slug, one.pk)


def _close(request: BranchRequest, one: Breach, now: datetime) -> HttpResponse:
    try:
        actions.close(one, by=request.user, now=now)
    except actions.ClosedAlready as refusal:
        messages.error(request, str(refusal.sentence))
    except Refused as refusal:
        # What was typed is saved; the form goes on from there.
        fresh = breach_in(request, one.pk)
        form = breach_form(fresh, {**request.POST.dict(), "seen": fresh.changed_at.isoformat()})
        form.add_error(refusal.field, str(refusal.sentence))
        return _detail(request, fresh, form)
    else:
        messages.success(request, _("The breach is closed. It stays here, to show what was done."))
    return redirect("privacy:breach_detail", request.branch.slug, one.pk)


def _changed(request: BranchRequest, one: Breach, refusal: Refused) -> HttpResponse:
    """What was typed stays in the form, what stands now is shown beside it; saving once more is on purpose."""
    fresh = breach_in(request, one.pk)
    form = breach_form(fresh, {**request.POST.dict(), "seen": fresh.changed_at.isoformat()})
    form.add_error(None, str(refusal.sentence))
    return _detail(request, fresh, form, theirs=True)


def _detail(
    request: BranchRequest, one: Breach, form: BreachForm | None = None, *, theirs: bool = False
) -> HttpResponse:
    context: dict[str, Any] = detail_page(request, one, clock.now(), form, theirs=theirs)
    context["kinds"] = LETTERS
    return render(request, "privacy/breach_detail.html", context, status=422 if form and form.errors else 200)


@branch_view(Permission.MANAGE_PRIVACY)
def breach_letter(request: BranchRequest, pk: int, which: str) -> HttpResponse:
    """A template letter filled in, to copy; with `?fil` as a file of plain text."""
    one, letter = breach_in(request, pk), _letter(which)
    text = text_of(letter, one)
    record(Verb.BREACHES_LISTED, by=request.user, branch_id=one.branch_id, subject=one)
    if "fil" not in request.GET:
        context = {"page": "personvern", "one": one, "letter": letter, "text": text}
        return render(request, "privacy/breach_letter.html", context)
    response = HttpResponse("\ufeff" + text.replace("\n", "\r\n"), content_type="text/plain; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{letter.key}-{one.pk}.txt"'
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def _letter(which: str) -> Letter:
    letter = letter_named(which)
    if letter is None:
        raise Http404
    return letter


@branch_view(Permission.MANAGE_PRIVACY, methods=("POST",))
def breach_write(request: BranchRequest, pk: int) -> HttpResponse:
    """A draft to those who got the message, with the letter that asks them to delete it; nothing is sent by this."""
    one = breach_in(request, pk)
    if Permission.WRITE_MESSAGES not in request.access or one.message is None:
        raise Http404
    try:
        ids = ids_who_got_it(one.message, request.branch)
    except TooMany as refusal:
        messages.error(request, str(refusal.sentence))
        return redirect("privacy:breach_detail", request.branch.slug, one.pk)
    if not ids:
        messages.error(request, _("Nobody who got it is in the register here now."))
        return redirect("privacy:breach_detail", request.branch.slug, one.pk)
    audience, letter = people_audience(ids), _letter("mottakere")
    text = {"subject": _("A message that was not for you"), "body": text_of(letter, one), "sms": ""}
    draft = save_draft(
        request.branch,
        values={
            "audience": audience,
            "audience_label": label_of(request.branch, audience, request.today),
            "purpose": "service",
            "texts": {"nb": text},
        },
        by=request.user,
        now=clock.machine_time(),
    )
    return redirect("messaging:message_edit", request.branch.slug, draft.pk)
