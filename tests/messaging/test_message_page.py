"""One message's page: how far it has come, what it says, who stands behind it; and nothing of what is another's."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from accounts.enums import Verb
from accounts.models import AuditEvent, User
from membership.models import Branch
from membership.roles import Role
from messaging.enums import Channel, DeliveryState, MessageState, Reason
from messaging.models import Delivery, Message, MessageText, Recipient
from messaging.progress import progress_of
from tests.access_mail import make_message
from tests.factories import NOW, make_branch, make_member, make_officer
from tests.messaging.sendings import leave_out, reach, sent

pytestmark = pytest.mark.django_db
ClientFor = Callable[[User], Client]
HTMX = {"HX-Request": "true"}


@pytest.fixture
def officer(kafjord: Branch) -> User:
    return make_officer(kafjord, name="Áile Bergmark")


def url_of(message: Message, branch: Branch | None = None) -> str:
    return reverse("messaging:message_detail", args=[(branch or message.branch).slug, message.pk])


def shown(client: Client, message: Message, branch: Branch | None = None) -> str:
    answer = client.get(url_of(message, branch))
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_it_says_who_wrote_sent_approved_and_stopped_it_and_when(
    kafjord: Branch, officer: User, client_for: ClientFor
) -> None:
    second = make_officer(kafjord, name="Nils Andreassen")
    message = make_message(
        kafjord,
        officer,
        MessageState.STOPPED,
        approved_by=second,
        approved_at=NOW,
        started_at=NOW,
        stopped_by=second,
        stopped_at=NOW + timedelta(minutes=3),
        confirmed=1200,
        expires_at=NOW + timedelta(days=400),
        finished_at=NOW + timedelta(minutes=4),
    )

    page = shown(client_for(officer), message)

    assert page.count("20.\xa0november kl. 19.00, Áile Bergmark") == 2
    assert "20.\xa0november kl. 19.00, Nils Andreassen" in page
    assert "20.\xa0november kl. 19.03, Nils Andreassen" in page
    assert "20.\xa0november kl. 19.04" in page
    assert "25.\xa0desember 2027 kl. 19.00" in page
    assert "1\xa0200 personer" in page
    assert AuditEvent.objects.get(verb=Verb.MESSAGE_OPENED).object_id == str(message.pk)


def test_people_are_counted_by_what_became_of_it(kafjord: Branch, officer: User) -> None:
    message = sent(kafjord, officer)
    for state in DeliveryState:
        reach(message, make_member(kafjord), state)
    shared = Recipient.objects.get(delivery__state=DeliveryState.SENT)
    Recipient.objects.create(
        message=message, member=make_member(kafjord), channel=Channel.EMAIL, delivery=shared.delivery
    )
    Recipient.objects.create(message=message, member=make_member(kafjord), channel=Channel.SMS)
    for posted_at in (None, None, NOW):
        letter = {"channel": Channel.LETTER, "posted_at": posted_at}
        Recipient.objects.create(message=message, member=make_member(kafjord), **letter)
    leave_out(message, make_member(kafjord), Reason.NO_CHANNEL)

    progress = progress_of(message)

    assert (progress.sent, progress.waiting, progress.failed, progress.bounced) == (2, 3, 1, 1)
    assert (progress.unknown, progress.cancelled, progress.to_post, progress.posted) == (1, 1, 2, 1)
    assert (progress.people, progress.letters, progress.missed) == (9, 3, 1)
    assert progress.percent == 22
    assert progress.left_out == {"no_channel": 1}


def test_the_page_tells_of_each_count_and_leads_to_who_it_is(
    kafjord: Branch, officer: User, client_for: ClientFor
) -> None:
    message = sent(kafjord, officer, make_member(kafjord), make_member(kafjord), cost_ore=7800)
    reach(message, make_member(kafjord), DeliveryState.UNKNOWN)
    leave_out(message, make_member(kafjord), Reason.NO_PURPOSE)
    leave_out(message, make_member(kafjord), Reason.PROTECTED)

    page = shown(client_for(officer), message)

    assert "av 3 er sendt" in page
    assert "?status=sendt" in page
    assert "?status=ukjent" in page
    assert "?status=feilet" not in page
    assert "Vi sender dem ikke på nytt av oss selv" in page
    assert "2 får den ikke" in page
    assert "?grunn=no_purpose" in page
    assert "?grunn=protected" not in page
    assert "SMS for 78\xa0kr til sammen" in page


@pytest.mark.parametrize(
    ("state", "fields", "said", "polls"),
    [
        (MessageState.DRAFT, {}, "Ingenting sendes før du sier fra.", False),
        (MessageState.APPROVAL, {}, "Så mange mottakere trenger to par øyne.", False),
        (MessageState.QUEUED, {"due_at": NOW + timedelta(seconds=241)}, "Den går ut om 5 min. Du kan", True),
        (MessageState.QUEUED, {"due_at": NOW - timedelta(seconds=1)}, "Den går ut om et øyeblikk.", True),
        (MessageState.QUEUED, {"due_at": None}, "Den går ut om et øyeblikk.", True),
        (
            MessageState.QUEUED,
            {"due_at": NOW + timedelta(minutes=30), "is_held": True, "expanded_at": NOW},
            "holdes tilbake i 30 min",
            False,
        ),
        (
            MessageState.QUEUED,
            {"due_at": NOW + timedelta(days=2), "send_at": NOW + timedelta(days=2), "expanded_at": NOW},
            "Den går ut 22.\xa0november kl. 19.00. Til da kan du endre den",
            False,
        ),
        (
            MessageState.QUEUED,
            {"due_at": NOW + timedelta(days=2), "send_at": NOW + timedelta(days=2)},
            "Vi finner ut hvem som får den.",
            True,
        ),
        (MessageState.SENDING, {"started_at": NOW}, "Den sendes nå.", True),
        (MessageState.DONE, {"started_at": NOW}, "Alt som kunne sendes, er sendt.", False),
        (MessageState.STOPPED, {"started_at": NOW}, "Den ble stoppet.", False),
        (MessageState.EXPIRED, {}, "Tida gikk ut før alle hadde fått den.", False),
    ],
)
def test_the_state_is_said_in_a_sentence_and_asked_again_while_something_moves(
    state: MessageState,
    fields: dict[str, object],
    said: str,
    polls: bool,
    kafjord: Branch,
    officer: User,
    client_for: ClientFor,
) -> None:
    message = make_message(kafjord, officer, state, **fields)

    page = shown(client_for(officer), message)

    assert said in page
    assert ("hx-trigger" in page) == polls
    # Without JavaScript one asks by hand.
    assert ("Se hvor langt det er kommet" in page) == polls


def test_what_htmx_fetches_is_the_part_of_the_page(kafjord: Branch, officer: User, client_for: ClientFor) -> None:
    message = make_message(kafjord, officer, MessageState.SENDING, started_at=NOW)
    reach(message, make_member(kafjord))
    reach(message, make_member(kafjord), DeliveryState.QUEUED)
    client = client_for(officer)

    page = shown(client, message)
    part = client.get(url_of(message), headers=HTMX).content.decode()

    assert "av 2 er sendt" in part
    assert without_tokens(part).strip() in without_tokens(page)
    # Only the page is an opening of the message; the rest of it stands still.
    assert AuditEvent.objects.filter(verb=Verb.MESSAGE_OPENED).count() == 1
    assert "<h1" not in part


def without_tokens(html: str) -> str:
    return "".join(line for line in html.splitlines() if "csrfmiddlewaretoken" not in line)


def test_the_text_stands_as_it_was_written_in_each_language(
    kafjord: Branch, officer: User, client_for: ClientFor
) -> None:
    message = sent(kafjord, officer)
    message.texts.update(body="Hei **{{ fornavn }}**! <script>alert(1)</script>", sms="Kom\ni kveld")
    MessageText.objects.create(message=message, language="se", subject="Čoahkkin", body="Bures!")

    page = shown(client_for(officer), message)

    assert "<strong>{{ fornavn }}</strong>" in page
    assert "<script>alert" not in page
    assert "Kom<br>i kveld" in page
    assert page.lower().index("bokmål") < page.index("Čoahkkin")


def test_a_message_with_no_text_says_so(kafjord: Branch, officer: User, client_for: ClientFor) -> None:
    message = make_message(kafjord, officer)
    message.texts.all().delete()

    assert "Ingenting er skrevet ennå." in shown(client_for(officer), message)


def test_why_it_came_back_is_told(kafjord: Branch, officer: User, client_for: ClientFor) -> None:
    message = make_message(kafjord, officer, problem="Skriv når møtet er.")

    assert "Skriv når møtet er." in shown(client_for(officer), message)


def test_another_branchs_message_is_nowhere(
    county: Branch, kafjord: Branch, officer: User, client_for: ClientFor
) -> None:
    lyngen, secretary = make_branch(county, "Lyngen"), make_officer(county, Role.COUNTY_SECRETARY)
    client = client_for(officer)
    for message in (sent(lyngen, officer), sent(county, secretary, make_member(kafjord))):
        assert client.get(url_of(message, kafjord)).status_code == 404
        assert client.get(url_of(message)).status_code == 404
    assert client.get(reverse("messaging:message_detail", args=[kafjord.slug, uuid4()])).status_code == 404


def test_the_county_sees_a_branchs_message_from_its_own_list(
    county: Branch, kafjord: Branch, officer: User, client_for: ClientFor
) -> None:
    client = client_for(make_officer(county, Role.COUNTY_SECRETARY))
    message, draft = sent(kafjord, officer), make_message(kafjord, officer)

    assert "Kåfjord Arbeiderparti" in shown(client, message, county)
    assert client.get(url_of(draft, county)).status_code == 404
    assert client.get(url_of(draft)).status_code == 200


def test_looking_changes_nothing_and_cannot_be_posted(kafjord: Branch, officer: User, client_for: ClientFor) -> None:
    message = sent(kafjord, officer)

    assert client_for(officer).post(url_of(message)).status_code == 405


def test_fifty_recipients_cost_no_more_than_one(
    kafjord: Branch,
    officer: User,
    client_for: ClientFor,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    client = client_for(officer)
    message = make_message(kafjord, officer, MessageState.SENDING, started_at=NOW)
    reach(message, make_member(kafjord))
    with django_assert_max_num_queries(25) as one:
        shown(client, message)
    for _ in range(50):
        reach(message, make_member(kafjord), DeliveryState.UNKNOWN)

    with django_assert_max_num_queries(len(one)):
        shown(client, message)


def test_what_waits_for_the_morning_says_so(kafjord: Branch, officer: User, client_for: ClientFor) -> None:
    message = make_message(kafjord, officer, MessageState.SENDING, started_at=NOW)
    delivery = Delivery.objects.create(
        key="morning",
        message=message,
        channel=Channel.SMS,
        purpose=message.purpose,
        address="+4700000001",
        created_at=NOW,
        not_before_at=NOW + timedelta(hours=14),
        wipe_at=NOW,
    )
    Recipient.objects.create(message=message, member=make_member(kafjord), channel=Channel.SMS, delivery=delivery)
    url = reverse("messaging:message_detail", args=[kafjord.slug, message.pk])
    page = client_for(officer).get(url).content.decode()
    assert "Det som venter, går ut 21.\u00a0november kl. 09.00." in page
    assert "every 60s" in page
    Delivery.objects.update(not_before_at=NOW)
    assert "Den sendes nå." in client_for(officer).get(url).content.decode()


def test_the_counts_stay_when_the_rows_are_erased(kafjord: Branch, officer: User, client_for: ClientFor) -> None:
    totals = {"deliveries": {"email": {"sent": 7, "unknown": 1}}, "people": {"email": 9}, "left_out": {"no_address": 2}}
    message = make_message(kafjord, officer, MessageState.DONE, finished_at=NOW, totals=totals)
    found = progress_of(message)
    assert (found.sent, found.unknown, found.people, found.missed) == (7, 1, 8, 2)
    url = reverse("messaging:message_detail", args=[kafjord.slug, message.pk])
    page = client_for(officer).get(url)
    assert "mangler adresse vi kan bruke" in page.content.decode()
    assert not page.context["doors"]["decide"]
