"""What one does with a message from its page: each by POST, each refused in a sentence, each twice as once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from accounts.enums import Verb
from accounts.models import AuditEvent, User
from membership.models import Branch
from membership.roles import Role
from messaging.actions.messages import Refused, Why
from messaging.enums import Channel, DeliveryState, MessageState, Way
from messaging.models import Delivery, Message, MessagingSettings
from tests.access_mail import make_message
from tests.factories import NOW, make_branch, make_member, make_officer
from tests.messaging.sendings import reach, sent

pytestmark = pytest.mark.django_db
ClientFor = Callable[[User], Client]


@pytest.fixture
def officer(kafjord: Branch) -> User:
    return make_officer(kafjord, name="Áile Bergmark")


@pytest.fixture
def leader(kafjord: Branch) -> User:
    return make_officer(kafjord, Role.BRANCH_LEADER, name="Nils Andreassen")


@pytest.fixture
def waiting(kafjord: Branch, officer: User) -> Message:
    """One that is so large that another must say yes."""
    for name in ("Ane", "Ingebjørg Margrethe"):
        make_member(kafjord, name)
    return make_message(
        kafjord,
        officer,
        MessageState.APPROVAL,
        queued_by=officer,
        queued_at=NOW,
        confirmed=2,
        way=Way.SMS,
        sms_price_ore=39,
    )


def do(client: Client, step: str, message: Message, branch: Branch | None = None, **data: Any) -> str:
    """The sentence that stands on the page one comes to."""
    url = reverse(f"messaging:message_{step}", args=[(branch or message.branch).slug, message.pk])
    answer = client.post(url, data, follow=True)
    assert answer.redirect_chain, answer.status_code
    return " ".join(str(line) for line in answer.context["messages"])


def page_of(client: Client, message: Message, branch: Branch | None = None) -> str:
    answer = client.get(reverse("messaging:message_detail", args=[(branch or message.branch).slug, message.pk]))
    assert answer.status_code == 200
    return str(answer.content.decode())


# --- Two pairs of eyes -----------------------------------------------------------------------------------------------


def test_the_second_person_sees_text_number_price_and_preview_before_saying_yes(
    waiting: Message, leader: User, client_for: ClientFor
) -> None:
    waiting.texts.update(sms="Hei {{ fornavn }}! " + "Møte. " * 30)

    page = page_of(client_for(leader), waiting)

    assert "Godkjenn og send til 2" in page
    assert "Hei Ingebjørg Margrethe!" in page
    assert "2 får den hvis den går ut nå." in page
    # Two parts each.
    assert "SMS-ene koster høyst 1,56\xa0kr." in page
    assert "Slik får Ingebjørg Margrethe Fjellvær den" in page


def test_saying_yes_lets_it_go_and_twice_is_once(waiting: Message, leader: User, client_for: ClientFor) -> None:
    client = client_for(leader)

    assert do(client, "approve", waiting) == "Godkjent. Den går ut slik avsenderen ville."
    assert do(client, "approve", waiting) == "Godkjent. Den går ut slik avsenderen ville."

    waiting.refresh_from_db()
    assert (waiting.state in {MessageState.QUEUED, MessageState.SENDING}, waiting.approved_by) == (True, leader)
    assert AuditEvent.objects.filter(verb=Verb.MESSAGE_APPROVED).count() == 1


def test_the_sender_cannot_say_yes_to_their_own(waiting: Message, officer: User, client_for: ClientFor) -> None:
    client = client_for(officer)

    page = page_of(client, waiting)
    assert "Godkjenn" not in page
    assert "Endre</button>" in page
    assert do(client, "approve", waiting) == str(Refused(Why.SAME_PERSON))
    assert do(client, "send_back", waiting) == str(Refused(Why.SAME_PERSON))


def test_saying_no_gives_it_back_with_the_reason(waiting: Message, leader: User, client_for: ClientFor) -> None:
    told = do(client_for(leader), "send_back", waiting, reason="Skriv når møtet er.")

    waiting.refresh_from_db()
    assert told == "Sendt tilbake. Den er et utkast igjen, med det du skrev."
    assert (waiting.state, waiting.problem) == (MessageState.DRAFT, "Skriv når møtet er.")
    assert do(client_for(leader), "send_back", waiting) == str(Refused(Why.NOT_WAITING))


def test_it_stands_on_the_list_of_whoever_can_say_yes(
    county: Branch, waiting: Message, leader: User, officer: User, client_for: ClientFor
) -> None:
    secretary, treasurer = make_officer(county, Role.COUNTY_SECRETARY), make_officer(waiting.branch, Role.TREASURER)

    def listed(user: User, branch: Branch) -> bool:
        page = client_for(user).get(reverse("messaging:message_list", args=[branch.slug])).content.decode()
        return "venter på at du godkjenner den. Áile Bergmark vil sende den til 2." in page

    assert listed(leader, waiting.branch)
    assert listed(secretary, county)
    assert not listed(officer, waiting.branch)
    assert not listed(treasurer, waiting.branch)


def test_one_named_in_another_branch_sees_what_to_approve_and_no_more(
    county: Branch, waiting: Message, officer: User, client_for: ClientFor
) -> None:
    lyngen = make_branch(county, "Lyngen")
    stand_in, other = make_officer(lyngen), make_officer(lyngen)
    MessagingSettings.objects.create(branch=waiting.branch, substitute=stand_in)
    client = client_for(stand_in)

    page = page_of(client, waiting, lyngen)

    assert "Godkjenn og send til 2" in page
    assert "Ingebjørg Margrethe" not in page
    assert "Endre</button>" not in page
    for step in ("take_back", "stop"):
        url = reverse(f"messaging:message_{step}", args=[lyngen.slug, waiting.pk])
        assert client.post(url).status_code == 404
    recipients = reverse("messaging:message_recipients", args=[lyngen.slug, waiting.pk])
    assert client.get(recipients).status_code == 404
    detail = reverse("messaging:message_detail", args=[lyngen.slug, waiting.pk])
    assert client_for(other).get(detail).status_code == 404
    listing = client.get(reverse("messaging:message_list", args=[lyngen.slug])).content.decode()
    assert "venter på at du godkjenner den" in listing

    assert do(client, "approve", waiting, lyngen) == "Godkjent. Den går ut slik avsenderen ville."
    # When it waits no more, it is none of theirs.
    assert client.get(detail).status_code == 404


def test_a_message_for_nobody_or_for_an_audience_nobody_understands_has_no_preview(
    waiting: Message, leader: User, client_for: ClientFor
) -> None:
    client = client_for(leader)
    for audience in ({"kind": "people", "ids": [10**9]}, {"kind": "tull"}):
        Message.objects.filter(pk=waiting.pk).update(audience=audience)
        assert "Slik får" not in page_of(client, waiting)


def test_a_message_to_officers_is_shown_as_one_of_them_gets_it(
    waiting: Message, leader: User, client_for: ClientFor
) -> None:
    audience = {"kind": "officers", "roles": [Role.BRANCH_LEADER]}
    Message.objects.filter(pk=waiting.pk).update(audience=audience, way=Way.EMAIL)

    assert "Slik får Nils Andreassen den" in page_of(client_for(leader), waiting)


# --- Regret, change, stop --------------------------------------------------------------------------------------------


def test_what_goes_at_once_can_be_regretted_with_the_minutes_left(
    kafjord: Branch, officer: User, client_for: ClientFor
) -> None:
    message = make_message(kafjord, officer, MessageState.QUEUED, due_at=NOW + timedelta(minutes=4), expanded_at=NOW)
    reach(message, make_member(kafjord), DeliveryState.QUEUED)
    client = client_for(officer)

    page = page_of(client, message)
    assert "Angre (4 min igjen)" in page
    assert "Stopp sendingen" not in page

    assert do(client, "take_back", message) == "Den er et utkast igjen. Ingenting er sendt."
    message.refresh_from_db()
    assert (message.state, message.deliveries.count()) == (MessageState.DRAFT, 0)
    assert do(client, "take_back", message) == "Den er et utkast igjen. Ingenting er sendt."


def test_what_waits_for_its_time_can_be_changed_or_stopped(
    kafjord: Branch, officer: User, client_for: ClientFor
) -> None:
    later = NOW + timedelta(days=2)
    message = make_message(kafjord, officer, MessageState.QUEUED, due_at=later, send_at=later, expanded_at=NOW)
    client = client_for(officer)

    page = page_of(client, message)
    assert "Endre</button>" in page
    assert "Stopp sendingen" in page
    assert do(client, "stop", message) == "Stoppet. Ingen hadde fått den."


def test_one_that_is_being_sent_is_stopped_and_cannot_be_taken_back(
    kafjord: Branch, officer: User, client_for: ClientFor
) -> None:
    message = make_message(kafjord, officer, MessageState.SENDING, started_at=NOW)
    reach(message, make_member(kafjord))
    rest = reach(message, make_member(kafjord), DeliveryState.QUEUED)
    client = client_for(officer)

    assert do(client, "take_back", message) == str(Refused(Why.BEGUN))
    assert do(client, "stop", message) == "Stoppet. Da var den gått til 1 person."
    rest.refresh_from_db()
    assert rest.left_out == "stopped_by"
    done = sent(kafjord, officer)
    assert do(client, "stop", done) == str(Refused(Why.OVER))


# --- What did not arrive ---------------------------------------------------------------------------------------------


def test_what_failed_is_tried_again_and_what_is_unknown_is_not(
    kafjord: Branch, officer: User, client_for: ClientFor
) -> None:
    message = sent(kafjord, officer)
    failed = reach(message, make_member(kafjord), DeliveryState.FAILED, problem="ConnectionError").delivery
    unknown = reach(message, make_member(kafjord), DeliveryState.UNKNOWN).delivery
    client = client_for(officer)

    assert "Send på nytt til 1 som ikke fikk den" in page_of(client, message)
    assert do(client, "retry", message) == "Sendes på nytt til 1 adresse."
    assert do(client, "retry", message) == "Det var ingenting å sende på nytt."

    assert failed is not None
    assert unknown is not None
    failed.refresh_from_db()
    unknown.refresh_from_db()
    assert (failed.state, unknown.state) == (DeliveryState.QUEUED, DeliveryState.UNKNOWN)
    draft = make_message(kafjord, officer)
    assert do(client, "retry", draft) == str(Refused(Why.NOT_SENT))


@pytest.fixture
def uncertain(kafjord: Branch, officer: User) -> Message:
    """Two of whom nobody knows, and one that is known to have got it."""
    message = sent(kafjord, officer, make_member(kafjord))
    for _ in range(2):
        reach(message, make_member(kafjord), DeliveryState.UNKNOWN, sent_at=None)
    return message


def unknown_of(message: Message) -> list[Delivery]:
    return list(message.deliveries.filter(state=DeliveryState.UNKNOWN).order_by("pk"))


def test_one_of_whom_nobody_knows_is_said_to_have_got_it(
    uncertain: Message, officer: User, client_for: ClientFor
) -> None:
    one, other = unknown_of(uncertain)
    client = client_for(officer)

    assert do(client, "decide", uncertain, handling="kom-fram", levering=str(one.pk)) == "Merket som sendt."
    told = do(client, "decide", uncertain, handling="kom-fram", levering=str(one.pk))
    assert told == "Noen hadde bestemt det allerede."

    one.refresh_from_db()
    assert (one.state, one.sent_at) == (DeliveryState.SENT, one.started_at)
    assert unknown_of(uncertain) == [other]
    event = AuditEvent.objects.get(verb=Verb.MESSAGE_DECIDED)
    assert (event.count, event.details) == (1, {"again": False})


def test_all_of_whom_nobody_knows_are_said_to_have_got_it(
    uncertain: Message, officer: User, client_for: ClientFor
) -> None:
    elsewhere = reach(sent(uncertain.branch, officer), make_member(uncertain.branch), DeliveryState.UNKNOWN).delivery

    assert do(client_for(officer), "decide", uncertain, handling="alle") == "Merket som sendt."

    assert unknown_of(uncertain) == []
    assert elsewhere is not None
    elsewhere.refresh_from_db()
    assert elsewhere.state == DeliveryState.UNKNOWN


def test_one_is_sent_again_knowingly_and_only_once(uncertain: Message, officer: User, client_for: ClientFor) -> None:
    one, other = unknown_of(uncertain)
    client = client_for(officer)

    assert do(client, "decide", uncertain, handling="igjen", levering=str(one.pk)) == "Den sendes på nytt."
    told = do(client, "decide", uncertain, handling="igjen", levering=str(one.pk))
    assert told == "Noen hadde bestemt det allerede."

    one.refresh_from_db()
    uncertain.refresh_from_db()
    assert (one.state, one.attempts, one.started_at) == (DeliveryState.QUEUED, 0, None)
    assert (uncertain.state, uncertain.finished_at) == (MessageState.SENDING, None)
    assert unknown_of(uncertain) == [other]


@pytest.mark.parametrize(
    ("fields", "why"),
    [({"state": MessageState.STOPPED}, Why.NOT_SENT), ({"expires_at": NOW}, Why.TOO_LATE)],
)
def test_nothing_is_sent_again_of_what_is_stopped_or_too_late(
    fields: dict[str, Any], why: Why, uncertain: Message, officer: User, client_for: ClientFor
) -> None:
    Message.objects.filter(pk=uncertain.pk).update(**fields)
    one = unknown_of(uncertain)[0]

    told = do(client_for(officer), "decide", uncertain, handling="igjen", levering=str(one.pk))

    assert told == str(Refused(why))
    assert len(unknown_of(uncertain)) == 2


def test_a_delivery_of_another_message_is_not_decided_here(
    uncertain: Message, officer: User, client_for: ClientFor
) -> None:
    elsewhere = reach(sent(uncertain.branch, officer), make_member(uncertain.branch), DeliveryState.UNKNOWN).delivery
    assert elsewhere is not None
    client = client_for(officer)

    for handling in ("kom-fram", "igjen"):
        told = do(client, "decide", uncertain, handling=handling, levering=str(elsewhere.pk))
        assert told == "Noen hadde bestemt det allerede."
    elsewhere.refresh_from_db()
    assert elsewhere.state == DeliveryState.UNKNOWN


@pytest.mark.parametrize(
    "data", [{}, {"handling": "tull"}, {"handling": "igjen"}, {"handling": "kom-fram", "levering": "tull"}]
)
def test_nonsense_is_no_decision(
    data: dict[str, str], uncertain: Message, officer: User, client_for: ClientFor
) -> None:
    url = reverse("messaging:message_decide", args=[uncertain.branch.slug, uncertain.pk])

    assert client_for(officer).post(url, data).status_code == 404
    assert len(unknown_of(uncertain)) == 2


def test_who_may_only_write_can_do_none_of_it(uncertain: Message, client_for: ClientFor) -> None:
    client = client_for(make_officer(uncertain.branch, Role.TREASURER))

    page = page_of(client, uncertain)
    assert "<form" not in page.partition("<main")[2].partition("</main>")[0]
    for step in ("approve", "send_back", "take_back", "stop", "retry", "decide"):
        url = reverse(f"messaging:message_{step}", args=[uncertain.branch.slug, uncertain.pk])
        assert client.post(url, {"handling": "alle"}).status_code == 404


def test_a_message_that_is_gone_is_not_found(kafjord: Branch, officer: User, client_for: ClientFor) -> None:
    for step in ("approve", "send_back", "take_back", "stop", "retry", "decide"):
        url = reverse(f"messaging:message_{step}", args=[kafjord.slug, uuid4()])
        assert client_for(officer).post(url).status_code == 404


def test_letters_lead_to_their_page(kafjord: Branch, officer: User, client_for: ClientFor) -> None:
    message = sent(kafjord, officer)
    message.recipients.create(member=make_member(kafjord), channel=Channel.LETTER)

    letters = reverse("messaging:letters", args=[kafjord.slug, message.pk])

    assert letters in page_of(client_for(officer), message)
    leader = make_officer(kafjord, Role.BRANCH_LEADER)
    assert letters not in page_of(client_for(leader), message)
