"""All that one member has been sent, wherever it came from; and the newsletters, to read again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from accounts.enums import Verb
from accounts.models import AuditEvent, User
from membership.models import Branch, Member
from membership.roles import Role
from messaging.enums import Channel, DeliveryState, MessageState, Purpose, Reason
from messaging.models import InboxReply, Message, Recipient
from tests.access_mail import make_message
from tests.factories import NOW, make_branch, make_member, make_officer
from tests.messaging.sendings import came_in, deliver, leave_out, reach, sent

pytestmark = pytest.mark.django_db
ClientFor = Callable[[User], Client]


@pytest.fixture
def officer(kafjord: Branch) -> User:
    return make_officer(kafjord, name="Áile Bergmark")


@pytest.fixture
def secretary(county: Branch) -> User:
    return make_officer(county, Role.COUNTY_SECRETARY)


@pytest.fixture
def ane(kafjord: Branch) -> Member:
    return make_member(kafjord)


def named(message: Message, subject: str) -> Message:
    message.texts.update(subject=subject)
    return message


def page_of(client: Client, name: str, branch: Branch, *args: object) -> str:
    answer = client.get(reverse(name, args=[branch.slug, *args]))
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_the_members_page_shows_what_was_sent_and_when_and_how(
    kafjord: Branch, officer: User, ane: Member, client_for: ClientFor
) -> None:
    message = named(sent(kafjord, officer, ane), "Sommerhilsen")
    by_sms = named(sent(kafjord, officer), "Husk møtet")
    reach(by_sms, ane, DeliveryState.FAILED, channel=Channel.SMS)
    left_out = named(sent(kafjord, officer), "Innsamling")
    leave_out(left_out, ane, Reason.NO_CONSENT)
    named(make_message(kafjord, officer, MessageState.QUEUED), "Ikke begynt")
    Recipient.objects.create(message=Message.objects.get(texts__subject="Ikke begynt"), member=ane, channel="email")

    page = page_of(client_for(officer), "membership:member_detail", kafjord, ane.pk)

    history, _, panel = page.partition('id="h-messages"')
    assert "E-post: Sommerhilsen" in history
    assert "Kåfjord Arbeiderparti. Sendt" in history
    assert "SMS: Husk møtet" in history
    assert "Innsamling" not in history
    assert reverse("messaging:message_detail", args=["kafjord", message.pk]) in panel
    assert "Fikk den ikke:" in panel
    assert "Ikke begynt" not in page


def test_the_panel_has_the_latest_five_and_leads_to_the_rest(
    kafjord: Branch, officer: User, ane: Member, client_for: ClientFor
) -> None:
    for number in range(6):
        named(sent(kafjord, officer, ane, started_at=NOW - timedelta(days=number)), f"Brev nummer {number}")
    client = client_for(officer)

    panel = page_of(client, "membership:member_detail", kafjord, ane.pk).partition('id="h-messages"')[2]
    everything = page_of(client, "messaging:member_messages", kafjord, ane.pk)

    assert "Brev nummer 4" in panel
    assert "Brev nummer 5" not in panel
    assert reverse("messaging:member_messages", args=["kafjord", ane.pk]) in panel
    assert "Brev nummer 5" in everything
    assert AuditEvent.objects.filter(verb=Verb.MEMBER_OPENED, object_id=str(ane.pk)).count() == 2


def test_the_countys_message_is_told_of_and_not_opened(
    county: Branch, kafjord: Branch, officer: User, secretary: User, ane: Member, client_for: ClientFor
) -> None:
    some = {"kind": "members", "params": {"lag": "kafjord"}}
    message = named(sent(county, secretary, ane, audience=some), "Fra fylket til noen")
    to_all = named(sent(county, secretary, ane), "Fra fylket til alle")
    client = client_for(officer)

    page = page_of(client, "messaging:member_messages", kafjord, ane.pk)

    assert "Fra fylket til noen" in page
    assert str(message.pk) not in page
    assert client.get(reverse("messaging:message_detail", args=["kafjord", message.pk])).status_code == 404
    assert client.get(reverse("messaging:newsletter", args=["kafjord", message.pk])).status_code == 404
    # What all got can be read in the archive.
    assert reverse("messaging:newsletter", args=["kafjord", to_all.pk]) in page


def test_answers_stand_there_too(kafjord: Branch, officer: User, ane: Member, client_for: ClientFor) -> None:
    asked = came_in(kafjord, ane)
    sms = deliver(sent(kafjord, officer), DeliveryState.UNKNOWN, channel=Channel.SMS)
    InboxReply.objects.create(inbox_message=asked, text="Klokka 18.", by=officer, at=NOW, delivery=sms)
    InboxReply.objects.create(inbox_message=asked, text="Velkommen.", by=officer, at=NOW)
    client = client_for(officer)

    page = page_of(client, "messaging:member_messages", kafjord, ane.pk)
    history = page_of(client, "membership:member_detail", kafjord, ane.pk)

    assert "Svar på det medlemmet har skrevet" in page
    assert page.count("Áile Bergmark. SMS") == 2
    assert "Ukjent" in page
    assert "Klokka 18." not in page
    assert history.count("Fikk svar på SMS") == 2


def test_a_member_who_has_been_sent_nothing(kafjord: Branch, officer: User, ane: Member, client_for: ClientFor) -> None:
    client = client_for(officer)

    assert "Ingenting er sendt ennå." in page_of(client, "messaging:member_messages", kafjord, ane.pk)
    assert "Ingenting er sendt ennå." in page_of(client, "membership:member_detail", kafjord, ane.pk)


def test_another_branchs_member_is_nowhere(
    county: Branch, kafjord: Branch, officer: User, client_for: ClientFor
) -> None:
    elsewhere = make_member(make_branch(county, "Lyngen"))

    url = reverse("messaging:member_messages", args=["kafjord", elsewhere.pk])

    assert client_for(officer).get(url).status_code == 404


@pytest.mark.parametrize("name", ["membership:member_detail", "messaging:member_messages"])
def test_fifty_messages_cost_no_more_than_one(
    name: str,
    county: Branch,
    kafjord: Branch,
    officer: User,
    secretary: User,
    ane: Member,
    client_for: ClientFor,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    client = client_for(officer)
    sent(county, secretary, ane)
    with django_assert_max_num_queries(45) as one:
        page_of(client, name, kafjord, ane.pk)
    for number in range(50):
        sent((county, kafjord)[number % 2], officer, ane, started_at=NOW - timedelta(minutes=number))

    with django_assert_max_num_queries(len(one)):
        page_of(client, name, kafjord, ane.pk)


# --- The archive -----------------------------------------------------------------------------------------------------


def test_newsletters_can_be_read_again_by_the_branch_and_those_under_it(
    county: Branch, kafjord: Branch, officer: User, secretary: User, client_for: ClientFor
) -> None:
    own = named(sent(kafjord, officer, started_at=NOW - timedelta(days=63)), "Høsten i Kåfjord")
    above = named(sent(county, secretary), "Nytt fra fylket")
    unread = [
        named(sent(make_branch(county, "Lyngen"), officer), "Fra Lyngen"),
        named(sent(kafjord, officer, purpose=Purpose.MEETINGS), "Innkalling"),
        named(make_message(kafjord, officer, MessageState.STOPPED, started_at=NOW), "Stoppet"),
        named(make_message(kafjord, officer), "Kladd"),
    ]
    own.texts.update(body="Hei **{{ fornavn }}**!")
    client = client_for(officer)

    page = page_of(client, "messaging:archive", kafjord)

    assert page.index("Nytt fra fylket") < page.index("Høsten i Kåfjord")
    assert "18.\xa0september 2026 kl. 20.00, Kåfjord Arbeiderparti" in page
    for message in unread:
        assert str(message.pk) not in page
        url = reverse("messaging:newsletter", args=["kafjord", message.pk])
        assert client.get(url).status_code == 404
    assert "<strong>{{ fornavn }}</strong>" in page_of(client, "messaging:newsletter", kafjord, own.pk)
    assert "Nytt fra fylket" in page_of(client, "messaging:newsletter", kafjord, above.pk)
    # The county's own archive is its own.
    assert "Høsten i Kåfjord" not in page_of(client_for(secretary), "messaging:archive", county)


def test_an_empty_archive_says_so(kafjord: Branch, officer: User, client_for: ClientFor) -> None:
    assert "Ingen nyhetsbrev ennå" in page_of(client_for(officer), "messaging:archive", kafjord)


def test_fifty_newsletters_cost_no_more_than_one(
    kafjord: Branch, officer: User, client_for: ClientFor, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    client = client_for(officer)
    sent(kafjord, officer)
    with django_assert_max_num_queries(20) as one:
        page_of(client, "messaging:archive", kafjord)
    for _ in range(60):
        sent(kafjord, officer)

    with django_assert_max_num_queries(len(one)):
        page = page_of(client, "messaging:archive", kafjord)
    assert "Viser 1–50 av 61" in page
