"""One member's page: what is shown, what is never shown, and to whom."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.enums import Verb
from accounts.models import AuditEvent
from membership.actions.members import derive, place
from membership.enums import AddressProtection, MemberStatus
from membership.member_page import age_of
from membership.models import Branch, Member, Tag
from membership.roles import Role
from tests.factories import make_branch, make_claim, make_county, make_member, make_officer

pytestmark = pytest.mark.django_db


@pytest.fixture
def county() -> Branch:
    return make_county()


@pytest.fixture
def kafjord(county: Branch) -> Branch:
    return make_branch(county, "Kåfjord")


@pytest.fixture
def officer(county: Branch, client_for: Callable[..., Client]) -> Client:
    return client_for(make_officer(county, Role.COUNTY_SECRETARY))


def page(client: Client, member: Member, branch: Branch | None = None) -> str:
    response = client.get(reverse("membership:member_detail", args=[(branch or member.branch).slug, member.pk]))
    assert response.status_code == 200
    return response.text


def test_what_is_known_is_shown_with_links_to_call_and_write(county: Branch, kafjord: Branch, officer: Client) -> None:
    recruiter = make_member(kafjord, "Niillas", "Valnes")
    member = make_member(
        kafjord,
        "Áile",
        "Somby",
        member_number="77421",
        mobile="+4700000142",
        email="aile@example.no",
        street="Sjøveien 14",
        postal_code="9144",
        city="Samuelsberg",
        care_of="Berit",
        birth_year=1991,
        language="se",
        skills="Stand, sosiale medier",
        recruited_by=recruiter,
        joined_on=date(2026, 11, 9),
    )
    member.tags.add(Tag.objects.create(county=county, name="Kvinnenettverket"))
    text = page(officer, member, county)
    for shown in (
        "Áile Somby",
        "77421",
        'href="tel:+4700000142"',
        "000 00 142",
        'href="mailto:aile@example.no"',
        "c/o Berit<br>Sjøveien 14<br>9144 Samuelsberg",
        "1991 (35 år)",
        "Nordsamisk",
        "Stand, sosiale medier",
        "Niillas Valnes",
        "Kvinnenettverket",
        "Meldte seg inn 9. november 2026",
        "Kåfjord Arbeiderparti",
        'data-initials="ÁS"',
        "?lag=kafjord",
    ):
        assert shown in text


def test_the_title_names_nobody(kafjord: Branch, officer: Client) -> None:
    text = page(officer, make_member(kafjord, "Áile", "Somby"))
    assert text.partition("<title>")[2].partition("</title>")[0] == "Medlem – Demo, Medlemsboka"


def test_a_member_without_a_name_goes_by_the_number(kafjord: Branch, officer: Client) -> None:
    member = make_member(kafjord, "", "", member_number="77421", birth_on=None, joined_on=None, email="", mobile="")
    assert '<h1 class="t-1">77421</h1>' in page(officer, member)


@pytest.mark.parametrize("protection", [AddressProtection.CONFIDENTIAL, AddressProtection.STRICT])
def test_a_protected_address_is_not_shown_and_neither_is_its_grade(
    kafjord: Branch, officer: Client, protection: str
) -> None:
    member = make_member(
        kafjord,
        street="Hemmeligveien 3",
        postal_code="9144",
        city="Skjultby",
        care_of="Vertskap",
        address_protection=protection,
    )
    text = page(officer, member).partition("<main")[2].partition("</main>")[0]
    assert "Adressen vises ikke" in text
    assert not any(
        word in text.lower()
        for word in ("hemmeligveien", "9144", "skjultby", "vertskap", "confidential", "strict", "fortrolig", "taushet")
    )


def test_reservations_take_the_links_away_and_are_said(kafjord: Branch, officer: Client) -> None:
    text = page(officer, make_member(kafjord, no_phone=True, no_email=True, no_sms=True, no_post=True))
    assert "tel:" not in text
    assert "mailto:" not in text
    for said in ("Vil ikke bli ringt", "Vil ikke ha SMS", "Vil ikke ha e-post", "Vil ikke ha brev"):
        assert said in text


def test_nobody_is_asked_to_call_one_who_was_expelled(kafjord: Branch, officer: Client) -> None:
    member = make_member(kafjord, status=MemberStatus.EXPELLED, left_on=date(2026, 3, 1))
    text = page(officer, member)
    assert 'class="ds-button" href="tel:' not in text
    assert "1. mars 2026" in text
    assert str(MemberStatus.EXPELLED.label) in text


@pytest.mark.parametrize("status", [MemberStatus.RESIGNED, MemberStatus.DECEASED])
def test_one_who_has_left_has_no_page(kafjord: Branch, officer: Client, status: str) -> None:
    member = make_member(kafjord, status=status, left_on=date(2026, 3, 1))
    assert officer.get(reverse("membership:member_detail", args=[kafjord.slug, member.pk])).status_code == 404


def test_numbers_that_could_not_be_read_are_shown_and_not_dialled(kafjord: Branch, officer: Client) -> None:
    text = page(officer, make_member(kafjord, mobile="91 23 45", mobile_ok=False, phone="77 00", phone_ok=False))
    assert "91 23 45" in text
    assert "tel:" not in text


def test_history_tells_of_joining_moving_and_leaving_newest_first(
    county: Branch, kafjord: Branch, officer: Client
) -> None:
    member = make_member(kafjord, joined_on=date(2019, 5, 4))
    derive(member, make_branch(county, "Tromsø"))
    member.save()
    place(member, on=date(2024, 2, 1))
    text = page(officer, member)
    moved = text.index("Flyttet fra Kåfjord Arbeiderparti til Tromsø Arbeiderparti")
    assert text.index("1. februar 2024") > moved
    assert text.index("Meldte seg inn i partiet") > moved


def test_nothing_is_invented_for_a_member_of_whom_nothing_is_known(kafjord: Branch, officer: Client) -> None:
    text = page(officer, make_member(kafjord, joined_on=None))
    assert "Historikk" not in text


def test_a_recruiter_in_another_branch_is_not_named(
    county: Branch, kafjord: Branch, client_for: Callable[..., Client]
) -> None:
    recruiter = make_member(make_branch(county, "Tromsø"), "Niillas", "Valnes")
    member = make_member(kafjord, recruited_by=recruiter, recruited_by_text="på stand")
    text = page(client_for(make_officer(kafjord)), member)
    assert "Valnes" not in text
    assert "på stand" in text


@pytest.mark.parametrize(
    ("role", "reads"),
    [(Role.MEMBERSHIP_OFFICER, True), (Role.BRANCH_LEADER, False), (Role.TREASURER, False)],
)
def test_internal_notes_are_for_those_with_the_right(
    kafjord: Branch, client_for: Callable[..., Client], role: Role, reads: bool
) -> None:
    member = make_member(kafjord, note="Ring etter klokka sju")
    assert ("Ring etter klokka sju" in page(client_for(make_officer(kafjord, role)), member)) is reads


def test_dues_stand_on_the_page_and_in_the_tags(kafjord: Branch, officer: Client) -> None:
    member = make_member(kafjord)
    make_claim(member)
    text = page(officer, member)
    assert "Kontingent i år: Ikke betalt" in text
    assert 'id="h-dues"' in text


def test_opening_a_member_is_logged_without_the_name(kafjord: Branch, officer: Client) -> None:
    member = make_member(kafjord)
    page(officer, member)
    event = AuditEvent.objects.get(verb=Verb.MEMBER_OPENED)
    assert (event.object_type, event.object_id, event.branch_id) == ("membership.member", str(member.pk), kafjord.pk)
    assert event.details == {}


def test_a_member_of_another_branch_is_not_found(
    county: Branch, kafjord: Branch, client_for: Callable[..., Client]
) -> None:
    other = make_member(make_branch(county, "Tromsø"), "Áile", "Somby")
    client = client_for(make_officer(kafjord))
    for slug in ("kafjord", "tromso", "troms"):
        response = client.get(reverse("membership:member_detail", args=[slug, other.pk]))
        assert response.status_code == 404
        assert "Somby" not in response.text
    assert not AuditEvent.objects.filter(verb=Verb.MEMBER_OPENED).exists()
    assert client.get(reverse("membership:member_detail", args=["kafjord", 987654])).status_code == 404


def test_the_page_costs_the_same_for_every_member(county: Branch, kafjord: Branch, officer: Client) -> None:
    plain = make_member(kafjord)
    rich = make_member(kafjord, recruited_by=plain, note="x")
    derive(rich, make_branch(county, "Tromsø"))
    rich.save()
    place(rich, on=date(2024, 2, 1))
    rich.tags.add(Tag.objects.create(county=county, name="a"), Tag.objects.create(county=county, name="b"))
    for year in (2024, 2025, 2026):
        make_claim(rich, year=year)
    make_claim(plain)
    costs = []
    for member in (plain, rich):
        with CaptureQueriesContext(connection) as queries:
            page(officer, member, county)
        costs.append(len(queries))
    assert costs[0] == costs[1]


@pytest.mark.parametrize(
    ("born", "on", "age"),
    [
        (date(1991, 11, 20), date(2026, 11, 20), 35),
        (date(1991, 11, 21), date(2026, 11, 20), 34),
        (date(2000, 2, 29), date(2026, 2, 28), 25),
        (date(2000, 2, 29), date(2026, 3, 1), 26),
    ],
)
def test_age_is_in_whole_years(born: date, on: date, age: int) -> None:
    assert age_of(Member(birth_on=born, birth_year=1950), on=on) == age


def test_age_by_the_year_alone_and_not_at_all() -> None:
    assert age_of(Member(birth_year=1991), on=date(2026, 1, 1)) == 35
    assert age_of(Member(), on=date(2026, 1, 1)) is None
