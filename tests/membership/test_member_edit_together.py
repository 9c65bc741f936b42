"""Two who change one member at once: what is merged, and what the second is told."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import User
from membership.models import Branch, Member, MemberChange, Tag
from tests.factories import make_branch, make_county, make_member, make_officer
from tests.membership.page_forms import address, fields_in, form_of, save, send

pytestmark = pytest.mark.django_db


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


def test_changes_of_other_fields_are_merged(
    kafjord: Branch, officer: Client, client_for: Callable[..., Client]
) -> None:
    member = make_member(kafjord, city="Før", skills="a", note="n")
    mine = form_of(officer, member)
    save(client_for(make_officer(kafjord)), member, city="Etter", mobile="41234567", note="m")
    assert send(officer, member, mine, skills="b").status_code == 302
    saved = Member.objects.get(pk=member.pk)
    assert (saved.city, saved.skills, saved.mobile, saved.note) == ("Etter", "b", "+4741234567", "m")


def test_the_second_is_told_what_the_first_changed_and_may_save_again(
    kafjord: Branch, officer: Client, client_for: Callable[..., Client]
) -> None:
    member = make_member(kafjord, city="Før", street="Gammel vei 1")
    mine = form_of(officer, member)
    first = client_for(make_officer(kafjord, name="Odd-Arne Valnes"))
    save(first, member, city="Mellom", phone="77712345")
    save(first, member, city="Først")
    answer = send(officer, member, mine, city="Mitt", street="Ny vei 2")
    assert answer.status_code == 422
    assert "poststed: fra «Før» til «Først»" in answer.text.lower() or "fra «Før» til «Først»" in answer.text
    assert "Odd-Arne Valnes" in answer.text
    assert "20.11.2026" in answer.text
    assert "Mellom" not in answer.text
    assert Member.objects.get(pk=member.pk).city == "Først"
    again = fields_in(answer.text, address(member))
    # What one typed stands, and what the other changed elsewhere is filled in.
    assert (again["city"], again["street"], again["phone"]) == (["Mitt"], ["Ny vei 2"], ["77 71 23 45"])
    assert officer.post(address(member), again).status_code == 302
    saved = Member.objects.get(pk=member.pk)
    assert (saved.city, saved.street, saved.phone) == ("Mitt", "Ny vei 2", "+4777712345")


def test_two_who_write_the_same_do_not_quarrel(
    kafjord: Branch, officer: Client, client_for: Callable[..., Client]
) -> None:
    member = make_member(kafjord, city="Før")
    mine = form_of(officer, member)
    save(client_for(make_officer(kafjord)), member, city="Likt")
    assert send(officer, member, mine, city="Likt", care_of="B").status_code == 302
    assert MemberChange.objects.filter(member=member, field="city").count() == 1


def test_two_who_write_a_note_are_told_without_its_text(
    kafjord: Branch, officer: Client, client_for: Callable[..., Client]
) -> None:
    member = make_member(kafjord, note="Før")
    mine = form_of(officer, member)
    save(client_for(make_officer(kafjord)), member, note="Den første")
    answer = send(officer, member, mine, note="Den andre")
    assert answer.status_code == 422
    assert "Den første" not in answer.text
    assert fields_in(answer.text, address(member))["note"] == ["Den andre"]
    assert Member.objects.get(pk=member.pk).note == "Den første"


def test_two_who_tick_groups_at_once_are_told(
    county: Branch, kafjord: Branch, officer: Client, client_for: Callable[..., Client]
) -> None:
    women, youth = (Tag.objects.create(county=county, name=name) for name in ("Kvinner", "Ungdom"))
    member = make_member(kafjord)
    mine = form_of(officer, member)
    save(client_for(make_officer(kafjord)), member, tags=[str(women.pk)])
    answer = send(officer, member, mine, tags=[str(youth.pk)])
    assert answer.status_code == 422
    assert "til «Kvinner»" in answer.text
    assert list(member.tags.all()) == [women]


def test_one_who_moved_away_meanwhile_is_not_found(county: Branch, kafjord: Branch, officer: Client) -> None:
    member = make_member(kafjord)
    mine, url = form_of(officer, member), address(member)
    tromso = make_branch(county, "Tromsø")
    Member.objects.filter(pk=member.pk).update(branch=tromso, municipal=tromso)
    assert officer.post(url, {**mine, "city": "X"}).status_code == 404
    assert Member.objects.get(pk=member.pk).city == ""
