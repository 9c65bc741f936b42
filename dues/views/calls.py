"""Call lists: made from the unpaid list, opened by those who phone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Final

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.actions import record
from accounts.enums import Verb
from calling import actions
from calling.actions import LeftOut, ListCaller, MadeList
from calling.sharing import CountsDoNotFit
from common import clock
from dues.call_access import callers_of, list_or_404
from dues.call_forms import CallListForm, call_list_form, form_token
from dues.call_lists import filters_in, lists_for, progress_of, sheets, unpaid_members
from membership.access import BranchRequest, branch_view
from membership.roles import Permission

# So long after it was made a list can be regretted from its own page with one tap.
_JUST_MADE: Final = timedelta(minutes=10)


@branch_view(Permission.MANAGE_CALLS, methods=("POST",))
def call_list_make(request: BranchRequest, year: int) -> HttpResponse:
    """Make a list of those who have not paid: all of them, or those ticked."""
    form = call_list_form(request.branch, request.POST, user=request.user, today=request.today)
    if "myself" in request.POST:
        callers = [ListCaller(request.user, request.user.name)]
    elif form.is_valid():
        callers = [ListCaller(caller.user, caller.name, caller.count) for caller in form.chosen()]
    else:
        return _ask_again(request, form, year)
    try:
        made = _make(request, form, year, callers)
    except (actions.NotOnTheList, actions.NobodyToCall, actions.TooManyNames, CountsDoNotFit) as refusal:
        form.is_valid()
        form.add_error(None, _sentence(refusal))
        return _ask_again(request, form, year)
    if sentences := _left_out(made.left_out):
        messages.info(request, " ".join(sentences))
    return redirect("dues:call_list", request.branch.slug, made.call_list.pk)


def _make(request: BranchRequest, form: CallListForm, year: int, callers: Sequence[ListCaller]) -> MadeList:
    cleaned = getattr(form, "cleaned_data", {})
    ids = request.POST.getlist("id")
    if not all(pk.isascii() and pk.isdigit() and len(pk) < 19 for pk in ids):
        raise actions.NotOnTheList
    return actions.make_list(
        request.branch,
        members=unpaid_members(request.branch, year, filters_in(request.POST)),
        callers=callers,
        by=request.user,
        now=clock.now(),
        year=year,
        chosen={int(pk) for pk in ids} or None,
        keep_households=cleaned.get("keep_households", True),
        finish_by_on=cleaned.get("finish_by_on"),
        token=form_token(request.POST),
    )


def _ask_again(request: BranchRequest, form: CallListForm, year: int) -> HttpResponse:
    """The form by itself, with what is wrong and everything as it was filled in."""
    context = {
        "page": "kontingent",
        "year": year,
        "call_form": {
            "form": form,
            "action": request.path,
            "ids": request.POST.getlist("id"),
            "filters": filters_in(request.POST),
        },
    }
    return render(request, "dues/call_list_make.html", context, status=422)


def _sentence(refusal: Exception) -> str:
    if isinstance(refusal, CountsDoNotFit):
        return _("There are %(names)d names to share out, but the numbers add up to %(counts)d.") % {
            "names": refusal.names,
            "counts": refusal.counts,
        }
    if isinstance(refusal, actions.TooManyNames):
        return _("A call list can have %(most)d names. Tick fewer, or make the list for one branch at a time.") % {
            "most": actions.MAX_NAMES
        }
    if isinstance(refusal, actions.NobodyToCall):
        return " ".join([_("There is nobody to phone."), *_left_out(refusal.left_out)])
    return _("The list has changed since you opened it. Open it again and choose anew. No call list was made.")


def _left_out(counts: Mapping[LeftOut, int]) -> list[str]:
    """How many are not on the list, a sentence for each reason."""
    return [_left_out_sentence(reason, counts[reason]) for reason in LeftOut if counts.get(reason)]


def _left_out_sentence(reason: LeftOut, count: int) -> str:
    texts = {
        LeftOut.NO_NUMBER: ngettext(
            "%(count)d has no phone number and is not included.",
            "%(count)d have no phone number and are not included.",
            count,
        ),
        LeftOut.NO_CALLS: ngettext(
            "%(count)d is not to be phoned and is not included.",
            "%(count)d are not to be phoned and are not included.",
            count,
        ),
        LeftOut.UNDER_AGE: ngettext(
            "%(count)d is under 18 and is not included.",
            "%(count)d are under 18 and are not included.",
            count,
        ),
        LeftOut.WRONG_NUMBER: ngettext(
            "%(count)d has a number that is somebody else’s and is not included.",
            "%(count)d have a number that is somebody else’s and are not included.",
            count,
        ),
        LeftOut.ON_OTHER_LIST: ngettext(
            "%(count)d is on another open call list and is not included.",
            "%(count)d are on another open call list and are not included.",
            count,
        ),
        LeftOut.OWN: ngettext(
            "%(count)d would have had to phone themselves and is not included.",
            "%(count)d would have had to phone themselves and are not included.",
            count,
        ),
    }
    return texts[reason] % {"count": count}


@branch_view(Permission.MANAGE_CALLS, Permission.CALL)
def call_lists(request: BranchRequest) -> HttpResponse:
    """The open lists: an officer's all, a caller's own."""
    manages = Permission.MANAGE_CALLS in request.access
    lists = lists_for(request.branch, request.user, manages=manages)
    rows = progress_of(lists, only=None if manages else request.user)
    record(Verb.CALL_LIST_OPENED, by=request.user, branch_id=request.branch.pk, count=len(rows))
    context = {"page": "ringelister", "rows": rows, "manages": manages, "year": request.today.year}
    return render(request, "dues/call_list_index.html", context)


@branch_view(Permission.MANAGE_CALLS, Permission.CALL)
def call_list(request: BranchRequest, pk: int) -> HttpResponse:
    """One list: for a caller the own names with numbers to tap, for an officer all callers' names too."""
    manages = Permission.MANAGE_CALLS in request.access
    found = list_or_404(request, pk)
    shown = sheets(found, callers_of(request, found), on=request.today)
    record(
        Verb.CALL_LIST_OPENED,
        by=request.user,
        branch_id=request.branch.pk,
        subject=found,
        count=sum(sheet.people for sheet in shown),
    )
    mine = [sheet for sheet in shown if sheet.caller.user_id == request.user.pk]
    context = {
        "page": "ringelister",
        "call_list": found,
        "manages": manages,
        "mine": mine[0] if mine else None,
        "sheets": shown,
        # A list of one's own alone is shown once.
        "handed_out": manages and len(shown) > len(mine),
        "names": sum(sheet.people for sheet in shown),
        "left": sum(len(sheet.left) for sheet in shown),
        "just_made": manages and found.made_by_id == request.user.pk and clock.now() - found.created_at < _JUST_MADE,
    }
    return render(request, "dues/call_list_detail.html", context)


@branch_view(Permission.MANAGE_CALLS, methods=("POST",))
def call_list_close(request: BranchRequest, pk: int) -> HttpResponse:
    """Take a list from its callers; also how one just made is regretted."""
    found = list_or_404(request, pk)
    actions.close_list(found, by=request.user, now=clock.now())
    messages.success(request, _("The call list is closed. Its names can be put on a new list."))
    return redirect("dues:call_lists", request.branch.slug)
