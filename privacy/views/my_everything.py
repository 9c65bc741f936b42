"""All that is kept about one, to read and to take along."""

from __future__ import annotations

from django.http import HttpResponse, JsonResponse
from django.shortcuts import render

from accounts.actions import record
from accounts.enums import Verb
from privacy.access import MemberRequest, member_view
from privacy.export import as_json, everything


@member_view()
def my_everything(request: MemberRequest) -> HttpResponse:
    """The page; what is empty is named at the end."""
    me = request.member
    record(Verb.MY_DATA_FETCHED, by=None, branch_id=me.branch_id, subject=me, way="page")
    parts = everything(me)
    context = {
        "parts": [part for part in parts if part.records],
        "empty": [part.label for part in parts if not part.records],
    }
    return render(request, "privacy/my/everything.html", context)


@member_view()
def my_everything_file(request: MemberRequest) -> HttpResponse:
    """The same as JSON. Nothing but the log is written."""
    me = request.member
    record(Verb.MY_DATA_FETCHED, by=None, branch_id=me.branch_id, subject=me, way="file")
    answer = JsonResponse(as_json(me, request.today), json_dumps_params={"ensure_ascii": False, "indent": 2})
    answer.headers["Content-Disposition"] = f'attachment; filename="medlemsboka-{request.today:%Y-%m-%d}.json"'
    return answer
