"""Writing a message: whom it is for, how it goes, what it says, when; and the way to its sending.

One form, one page. Each press saves the draft; htmx asks for the same page while one types, and saves nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final
from urllib.parse import urlencode
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.actions import record
from accounts.enums import Verb
from common import clock, listing
from common.phone import format_phone
from membership.access import BranchRequest, branch_view
from membership.roles import Permission
from messaging.actions import messages as actions
from messaging.actions.messages import Refused, Why
from messaging.actions.trials import NothingToTry, send_trial
from messaging.audience import NotAnAudience
from messaging.audience.plan import left_out_members
from messaging.enums import Reason
from messaging.forms import MessageForm
from messaging.models import Message
from messaging.picking import BAR, DROP, draft_from_register, first_audience, hits, with_people
from messaging.sketch import (
    Offers,
    Sketch,
    empty_sketch,
    form_of,
    read_version,
    saved_sketch,
    typed_sketch,
    version_of,
)
from messaging.swapping import with_chosen_template, with_look_alikes
from messaging.writing_context import page_context
from messaging.writing_page import Outlook

DOING: Final = "handling"
SEND: Final = "send"
TRY: Final = "test"
OVERWRITE: Final = "overskriv"
SAVE: Final = "utkast"
LOOK: Final = "vis"
FIND: Final = "finn"
LANGUAGE: Final = "sprak"

# What a press does to the words before they are saved.
_CHANGES: Final[Mapping[str, Callable[[BranchRequest, Sketch], Sketch]]] = {
    "mal": with_chosen_template,
    "bytt": with_look_alikes,
    "legg_til": with_people,
    "fjern": with_people,
}


@branch_view(Permission.WRITE_MESSAGES, methods=("GET", "POST"))
def message_new(request: BranchRequest) -> HttpResponse:
    """A new one. The register's bar posts members here; a filtered list sends its filters in the address."""
    if request.method == "POST":
        if request.POST.get(DOING) == BAR:
            return draft_from_register(request)
        return _posted(request, _made_by_form(request))
    offers = Offers(request)
    audience, label, refused = first_audience(request, offers)
    if refused:
        messages.error(request, refused)
    sketch = empty_sketch(request, audience, label)
    return _page(request, form_of(offers, sketch), sketch)


@branch_view(Permission.WRITE_MESSAGES, methods=("GET", "POST"))
def message_edit(request: BranchRequest, pk: UUID) -> HttpResponse:
    """Write on; what is no draft any more has a page of its own."""
    saved = _own(request, pk)
    if not saved.is_draft:
        return redirect("messaging:message_detail", request.branch.slug, pk)
    if request.method == "POST":
        return _posted(request, saved)
    sketch = saved_sketch(request, saved)
    return _page(request, form_of(Offers(request), sketch, language=request.GET.get(LANGUAGE, "")), sketch)


@branch_view(Permission.SEND_MESSAGES, methods=("POST",))
def message_send(request: BranchRequest, pk: UUID) -> HttpResponse:
    """Send the draft as it was saved."""
    saved = _own(request, pk)
    sketch = saved_sketch(request, saved)
    return _send(request, sketch, form_of(Offers(request), sketch))


@branch_view(Permission.WRITE_MESSAGES, methods=("POST",))
def message_test(request: BranchRequest, pk: UUID) -> HttpResponse:
    """Send it to oneself, as the one who is chosen would see it."""
    saved = _own(request, pk)
    if saved.is_draft:
        _try(request, saved_sketch(request, saved))
    return redirect("messaging:message_edit", request.branch.slug, pk)


@branch_view(Permission.WRITE_MESSAGES, methods=("POST",))
def message_delete(request: BranchRequest, pk: UUID) -> HttpResponse:
    """Throw a draft away."""
    saved = request.branch.messages.filter(pk=pk).first()
    if saved is None:
        # Deleted by a press before this one, or never here: the list says which.
        raise Http404
    try:
        actions.delete_draft(saved, by=request.user)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("messaging:message_detail", request.branch.slug, pk)
    messages.success(request, _("The draft is deleted."))
    return redirect("messaging:message_list", request.branch.slug)


@branch_view(Permission.WRITE_MESSAGES)
def message_left_out(request: BranchRequest, pk: UUID, reason: str) -> HttpResponse:
    """Who does not get it for one reason."""
    saved = _own(request, pk)
    hidden = reason == Reason.PROTECTED and Permission.OPEN_PROTECTED not in request.access
    if reason not in Reason.values or hidden or Permission.VIEW_MEMBERS not in request.access:
        raise Http404
    try:
        members = left_out_members(
            request.branch,
            saved.audience,
            reason=reason,
            way=saved.way,
            with_letters=saved.with_letters,
            purpose=saved.purpose,
            today=request.today,
        )
    except NotAnAudience:
        raise Http404
    page = listing.fetch_page(members.select_related("branch").in_order(), listing.page_number(request.GET))
    record(Verb.RECIPIENTS_LISTED, by=request.user, branch_id=request.branch.pk, subject=saved, count=page.total.count)
    title = _("Who shares an address") if reason == Reason.SHARED else _("Who does not get it")
    context = {"page": "meldinger", "message": saved, "reason": Reason(reason), "listing": page, "title": title}
    return render(request, "messaging/message_left_out.html", context)


# --- One press --------------------------------------------------------------------------------------------------------


def _own(request: BranchRequest, pk: UUID) -> Message:
    rows = request.branch.messages.select_related("branch", "created_by", "changed_by")
    return get_object_or_404(rows, pk=pk)


def _made_by_form(request: BranchRequest) -> Message | None:
    """The draft that this very form made at an earlier press: reloaded, or sent twice."""
    try:
        token = UUID(request.POST.get("form_token", ""))
    except ValueError:
        return None
    return request.branch.messages.filter(form_token=token, created_by=request.user).first()


def _posted(request: BranchRequest, saved: Message | None) -> HttpResponse:
    if saved is not None and not saved.is_draft:
        return redirect("messaging:message_detail", request.branch.slug, saved.pk)
    offers = Offers(request)
    base = saved_sketch(request, saved) if saved else empty_sketch(request, *offers.first)
    form = form_of(offers, base, request.POST)
    form.is_valid()
    sketch = typed_sketch(request, offers, form, base)
    if request.htmx:
        return _page(request, form, sketch)
    doing = DROP if DROP in request.POST else request.POST.get(DOING, SAVE)
    if change := _CHANGES.get(doing):
        sketch = change(request, sketch)
    try:
        kept = _save(request, form, sketch, overwrite=doing == OVERWRITE)
    except Refused as refusal:
        return _refused(request, form, sketch, refusal)
    return _after(request, doing, form, kept)


def _save(request: BranchRequest, form: MessageForm, sketch: Sketch, *, overwrite: bool) -> Sketch:
    seen = None if overwrite else read_version(str(form.cleaned_data.get("seen") or ""))
    saved = actions.save_draft(
        request.branch,
        values=sketch.values(),
        by=request.user,
        now=clock.machine_time(),
        message=sketch.saved,
        form_token=form.cleaned_data.get("form_token"),
        seen_at=seen,
    )
    return saved_sketch(request, saved)


def _refused(request: BranchRequest, form: MessageForm, sketch: Sketch, refusal: Refused) -> HttpResponse:
    """Somebody else was faster: what was typed stays on the page, and nothing is written over theirs unasked."""
    if refusal.why == Why.NOT_A_DRAFT and sketch.saved is None:
        raise Http404
    form.add_error(None, str(refusal))
    return _page(request, form, sketch, status=409, changed=refusal.why == Why.CHANGED)


def _after(request: BranchRequest, doing: str, form: MessageForm, kept: Sketch) -> HttpResponse:
    if form.errors:
        return _page(request, form, kept, status=422)
    if doing == SEND:
        if Permission.SEND_MESSAGES not in request.access:
            raise Http404
        return _send(request, kept, form)
    if doing == TRY:
        _try(request, kept)
    elif doing in (SAVE, OVERWRITE):
        messages.success(request, _("The draft is saved."))
    return _to_draft(request, kept, doing)


# Where on the page one goes on, after each press.
_PLACES: Final = {
    "legg_til": "#velg",
    "fjern": "#velg",
    "mal": "#hva",
    "bytt": "#hva",
    LANGUAGE: "#mer",
    LOOK: "#visning",
    TRY: "#visning",
}


def _to_draft(request: BranchRequest, kept: Sketch, doing: str) -> HttpResponse:
    if doing == FIND:
        # What was searched for is a name: it does not go into an address.
        return _page(request, form_of(Offers(request), kept, q=request.POST.get("q", "")), kept)
    query = {}
    if doing in (LOOK, TRY) and (preview := Outlook(request, kept, clock.machine_time(), request.POST).preview):
        query["som"] = preview.key
    if doing == LANGUAGE:
        query["sprak"] = request.POST.get("add_language", "")
    address = reverse("messaging:message_edit", args=[request.branch.slug, kept.message.pk])
    return redirect(f"{address}{'?' if query else ''}{urlencode(query)}{_PLACES.get(doing, '')}")


def _try(request: BranchRequest, sketch: Sketch) -> None:
    """Send the test, and say where to."""
    outlook = Outlook(request, sketch, clock.machine_time(), request.POST)
    if outlook.preview is None:
        messages.error(request, _("Choose recipients first: the test is written as one of them would see it."))
        return
    spending = outlook.spending
    try:
        sent = send_trial(
            sketch.message,
            written=outlook.preview.written,
            limits=outlook.settings,
            left_ore=spending.left_ore if spending else None,
            token=request.POST.get("press", "")[:40] or uuid4().hex,
            by=request.user,
            now=outlook.now,
        )
    except NothingToTry:
        messages.error(request, _("There is nothing to test yet, or you have no address of that kind here."))
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        shown = [format_phone(one) if one.startswith("+") else one for one in sent]
        messages.success(request, _("A test is on its way to %(address)s.") % {"address": _(" and ").join(shown)})


def _send(request: BranchRequest, sketch: Sketch, form: MessageForm) -> HttpResponse:
    outlook = Outlook(request, sketch, clock.machine_time(), request.POST)
    if sketch.saved is not None and not sketch.saved.is_draft:
        return redirect("messaging:message_detail", request.branch.slug, sketch.message.pk)
    people = outlook.confirmed(request.POST.get("print", ""))
    if problem := _not_confirmed(outlook, people):
        return _page(request, form, sketch, status=422, outlook=outlook, stops=problem)
    try:
        sent = actions.queue(
            sketch.message, by=request.user, confirmed=people or 0, now=outlook.now, today=request.today
        )
    except Refused as refusal:
        return _page(request, form, sketch, status=422, outlook=outlook, stops=[str(refusal)])
    return redirect("messaging:message_detail", request.branch.slug, sent.pk)


def _not_confirmed(outlook: Outlook, people: int | None) -> list[str]:
    """Why it is not sent yet: the page said something else, something lacks, or the number is not the right one."""
    if people is None:
        return outlook.lacks or [
            _("Recipients, way or price are not as they were on your page. Look them over, and send again.")
        ]
    if lacks := outlook.lacks_for(people):
        return lacks
    typed = "".join(str(outlook.data.get("count", "")).split())
    if people > outlook.settings.type_over and typed != str(people):
        return [_("Write the number of recipients, %(n)s, to show that you have seen it.") % {"n": people}]
    return []


# --- The page ---------------------------------------------------------------------------------------------------------


def _page(
    request: BranchRequest,
    form: MessageForm,
    sketch: Sketch,
    *,
    status: int = 200,
    outlook: Outlook | None = None,
    stops: list[str] | None = None,
    changed: bool = False,
) -> HttpResponse:
    data = request.POST if request.method == "POST" else {"shown_as": request.GET.get("som", "")}
    outlook = outlook or Outlook(request, sketch, clock.machine_time(), data)
    q = str(form["q"].value() or "")
    context = page_context(outlook) | {
        "form": form,
        "stops": stops or [],
        "changed": changed,
        # A form whose draft somebody else has changed stays one of the version before.
        "version": request.POST.get("seen", "") if changed else version_of(sketch.saved),
        "q": q,
        "hits": hits(request, q, sketch) if q else [],
        "press": uuid4().hex,
        "typed_count": request.POST.get("count", ""),
    }
    return render(request, "messaging/message_edit.html", context, status=status)
