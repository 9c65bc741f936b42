import threading
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection, connections
from django.db.models import Sum
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from accounts.enums import Verb
from accounts.models import AuditEvent
from dues.actions import payments
from dues.actions.claims import follow_members
from dues.actions.payments import PaymentRefused, register_payment, undo_payment
from dues.actions.summaries import recount
from dues.enums import ClaimState, DuesStatus, PaymentSource
from dues.models import Claim, DuesSummary, Payment
from membership.actions.members import derive
from tests.factories import NOW, TODAY, make_branch, make_claim, make_county, make_member, make_user


def open_claim(**fields: Any) -> Claim:
    return make_claim(make_member(make_branch(make_county())), **fields)


@pytest.mark.django_db
def test_a_payment_is_a_line_and_what_is_outstanding_follows() -> None:
    claim, user = open_claim(), make_user()

    payment = register_payment(claim, amount_ore=20000, paid_on=date(2026, 11, 1), by=user, now=NOW, expected_ore=45000)

    claim.refresh_from_db()
    assert claim.outstanding_ore == 25000
    assert claim.status == DuesStatus.PARTIAL
    assert (payment.amount_ore, payment.paid_on, payment.created_by) == (20000, date(2026, 11, 1), user)
    assert (payment.batch.source, payment.batch.branch_id) == (PaymentSource.MANUAL, claim.branch_id)
    row = DuesSummary.objects.get(branch_id=claim.branch_id, year=2026)
    assert (row.claims, row.unpaid, row.partial, row.outstanding_ore) == (1, 1, 1, 25000)
    event = AuditEvent.objects.get(verb=Verb.PAYMENT_REGISTERED)
    assert event.details == {"member": claim.member_id, "year": 2026, "amount_ore": 20000}


@pytest.mark.django_db
def test_paid_in_full_is_paid() -> None:
    claim = open_claim()
    register_payment(claim, amount_ore=45000, paid_on=TODAY, by=None, now=NOW)
    assert claim.status == Claim.objects.get().status == DuesStatus.PAID
    assert DuesSummary.objects.get().unpaid == 0


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"amount_ore": 0}, payments.AmountNotPositive),
        ({"amount_ore": -1}, payments.AmountNotPositive),
        ({"amount_ore": 45001}, payments.MoreThanOutstanding),
        ({"paid_on": TODAY + timedelta(days=1)}, payments.PaidInFuture),
        ({"paid_on": date(2024, 12, 31)}, payments.PaidTooEarly),
        ({"expected_ore": 25000}, payments.ChangedMeanwhile),
    ],
)
def test_a_payment_that_cannot_be_is_refused(changes: dict[str, Any], refusal: type[PaymentRefused]) -> None:
    claim = open_claim()
    sent: dict[str, Any] = {"amount_ore": 45000, "paid_on": TODAY, "by": None, "now": NOW} | changes
    with pytest.raises(refusal) as caught:
        register_payment(claim, **sent)
    assert str(caught.value.sentence)
    assert not Payment.objects.exists()
    assert Claim.objects.get().outstanding_ore == 45000
    assert not AuditEvent.objects.filter(verb=Verb.PAYMENT_REGISTERED).exists()


@pytest.mark.django_db
@pytest.mark.parametrize("state", [ClaimState.CANCELLED, ClaimState.WAIVED])
def test_nothing_is_paid_on_what_is_not_asked_for(state: ClaimState) -> None:
    claim = open_claim()
    Claim.objects.update(state=state)
    with pytest.raises(payments.ClaimNotOpen):
        register_payment(claim, amount_ore=100, paid_on=TODAY, by=None, now=NOW)


@pytest.mark.django_db
def test_the_same_form_sent_twice_posts_once() -> None:
    claim = open_claim()
    register_payment(claim, amount_ore=20000, paid_on=TODAY, by=None, now=NOW, expected_ore=45000)
    with pytest.raises(payments.ChangedMeanwhile):
        register_payment(claim, amount_ore=20000, paid_on=TODAY, by=None, now=NOW, expected_ore=45000)
    register_payment(claim, amount_ore=25000, paid_on=TODAY, by=None, now=NOW, expected_ore=25000)
    with pytest.raises(payments.ClaimNotOpen):
        register_payment(claim, amount_ore=25000, paid_on=TODAY, by=None, now=NOW, expected_ore=25000)
    assert Payment.objects.count() == 2


@pytest.mark.django_db
def test_undoing_is_the_opposite_line_once() -> None:
    claim, user = open_claim(), make_user()
    payment = register_payment(claim, amount_ore=45000, paid_on=TODAY, by=user, now=NOW)

    line = undo_payment(payment, by=user, now=NOW)

    assert (line.amount_ore, line.reverses) == (-45000, payment)
    assert Claim.objects.get().outstanding_ore == 45000
    assert DuesSummary.objects.get().outstanding_ore == 45000
    assert AuditEvent.objects.filter(verb=Verb.PAYMENT_UNDONE).count() == 1
    with pytest.raises(payments.AlreadyUndone):
        undo_payment(payment, by=user, now=NOW)
    with pytest.raises(payments.IsReversal):
        undo_payment(line, by=user, now=NOW)
    assert Claim.objects.get().outstanding_ore == 45000
    assert Payment.objects.count() == 2


@pytest.mark.django_db
def test_a_claim_that_opens_again_is_where_its_member_is_now() -> None:
    claim = open_claim()
    payment = register_payment(claim, amount_ore=45000, paid_on=TODAY, by=None, now=NOW)
    member = claim.member
    assert member
    harstad = make_branch(claim.county, "Harstad")
    derive(member, harstad)
    member.save()
    follow_members([member.pk])
    assert Claim.objects.get().branch_id == claim.branch_id

    undo_payment(payment, by=None, now=NOW)

    assert Claim.objects.get().branch == harstad
    assert DuesSummary.objects.get(branch=harstad).unpaid == 1
    assert DuesSummary.objects.get(branch_id=claim.branch_id).claims == 0


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="two writers at once: SQLite has one at a time")
def test_of_two_officers_at_once_one_wins() -> None:
    claim = open_claim()
    outcomes: list[str] = []
    together = threading.Barrier(2)

    def press() -> None:
        together.wait()
        try:
            own = Claim.objects.get(pk=claim.pk)
            register_payment(own, amount_ore=45000, paid_on=TODAY, by=None, now=NOW, expected_ore=45000)
            outcomes.append("posted")
        except PaymentRefused as refusal:
            outcomes.append(type(refusal).__name__)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=press) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["ClaimNotOpen", "posted"]
    assert Payment.objects.count() == 1
    assert Claim.objects.get().outstanding_ore == 0
    assert DuesSummary.objects.get().unpaid == 0


class TestLedger(TestCase):
    """Whatever is registered, undone and refused, the figures agree."""

    @settings(max_examples=40)
    @given(steps=st.lists(st.tuples(st.booleans(), st.integers(0, 5), st.integers(-100, 50000)), max_size=12))
    def test_outstanding_is_the_amount_less_the_lines(self, steps: list[tuple[bool, int, int]]) -> None:
        claim = open_claim()
        recount()
        for undo, which, amount_ore in steps:
            try:
                lines = list(Payment.objects.order_by("pk"))
                if undo and lines:
                    undo_payment(lines[which % len(lines)], by=None, now=NOW)
                else:
                    register_payment(claim, amount_ore=amount_ore, paid_on=TODAY, by=None, now=NOW)
            except PaymentRefused:
                continue
        claim.refresh_from_db()
        paid = Payment.objects.aggregate(total=Sum("amount_ore"))["total"] or 0
        assert claim.outstanding_ore == claim.amount_ore - paid
        assert 0 <= claim.outstanding_ore <= claim.amount_ore
        assert DuesSummary.objects.get().outstanding_ore == claim.outstanding_ore
