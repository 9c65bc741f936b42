"""The list of messages: what stands there, for whom, and at how many queries."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from accounts.enums import Verb
from accounts.models import AuditEvent, User
from membership.models import Branch
from membership.roles import Role
from messaging.enums import DeliveryState, MessageState, Purpose
from messaging.message_list import rhythm
from messaging.models import Message
from tests.access_mail import make_message
from tests.factories import NOW, TODAY, make_branch, make_member, make_officer
from tests.messaging.sendings import deliver, sent

pytestmark = pytest.mark.django_db
ClientFor = Callable[[User], Client]


@pytest.fixture
def officer(kafjord: Branch) -> User:
    return make_officer(kafjord, name="Áile Bergmark")


@pytest.fixture
def secretary(county: Branch) -> User:
    return make_officer(county, Role.COUNTY_SECRETARY, name="Torunn Elvemoen")


def named(message: Message, subject: str) -> Message:
    message.texts.update(subject=subject)
    return message


def shown(client: Client, branch: Branch, query: str = "") -> str:
    answer = client.get(reverse("messaging:message_list", args=[branch.slug]) + query)
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_each_message_stands_with_its_state_its_people_and_its_price(
    kafjord: Branch, officer: User, client_for: ClientFor
) -> None:
    message = sent(kafjord, officer, make_member(kafjord), reached=1934, cost_ore=5772)
    named(message, "Sommerhilsen")

    page = shown(client_for(officer), kafjord)

    assert "Sommerhilsen" in page
    assert "Sendt 20.\xa0november kl. 19.00 av Áile Bergmark" in page
    assert "1\xa0934" in page
    assert "57,72\xa0kr" in page
    event = AuditEvent.objects.get(verb=Verb.MESSAGES_LISTED)
    assert (event.branch_id, event.count) == (kafjord.pk, 1)


def test_what_did_not_arrive_and_what_nobody_knows_is_told(
    kafjord: Branch, officer: User, client_for: ClientFor
) -> None:
    message = sent(kafjord, officer)
    for state in (DeliveryState.FAILED, DeliveryState.BOUNCED, DeliveryState.UNKNOWN, DeliveryState.SENT):
        deliver(message, state)

    page = shown(client_for(officer), kafjord)

    assert "2 kom ikke fram" in page
    assert "1 vet vi ikke om kom fram" in page


def test_tabs_part_drafts_what_is_on_its_way_and_what_is_sent(
    kafjord: Branch, officer: User, client_for: ClientFor
) -> None:
    named(make_message(kafjord, officer), "Kladden")
    for state in (MessageState.APPROVAL, MessageState.QUEUED, MessageState.SENDING):
        named(make_message(kafjord, officer, state, queued_by=officer, due_at=NOW), f"Straks {state}")
    for state in (MessageState.DONE, MessageState.STOPPED, MessageState.EXPIRED):
        named(make_message(kafjord, officer, state), f"Over {state}")
    client = client_for(officer)

    drafts, under_way, over = (shown(client, kafjord, f"?vis={tab}") for tab in ("utkast", "venter", "sendt"))

    assert "Kladden" in drafts
    assert "Straks" not in drafts
    assert "Over" not in drafts
    assert all(f"Straks {state}" in under_way for state in ("approval", "queued", "sending"))
    assert "Over done" not in under_way
    assert "Kladden" not in under_way
    assert all(f"Over {state}" in over for state in ("done", "stopped", "expired"))
    assert "Kladden" in shown(client, kafjord, "?vis=tull")
    everything = shown(client, kafjord)
    for label, count in (("Alle", 7), ("Utkast", 1), ("På vei", 3), ("Sendt", 3)):
        assert f'{label} <span class="n">{count}</span>' in everything


def test_an_sms_is_called_by_how_it_begins(kafjord: Branch, officer: User, client_for: ClientFor) -> None:
    message = sent(kafjord, officer)
    message.texts.update(
        subject="", sms="Husk {{ fornavn }} møtet i kveld på Kulturhuset, vi begynner klokka halv sju presis. Kom!"
    )

    assert "Husk fornavn møtet i kveld på Kulturhuset, vi begynner …" in shown(client_for(officer), kafjord)
    message.texts.all().delete()
    assert "Uten emne" in shown(client_for(officer), kafjord)


def test_the_county_sees_who_sent_what_and_can_look_at_one_branch(
    county: Branch, kafjord: Branch, officer: User, secretary: User, client_for: ClientFor
) -> None:
    lyngen = make_branch(county, "Lyngen")
    named(sent(kafjord, officer), "Fra Kåfjord")
    named(sent(lyngen, officer), "Fra Lyngen")
    named(sent(county, secretary), "Fra fylket")
    named(make_message(kafjord, officer), "Kåfjords kladd")
    client = client_for(secretary)

    everything = shown(client, county)
    assert all(title in everything for title in ("Fra Kåfjord", "Fra Lyngen", "Fra fylket"))
    assert "Kåfjords kladd" not in everything
    one = shown(client, county, "?lag=kafjord")
    assert "Fra Kåfjord" in one
    assert "Fra Lyngen" not in one
    assert "Fra fylket" not in one
    own = shown(client, county, f"?lag={county.slug}")
    assert "Fra fylket" in own
    assert "Fra Kåfjord" not in own
    # A tab keeps the branch, and a branch that is none is no branch.
    assert "?lag=kafjord&amp;vis=sendt" in one
    assert "Fra Lyngen" in shown(client, county, "?lag=finnes-ikke")


def test_a_branch_sees_nothing_of_its_neighbours_or_of_the_county(
    county: Branch, kafjord: Branch, officer: User, secretary: User, client_for: ClientFor
) -> None:
    named(sent(make_branch(county, "Lyngen"), officer), "Fra Lyngen")
    named(sent(county, secretary), "Fra fylket")

    page = shown(client_for(officer), kafjord, "?lag=lyngen")

    assert "Fra Lyngen" not in page
    assert "Fra fylket" not in page


def test_the_county_opens_a_branchs_drafts_in_the_branch(
    kafjord: Branch, officer: User, secretary: User, client_for: ClientFor
) -> None:
    named(make_message(kafjord, officer), "Kladden")

    assert "Kladden" in shown(client_for(secretary), kafjord)


@pytest.mark.parametrize(
    ("days", "said"),
    [
        (0, "Siste nyhetsbrev i dag."),
        (1, "Siste nyhetsbrev i går."),
        (13, "Siste nyhetsbrev for 13 dager siden."),
        (14, "Siste nyhetsbrev for 2 uker siden."),
        (63, "Siste nyhetsbrev for 9 uker siden."),
        (-3, "Siste nyhetsbrev i dag."),
    ],
)
def test_the_rhythm_is_told_in_days_and_then_in_weeks(kafjord: Branch, officer: User, days: int, said: str) -> None:
    sent(kafjord, officer, started_at=NOW - timedelta(days=days))
    sent(kafjord, officer, started_at=NOW - timedelta(days=200))

    assert rhythm(kafjord, TODAY) == said


def test_only_ones_own_newsletters_that_went_out_make_the_rhythm(
    county: Branch, kafjord: Branch, officer: User
) -> None:
    sent(kafjord, officer, purpose=Purpose.MEETINGS)
    sent(county, officer)
    make_message(kafjord, officer, MessageState.STOPPED, started_at=NOW)

    assert rhythm(kafjord, TODAY) == "Ingen nyhetsbrev er sendt ennå."


def test_an_empty_list_says_what_will_stand_there(kafjord: Branch, officer: User, client_for: ClientFor) -> None:
    client = client_for(officer)

    assert "Her står det du skriver til medlemmene" in shown(client, kafjord)
    assert "Se under en annen overskrift" in shown(client, kafjord, "?vis=utkast")


def test_a_treasurer_may_look_and_a_recruiter_not(kafjord: Branch, client_for: ClientFor) -> None:
    url = reverse("messaging:message_list", args=[kafjord.slug])

    assert client_for(make_officer(kafjord, Role.TREASURER)).get(url).status_code == 200
    assert client_for(make_officer(kafjord, Role.RECRUITMENT_OFFICER)).get(url).status_code == 404


def test_fifty_messages_cost_no_more_than_one(
    county: Branch,
    kafjord: Branch,
    officer: User,
    secretary: User,
    client_for: ClientFor,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    client = client_for(secretary)
    deliver(sent(kafjord, officer), DeliveryState.FAILED)
    with django_assert_max_num_queries(40) as one:
        shown(client, county)
    for number in range(60):
        branch = (county, kafjord)[number % 2]
        deliver(sent(branch, officer, started_at=NOW - timedelta(minutes=number)), DeliveryState.UNKNOWN)

    with django_assert_max_num_queries(len(one)):
        page = shown(client, county)

    assert "Viser 1–50 av 61" in page
