"""Messages to those who have not paid: nobody is asked who has, and old news is called old."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from accounts.models import User
from dues.actions.payments import register_payment
from dues.enums import PaymentSource
from dues.messaging import have_paid, warn
from dues.models import Claim, PaymentBatch
from membership.models import Branch
from messaging.audience import still_asked
from messaging.enums import Purpose
from messaging.extensions import registry
from messaging.models import Message
from tests.access_mail import make_message
from tests.factories import (
    NOW,
    TODAY,
    make_branch,
    make_claim,
    make_county,
    make_member,
    make_officer,
    make_unpaid,
)
from tests.messaging.sending import expanded

pytestmark = pytest.mark.django_db


@pytest.fixture
def county() -> Branch:
    return make_county()


@pytest.fixture
def kafjord(county: Branch) -> Branch:
    return make_branch(county)


@pytest.fixture
def officer(kafjord: Branch) -> User:
    return make_officer(kafjord)


def about(branch: Branch, by: User, **params: str) -> Message:
    return make_message(branch, by, audience={"kind": "members", "params": params}, purpose=Purpose.SERVICE)


def delivered(branch: Branch, as_of_on: date, year: int = 2026) -> None:
    PaymentBatch.objects.create(
        branch=branch, source=PaymentSource.REGISTER, year=year, as_of_on=as_of_on, created_at=NOW
    )


def test_who_pays_after_queueing_and_before_sending_is_out(kafjord: Branch, officer: User) -> None:
    pays, partly, still = (make_unpaid(kafjord, name) for name in ("Ane", "Bo", "Cora"))
    unpaid: dict[str, Any] = {"kind": "members", "params": {"kontingent": "2026-ubetalt"}}
    message = expanded(kafjord, officer, 3, audience=unpaid, purpose=Purpose.SERVICE)
    ids = [pays.pk, partly.pk, still.pk]
    assert still_asked(message, ids, TODAY) == set(ids)
    for member, amount in ((pays, 45000), (partly, 100)):
        claim = Claim.objects.get(member=member)
        register_payment(claim, amount_ore=amount, paid_on=TODAY, by=officer, now=NOW)
    assert still_asked(message, ids, TODAY) == {partly.pk, still.pk}


def test_the_claims_themselves_are_asked_once(kafjord: Branch, officer: User, django_assert_num_queries: Any) -> None:
    owes, paid, none = make_unpaid(kafjord), make_member(kafjord), make_member(kafjord)
    make_claim(paid, outstanding_ore=0)
    make_claim(none, year=2025)
    message = about(kafjord, officer, kontingent="2026-delvis")
    with django_assert_num_queries(1):
        assert have_paid(message, [owes.pk, paid.pk, none.pk], TODAY) == {paid.pk, none.pk}


@pytest.mark.parametrize("value", ["2026-betalt", "2026-uten-krav", "tull", "x-ubetalt", "12345-ubetalt", ""])
def test_other_messages_are_no_business_of_dues(
    kafjord: Branch, officer: User, value: str, django_assert_num_queries: Any
) -> None:
    member = make_member(kafjord)
    delivered(kafjord, TODAY - timedelta(days=90))
    with django_assert_num_queries(0):
        for audience in (
            {"kind": "members", "params": {"kontingent": value}},
            {"kind": "members", "params": {}},
            {"kind": "members", "params": None},
            {"kind": "people", "ids": [member.pk]},
        ):
            message = Message(branch=kafjord, audience=audience)
            assert have_paid(message, [member.pk], TODAY) == frozenset()
            assert warn(message, kafjord, TODAY) == ""


def test_old_payments_are_called_old(kafjord: Branch, officer: User) -> None:
    message = about(kafjord, officer, kontingent="2026-ubetalt")
    assert warn(message, kafjord, TODAY) == ""
    delivered(kafjord, TODAY - timedelta(days=11))
    assert str(warn(message, kafjord, TODAY)).startswith("Det vi vet om betalinger, er fra 09.11.2026.")
    delivered(kafjord, TODAY - timedelta(days=10))
    assert warn(message, kafjord, TODAY) == ""


def test_payments_of_a_part_are_old_too(county: Branch, kafjord: Branch, officer: User) -> None:
    delivered(kafjord, TODAY - timedelta(days=30))
    assert warn(about(county, officer, kontingent="2026-ubetalt"), county, TODAY)
    delivered(make_branch(county, "Harstad"), TODAY)
    whole = about(county, officer, kontingent="2026-ubetalt")
    narrowed = about(county, officer, kontingent="2026-ubetalt", lag=kafjord.slug)
    assert warn(whole, county, TODAY) == ""
    assert "21.10.2026" in str(warn(narrowed, county, TODAY))


def test_dues_stands_in_the_registry_of_messages_once() -> None:
    assert [one.warn for one in registry.stale_warnings].count(warn) == 1
    assert [one.unconcerned for one in registry.rechecks].count(have_paid) == 1
