"""What the pages about those whose dues are long unpaid print."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, Final

from common.listing import ListPage, fetch_page, page_number
from jobs.models import Job
from membership.access import BranchRequest
from membership.models import Branch, Member
from privacy.enums import CaseState, RoundState
from privacy.models import UnpaidCase, UnpaidRound
from privacy.rules import rules_of
from privacy.unpaid import (
    OPEN_ROUNDS,
    brake_of,
    candidates,
    cases_of,
    due_years,
    file_of,
    is_fresh,
    letters_of,
    open_round,
    ready,
    rounds_of,
    standing,
    without_notice,
)
from privacy.unpaid_forms import CountForm
from privacy.unpaid_jobs import NOTICE, STRIKE

# Which part of the list is shown.
SHOW: Final = "vis"
_OFF: Final = "av"
# So many letters are printed, and marked as posted, at once.
LETTERS_AT_ONCE: Final = 200
_TONES: Final = {
    CaseState.LISTED: "neutral",
    CaseState.NOTIFIED: "info",
    CaseState.LETTER: "warning",
    CaseState.PAID: "success",
    CaseState.STAYS: "success",
    CaseState.HELD: "info",
    CaseState.SPARED: "neutral",
    CaseState.STRUCK: "danger",
}


def overview_context(county: Branch, today: date) -> dict[str, Any]:
    """The first page: what could be done for which year, and the lists there have been."""
    current = open_round(county)
    years = [] if current else [_year(county, year, today) for year in due_years(county, today)]
    rounds = list(rounds_of(county)[:20])
    return {
        "page": "personvern",
        "rules": rules_of(county),
        "current": current,
        "years": years,
        "rounds": [one for one in rounds if one != current],
        "nobody": current is None and not any(year["count"] for year in years),
    }


def _year(county: Branch, year: int, today: date) -> dict[str, Any]:
    file = file_of(county, year, today)
    return {
        "year": year,
        "count": candidates(county, year, today).count(),
        "as_of_on": file.as_of_on,
        "is_fresh": is_fresh(file),
    }


def round_context(unpaid: UnpaidRound, request: BranchRequest, form: CountForm | None = None) -> dict[str, Any]:
    """One list: what has happened, what comes next, and who is on it."""
    today = request.today
    is_open = unpaid.state in OPEN_ROUNDS
    off = request.GET.get(SHOW) == _OFF or not is_open
    listing = _listing(unpaid, today, page_number(request.GET), off=off)
    context: dict[str, Any] = {
        "page": "personvern",
        "unpaid": unpaid,
        "state": unpaid.state,
        "off": off,
        "is_open": is_open,
        "listing": listing,
        "rows": [_row(case, today) for case in listing.rows],
        "query": f"{SHOW}={_OFF}&" if off and is_open else "",
        "on_list": standing(unpaid, today).count() if is_open else 0,
        "rules": rules_of(unpaid.county),
        "job": _job(unpaid, request),
        "form": form,
    }
    if unpaid.state == RoundState.LISTED:
        context["answer_by_on"] = today + timedelta(days=context["rules"].notice_days)
    if unpaid.state == RoundState.NOTIFIED:
        context |= _notified(unpaid, today, form)
    if not is_open:
        context |= _done(unpaid)
    return context


def _notified(unpaid: UnpaidRound, today: date, form: CountForm | None) -> dict[str, Any]:
    file = file_of(unpaid.county, unpaid.year, today)
    by_on = unpaid.answer_by_on or today
    letters = list(letters_of(unpaid, today).order_by("pk")[:LETTERS_AT_ONCE])
    brake = brake_of(unpaid, today)
    return {
        "untold": standing(unpaid, today).filter(state=CaseState.LISTED).count(),
        "told": ready(unpaid, today).count(),
        "no_notice": without_notice(unpaid, today).count(),
        "printable": len(letters),
        "letter_ids": ",".join(str(member.pk) for member in letters),
        "is_over": today > by_on,
        "file": file,
        "file_reaches": is_fresh(file) and file.as_of_on is not None and file.as_of_on >= by_on,
        "brake": brake,
        "form": form or CountForm(),
    }


def _done(unpaid: UnpaidRound) -> dict[str, Any]:
    # An approved list whose work was broken off, and which nobody takes up.
    left = UnpaidCase.objects.filter(round=unpaid, state=CaseState.NOTIFIED)
    return {"left": left.count() if unpaid.state == RoundState.APPROVED else 0}


def _job(unpaid: UnpaidRound, request: BranchRequest) -> Job | None:
    going = [Job.objects.going(kind, branch_id=unpaid.county_id) for kind in (NOTICE, STRIKE)]
    return next((job for jobs in going for job in jobs.order_by("id") if job.params.get("round") == unpaid.pk), None)


def _listing(unpaid: UnpaidRound, today: date, number: int, *, off: bool) -> ListPage[UnpaidCase]:
    still = standing(unpaid, today).values("pk")
    cases = cases_of(unpaid)
    if unpaid.state not in OPEN_ROUNDS:
        return fetch_page(cases.filter(member__in=unpaid.county.members.values("pk")), number)
    return fetch_page(cases.exclude(pk__in=still) if off else cases.filter(pk__in=still), number)


def _row(case: UnpaidCase, today: date) -> dict[str, Any]:
    member: Member = case.member
    outstanding = getattr(case, "outstanding_ore", None)
    amount = getattr(case, "amount_ore", None) or 0
    state = CaseState(case.state)
    if outstanding is None and state in (CaseState.LISTED, CaseState.NOTIFIED, CaseState.LETTER):
        state = CaseState.PAID
    return {
        "pk": case.pk,
        "member": member,
        "name": member.list_name or member.member_number,
        "place": member.branch.name,
        "outstanding_ore": outstanding or 0,
        "is_partly_paid": outstanding is not None and outstanding < amount,
        "label": state.label,
        "tone": _TONES[state],
        "notified_at": case.notified_at,
        "today": today,
    }
