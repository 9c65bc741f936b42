"""What “I dag” says of messages: to whom, and when it says nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from accounts.models import User
from membership.access import access_of
from membership.models import Branch
from membership.roles import Role
from messaging.enums import DeliveryState, MessageState
from messaging.models import Message
from overview import agenda_messages
from overview.agenda import agenda
from overview.agenda_item import Item
from tests.access_mail import make_message
from tests.factories import NOW, TODAY, make_branch, make_county, make_member, make_officer
from tests.messaging.sendings import came_in, deliver, reach, sent

pytestmark = pytest.mark.django_db


@pytest.fixture
def kafjord() -> Branch:
    return make_branch(make_county(), "Kåfjord")


@pytest.fixture
def officer(kafjord: Branch) -> User:
    return make_officer(kafjord, name="Áile Bergmark")


def waiting(kafjord: Branch, sender: User) -> Message:
    return make_message(kafjord, sender, MessageState.APPROVAL, queued_by=sender, queued_at=NOW, confirmed=1200)


def items(branch: Branch, user: User) -> list[Item]:
    access = access_of(user, branch, on=TODAY)
    return agenda(branch, user, access, today=TODAY, unpaid=(0, 0), members=0)


def test_a_message_that_waits_for_ones_yes_comes_first(kafjord: Branch, officer: User) -> None:
    leader = make_officer(kafjord, Role.BRANCH_LEADER)
    message = waiting(kafjord, officer)

    first = items(kafjord, leader)[0]

    assert (first.title, first.text) == (
        "«Medlemsmøte» venter på at du godkjenner den",
        "Áile Bergmark vil sende den til 1\xa0200.",
    )
    assert first.url == reverse("messaging:message_detail", args=["kafjord", message.pk])
    waiting(kafjord, officer)
    assert items(kafjord, leader)[0].title == "Meldinger venter på at du godkjenner dem"
    assert not any("godkjenner" in item.title for item in items(kafjord, officer))
    treasurer = make_officer(kafjord, Role.TREASURER)
    assert not any("godkjenner" in item.title for item in items(kafjord, treasurer))


def test_what_may_not_have_arrived_lately_is_told_with_where_to_go(kafjord: Branch, officer: User) -> None:
    access = access_of(officer, kafjord, on=TODAY)
    one, other, old, stopped = (sent(kafjord, officer) for _ in range(4))
    Message.objects.filter(pk=old.pk).update(started_at=NOW - timedelta(days=15))
    Message.objects.filter(pk=stopped.pk).update(state=MessageState.STOPPED)
    reach(one, make_member(kafjord), DeliveryState.FAILED)
    for state in (DeliveryState.UNKNOWN, DeliveryState.FAILED, DeliveryState.BOUNCED, DeliveryState.SENT):
        deliver(other, state)
    for message in (old, stopped):
        deliver(message, DeliveryState.UNKNOWN)

    (item,) = agenda_messages.not_arrived(kafjord, access, TODAY)

    assert item.title == "3 meldinger kan ha blitt borte"
    assert item.url == reverse("messaging:message_detail", args=["kafjord", other.pk])
    assert agenda_messages.not_arrived(make_branch(kafjord, "Manndalen"), access, TODAY) == []
    treasurer = access_of(make_officer(kafjord, Role.TREASURER), kafjord, on=TODAY)
    assert agenda_messages.not_arrived(kafjord, treasurer, TODAY) == []


def test_what_members_wrote_waits_for_an_answer(
    kafjord: Branch, officer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    access = access_of(officer, kafjord, on=TODAY)
    monkeypatch.setattr(agenda_messages, "url_if_there", lambda _name, slug, *_args: f"/lag/{slug}/innboks/")
    assert agenda_messages.unanswered(kafjord, access) == []
    came_in(kafjord)
    came_in(kafjord)
    came_in(kafjord, state="answered")

    (item,) = agenda_messages.unanswered(kafjord, access)

    assert (item.title, item.url) == ("2 meldinger er ikke besvart", "/lag/kafjord/innboks/")
    treasurer = access_of(make_officer(kafjord, Role.TREASURER), kafjord, on=TODAY)
    assert agenda_messages.unanswered(kafjord, treasurer) == []


def test_ones_own_latest_draft_waits_to_be_finished(kafjord: Branch, officer: User) -> None:
    access = access_of(officer, kafjord, on=TODAY)
    colleague = make_officer(kafjord)
    make_message(kafjord, colleague)
    assert agenda_messages.own_draft(kafjord, officer, access) == []
    make_message(kafjord, officer, changed_at=NOW - timedelta(days=2))
    draft = make_message(kafjord, officer, problem="Skriv når møtet er.")

    (item,) = agenda_messages.own_draft(kafjord, officer, access)

    assert (item.title, item.text) == ("Et utkast: «Medlemsmøte»", "Skriv når møtet er.")
    assert str(draft.pk) in item.url
    reader = access_of(make_officer(kafjord, Role.RECRUITMENT_OFFICER), kafjord, on=TODAY)
    assert agenda_messages.own_draft(kafjord, officer, reader) == []
