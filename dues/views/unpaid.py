"""Who has not paid."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import Http404, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import SafeString

from accounts.actions import record
from accounts.enums import Verb
from common.listing import fetch_page, kept, page_number
from common.money import format_kr
from common.rows import print_rows
from dues.call_forms import call_list_panel
from dues.filters import UnpaidFilter
from dues.forms import is_dues_year
from dues.freshness import freshness_of
from dues.models import PaymentQuerySet, Totals, claims_of, counts_of, ledger_of
from dues.unpaid import branch_choice, make_rows, with_columns
from membership.access import BranchRequest, branch_view
from membership.roles import Permission


@branch_view(Permission.VIEW_DUES)
def unpaid_list(request: BranchRequest, year: int) -> HttpResponse:
    """The list of one dues year, with what can be done about it."""
    if not is_dues_year(year, request.today):
        raise Http404
    by_year = counts_of(request.branch).by_year()
    totals = by_year.get(year, Totals())
    filters = UnpaidFilter(request.GET, queryset=claims_of(request.branch).unpaid(year), branch=request.branch)
    in_use = filters.in_use
    count = None if in_use else totals.unpaid
    listing: Any = fetch_page(with_columns(filters.qs.in_order()), page_number(request.GET), count=count)
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
        "query": kept(request.GET, "registrert"),
        "filters": filters,
        "in_use": in_use,
        "branches": branch_choice(request.branch) if totals.unpaid else None,
        "fresh": freshness_of(request.branch, year, today=request.today),
        "registered": _registered(request, ledger_of(request.branch)),
    }
    if Permission.MANAGE_CALLS in request.access and totals.unpaid:
        context["call_form"] = call_list_panel(request, year)
    record(
        Verb.UNPAID_LISTED,
        by=request.user,
        branch_id=request.branch.pk,
        count=len(listing.rows),
        year=year,
        searched="navn" in in_use or None,
    )
    return render(request, "dues/unpaid_list.html", context)


def _print(request: BranchRequest, found: Sequence[Any], year: int) -> SafeString:
    back = request.get_full_path()
    columns = {
        "choose": Permission.MANAGE_CALLS in request.access,
        "pay": Permission.REGISTER_PAYMENT in request.access,
        "csrf_token": get_token(request),
    }
    rows = make_rows(found, request.branch, year, today=request.today, back=back)
    return print_rows("dues/_unpaid_row.html", columns, rows)


def _years(request: BranchRequest, by_year: dict[int, Totals], year: int) -> list[dict[str, Any]]:
    """The years that have claims, and the one that is open."""
    address = reverse("dues:unpaid", args=[request.branch.slug, 0]).replace("/0/", "/{}/")
    return [
        {"year": one, "url": address.format(one), "unpaid": by_year.get(one, Totals()).unpaid, "is_open": one == year}
        for one in sorted({*by_year, year}, reverse=True)
    ]


def _registered(request: BranchRequest, ledger: PaymentQuerySet) -> dict[str, Any] | None:
    """The payment this user has just registered, with the way to undo it; it is named by its number in the address."""
    number = request.GET.get("registrert", "")
    if not (number.isascii() and number.isdigit() and len(number) < 19):
        return None
    payment = ledger.of_user(request.user).standing().filter(pk=int(number)).first()
    if payment is None or payment.claim is None or payment.claim.member is None:
        return None
    return {
        "name": payment.claim.member.full_name,
        "amount": format_kr(payment.amount_ore),
        "left": format_kr(payment.claim.outstanding_ore) if payment.claim.outstanding_ore > 0 else "",
        "undo_url": reverse("dues:payment_undo", args=[request.branch.slug, payment.pk]),
    }
