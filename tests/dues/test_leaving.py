"""Nothing is asked of one who has left; after a mistake it is asked for again. Vouchers go after five years."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from accounts.models import User
from dues.actions.claims import raise_claims
from dues.actions.forgetting import forget_vouchers
from dues.actions.payments import register_payment, undo_payment
from dues.actions.rates import Terms
from dues.actions.summaries import rebuild, recount
from dues.enums import ClaimState
from dues.models import Claim, DuesSummary, Payment, PaymentBatch
from membership.actions.erasure import erase
from membership.models import Branch, Member
from privacy.actions.departures import come_back, leave
from privacy.enums import LeaveWay
from privacy.models import Departure
from tests.factories import NOW, TODAY, make_branch, make_claim, make_county, make_dues_year, make_member, make_officer

pytestmark = pytest.mark.django_db


@pytest.fixture
def branch() -> Branch:
    county = make_county()
    make_dues_year(county)
    return make_branch(county, "Kåfjord")


@pytest.fixture
def officer(branch: Branch) -> User:
    return make_officer(branch)


def go(member: Member) -> Departure:
    return leave(member, way=LeaveWay.LETTER, left_on=TODAY, by=None, now=NOW, today=TODAY)


def counted(branch: Branch, year: int = 2026) -> tuple[int, int, int]:
    row = DuesSummary.objects.get(branch=branch, year=year)
    return row.claims, row.unpaid, row.outstanding_ore


def test_nothing_is_asked_until_it_turns_out_to_be_a_mistake(branch: Branch, officer: User) -> None:
    member = make_member(branch)
    claim = make_claim(member)
    recount([branch.pk])
    register_payment(claim, amount_ore=20000, paid_on=TODAY, by=officer, now=NOW)
    assert counted(branch) == (1, 1, 25000)
    departure = go(member)
    claim.refresh_from_db()
    assert (claim.state, claim.outstanding_ore, claim.cancelled_at) == (ClaimState.CANCELLED, 25000, NOW)
    assert not Claim.objects.unpaid(2026).exists()
    assert counted(branch) == (0, 0, 0)
    come_back(departure, by=officer, now=NOW + timedelta(days=5), today=TODAY)
    claim.refresh_from_db()
    assert (claim.state, claim.outstanding_ore, claim.cancelled_at) == (ClaimState.RAISED, 25000, None)
    assert counted(branch) == (1, 1, 25000)


def test_what_was_paid_stays_paid_both_ways(branch: Branch, officer: User) -> None:
    member = make_member(branch)
    claim = make_claim(member)
    register_payment(claim, amount_ore=45000, paid_on=TODAY, by=officer, now=NOW)
    departure = go(member)
    claim.refresh_from_db()
    assert claim.state == ClaimState.RAISED
    come_back(departure, by=officer, now=NOW, today=TODAY)
    claim.refresh_from_db()
    assert (claim.state, claim.outstanding_ore) == (ClaimState.RAISED, 0)


def test_what_was_left_behind_long_ago_is_not_asked_for(branch: Branch, officer: User) -> None:
    member = make_member(branch)
    claim = make_claim(member)
    departure = go(member)
    come_back(departure, by=officer, now=NOW + timedelta(days=90), today=TODAY)
    claim.refresh_from_db()
    assert claim.state == ClaimState.CANCELLED


def test_a_claim_that_stands_is_the_only_one_of_its_year(branch: Branch, officer: User) -> None:
    member = make_member(branch)
    old = make_claim(member)
    departure = go(member)
    new = make_claim(member)
    come_back(departure, by=officer, now=NOW, today=TODAY)
    assert set(Claim.objects.values_list("pk", "state")) == {
        (old.pk, ClaimState.CANCELLED),
        (new.pk, ClaimState.RAISED),
    }


def test_the_erased_leave_amount_date_and_reference(branch: Branch, officer: User) -> None:
    member = make_member(branch, "Ane", "Sagatun")
    claim = make_claim(member)
    register_payment(claim, amount_ore=20000, paid_on=TODAY, by=officer, now=NOW)
    unpaid = make_claim(member, year=2025)
    go(member)
    erase(member, by=officer, now=NOW, today=TODAY)
    assert not Claim.objects.filter(pk=unpaid.pk).exists()
    claim.refresh_from_db()
    assert (claim.member_id, claim.sort_key, claim.state) == (None, "", ClaimState.CANCELLED)
    payment = Payment.objects.get()
    assert (payment.claim, payment.amount_ore, payment.paid_on) == (claim, 20000, TODAY)


def test_vouchers_go_five_years_after_their_year(branch: Branch, officer: User) -> None:
    member = make_member(branch)
    for year in (2019, 2020, 2021):
        claim = make_claim(member, year=year)
        recount([branch.pk])
        register_payment(claim, amount_ore=20000, paid_on=date(year, 5, 1), by=officer, now=NOW)
        undo_payment(Payment.objects.get(claim=claim), by=officer, now=datetime(year, 6, 1, tzinfo=UTC))
    PaymentBatch.objects.update(as_of_on=date(2019, 1, 1), created_at=NOW - timedelta(days=3000))
    before = counted(branch, 2020)
    assert before == (1, 1, 45000)
    assert forget_vouchers(today=date(2026, 11, 20)) == 2
    assert list(Claim.objects.values_list("year", flat=True)) == [2021]
    assert set(Payment.objects.values_list("claim__year", flat=True)) == {2021}
    assert PaymentBatch.objects.count() == 2
    rebuild(None)
    assert counted(branch, 2020) == before
    assert forget_vouchers(today=date(2026, 12, 31)) == 0
    assert forget_vouchers(today=date(2027, 1, 1)) == 1
    assert not Payment.objects.exists()


def test_what_was_paid_or_taken_back_in_a_later_year_is_kept_as_long_as_that_year(
    branch: Branch, officer: User
) -> None:
    late, back = make_claim(make_member(branch), year=2020), make_claim(make_member(branch), year=2020)
    recount([branch.pk])
    register_payment(late, amount_ore=20000, paid_on=date(2021, 1, 14), by=officer, now=NOW)
    register_payment(back, amount_ore=20000, paid_on=date(2020, 5, 1), by=officer, now=NOW)
    undo_payment(Payment.objects.get(claim=back), by=officer, now=datetime(2022, 2, 1, tzinfo=UTC))
    assert forget_vouchers(today=date(2026, 12, 31)) == 0
    assert Payment.objects.count() == 3
    assert forget_vouchers(today=date(2027, 1, 1)) == 1
    assert set(Payment.objects.values_list("claim", flat=True)) == {back.pk}
    assert forget_vouchers(today=date(2028, 1, 1)) == 1


def test_a_year_that_is_kept_is_counted_again(branch: Branch) -> None:
    make_member(branch)
    forget_vouchers(today=TODAY)
    raise_claims(branch, terms=Terms(2026, 45000, date(2026, 3, 15)), by=None, now=NOW)
    assert counted(branch) == (1, 1, 45000)
