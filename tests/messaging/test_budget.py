"""What a branch's SMS cost in a month, and what is left."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from membership.models import Branch
from messaging.budget import left_of, month_of, spending_of
from messaging.enums import DeliveryState, Purpose
from messaging.models import Delivery, MessagingSettings
from tests.factories import NOW

pytestmark = pytest.mark.django_db


def sms(branch: Branch, price_ore: int, state: DeliveryState = DeliveryState.SENT, at: datetime = NOW) -> None:
    Delivery.objects.create(
        key=str(uuid4()),
        branch=branch,
        channel="sms",
        purpose=Purpose.REPLY,
        address="+4740000001",
        state=state,
        price_ore=price_ore,
        created_at=at,
        not_before_at=at,
        wipe_at=at,
    )


def test_what_may_have_gone_is_spent_and_what_waits_is_reserved(kafjord: Branch) -> None:
    MessagingSettings.objects.create(branch=kafjord, sms_budget_ore=1000)
    prices = {
        DeliveryState.SENT: 1,
        DeliveryState.SENDING: 10,
        DeliveryState.UNKNOWN: 100,
        DeliveryState.BOUNCED: 200,
        DeliveryState.QUEUED: 400,
        DeliveryState.FAILED: 5000,
        DeliveryState.CANCELLED: 7000,
    }
    for state, price in prices.items():
        sms(kafjord, price, state)
    spending = spending_of(kafjord, NOW)
    assert (spending.spent_ore, spending.reserved_ore, spending.left_ore) == (311, 400, 289)
    assert not spending.is_over
    sms(kafjord, 290, DeliveryState.QUEUED)
    assert spending_of(kafjord, NOW).is_over
    assert left_of(kafjord, NOW) == 0


def test_a_month_is_norways(kafjord: Branch) -> None:
    # Midnight in Norway is 23 in Greenwich in winter, 22 in summer.
    assert month_of(NOW) == (datetime(2026, 10, 31, 23, tzinfo=UTC), datetime(2026, 11, 30, 23, tzinfo=UTC))
    october = datetime(2026, 10, 15, tzinfo=UTC)
    assert month_of(october) == (datetime(2026, 9, 30, 22, tzinfo=UTC), datetime(2026, 10, 31, 23, tzinfo=UTC))
    december = datetime(2026, 12, 31, 22, 59, tzinfo=UTC)
    assert month_of(december)[1] == datetime(2026, 12, 31, 23, tzinfo=UTC)
    MessagingSettings.objects.create(branch=kafjord, sms_budget_ore=100)
    sms(kafjord, 30, at=datetime(2026, 10, 31, 22, 59, tzinfo=UTC))
    sms(kafjord, 20, at=datetime(2026, 10, 31, 23, 0, tzinfo=UTC))
    assert left_of(kafjord, NOW) == 80


def test_each_branch_pays_its_own(kafjord: Branch) -> None:
    county = kafjord.parent
    assert county
    sms(kafjord, 30)
    assert spending_of(county, NOW).spent_ore == 0


def test_without_a_budget_there_is_no_limit(kafjord: Branch) -> None:
    sms(kafjord, 10_000_000)
    assert left_of(kafjord, NOW) is None
    assert not spending_of(kafjord, NOW).is_over


def test_spending_is_two_queries(kafjord: Branch, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(2):
        spending_of(kafjord, NOW)
