"""What has happened to the demo's register lately."""

from datetime import timedelta

import pytest
from django.db.models import Count

from demo.load import load_demo
from membership.enums import ChangeSource
from membership.models import Branch, ChangeBatch, DuplicatePair, Member, MemberChange, MoveRequest, Tag
from messaging.message_list import rhythm
from messaging.models import BlockedAddress, Delivery, InboxMessage, Message
from messaging.progress import progress_of
from tests.factories import NOW, TODAY

pytestmark = pytest.mark.django_db


def test_officers_have_worked_with_the_register() -> None:
    load_demo()
    kafjord, tromso = Branch.objects.get(slug="kafjord"), Branch.objects.get(slug="tromso")
    for branch in (kafjord, tromso):
        changes = MemberChange.objects.filter(member__in=branch.members)
        assert changes.filter(source=ChangeSource.OFFICER, field="email").exists()
        assert branch.members.filter(checked_on__isnull=False).exists()
        assert branch.members.filter(email_bounced_on__isnull=False, email__gt="").exists()
        assert MoveRequest.objects.waiting().to(branch).count() == 1
    assert not MemberChange.objects.filter(at__date__gt=TODAY).exists()
    assert not MemberChange.objects.exclude(member__address_protection="").exclude(field="tags").exists()


def test_each_group_has_somebody() -> None:
    load_demo()
    assert Tag.objects.count() == 4
    assert not Tag.objects.filter(members__isnull=True).exists()


def test_some_stand_twice_and_have_been_found() -> None:
    load_demo()
    for slug in ("kafjord", "tromso"):
        assert DuplicatePair.objects.open().within(Branch.objects.get(slug=slug)).count() >= 2


def test_the_newest_piece_of_work_can_be_undone() -> None:
    load_demo()
    assert ChangeBatch.objects.undoable(NOW).count() == 1


def test_a_small_demo_has_it_too() -> None:
    load_demo(members=300, branches=3)
    assert MemberChange.objects.exists()
    assert Member.objects.current().count() == 300


# --- Messages --------------------------------------------------------------------------------------------------------


def test_messages_have_been_written_sent_and_answered() -> None:
    load_demo()
    kafjord = Branch.objects.get(slug="kafjord")
    mine = Message.objects.filter(branch=kafjord)
    assert sorted(mine.values_list("state", flat=True)) == ["done", "done", "draft", "queued"]
    assert rhythm(kafjord, TODAY) == "Siste nyhetsbrev for 9 uker siden."
    invitation = mine.get(purpose="meetings", state="done")
    ends = dict(invitation.deliveries.values_list("state").annotate(n=Count("pk")).order_by("state"))
    assert {state: n for state, n in ends.items() if state != "sent"} == {"bounced": 2, "failed": 1, "unknown": 1}
    assert invitation.reached > 10
    assert invitation.recipients.exclude(left_out="").exists()
    # Whatever came back is blocked, and the member's page says so.
    for address in invitation.deliveries.filter(state="bounced").values_list("address", flat=True):
        assert BlockedAddress.objects.in_force().filter(address=address).exists()
        assert Member.objects.filter(email__iexact=address, email_bounced_on__isnull=False).exists()
    waiting = mine.get(state="queued")
    assert (waiting.cost_ore, waiting.reached > 5) == (39 * waiting.deliveries.count(), True)
    # So far ahead that the true clock does not send it while somebody looks at the demo.
    assert waiting.due_at is not None
    assert waiting.due_at > NOW + timedelta(days=90)
    assert not Delivery.objects.due(NOW + timedelta(days=90)).exists()


def test_no_two_of_a_message_have_one_address_and_all_say_what_they_are() -> None:
    load_demo()
    copies = Delivery.objects.values("message_id", "channel", "address").annotate(n=Count("pk"))
    assert not copies.filter(n__gt=1).exists()
    for message in Message.objects.filter(state="done"):
        progress = progress_of(message)
        # One that came back, or of which nobody knows, left the house.
        assert message.reached == progress.sent + progress.bounced + progress.unknown
        assert message.totals["left_out"] == progress.left_out


def test_the_inbox_holds_one_that_two_may_have_sent() -> None:
    load_demo()
    inbox = InboxMessage.objects.of(Branch.objects.get(slug="kafjord"))
    assert sorted(inbox.values_list("state", flat=True)) == ["answered", "automatic", "open", "open", "open"]
    shared = inbox.get(member=None)
    assert shared.candidates.filter(email__iexact=shared.address).count() == 2
    assert inbox.filter(answers_to__message__purpose="meetings").exists()


def test_a_larger_demo_has_no_more_messages() -> None:
    load_demo(members=4_000, branches=3)
    assert max(message.recipients.count() for message in Message.objects.all()) == 2_500
