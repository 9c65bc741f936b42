"""Who has not paid."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import urlencode

from django.http import Http404, HttpResponse, QueryDict
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.safestring import SafeString

from accounts.actions import record
from accounts.enums import Verb
from common.listing import kept, page_number
from common.money import format_kr
from common.rows import print_rows
from dues.call_forms import call_list_panel
from dues.filters import LONGEST, UnpaidFilter, filled_in
from dues.forms import is_dues_year
from dues.freshness import freshness_of
from dues.models import Totals, claims_of, counts_of, ledger_of
from dues.unpaid import branch_choice, fetch_unpaid, make_rows
from membership.access import BranchRequest, branch_view
from membership.roles import Permission
from membership.search_memory import recall, remember

# Where the address carries the token of a name searched for; the name itself is kept in the session.
SEARCH: Final = "sok"


@branch_view(Permission.VIEW_DUES, methods=("GET", "POST"))
def unpaid_list(request: BranchRequest, year: int) -> HttpResponse:
    """The list of one dues year, with what can be done about it. A search comes by POST and goes on by GET."""
    if not is_dues_year(year, request.today):
        raise Http404
    if request.method == "POST":
        return _narrow(request)
    by_year = counts_of(request.branch).by_year()
    totals = by_year.get(year, Totals())
    claims = claims_of(request.branch).unpaid(year)
    asked = _asked(request)
    in_use = filled_in(asked)
    if in_use:
        claims = UnpaidFilter(asked, queryset=claims, branch=request.branch, people=totals.claims).qs
    listing = fetch_unpaid(claims, page_number(request.GET), count=None if in_use else totals.unpaid)
    context = {
        "page": "kontingent",
        "choose": Permission.MANAGE_CALLS in request.access,
        "pay": Permission.REGISTER_PAYMENT in request.access,
        "year": year,
        "totals": totals,
        "sum": format_kr(totals.outstanding_ore),
        "years": _years(request, by_year, year),
        "listing": listing,
        "rows": _print(request, listing.rows, year) if listing.rows else "",
        "query": kept(request.GET, "registrert", "navn"),
        "in_use": in_use,
        # On paper comes what the address tells; a name searched for is not in it.
        "print_query": None if "navn" in in_use else kept(request.GET, "registrert", "navn", SEARCH),
        "branches": branch_choice(request.branch, in_use.get("lag", "")) if totals.unpaid else None,
        "fresh": freshness_of(request.branch, year, today=request.today),
        "registered": _registered(request),
    }
    if Permission.MANAGE_CALLS in request.access and totals.unpaid:
        context["call_form"] = call_list_panel(request, year) | {"filters": in_use}
    record(
        Verb.UNPAID_LISTED,
        by=request.user,
        branch_id=request.branch.pk,
        count=len(listing.rows),
        year=year,
        searched="navn" in in_use or None,
    )
    return render(request, "dues/unpaid_list.html", context)


def _narrow(request: BranchRequest) -> HttpResponse:
    """On to the list, narrowed as the form says, without the name in the address."""
    name = request.POST.get("navn", "").strip()[:LONGEST]
    sent = {
        SEARCH: remember(request.session, name) if name else "",
        **{field: request.POST.get(field, "").strip()[:LONGEST] for field in ("lag", "status")},
    }
    return redirect(f"{request.path}?{urlencode({key: value for key, value in sent.items() if value})}".rstrip("?"))


def _asked(request: BranchRequest) -> QueryDict:
    asked = request.GET.copy()
    token = asked.get(SEARCH, "")
    asked["navn"] = (recall(request.session, token) if token else None) or ""
    return asked


def _print(request: BranchRequest, found: Sequence[Any], year: int) -> SafeString:
    context = {
        "choose": Permission.MANAGE_CALLS in request.access,
        "pay": Permission.REGISTER_PAYMENT in request.access,
        "csrf_token": get_token(request),
        # Django has quoted what a browser would not have sent, braces among it.
        "back": request.get_full_path(),
        "today": request.today,
    }
    rows = make_rows(found, request.branch, year, today=request.today)
    return print_rows("dues/_unpaid_row.html", context, rows)


def _years(request: BranchRequest, by_year: dict[int, Totals], year: int) -> list[dict[str, Any]]:
    """The years that have claims, and the one that is open."""
    address = reverse("dues:unpaid", args=[request.branch.slug, 0]).replace("/0/", "/{}/")
    return [
        {"year": one, "url": address.format(one), "unpaid": by_year.get(one, Totals()).unpaid, "is_open": one == year}
        for one in sorted({*by_year, year}, reverse=True)
    ]


def _registered(request: BranchRequest) -> dict[str, Any] | None:
    """The payment this user has just registered, with the way to undo it; it is named by its number in the address."""
    number = request.GET.get("registrert", "")
    if not (number.isascii() and number.isdigit() and len(number) < 19):
        return None
    payment = ledger_of(request.branch).of_user(request.user).standing().filter(pk=int(number)).first()
    if payment is None or payment.claim is None or payment.claim.member is None:
        return None
    return {
        "name": payment.claim.member.full_name,
        "amount": format_kr(payment.amount_ore),
        "left": format_kr(payment.claim.outstanding_ore) if payment.claim.outstanding_ore > 0 else "",
        "undo_url": reverse("dues:payment_undo", args=[request.branch.slug, payment.pk]),
    }
