"""Which call list a request may open."""

from __future__ import annotations

from typing import NoReturn

from django.http import Http404

from accounts.actions import record
from accounts.enums import Verb
from calling.models import CallList, CallListCaller
from dues.call_lists import lists_for
from membership.access import BranchRequest
from membership.roles import Permission


def list_or_404(request: BranchRequest, pk: int) -> CallList:
    """The list, or 404 and a line in the log: another branch's, or for a caller one that was not handed over."""
    lists = lists_for(request.branch, request.user, manages=Permission.MANAGE_CALLS in request.access)
    found = lists.filter(pk=pk).select_related("branch", "made_by").first()
    if found is None:
        _refuse(request, pk)
    return found


def callers_of(request: BranchRequest, call_list: CallList) -> list[CallListCaller]:
    """The callers whose names the request may see: an officer's all, a caller's own."""
    callers = call_list.callers.order_by("position", "id")
    return list(callers if Permission.MANAGE_CALLS in request.access else callers.filter(user=request.user))


def caller_or_404(request: BranchRequest, call_list: CallList, pk: int) -> CallListCaller:
    """One of those callers, or 404 and a line in the log."""
    found = next((caller for caller in callers_of(request, call_list) if caller.pk == pk), None)
    if found is None:
        _refuse(request, call_list.pk)
    return found


def _refuse(request: BranchRequest, pk: int) -> NoReturn:
    record(Verb.ACCESS_DENIED, by=request.user, branch_id=request.branch.pk, call_list=pk)
    raise Http404
