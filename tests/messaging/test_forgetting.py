"""What is kept of messages for a year and no longer."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from membership.models import Branch, Member
from messaging.enums import Channel, DeliveryState, MessageState, Purpose, Reason
from messaging.forgetting import yearly
from messaging.forgetting.tasks import forget_old as forget_task
from messaging.forgetting.yearly import forget_old
from messaging.models import BlockedAddress, Delivery, InboxMessage, Message, Recipient, SendingRun
from tests.access_mail import make_message
from tests.factories import NOW, TODAY, make_member, make_officer

pytestmark = pytest.mark.django_db

OLD = NOW - timedelta(days=367)
RECENT = NOW - timedelta(days=365)


def delivery(
    message: Message | None, at: datetime, state: str = DeliveryState.SENT, channel: str = Channel.EMAIL
) -> Delivery:
    return Delivery.objects.create(
        key=uuid4().hex,
        message=message,
        channel=channel,
        purpose=Purpose.NEWSLETTER,
        address="kari@example.no",
        state=state,
        created_at=at,
        not_before_at=at,
        wipe_at=at,
    )


def sent(branch: Branch, at: datetime, *members: Member, state: MessageState = MessageState.DONE) -> Message:
    """To these by email; the last one was left out."""
    message = make_message(
        branch, make_officer(branch), state, changed_at=at, finished_at=at if state == MessageState.DONE else None
    )
    for member in members[:-1]:
        Recipient.objects.create(message=message, member=member, channel=Channel.EMAIL, delivery=delivery(message, at))
    Recipient.objects.create(message=message, member=members[-1], left_out=Reason.NO_ADDRESS)
    return message


def forget() -> dict[str, int]:
    return dict(forget_old(now=NOW, today=TODAY))


def test_who_got_an_old_message_goes_and_how_many_stays(branch: Branch) -> None:
    members = [make_member(branch) for _ in range(3)]
    old, recent = sent(branch, OLD, *members), sent(branch, RECENT, *members)
    delivery(old, OLD, DeliveryState.FAILED, Channel.SMS)
    assert forget() == {"recipients": 3, "deliveries": 3}
    old.refresh_from_db()
    assert old.totals == {
        "deliveries": {"email": {"sent": 2}, "sms": {"failed": 1}},
        "people": {"email": 2},
        "left_out": {"no_address": 1},
    }
    assert (recent.recipients.count(), recent.deliveries.count()) == (3, 2)
    assert old.texts.count() == 1


def test_twice_is_once(branch: Branch) -> None:
    old = sent(branch, OLD, make_member(branch))
    forget()
    before = Message.objects.get(pk=old.pk).totals
    assert forget() == {}
    assert Message.objects.get(pk=old.pk).totals == before


def test_a_night_that_was_cut_short_is_made_up_for(branch: Branch, monkeypatch: pytest.MonkeyPatch) -> None:
    """The counts are of all, not of what the first night left."""
    old = sent(branch, OLD, *[make_member(branch) for _ in range(4)])

    def cut_short(rows: Any) -> int:
        rows.filter(pk__in=list(rows.order_by("pk").values_list("pk", flat=True)[:2])).delete()
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(yearly, "_delete", cut_short)
        with pytest.raises(KeyboardInterrupt):
            forget()
    assert old.recipients.count() == 2
    assert forget() == {"recipients": 2, "deliveries": 3}
    assert Message.objects.get(pk=old.pk).totals["people"] == {"email": 3}


@pytest.mark.parametrize("state", [MessageState.DRAFT, MessageState.QUEUED, MessageState.SENDING])
def test_what_is_not_over_is_not_touched(branch: Branch, state: MessageState) -> None:
    message = sent(branch, OLD, make_member(branch), make_member(branch), state=state)
    assert forget() == {}
    assert message.recipients.count() == 2


def test_many_go_in_pieces(branch: Branch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(yearly, "_AT_ONCE", 2)
    sent(branch, OLD, *[make_member(branch) for _ in range(5)])
    assert forget() == {"recipients": 5, "deliveries": 4}


def test_codes_and_answers_go_too_but_not_what_waits(branch: Branch) -> None:
    delivery(None, OLD)
    kept = {delivery(None, OLD, DeliveryState.QUEUED).pk, delivery(None, RECENT).pk}
    assert forget() == {"alone": 1}
    assert set(Delivery.objects.values_list("pk", flat=True)) == kept


def test_what_came_in_goes_after_a_year(branch: Branch) -> None:
    for at in (OLD, RECENT):
        InboxMessage.objects.create(
            branch=branch,
            county_id=branch.root_id,
            channel=Channel.SMS,
            external_id=uuid4().hex,
            address="+4790000001",
            text="Når er møtet?",
            received_at=at,
        )
    assert forget() == {"inbox": 1}
    assert InboxMessage.objects.get().received_at == RECENT


def test_runs_that_are_long_dead_go_and_their_deliveries_stay() -> None:
    dead, live = (
        SendingRun.objects.create(channel="email", started_at=at, heartbeat_at=at)
        for at in (NOW - timedelta(days=2), NOW)
    )
    left = delivery(None, RECENT, DeliveryState.UNKNOWN)
    Delivery.objects.filter(pk=left.pk).update(run=dead)
    assert forget() == {"runs": 1}
    left.refresh_from_db()
    assert left.run_id is None
    assert SendingRun.objects.get() == live


# --- Blocked addresses ------------------------------------------------------------------------------------------------


def block(channel: str, address: str) -> BlockedAddress:
    return BlockedAddress.objects.create(channel=channel, address=address, reason="stopp", noted_at=OLD, blocked_at=OLD)


def days_later(days: int) -> dict[str, int]:
    later = timedelta(days=days)
    return dict(forget_old(now=NOW + later, today=TODAY + later))


def test_a_block_that_somebody_has_stays_however_old(branch: Branch) -> None:
    member = make_member(branch, email="Kari@Example.no", phone="+4777712345", phone_ok=True)
    for channel, address in (("email", "kari@example.no"), ("sms", member.mobile), ("sms", member.phone)):
        block(channel, address)
    for days in (0, 400, 800):
        assert days_later(days) == {}
    assert BlockedAddress.objects.count() == 3


def test_a_block_that_nobody_has_goes_a_year_after_that_was_seen(branch: Branch) -> None:
    make_member(branch, email="ola@example.no")
    block("email", "kari@example.no")
    block("sms", "ola@example.no")
    assert days_later(0) == {}
    assert BlockedAddress.objects.filter(unowned_on=TODAY).count() == 2
    assert days_later(366) == {}
    assert days_later(367) == {"blocked": 2}


def test_whoever_comes_back_is_still_not_written_to(branch: Branch) -> None:
    block("email", "kari@example.no")
    days_later(0)
    member = make_member(branch, email="kari@example.no")
    assert days_later(300) == {}
    assert BlockedAddress.objects.get().unowned_on is None
    Member.objects.filter(pk=member.pk).update(email="")
    assert days_later(500) == {}
    assert BlockedAddress.objects.count() == 1


def test_blocks_are_looked_through_in_chunks(branch: Branch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(yearly, "_BLOCKS_AT_ONCE", 2)
    for number in range(5):
        block("email", f"n{number}@example.no")
    days_later(0)
    assert BlockedAddress.objects.filter(unowned_on=TODAY).count() == 5
    assert days_later(400) == {"blocked": 5}


def test_the_task_asks_the_true_clock(branch: Branch) -> None:
    old = sent(branch, OLD, make_member(branch))
    forget_task()
    assert not old.recipients.exists()
