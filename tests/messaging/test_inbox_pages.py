"""The inbox: what is seen by whom, the talk, answering, forwarding, putting aside, and who of two it was."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from membership.models import Branch
from messaging.actions.blocks import block
from messaging.enums import BlockReason, Channel, InboxState, MessageState, TemplateKind
from messaging.models import Delivery, InboxMessage, InboxReply, MessageTemplate
from tests.access_mail import make_message
from tests.factories import NOW, make_branch, make_county, make_member, make_officer
from tests.messaging.test_inbox_actions import received, send
from tests.messaging.test_returned import sent

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def tromso(county: Branch) -> Branch:
    return make_branch(county, "Tromsø")


@pytest.fixture
def officer(user: User, client_for: Callable[..., Client]) -> Client:
    return client_for(user)


def at(name: str, branch: Branch, message: InboxMessage | None = None) -> str:
    return reverse(f"messaging:inbox_{name}", args=[branch.slug, *([message.pk] if message else [])])


def post(client: Client, name: str, message: InboxMessage, *, branch: Branch | None = None, **data: Any) -> Any:
    return client.post(at(name, branch or message.branch, message), data, follow=True)


def test_what_waits_longest_stands_first_and_what_is_dealt_with_elsewhere(kafjord: Branch, officer: Client) -> None:
    ragna = make_member(kafjord, "Ragna", "Fjell")
    received(kafjord, text="Ny melding")
    received(kafjord, text="Gammel melding", received_at=NOW - HOUR, member=ragna)
    received(kafjord, text="Ferdig melding", state=InboxState.CLOSED)
    page = officer.get(at("list", kafjord)).text
    assert page.index("Gammel melding") < page.index("Ny melding")
    assert "2 venter på svar" in page
    assert "Ragna Fjell" in page
    assert "ragna@example.no" in page
    assert "Ferdig melding" not in page
    handled = officer.get(at("list", kafjord) + "?vis=ferdig").text
    assert "Ferdig melding" in handled
    assert "Trenger ikke svar" in handled
    assert "Ny melding" not in handled


def test_an_empty_inbox_says_so(kafjord: Branch, officer: Client) -> None:
    assert "Alt er besvart" in officer.get(at("list", kafjord)).text
    assert "Ingenting her ennå" in officer.get(at("list", kafjord) + "?vis=ferdig").text


def test_kafjords_officer_never_sees_tromsos_inbox_and_the_county_sees_both(
    county: Branch, kafjord: Branch, tromso: Branch, officer: Client, client_for: Callable[..., Client]
) -> None:
    theirs = received(tromso, text="Hemmelig i Tromsø")
    assert "Hemmelig" not in officer.get(at("list", kafjord)).text
    asked: dict[str, dict[str, Any]] = {
        "answer": {"tekst": "x"},
        "forward": {"lag": "kafjord"},
        "close": {},
        "who": {"hvem": "vet-ikke"},
    }
    for name, data in asked.items():
        assert post(officer, name, theirs, branch=kafjord, **data).status_code == 404
        assert post(officer, name, theirs, **data).status_code == 404
    assert officer.get(at("detail", kafjord, theirs)).status_code == 404
    above = client_for(make_officer(county)).get(at("list", county)).text
    assert "Hemmelig i Tromsø" in above
    assert "Tromsø Arbeiderparti" in above
    assert not InboxReply.objects.exists()


def test_where_two_share_the_address_both_are_named_and_neither_is_guessed(kafjord: Branch, officer: Client) -> None:
    ragna, odd = make_member(kafjord, "Ragna"), make_member(kafjord, "Odd")
    message = received(kafjord)
    message.candidates.set([odd, ragna])
    assert "Odd eller Ragna?" in officer.get(at("list", kafjord)).text
    assert "Hvem var det?" in officer.get(at("detail", kafjord, message)).text
    post(officer, "who", message, hvem=str(ragna.pk))
    assert InboxMessage.objects.get().member == ragna
    assert "Ragna Fjellvær" in officer.get(at("list", kafjord)).text
    post(officer, "who", message, hvem="vet-ikke")
    assert InboxMessage.objects.get().member is None
    assert post(officer, "who", message, hvem=str(make_member(kafjord).pk)).status_code == 404
    assert post(officer, "who", message).status_code == 404


def test_three_who_share_are_all_named(kafjord: Branch, officer: Client) -> None:
    message = received(kafjord)
    message.candidates.set([make_member(kafjord, name, name) for name in ("Ane", "Bo", "Cecilie")])
    assert "Ane, Bo eller Cecilie?" in officer.get(at("list", kafjord)).text


def test_a_message_shows_the_talk_it_is_part_of(
    county: Branch, kafjord: Branch, tromso: Branch, user: User, officer: Client
) -> None:
    news = sent("ragna@example.no", message=make_message(kafjord, user, MessageState.DONE), sent_at=NOW - 3 * HOUR)
    first = received(kafjord, text="Først", received_at=NOW - 2 * HOUR, answers_to=news)
    send(first, user, "Svaret vårt")
    received(tromso, text="Skrevet til Tromsø", received_at=NOW - HOUR)
    message = received(kafjord, text="<b>Takk</b>\nRagna", received_at=NOW + HOUR)
    page = officer.get(at("detail", kafjord, message)).text
    places = [page.index(text) for text in ("Medlemsmøte", "Først", "Svaret vårt", "&lt;b&gt;Takk&lt;/b&gt;")]
    assert places == sorted(places)
    assert "Skrevet til Tromsø" not in page


def test_the_member_is_a_link_only_where_one_may_open_them(
    kafjord: Branch, tromso: Branch, officer: Client, client_for: Callable[..., Client]
) -> None:
    mine = received(kafjord, member=make_member(kafjord))
    theirs = received(kafjord, member=make_member(tromso, "Fra-Tromsø"))
    assert "Åpne medlemmet" in officer.get(at("detail", kafjord, mine)).text
    page = officer.get(at("detail", kafjord, theirs)).text
    assert "Fra-Tromsø" in page
    assert "Åpne medlemmet" not in page


def form_of(page: str) -> dict[str, Any]:
    fields = dict(re.findall(r'name="(form_token|sett)" value="([^"]+)"', page))
    assert len(fields) == 2
    return fields


def test_an_answer_is_sent_from_the_form_once(kafjord: Branch, user: User, officer: Client) -> None:
    message = received(kafjord, Channel.SMS)
    fields = form_of(officer.get(at("detail", kafjord, message)).text)
    for _ in range(2):
        page = post(officer, "answer", message, tekst="Klokka 19.\r\nVel møtt!", **fields).text
        assert "Svaret er på vei." in page
    reply = InboxReply.objects.get()
    assert (reply.text, reply.by) == ("Klokka 19.\nVel møtt!", user)
    assert Delivery.objects.get().price_ore == 39
    assert InboxMessage.objects.get().state == InboxState.ANSWERED


def test_who_answers_second_keeps_what_was_typed_and_reads_the_first(
    kafjord: Branch, user: User, officer: Client
) -> None:
    message = received(kafjord)
    fields = form_of(officer.get(at("detail", kafjord, message)).text)
    send(message, user, "Det første svaret")
    page = post(officer, "answer", message, tekst="Mitt svar", **fields)
    assert page.status_code == 422
    for text in ("Noen andre har svart", "Det første svaret", "Mitt svar</textarea>"):
        assert text in page.text
    post(officer, "answer", message, tekst="Mitt svar", **form_of(page.text))
    assert InboxReply.objects.count() == 2


@pytest.mark.parametrize(
    ("channel", "text", "said"),
    [
        (Channel.EMAIL, " \n\x00", "Skriv et svar først."),
        (Channel.SMS, "x" * 919, "det har 919 tegn, og 918 er det meste"),
        (Channel.EMAIL, "x" * 10_001, "10001 tegn"),
    ],
)
def test_an_answer_that_cannot_be_sent_comes_back(
    kafjord: Branch, officer: Client, channel: Channel, text: str, said: str
) -> None:
    message = received(kafjord, channel)
    page = post(officer, "answer", message, tekst=text, sett="x", form_token="y")
    assert page.status_code == 422
    assert said in page.text
    assert not Delivery.objects.exists()


def test_where_nothing_may_go_the_form_is_not_there_and_a_late_answer_is_refused(
    kafjord: Branch, officer: Client
) -> None:
    message = received(kafjord, Channel.SMS)
    fields = form_of(officer.get(at("detail", kafjord, message)).text)
    block(Channel.SMS, message.address, BlockReason.STOPP, now=NOW)
    page = officer.get(at("detail", kafjord, message)).text
    assert "Du kan ikke sende svar hit" in page
    assert "<textarea" not in page
    refused = post(officer, "answer", message, tekst="Hei", **fields)
    assert refused.status_code == 422
    assert "Ingenting går dit" in refused.text
    code = received(kafjord, Channel.SMS, address="2400")
    assert "Du kan ikke svare denne avsenderen" in post(officer, "answer", code, tekst="Hei").text


def test_a_saved_answer_is_put_in_after_what_is_typed(
    county: Branch, kafjord: Branch, tromso: Branch, officer: Client
) -> None:
    def save(branch: Branch, **fields: Any) -> MessageTemplate:
        return MessageTemplate.objects.create(
            branch=branch, kind=TemplateKind.REPLY, name=uuid4().hex[:8], changed_at=NOW, **fields
        )

    ours, theirs = save(county, body="Lang tekst", sms="Kort tekst"), save(tromso, body="Andres")
    message = received(kafjord, Channel.SMS)
    page = officer.get(at("detail", kafjord, message)).text
    assert ours.name in page
    assert theirs.name not in page
    got = post(officer, "answer", message, handling="hent", lagret=str(ours.pk), tekst="Hei!").text
    assert "Hei!\n\nKort tekst</textarea>" in got
    mail = received(kafjord)
    assert "Lang tekst</textarea>" in post(officer, "answer", mail, handling="hent", lagret=str(ours.pk)).text
    for other in (str(theirs.pk), "x", "9" * 30, ""):
        assert "Andres" not in post(officer, "answer", message, handling="hent", lagret=other, tekst="Hei!").text
    assert not Delivery.objects.exists()


def test_an_sms_tells_its_parts_and_price_as_one_types(kafjord: Branch, officer: Client) -> None:
    message = received(kafjord, Channel.SMS)
    url = at("answer", kafjord, message)
    told = officer.post(url, {"handling": "tell", "tekst": "å" * 161}, headers={"HX-Request": "true"}).text
    assert "2 SMS, 0,78" in told.replace("\u00a0", " ").replace("kr ", "")
    assert "<html" not in told
    dear = officer.post(url, {"handling": "tell", "tekst": "đ" * 71}).text
    assert "dyrere på grunn av đ" in dear
    assert "<html" in dear
    mail = received(kafjord)
    assert "160 tegn" not in officer.get(at("detail", kafjord, mail)).text
    assert not Delivery.objects.exists()


def test_forwarded_to_another_branch_it_is_theirs(
    county: Branch, kafjord: Branch, tromso: Branch, officer: Client, client_for: Callable[..., Client]
) -> None:
    message = received(kafjord, text="Til Tromsø")
    elsewhere = make_branch(make_county("Nordland"), "Bodø")
    page = officer.get(at("detail", kafjord, message)).text
    assert f'value="{tromso.slug}"' in page
    assert f'value="{elsewhere.slug}"' not in page
    assert "Velg hvem den er til" in post(officer, "forward", message, lag=elsewhere.slug).text
    assert "Velg hvem den er til" in post(officer, "forward", message).text
    assert "allerede" in post(officer, "forward", message, lag=kafjord.slug).text
    assert "Tromsø Arbeiderparti svarer på den nå" in post(officer, "forward", message, lag=tromso.slug).text
    assert officer.get(at("detail", kafjord, message)).status_code == 404
    there = client_for(make_officer(tromso)).get(at("detail", tromso, message)).text
    assert "Sendt videre fra Kåfjord Arbeiderparti" in there


def test_put_aside_and_taken_back(kafjord: Branch, officer: Client) -> None:
    message = received(kafjord)
    page = post(officer, "close", message).text
    assert "Lagt bort" in page
    assert f"{at('detail', kafjord, message)}#angre" in page
    assert "allerede" in post(officer, "close", message).text
    assert "Behandlet av Kari Nordvik" in officer.get(at("detail", kafjord, message)).text
    assert "venter på svar igjen" in post(officer, "close", message, angre="1").text
    assert InboxMessage.objects.get().state == InboxState.OPEN


@pytest.mark.parametrize("how_many", [1, 3])
def test_the_inbox_costs_the_same_for_one_and_for_three(
    kafjord: Branch, user: User, officer: Client, how_many: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    shared = [make_member(kafjord, "Ragna"), make_member(kafjord, "Odd")]
    for _ in range(how_many):
        received(kafjord, received_at=NOW - HOUR).candidates.set(shared)
    officer.get(at("list", kafjord))
    with django_assert_num_queries(7):
        officer.get(at("list", kafjord))
    last = received(kafjord)
    for one in InboxMessage.objects.all():
        send(one, user)
    with django_assert_num_queries(15):
        officer.get(at("detail", kafjord, last))
