"""Changing a member in the form: what is read, what is kept, what is refused, and two at once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from accounts.enums import Verb
from accounts.models import AuditEvent, User
from membership.enums import ChangeSource, MemberStatus
from membership.models import Branch, Member, MemberChange, Tag
from tests.factories import make_branch, make_county, make_member, make_officer
from tests.membership.page_forms import address, form_of, save, send, told

pytestmark = pytest.mark.django_db

# A made-up person of the tax office's test data: month + 80.
IDENTITY_NUMBER = "21883649874"


@pytest.fixture
def county() -> Branch:
    return make_county()


@pytest.fixture
def kafjord(county: Branch) -> Branch:
    return make_branch(county, "Kåfjord")


@pytest.fixture
def user(kafjord: Branch) -> User:
    return make_officer(kafjord, name="Kari Nordvik")


@pytest.fixture
def officer(user: User, client_for: Callable[..., Client]) -> Client:
    return client_for(user)


def test_every_field_is_saved_as_it_was_typed(county: Branch, kafjord: Branch, officer: Client) -> None:
    recruiter = make_member(kafjord, "Niillas", "Valnes", member_number="77")
    group = Tag.objects.create(county=county, name="Kvinnenettverket")
    member = make_member(kafjord)
    saved = save(
        officer,
        member,
        first_name="  Áile   Márjá ",
        last_name="Ŋuolla-Đoaŧŧi",
        birth="12031980",
        gender="K",
        language="se",
        mobile="412 34 567",
        phone="+46 70 123 45 67",
        email="Aile@EXAMPLE.no",
        care_of="Berit",
        street="Sjøveien 14",
        postal_code="9144",
        city="Samuelsberg",
        joined_on="9.11.2025",
        category="reduced",
        source="stand",
        recruited_by_text="på torget",
        recruiter="77",
        skills="Lærer\nTrommer",
        tags=[str(group.pk)],
        no_phone="on",
        no_surveys="on",
        fundraising_consent_on="01.02.2026",
        guardian_name="",
        note="Ring etter sju",
    )
    assert (saved.first_name, saved.last_name) == ("Áile Márjá", "Ŋuolla-Đoaŧŧi")
    assert (saved.birth_on, saved.birth_year, saved.gender, saved.language) == (date(1980, 3, 12), 1980, "K", "se")
    assert (saved.mobile, saved.mobile_ok, saved.phone, saved.phone_ok) == ("+4741234567", True, "+46701234567", True)
    assert saved.email == "Aile@example.no"
    assert (saved.care_of, saved.street, saved.postal_code, saved.city) == (
        "Berit",
        "Sjøveien 14",
        "9144",
        "Samuelsberg",
    )
    assert (saved.joined_on, saved.category, saved.source) == (date(2025, 11, 9), "reduced", "stand")
    assert (saved.recruited_by, saved.recruited_by_text) == (recruiter, "på torget")
    assert saved.skills == "Lærer\nTrommer"
    assert list(saved.tags.all()) == [group]
    assert (saved.no_phone, saved.no_surveys, saved.no_email) == (True, True, False)
    assert saved.fundraising_consent_on == date(2026, 2, 1)
    assert saved.note == "Ring etter sju"
    assert "aile marja" in saved.search_text
    assert AuditEvent.objects.filter(verb=Verb.MEMBER_CHANGED, object_id=str(member.pk)).count() == 1
    assert set(MemberChange.objects.of([member.pk]).values_list("source", flat=True)) == {ChangeSource.OFFICER}


def test_a_form_sent_back_untouched_changes_nothing(county: Branch, kafjord: Branch, officer: Client) -> None:
    member = make_member(
        kafjord,
        birth_year=1980,
        language="xx-annet",
        mobile="91 23 45",
        mobile_ok=False,
        phone="+4777712345",
        phone_ok=True,
        email="ikke en adresse",
        skills="a\n\nb",
        note="Første\nandre",
        no_post=True,
        guardian_name="Mor",
        guardian_consent_on=date(2020, 1, 1),
        street="Veien 1",
        joined_on=None,
    )
    member.tags.add(Tag.objects.create(county=county, name="Ungdom"))
    before = Member.objects.filter(pk=member.pk).values().get()
    save(officer, member)
    assert Member.objects.filter(pk=member.pk).values().get() == before
    assert told(member) == set()


@pytest.mark.parametrize(
    ("typed", "on", "year"), [("1980", None, 1980), ("", None, None), ("1.2.80", (1980, 2, 1), 1980)]
)
def test_birth_is_a_day_or_a_year_or_nothing(
    kafjord: Branch, officer: Client, typed: str, on: tuple[int, int, int] | None, year: int | None
) -> None:
    member = make_member(kafjord, birth_on=date(1991, 5, 4), birth_year=1991)
    saved = save(officer, member, birth=typed)
    assert (saved.birth_on, saved.birth_year) == (date(*on) if on else None, year)


@pytest.mark.parametrize("typed", ["31.02.1980", "80", "2027", "21.11.2026", "1800", "i fjor"])
def test_a_birth_that_cannot_be_is_refused_and_kept_as_typed(kafjord: Branch, officer: Client, typed: str) -> None:
    member = make_member(kafjord)
    answer = send(officer, member, form_of(officer, member), birth=typed, city="Nytt sted")
    assert answer.status_code == 422
    assert f'value="{typed}"' in answer.text
    assert 'value="Nytt sted"' in answer.text
    assert "ds-error-summary" in answer.text
    assert told(member) == set()


def test_a_number_that_cannot_be_read_is_kept_and_warned_about(kafjord: Branch, officer: Client) -> None:
    member = make_member(kafjord)
    answer = officer.post(address(member), {**form_of(officer, member), "mobile": "91 23 45 (jobb)"}, follow=True)
    saved = Member.objects.get(pk=member.pk)
    assert (saved.mobile, saved.mobile_ok) == ("91 23 45 (jobb)", False)
    assert "Mobil er lagret slik du skrev det, men kan ikke ringes" in answer.text
    assert "Et telefonnummer kan ikke ringes" in answer.text


def test_an_email_that_cannot_be_one_is_refused(kafjord: Branch, officer: Client) -> None:
    member = make_member(kafjord)
    answer = send(officer, member, form_of(officer, member), email="ane(at)example.no")
    assert answer.status_code == 422
    assert "Skriv e-postadressen som" in answer.text


def test_a_new_email_address_clears_the_mark_that_mail_came_back(kafjord: Branch, officer: Client) -> None:
    member = make_member(kafjord, email_bounced_on=date(2026, 11, 1))
    assert save(officer, member, city="X").email_bounced_on == date(2026, 11, 1)
    assert save(officer, member, email="ny@example.no").email_bounced_on is None


@pytest.mark.parametrize(
    "field",
    ["first_name", "last_name", "care_of", "street", "city", "skills", "note", "recruited_by_text", "guardian_name",
     "mobile", "phone", "birth", "postal_code"],
)  # fmt: skip
def test_no_field_takes_a_national_identity_number_nor_shows_it_again(
    kafjord: Branch, officer: Client, field: str
) -> None:
    member = make_member(kafjord)
    text = IDENTITY_NUMBER if field in {"mobile", "phone", "birth", "postal_code"} else f"x {IDENTITY_NUMBER} y"
    answer = send(officer, member, form_of(officer, member), **{field: text})
    assert answer.status_code == 422
    assert "Ta bort fødselsnummeret" in answer.text
    assert IDENTITY_NUMBER not in answer.text
    assert told(member) == set()


def test_fields_that_are_not_in_the_form_are_ignored(county: Branch, kafjord: Branch, officer: Client) -> None:
    member = make_member(kafjord)
    other = make_branch(county, "Tromsø")
    saved = save(
        officer,
        member,
        branch=other.pk,
        branch_id=other.pk,
        status="deceased",
        member_number="1",
        address_protection="strict",
        mobile_ok="",
        checked_on="2026-01-01",
        is_staff="1",
        sort_key="a",
        left_on="01.01.2026",
        recruited_by_id="1",
    )
    assert (saved.branch_id, saved.status, saved.member_number) == (
        kafjord.pk,
        MemberStatus.MEMBER,
        member.member_number,
    )
    assert told(member) == set()


def test_naughty_names_are_inert(kafjord: Branch, officer: Client) -> None:
    name = '<script>alert(1)</script>{{ 7*7 }}"=cmd|'
    member = make_member(kafjord)
    save(officer, member, last_name=name)
    for url in (address(member), reverse("membership:member_detail", args=["kafjord", member.pk])):
        text = officer.get(url).text
        assert "<script>alert" not in text
        assert "&lt;script&gt;alert" in text


def test_a_recruiter_of_another_branch_is_neither_found_nor_wiped(
    county: Branch, kafjord: Branch, officer: Client
) -> None:
    foreign = make_member(make_branch(county, "Tromsø"), "Niillas", "Valnes", member_number="88")
    member = make_member(kafjord, recruited_by=foreign)
    form = form_of(officer, member)
    assert form["recruiter"] == [""]
    assert save(officer, member, city="X").recruited_by == foreign
    answer = send(officer, member, form, recruiter="88")
    assert answer.status_code == 422
    assert "Valnes" not in answer.text


def test_a_group_of_another_county_is_refused(kafjord: Branch, officer: Client) -> None:
    foreign = Tag.objects.create(county=make_county("Nordland"), name="Annet")
    member = make_member(kafjord)
    assert send(officer, member, form_of(officer, member), tags=[str(foreign.pk)]).status_code == 422


# --- Ages ------------------------------------------------------------------------------------------------------------


def test_an_edit_does_not_leave_a_member_under_fifteen_without_consent(kafjord: Branch, officer: Client) -> None:
    member = make_member(kafjord, birth_year=1990)
    answer = send(officer, member, form_of(officer, member), birth="2012")
    assert answer.status_code == 422
    assert "foresatt" in answer.text
    saved = save(officer, member, birth="2012", guardian_name="Mor", guardian_consent_on="01.02.2026")
    assert (saved.birth_year, saved.guardian_name) == (2012, "Mor")


def test_one_who_came_in_without_consent_can_still_be_changed(kafjord: Branch, officer: Client) -> None:
    member = make_member(kafjord, birth_on=date(2014, 1, 1), birth_year=2014)
    assert save(officer, member, city="X").city == "X"
    assert (
        "Samtykke fra foresatte mangler"
        in officer.get(reverse("membership:member_detail", args=["kafjord", member.pk])).text
    )


@pytest.mark.parametrize("field", ["joined_on", "guardian_consent_on", "fundraising_consent_on"])
def test_dates_in_the_future_are_refused(kafjord: Branch, officer: Client, field: str) -> None:
    member = make_member(kafjord)
    assert send(officer, member, form_of(officer, member), **{field: "21.11.2026"}).status_code == 422


def test_nobody_joins_after_they_left(kafjord: Branch, officer: Client) -> None:
    member = make_member(kafjord, status=MemberStatus.EXPELLED, left_on=date(2024, 1, 1))
    assert send(officer, member, form_of(officer, member), joined_on="02.01.2024").status_code == 422


def test_a_member_of_another_branch_is_not_found(county: Branch, kafjord: Branch, officer: Client) -> None:
    other = make_member(make_branch(county, "Tromsø"), "Áile", "Somby")
    url = reverse("membership:member_edit", args=["kafjord", other.pk])
    for answer in (officer.get(url), officer.post(url, {"last_name": "X"})):
        assert answer.status_code == 404
        assert "Somby" not in answer.text
