"""The demo's claims and payments, as the generator makes them."""

from collections import Counter
from datetime import date
from functools import cache

import pytest

from demo.ledger import Claim, Ledger, Payment
from demo.people import Register
from demo.places import make_units, table_units
from dues.enums import ClaimState
from dues.kid import is_kid

TODAY = date(2026, 11, 20)
AS_OF = date(2026, 11, 18)


@cache
def _kept() -> tuple[Ledger, list[tuple[Claim, list[Payment]]]]:
    units = table_units()
    ledger = Ledger(len(units), today=TODAY, as_of=AS_OF, seed=1)
    people = Register(units, today=TODAY, seed=1).people()
    return ledger, [entry for person in people for entry in ledger.enter(person)]


def test_there_is_a_claim_for_each_year_somebody_was_a_member() -> None:
    claims = [claim for claim, _payments in _kept()[1]]
    assert {claim.year for claim in claims} == {2022, 2023, 2024, 2025, 2026}
    assert len({(claim.person.id, claim.year) for claim in claims}) == len(claims)
    this_year = {claim.person.id for claim in claims if claim.year == 2026 and claim.person.left_on is None}
    assert len(this_year) == 2_082
    for claim in claims:
        assert claim.person.joined_on < claim.created_on <= claim.due_on
        assert claim.year >= claim.person.joined_on.year


def test_what_is_outstanding_is_the_amount_less_the_payments() -> None:
    for claim, payments in _kept()[1]:
        assert claim.outstanding_ore == claim.amount_ore - sum(payment.amount_ore for payment in payments)
        assert 0 <= claim.outstanding_ore <= claim.amount_ore
        assert claim.state in ClaimState.values


def test_about_15_per_cent_have_not_paid_this_year_and_few_before() -> None:
    claims = [claim for claim, _payments in _kept()[1] if claim.person.left_on is None and claim.state == "raised"]
    counts = Counter(claim.year for claim in claims)
    unpaid = Counter(claim.year for claim in claims if claim.outstanding_ore)
    assert 0.135 < unpaid[2026] / counts[2026] < 0.165
    assert all(0 < unpaid[year] / counts[year] < 0.04 for year in (2022, 2023, 2024, 2025))
    partly = [claim for claim in claims if 0 < claim.outstanding_ore < claim.amount_ore]
    assert 10 < len(partly) < 60


def test_every_municipal_branch_has_somebody_to_phone() -> None:
    claims = [claim for claim, _payments in _kept()[1] if claim.state == "raised" and claim.year == 2026]
    assert {claim.person.unit for claim in claims if claim.outstanding_ore} >= set(range(1, 22))


def test_payments_come_after_the_claim_and_no_later_than_we_know() -> None:
    for claim, payments in _kept()[1]:
        for payment in payments:
            assert claim.created_on <= payment.paid_on <= (TODAY if payment.manual else AS_OF)
            if claim.person.left_on:
                assert payment.paid_on < claim.person.left_on


def test_a_payment_taken_back_has_its_opposite() -> None:
    reversals = 0
    for _claim, payments in _kept()[1]:
        amounts = {payment.id: payment.amount_ore for payment in payments}
        for payment in payments:
            if payment.reverses is not None:
                assert payment.amount_ore == -amounts[payment.reverses]
                reversals += 1
    assert reversals


def test_references_are_of_the_kind_dues_draws_and_differ() -> None:
    kids = [claim.kid for claim, _payments in _kept()[1]]
    assert all(map(is_kid, kids))
    assert len(set(kids)) == len(kids)


@pytest.mark.parametrize("year", [2025, 2026])
def test_the_figures_of_the_last_month_are_those_of_the_claims(year: int) -> None:
    ledger, entries = _kept()
    months = slice(0, 12) if year == 2025 else slice(12, 24)
    last_day = date(year, 12, 31)
    for position, figures in enumerate(ledger.figures):
        expected_open = expected_ore = 0
        for claim, payments in entries:
            if claim.person.unit != position or claim.year != year or claim.created_on.year != year:
                continue
            left_on = claim.person.left_on
            cancelled = claim.state == "waived" or (
                claim.state == "cancelled" and left_on is not None and left_on <= last_day
            )
            missing = claim.amount_ore - sum(payment.amount_ore for payment in payments if payment.paid_on <= last_day)
            if missing and not cancelled:
                expected_open += 1
                expected_ore += missing
        assert sum(figures.opened[months]) - sum(figures.settled[months]) == expected_open
        assert sum(figures.asked_ore[months]) - sum(figures.received_ore[months]) == expected_ore


def test_a_demo_early_in_the_year_has_no_claims_from_the_future() -> None:
    today = date(2027, 1, 3)
    units = make_units(members=300, branches=3)
    ledger = Ledger(len(units), today=today, as_of=date(2027, 1, 1), seed=1)
    entries = [entry for person in Register(units, today=today, seed=1).people() for entry in ledger.enter(person)]
    assert max(claim.created_on for claim, _payments in entries) <= today
    assert all(payment.paid_on <= today for _claim, payments in entries for payment in payments)
