"""Who a message went to: named where the register would name them, counted where it would not."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from accounts.enums import Verb
from accounts.models import AuditEvent, User
from membership.enums import AddressProtection
from membership.models import Branch, Member
from membership.roles import Role
from messaging.enums import Channel, DeliveryState, Reason
from messaging.models import Message, Recipient
from tests.factories import NOW, make_branch, make_member, make_officer
from tests.messaging.sendings import leave_out, reach, sent

pytestmark = pytest.mark.django_db
ClientFor = Callable[[User], Client]


def shown(client: Client, message: Message, query: str = "", branch: Branch | None = None) -> str:
    slug = (branch or message.branch).slug
    answer = client.get(reverse("messaging:message_recipients", args=[slug, message.pk]) + query)
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_each_stands_with_what_became_of_it(kafjord: Branch, officer: User, client_for: ClientFor) -> None:
    message = sent(kafjord, officer, make_member(kafjord, "Ane", "Sendt"))
    reach(message, make_member(kafjord, "Bo", "Retur"), DeliveryState.BOUNCED, address="bo@example.no")
    reach(message, make_member(kafjord, "Cato", "Kø"), DeliveryState.QUEUED, address="cato@example.no")
    leave_out(message, make_member(kafjord, "Dag", "Uten"), Reason.NO_CHANNEL)
    leave_out(message, make_member(kafjord, "Eli", "Gammel"), "ukjent_grunn")
    for first_name, posted_at in (("Finn", None), ("Geir", NOW)):
        member = make_member(kafjord, first_name, "Brev")
        Recipient.objects.create(message=message, member=member, channel=Channel.LETTER, posted_at=posted_at)
    Recipient.objects.create(message=message, member=make_member(kafjord, "Heidi", "Ny"), channel=Channel.EMAIL)
    reach(message, officer)

    page = shown(client_for(officer), message)

    for name in ("Sendt, Ane", "Retur, Bo", "Kø, Cato", "Uten, Dag", "Brev, Finn", "Ny, Heidi", officer.name):
        assert name in page
    assert "Fikk den ikke: har sagt nei til å bli nådd på denne måten" in page or "Fikk den ikke: har sagt nei" in page
    assert "Fikk den ikke: ukjent_grunn" in page
    assert "Brev postet" in page
    assert "Brev skal postes" in page
    # An address is told where something is wrong with it.
    assert "bo@example.no" in page
    assert "cato@example.no" not in page
    event = AuditEvent.objects.get(verb=Verb.RECIPIENTS_LISTED)
    assert (event.object_id, event.count) == (str(message.pk), 9)


def test_one_state_or_reason_at_a_time(kafjord: Branch, officer: User, client_for: ClientFor) -> None:
    message = sent(kafjord, officer, make_member(kafjord, "Ane", "Sendt"))
    reach(message, make_member(kafjord, "Bo", "Ukjent"), DeliveryState.UNKNOWN)
    leave_out(message, make_member(kafjord, "Cato", "Nei"), Reason.NO_PURPOSE)
    leave_out(message, make_member(kafjord, "Dag", "Uten"), Reason.NO_ADDRESS)
    client = client_for(officer)

    def named(query: str) -> set[str]:
        page = shown(client, message, query)
        return {name for name in ("Ane", "Bo", "Cato", "Dag") if f", {name}" in page}

    assert named("") == {"Ane", "Bo", "Cato", "Dag"}
    assert named("?status=sendt") == {"Ane"}
    assert named("?status=ukjent") == {"Bo"}
    assert named("?status=ikke") == {"Cato", "Dag"}
    assert named("?grunn=no_address") == {"Dag"}
    assert named("?status=tull&grunn=tull") == {"Ane", "Bo", "Cato", "Dag"}
    assert named("?status=postet") == set()
    assert "Ingen å vise her" in shown(client, message, "?status=postet")


def test_the_strictly_protected_are_counted_and_not_named(
    kafjord: Branch, officer: User, client_for: ClientFor
) -> None:
    strict = make_member(kafjord, "Hemmelig", "Qvilnes", address_protection=AddressProtection.STRICT)
    hidden = make_member(kafjord, "Kjent", "Navn", address_protection=AddressProtection.CONFIDENTIAL)
    message = sent(kafjord, officer, strict, hidden)

    page = shown(client_for(officer), message)

    assert "Qvilnes" not in page
    assert strict.email not in page
    assert "Navn, Kjent" in page
    assert "1 med strengt fortrolig adresse er talt med" in page
    assert "Qvilnes" not in shown(client_for(officer), message, "?status=sendt")


def test_who_has_moved_away_is_counted_and_not_named(
    county: Branch, kafjord: Branch, officer: User, client_for: ClientFor
) -> None:
    lyngen = make_branch(county, "Lyngen")
    gone = make_member(kafjord, "Flyttet", "Qvilnes")
    message = sent(kafjord, officer, gone, make_member(kafjord, "Ane", "Her"))
    Member.objects.filter(pk=gone.pk).update(branch=lyngen, municipal=lyngen)

    page = shown(client_for(officer), message)

    assert "Qvilnes" not in page
    assert "1 er utmeldt eller hører til et annet sted nå" in page
    secretary = make_officer(county, Role.COUNTY_SECRETARY)
    assert "Qvilnes, Flyttet" in shown(client_for(secretary), message, branch=county)


def test_what_nobody_knows_is_explained_with_the_ways_to_decide(
    kafjord: Branch, officer: User, client_for: ClientFor
) -> None:
    message = sent(kafjord, officer)
    delivery = reach(message, make_member(kafjord, "Bo", "Ukjent"), DeliveryState.UNKNOWN).delivery
    assert delivery is not None

    page = shown(client_for(officer), message, "?status=ukjent")

    assert "Vi vet ikke om disse kom fram." in page
    assert page.count(f'value="{delivery.pk}"') == 2
    assert "Kom den fram likevel, kommer den to ganger." in page
    for_reading = shown(client_for(make_officer(kafjord, Role.TREASURER)), message, "?status=ukjent")
    assert "Ukjent, Bo" in for_reading
    assert 'name="levering"' not in for_reading


def test_fifty_cost_no_more_than_one(
    county: Branch,
    kafjord: Branch,
    officer: User,
    client_for: ClientFor,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    client = client_for(make_officer(county, Role.COUNTY_SECRETARY))
    message = sent(kafjord, officer, make_member(kafjord))
    with django_assert_max_num_queries(20) as one:
        shown(client, message, branch=county)
    for number in range(60):
        reach(message, make_member(kafjord, f"Nr{number}"), DeliveryState.UNKNOWN)

    with django_assert_max_num_queries(len(one)):
        page = shown(client, message, branch=county)

    assert "Viser 1–50 av 61" in page
