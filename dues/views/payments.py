"""Registering a payment by hand, and taking it back."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode, urlsplit

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from accounts.actions import record
from accounts.enums import Verb
from common import clock
from common.money import format_kr
from dues.actions import payments
from dues.actions.payments import PaymentRefused
from dues.forms import PaymentForm
from dues.models import Claim, Payment, claims_of, ledger_of
from membership.access import BranchRequest, branch_view
from membership.models.member import GONE
from membership.roles import Permission


@branch_view(Permission.REGISTER_PAYMENT, methods=("GET", "POST"))
def payment_register(request: BranchRequest, pk: int) -> HttpResponse:
    """A form of one payment; what the unpaid list and the member page send is read here too."""
    claim = claims_of(request.branch).of_people().select_related("member", "branch").filter(pk=pk).first()
    if claim is None or claim.member is None or claim.member.status in GONE:
        raise Http404
    if request.method == "POST":
        form = PaymentForm(request.POST)
        payment = _register(request, claim, form)
        if payment is not None:
            return _back(request, claim, registered=payment)
        # What is outstanding may have changed: the next try starts from what is true now.
        claim.refresh_from_db()
        form = form.against(claim)
    else:
        form = PaymentForm.for_claim(claim, today=request.today)
    record(Verb.MEMBER_OPENED, by=request.user, branch_id=request.branch.pk, subject=claim.member)
    context = {
        "page": "kontingent",
        "claim": claim,
        "form": form,
        "owed": format_kr(claim.outstanding_ore),
        "is_open": claim.is_open,
        "back": _back_url(request, claim),
    }
    return render(request, "dues/payment_register.html", context)


@branch_view(Permission.REGISTER_PAYMENT, methods=("POST",))
def payment_undo(request: BranchRequest, pk: int) -> HttpResponse:
    """Take back a payment that was registered by hand."""
    payment = ledger_of(request.branch).by_hand().select_related("claim").filter(pk=pk).first()
    if payment is None or payment.claim is None:
        raise Http404
    try:
        payments.undo_payment(payment, by=request.user, now=clock.now())
    except PaymentRefused as refusal:
        messages.error(request, str(refusal.sentence))
    else:
        messages.success(request, _("The payment of %(amount)s is undone.") % {"amount": format_kr(payment.amount_ore)})
    return _back(request, payment.claim)


def _register(request: BranchRequest, claim: Claim, form: PaymentForm) -> Payment | None:
    """The payment, or None with the reason in the form."""
    if not form.is_valid():
        return None
    data = form.cleaned_data
    try:
        return payments.register_payment(
            claim,
            amount_ore=data["amount"],
            paid_on=data["paid_on"],
            expected_ore=data["expected"],
            by=request.user,
            now=clock.now(),
        )
    except PaymentRefused as refusal:
        form.refuse(refusal)
        return None


def _back(request: BranchRequest, claim: Claim, *, registered: Payment | None = None) -> HttpResponseRedirect:
    """To where the form was. The unpaid list is told which payment it was, and offers to undo it."""
    url = _back_url(request, claim)
    parts = urlsplit(url)
    if registered and parts.path.endswith("/ubetalt/"):
        query = [(name, value) for name, value in parse_qsl(parts.query) if name != "registrert"]
        return redirect(f"{parts.path}?{urlencode([*query, ('registrert', registered.pk)])}")
    if registered:
        amount = format_kr(registered.amount_ore)
        messages.success(request, _("The payment of %(amount)s is registered.") % {"amount": amount})
    return redirect(url)


def _back_url(request: BranchRequest, claim: Claim) -> str:
    """The page the form says it was on, if it is one of this branch's; else the year's unpaid list."""
    url = request.POST.get("back") or request.GET.get("back") or ""
    if url.startswith(f"/lag/{request.branch.slug}/") and url_has_allowed_host_and_scheme(url, None):
        return url
    return reverse("dues:unpaid", args=[request.branch.slug, claim.year])
