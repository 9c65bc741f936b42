"""Writing a message: kept once however often the form is sent, and never over what somebody else wrote."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from accounts.enums import Verb
from accounts.models import AuditEvent, User
from membership.models import Branch
from messaging.actions.messages import Refused, Why, delete_draft, save_draft
from messaging.enums import MessageState, Way
from messaging.models import Message
from tests.access_mail import make_message
from tests.factories import NOW, make_officer
from tests.messaging.sending import write

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(minutes=1)


def texts(message: Message) -> dict[str, str]:
    return dict(message.texts.values_list("language", "body"))


def test_a_draft_keeps_what_was_written(kafjord: Branch, officer: User) -> None:
    message = write(kafjord, officer, way=Way.BOTH, audience_label="Alle")
    assert (message.state, message.way, message.audience_label) == (MessageState.DRAFT, Way.BOTH, "Alle")
    assert (message.municipal_id, message.county_id) == (kafjord.municipal_id, kafjord.county_id)
    assert message.created_by == message.changed_by == officer
    assert texts(message) == {"nb": "Hei {{ fornavn }}!"}
    assert AuditEvent.objects.filter(verb=Verb.MESSAGE_WRITTEN, object_id=str(message.pk)).count() == 1


def test_a_branch_above_the_municipal_ones_keeps_its_drafts_too(kafjord: Branch, officer: User) -> None:
    county = kafjord.parent
    assert county
    message = write(county, officer)
    assert (message.branch, message.municipal_id, message.county_id) == (county, None, county.pk)


def test_a_form_sent_twice_makes_one_draft(kafjord: Branch, officer: User) -> None:
    token = uuid4()
    first, second = (
        save_draft(kafjord, values={"texts": {}}, by=officer, now=NOW, form_token=token) for _time in range(2)
    )
    assert first == second
    assert Message.objects.count() == AuditEvent.objects.filter(verb=Verb.MESSAGE_WRITTEN).count() == 1


def test_somebody_elses_form_opens_no_draft(kafjord: Branch, officer: User) -> None:
    token = uuid4()
    save_draft(kafjord, values={}, by=officer, now=NOW, form_token=token)
    with pytest.raises(Refused) as refusal:
        save_draft(kafjord, values={}, by=make_officer(kafjord), now=NOW, form_token=token)
    assert refusal.value.why == Why.NOT_A_DRAFT


def test_saving_again_changes_it(kafjord: Branch, officer: User) -> None:
    message = write(kafjord, officer)
    other = make_officer(kafjord)
    Message.objects.update(problem="Kom tilbake")
    given = {"way": Way.SMS, "texts": {"nb": {"sms": "Hei"}, "se": {"sms": "Bures"}}}
    saved = save_draft(kafjord, values=given, by=other, now=LATER, message=message, seen_at=message.changed_at)
    assert (saved.way, saved.changed_by, saved.changed_at, saved.problem) == (Way.SMS, other, LATER, "")
    assert saved.created_by == officer
    assert saved.audience == {"kind": "members", "params": {}}
    assert list(saved.texts.order_by("id").values_list("language", "sms")) == [("nb", "Hei"), ("se", "Bures")]


def test_a_language_with_nothing_in_it_goes(kafjord: Branch, officer: User) -> None:
    message = write(kafjord, officer, texts={"nb": {"body": "Hei"}, "se": {"body": "Bures"}, "fi": {"body": ""}})
    assert texts(message) == {"nb": "Hei", "se": "Bures"}
    save_draft(kafjord, values={"texts": {"se": {"body": ""}}}, by=officer, now=LATER, message=message)
    assert texts(message) == {"nb": "Hei"}


def test_two_writers_do_not_write_over_each_other(kafjord: Branch, officer: User) -> None:
    message = write(kafjord, officer)
    seen, other = message.changed_at, make_officer(kafjord, name="Liv Bakken")
    save_draft(kafjord, values={"texts": {"nb": {"body": "Liv"}}}, by=other, now=LATER, message=message, seen_at=seen)
    with pytest.raises(Refused) as refusal:
        save_draft(
            kafjord, values={"texts": {"nb": {"body": "Kari"}}}, by=officer, now=LATER, message=message, seen_at=seen
        )
    assert refusal.value.why == Why.CHANGED
    assert "Liv Bakken" in str(refusal.value)
    assert texts(message) == {"nb": "Liv"}


def test_the_same_words_saved_twice_are_no_quarrel(kafjord: Branch, officer: User) -> None:
    message = write(kafjord, officer)
    seen, given = message.changed_at, {"way": Way.SMS, "texts": {"nb": {"sms": "Hei"}}}
    for _time in range(2):
        saved = save_draft(kafjord, values=given, by=officer, now=LATER, message=message, seen_at=seen)
    assert saved.way == Way.SMS
    with pytest.raises(Refused):
        save_draft(
            kafjord, values={"texts": {"nb": {"sms": "Nei"}}}, by=officer, now=LATER, message=message, seen_at=seen
        )
    with pytest.raises(Refused):
        save_draft(kafjord, values={**given, "way": Way.EMAIL}, by=officer, now=LATER, message=message, seen_at=seen)


@pytest.mark.parametrize("state", [state for state in MessageState if state != MessageState.DRAFT])
def test_what_is_no_draft_any_more_is_not_changed_nor_thrown_away(
    kafjord: Branch, officer: User, state: MessageState
) -> None:
    message = make_message(kafjord, officer, state)
    with pytest.raises(Refused) as refusal:
        save_draft(kafjord, values={"way": Way.SMS}, by=officer, now=LATER, message=message)
    assert refusal.value.why == Why.NOT_A_DRAFT
    with pytest.raises(Refused) as refusal:
        delete_draft(message, by=officer)
    assert refusal.value.why == Why.NOT_A_DRAFT
    message.refresh_from_db()
    assert message.way == Way.EMAIL


def test_another_branchs_draft_is_not_saved_from_here(kafjord: Branch, officer: User) -> None:
    message = write(kafjord, officer)
    county = kafjord.parent
    assert county
    with pytest.raises(Refused):
        save_draft(county, values={"way": Way.SMS}, by=officer, now=LATER, message=message)
    message.refresh_from_db()
    assert message.way == Way.EMAIL


def test_a_draft_is_thrown_away_once(kafjord: Branch, officer: User) -> None:
    message = write(kafjord, officer)
    delete_draft(message, by=officer)
    delete_draft(message, by=officer)
    assert not Message.objects.exists()
    assert AuditEvent.objects.filter(verb=Verb.MESSAGE_DELETED, object_id=str(message.pk)).count() == 1
    with pytest.raises(Refused):
        save_draft(kafjord, values={}, by=officer, now=LATER, message=message)
