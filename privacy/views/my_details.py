"""One's own details: all that stands in the register, and a form for what is one's own to write."""

from __future__ import annotations

from typing import Any, Final

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from common import clock
from membership.actions.member_editing import ChangedMeanwhile, GuardianMissing, NotHere
from membership.timeline import Line, Words, lines_of
from privacy.access import MemberRequest, member_view
from privacy.actions.my_details import BirthIsKnown, correct
from privacy.my_forms import MyDetailsForm
from privacy.my_register import register_facts

_SAVED: Final = "lagret"


@member_view(methods=("GET", "POST"))
def my_details(request: MemberRequest) -> HttpResponse:
    """Of two who change at once the second is told what the first changed, and nothing is overwritten unseen."""
    me = request.member
    if request.method != "POST":
        return _page(request, MyDetailsForm(member=me, today=request.today))
    form = MyDetailsForm(request.POST, member=me, today=request.today)
    if not form.is_valid():
        return _page(request, form, status=422)
    try:
        correct(
            me,
            values=form.values,
            since=form.cleaned_data["since"] or 0,
            now=clock.now(),
            today=request.today,
            true_now=clock.machine_time(),
        )
    except NotHere:
        return redirect("privacy:my_page_ask")
    except ChangedMeanwhile as meanwhile:
        anew = MyDetailsForm(member=me, today=request.today, typed=form.typed(meanwhile.mine))
        told = lines_of(meanwhile.overtaken, me, Words.of(meanwhile.overtaken, me), sees_notes=False)
        return _page(request, anew, told=told, status=422)
    except GuardianMissing:
        form.add_error("birth", _("Under 15, a guardian must consent first. Ask your guardian to write to the branch."))
        return _page(request, form, status=422)
    except BirthIsKnown:
        return redirect("privacy:my_details")
    return redirect(f"{reverse('privacy:my_details')}?{_SAVED}=1")


def _page(
    request: MemberRequest, form: MyDetailsForm, *, told: list[Line] | None = None, status: int = 200
) -> HttpResponse:
    me = request.member
    context: dict[str, Any] = {
        "me": me,
        "form": form,
        "told": told or [],
        "facts": register_facts(me),
        "saved": _SAVED in request.GET and not form.is_bound,
        "undiallable": [text for text, ok in ((me.mobile, me.mobile_ok), (me.phone, me.phone_ok)) if text and not ok],
    }
    return render(request, "privacy/my/details.html", context, status=status)
