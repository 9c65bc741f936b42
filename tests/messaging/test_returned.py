"""What is written down when a delivery comes back, is complained of or has arrived; told twice, and out of order."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from messaging.actions.blocks import open_again
from messaging.actions.returned import note_bounce, note_complaint, note_delivered, note_failed
from messaging.enums import BlockReason, Channel, DeliveryState, Purpose
from messaging.models import BlockedAddress, Delivery
from tests.factories import NOW, make_county, make_officer

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def sent(address: str = "a@example.no", **fields: Any) -> Delivery:
    values: dict[str, Any] = {
        "key": uuid4().hex,
        "channel": Channel.EMAIL,
        "purpose": Purpose.NEWSLETTER,
        "address": address,
        "state": DeliveryState.SENT,
        "created_at": NOW,
        "not_before_at": NOW,
        "wipe_at": NOW + DAY,
        "started_at": NOW,
        "sent_at": NOW,
    }
    return Delivery.objects.create(**(values | fields))


def blocks() -> list[tuple[str, str]]:
    return list(BlockedAddress.objects.in_force().order_by("pk").values_list("address", "reason"))


def test_a_hard_bounce_marks_the_delivery_and_blocks_the_address() -> None:
    one = sent()
    assert note_bounce(one.pk, hard=True, status="5.1.1", now=NOW + DAY)
    one.refresh_from_db()
    assert (one.state, one.bounced_at, one.problem) == (DeliveryState.BOUNCED, NOW + DAY, "hard 5.1.1")
    assert blocks() == [("a@example.no", BlockReason.HARD)]


def test_a_bounce_told_again_blocks_nothing_that_was_opened_meanwhile() -> None:
    user = make_officer(make_county())
    one = sent()
    note_bounce(one.pk, hard=True, now=NOW)
    note_complaint(one.pk, now=NOW)
    for row in BlockedAddress.objects.all():
        open_again(row, by=user, now=NOW, asked_by_member=True)
    assert not note_bounce(one.pk, hard=True, now=NOW + DAY)
    assert not note_bounce(one.pk, hard=False, now=NOW + DAY)
    assert not note_complaint(one.pk, now=NOW + DAY)
    assert blocks() == []


def test_a_soft_bounce_is_one_strike_however_often_it_is_told() -> None:
    one = sent()
    assert note_bounce(one.pk, hard=False, status="4.2.2", now=NOW)
    assert not note_bounce(one.pk, hard=False, status="4.2.2", now=NOW)
    assert BlockedAddress.objects.get().strikes == 1
    assert blocks() == []
    for _ in range(2):
        note_bounce(sent().pk, hard=False, now=NOW)
    assert blocks() == [("a@example.no", BlockReason.SOFT)]


def test_a_hard_bounce_after_a_soft_one_counts_and_not_the_other_way() -> None:
    one, two = sent(), sent("b@example.no")
    note_bounce(one.pk, hard=False, now=NOW)
    assert note_bounce(one.pk, hard=True, status="5.1.1", now=NOW)
    assert note_bounce(two.pk, hard=True, now=NOW)
    assert not note_bounce(two.pk, hard=False, now=NOW)
    assert {reason for _address, reason in blocks()} == {BlockReason.HARD}


def test_a_complaint_stops_and_leaves_the_delivery_as_it_was() -> None:
    one = sent()
    assert note_complaint(one.pk, now=NOW)
    assert Delivery.objects.get().state == DeliveryState.SENT
    assert blocks() == [("a@example.no", BlockReason.COMPLAINT)]


@pytest.mark.parametrize(
    "fields",
    [
        {"state": DeliveryState.QUEUED, "started_at": None},
        {"state": DeliveryState.CANCELLED},
        {"state": DeliveryState.FAILED},
        {"channel": Channel.SMS},
        {"started_at": NOW - 100 * DAY},
    ],
    ids=["waiting", "cancelled", "failed", "an SMS", "long ago"],
)
def test_what_did_not_leave_by_email_lately_cannot_come_back(fields: dict[str, Any]) -> None:
    one = sent(**fields)
    assert not note_bounce(one.pk, hard=True, now=NOW)
    assert not note_complaint(one.pk, now=NOW)
    assert not note_delivered(one.pk, now=NOW)
    assert not note_failed(one.pk, problem="x", now=NOW)
    assert blocks() == []
    assert Delivery.objects.get().state == one.state


def test_what_is_nobodys_changes_nothing() -> None:
    sent()
    assert not note_bounce(uuid4(), hard=True, now=NOW)
    assert not note_complaint(uuid4(), now=NOW)
    assert not note_delivered(uuid4(), now=NOW)
    assert blocks() == []


def test_what_has_arrived_clears_the_strikes_and_settles_what_was_unknown() -> None:
    note_bounce(sent().pk, hard=False, now=NOW)
    one = sent(state=DeliveryState.UNKNOWN, sent_at=None, problem="interrupted")
    assert note_delivered(one.pk, now=NOW + DAY)
    assert not note_delivered(one.pk, now=NOW + 2 * DAY)
    one.refresh_from_db()
    assert (one.state, one.delivered_at, one.sent_at, one.problem) == (DeliveryState.SENT, NOW + DAY, NOW + DAY, "")
    assert not BlockedAddress.objects.exists()


def test_arrived_after_it_came_back_is_late_news_and_came_back_after_it_arrived_is_not() -> None:
    one, two = sent(), sent("b@example.no")
    note_bounce(one.pk, hard=True, now=NOW)
    assert not note_delivered(one.pk, now=NOW)
    note_delivered(two.pk, now=NOW)
    assert note_bounce(two.pk, hard=True, now=NOW + DAY)
    assert len(blocks()) == 2


def test_what_the_provider_would_not_send_has_failed_unless_it_has_arrived() -> None:
    one, two = sent(), sent(delivered_at=NOW)
    assert note_failed(one.pk, problem="rejected", now=NOW)
    assert not note_failed(one.pk, problem="rejected", now=NOW)
    assert not note_failed(two.pk, problem="rejected", now=NOW)
    assert Delivery.objects.get(pk=one.pk).problem == "rejected"
    assert blocks() == []
