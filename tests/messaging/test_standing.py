"""What messages say when a member is taken out again, when an officer goes, and when two records become one."""

from __future__ import annotations

from uuid import UUID

import pytest

from accounts.models import User
from membership.actions.undo import remove
from membership.models import Branch, Member
from membership.roles import Role
from messaging import merging
from messaging.enums import Channel, DeliveryState, MessageState, Reason
from messaging.handovers import hand_drafts, hand_substitutes
from messaging.models import Message, MessagingSettings, Recipient
from messaging.removal import blocks
from tests.access_mail import make_message
from tests.factories import NOW, make_branch, make_county, make_member, make_officer, make_user
from tests.messaging.sendings import came_in, leave_out, reach, sent

pytestmark = pytest.mark.django_db
NO_BATCH = UUID(int=0)


# --- Taken out of the register ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", list(DeliveryState))
def test_who_may_have_got_something_stays(state: DeliveryState, kafjord: Branch, officer: User) -> None:
    member, other = make_member(kafjord), make_member(kafjord)
    message = sent(kafjord, officer)
    reach(message, member, state)
    reach(message, other, DeliveryState.QUEUED)
    leave_out(message, make_member(kafjord), Reason.NO_CHANNEL)

    found = blocks([member.pk, other.pk], NO_BATCH)

    nothing_left = {DeliveryState.QUEUED, DeliveryState.FAILED, DeliveryState.CANCELLED}
    assert set(found) == (set() if state in nothing_left else {member.pk})
    assert all(str(why) == "Medlemmet er sendt en melding." for why in found.values())


def test_who_has_a_letter_in_the_post_stays(kafjord: Branch, officer: User) -> None:
    message = sent(kafjord, officer)
    posted, waiting = make_member(kafjord), make_member(kafjord)
    for member, posted_at in ((posted, NOW), (waiting, None)):
        Recipient.objects.create(message=message, member=member, channel=Channel.LETTER, posted_at=posted_at)

    assert set(blocks([posted.pk, waiting.pk], NO_BATCH)) == {posted.pk}


def test_what_waits_for_one_who_goes_is_not_sent_but_what_others_share_is(kafjord: Branch, officer: User) -> None:
    gone, kept = make_member(kafjord), make_member(kafjord)
    message = make_message(kafjord, officer, MessageState.SENDING, started_at=NOW)
    alone = reach(message, gone, DeliveryState.QUEUED).delivery
    shared = reach(message, kept, DeliveryState.QUEUED).delivery
    other = make_message(kafjord, officer, MessageState.SENDING, started_at=NOW)
    failed = reach(other, gone, DeliveryState.FAILED).delivery
    together = make_member(kafjord)
    Recipient.objects.create(message=message, member=together, channel=Channel.EMAIL, delivery=shared)

    remove([gone.pk, together.pk])

    states = []
    for delivery in (alone, shared, failed):
        assert delivery is not None
        delivery.refresh_from_db()
        states.append(delivery.state)
    assert states == [DeliveryState.CANCELLED, DeliveryState.QUEUED, DeliveryState.FAILED]
    assert not Member.objects.filter(pk=gone.pk).exists()
    assert list(message.recipients.values_list("member_id", flat=True)) == [kept.pk]


# --- Handed over -----------------------------------------------------------------------------------------------------


def test_drafts_go_to_the_successor_and_what_was_sent_does_not(county: Branch, kafjord: Branch, officer: User) -> None:
    new = make_user("Nils Etterfølger")
    draft, done = make_message(kafjord, officer), sent(kafjord, officer)
    under = make_message(make_branch(kafjord, "Manndalen"), officer)
    elsewhere = make_message(make_branch(county, "Lyngen"), officer)
    others = make_message(kafjord, make_officer(kafjord))

    assert hand_drafts(officer, new, kafjord, officer, NOW) == 2
    assert hand_drafts(officer, new, kafjord, officer, NOW) == 0

    handed = set(Message.objects.filter(created_by=new).values_list("pk", flat=True))
    assert handed == {draft.pk, under.pk}
    assert not handed & {done.pk, elsewhere.pk, others.pk}


def test_whoever_was_named_to_approve_is_the_successor(county: Branch, kafjord: Branch) -> None:
    old, new = make_officer(county, Role.COUNTY_SECRETARY), make_user("Nils Etterfølger")
    MessagingSettings.objects.create(branch=kafjord, substitute=old)
    MessagingSettings.objects.create(branch=make_county("Nordland"), substitute=old)

    assert hand_substitutes(old, new, county, old, NOW) == 1
    assert MessagingSettings.objects.get(branch=kafjord).substitute == new


def test_both_are_told_of_beforehand_in_words(kafjord: Branch, officer: User) -> None:
    from membership.actions.handovers import work_to_hand

    assert work_to_hand(officer, kafjord) == []
    make_message(kafjord, officer)
    make_message(kafjord, officer)
    MessagingSettings.objects.create(branch=kafjord, substitute=officer)

    told = [str(kind.label(count)) for kind, count in work_to_hand(officer, kafjord)]

    assert told == ["2 utkast til meldinger", "godkjenner meldinger i stedet for en til i 1 lag"]


# --- Two records of one person ---------------------------------------------------------------------------------------


def test_a_merged_record_has_what_was_sent_to_both_and_each_gets_its_own_again(kafjord: Branch, officer: User) -> None:
    kept, lost = make_member(kafjord), make_member(kafjord)
    only_lost, both = sent(kafjord, officer, lost), sent(kafjord, officer, kept, lost)
    asked, uncertain, theirs = came_in(kafjord, lost), came_in(kafjord), came_in(kafjord)
    uncertain.candidates.add(kept, lost)
    theirs.candidates.add(lost)
    before = rows()

    data = merging.merge(kept, lost, officer, NOW)

    assert set(kept.received_messages.values_list("message_id", flat=True)) == {only_lost.pk, both.pk}
    assert not lost.received_messages.exists()
    assert both.recipients.count() == 1
    asked.refresh_from_db()
    assert asked.member == kept
    assert list(uncertain.candidates.all()) == [kept]
    assert list(theirs.candidates.all()) == [kept]

    merging.undo(kept, lost, data, officer, NOW)

    assert rows() == before
    asked.refresh_from_db()
    assert asked.member == lost
    assert set(uncertain.candidates.all()) == {kept, lost}
    assert list(theirs.candidates.all()) == [lost]


def rows() -> list[tuple[object, ...]]:
    columns = ("message_id", "member_id", "channel", "left_out", "delivery_id", "posted_at")
    return sorted(Recipient.objects.values_list(*columns), key=str)


def test_undoing_a_merge_passes_by_messages_that_have_gone_since(kafjord: Branch, officer: User) -> None:
    kept, lost = make_member(kafjord), make_member(kafjord)
    gone, stays = sent(kafjord, officer, kept, lost), sent(kafjord, officer, kept, lost)
    asked = came_in(kafjord)
    asked.candidates.add(kept, lost)
    data = merging.merge(kept, lost, officer, NOW)
    gone.deliveries.all().delete()
    gone.delete()
    asked.delete()

    merging.undo(kept, lost, data, officer, NOW)

    assert list(lost.received_messages.values_list("message_id", flat=True)) == [stays.pk]
