"""What has happened with a member, on one timeline: newest first, in words, and nothing that is not to be seen."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from calling.enums import Outcome
from calling.models import Call
from dues.actions.payments import register_payment, undo_payment
from membership.actions.editing import Edit, Pen, open_batch, write
from membership.enums import AddressProtection, BatchKind, ChangeSource
from membership.models import Branch, Member, MemberChange, Tag
from membership.roles import Role
from membership.timeline import SHOWN
from tests.factories import NOW, TODAY, hand_out, make_branch, make_claim, make_county, make_member, make_officer

pytestmark = pytest.mark.django_db


@pytest.fixture
def county() -> Branch:
    return make_county()


@pytest.fixture
def kafjord(county: Branch) -> Branch:
    return make_branch(county, "Kåfjord")


@pytest.fixture
def user(county: Branch) -> User:
    return make_officer(county, Role.COUNTY_SECRETARY, name="Kari Nordvik")


@pytest.fixture
def officer(user: User, client_for: Callable[..., Client]) -> Client:
    return client_for(user)


def history(client: Client, member: Member, query: str = "") -> str:
    response = client.get(reverse("membership:member_detail", args=[member.branch.slug, member.pk]) + query)
    assert response.status_code == 200
    text: str = response.text.replace("\u00a0", " ")
    return text.partition('id="h-history"')[2].partition("</section>")[0]


def pen(by: User | None, *, source: ChangeSource = ChangeSource.OFFICER, minutes: int = 0, **more: Any) -> Pen:
    return Pen(by, source, NOW + timedelta(minutes=minutes), TODAY, **more)


def change(member: Member, how: Pen, **values: Any) -> None:
    write([Edit(member, values)], pen=how)


def test_an_edit_tells_which_field_from_what_to_what_by_whom_and_how(
    kafjord: Branch, officer: Client, user: User
) -> None:
    member = make_member(kafjord, city="Før", mobile="+4741234567", no_sms=False, birth_on=date(1980, 3, 12))
    change(
        member, pen(user), city="Etter", mobile="+4790123456", no_sms=True, birth_on=date(1981, 3, 12), birth_year=1981
    )
    text = history(officer, member)
    for said in (
        "Før",
        "Etter",
        "412 34 567",
        "901 23 456",
        "12.03.1980",
        "12.03.1981",
        "Kari Nordvik, for hånd",
        "nei",
        "ja",
    ):
        assert said in text or said.capitalize() in text, said
    # One go is one entry; the joined date is the other.
    assert text.count('class="dot"') == 2
    # The flag and the year are told by their neighbours.
    assert "mobile_ok" not in text
    assert text.count("<li><b>") == 4


def test_changes_made_at_different_times_or_ways_are_entries_of_their_own(
    kafjord: Branch, officer: Client, user: User
) -> None:
    member = make_member(kafjord, joined_on=None)
    change(member, pen(user), city="A")
    change(member, pen(user, minutes=1), city="B")
    change(member, pen(user, minutes=1, source=ChangeSource.IMPORT), street="C")
    text = history(officer, member)
    assert text.count('class="dot"') == 3
    assert "Endret av en import" in text


def test_the_newest_is_on_top(kafjord: Branch, officer: Client, user: User) -> None:
    member = make_member(kafjord, joined_on=date(2019, 5, 4))
    claim = make_claim(member)
    register_payment(claim, amount_ore=20000, paid_on=date(2026, 4, 1), by=user, now=NOW)
    change(member, pen(user), city="Nyest")
    text = history(officer, member)
    places = [text.index(word) for word in ("Nyest", "Betalte 200 kr", "Meldte seg inn i partiet")]
    assert places == sorted(places)


def test_a_year_of_birth_alone_is_told(kafjord: Branch, officer: Client, user: User) -> None:
    member = make_member(kafjord, birth_year=1980)
    change(member, pen(user), birth_year=1981)
    assert "1981" in history(officer, member)


def test_a_move_is_told_once_with_the_branches_names(
    county: Branch, kafjord: Branch, officer: Client, user: User
) -> None:
    member = make_member(kafjord)
    write([Edit(member, branch=make_branch(county, "Tromsø"))], pen=pen(user, source=ChangeSource.MOVE))
    member.refresh_from_db()
    text = history(officer, member)
    assert text.count("Flyttet fra Kåfjord Arbeiderparti til Tromsø Arbeiderparti") == 1
    assert "Kari Nordvik" in text


def test_groups_are_told_by_name(county: Branch, kafjord: Branch, officer: Client, user: User) -> None:
    member = make_member(kafjord)
    group = Tag.objects.create(county=county, name="Kvinnenettverket")
    write([Edit(member, tags=frozenset({group.pk}))], pen=pen(user, source=ChangeSource.BULK))
    assert "Kvinnenettverket" in history(officer, member)


def test_status_checks_and_returned_mail_have_sentences_of_their_own(
    kafjord: Branch, officer: Client, user: User
) -> None:
    member = make_member(kafjord)
    change(member, pen(user), status="expelled", left_on=TODAY)
    change(member, pen(user, minutes=1), checked_on=TODAY)
    change(member, pen(user, minutes=2), email_bounced_on=TODAY)
    text = history(officer, member)
    assert text.count("Ekskludert") == 1
    assert "Sjekket: alt stemte" in text
    assert "E-post i retur" in text


def test_merged_and_imported_are_told(kafjord: Branch, officer: Client, user: User) -> None:
    batch = open_batch(kafjord, kind=BatchKind.IMPORT, by=user, now=NOW)
    member = make_member(kafjord, created_in=batch)
    MemberChange.objects.create(
        member=member, field="merged", after="77421", source=ChangeSource.MERGE, by=user, at=NOW
    )
    text = history(officer, member)
    assert "Kom inn med en import" in text
    assert "Slått sammen med oppføringen 77421" in text


# --- What is not to be seen ------------------------------------------------------------------------------------------


def test_a_protected_address_is_not_read_out_of_the_history(kafjord: Branch, officer: Client, user: User) -> None:
    member = make_member(kafjord, street="Hemmeligveien 3", postal_code="9144")
    change(member, pen(user), street="Skjulteveien 4", postal_code="9145", skills="Stand")
    assert "Hemmeligveien 3" in history(officer, member)
    change(member, pen(user, minutes=1), address_protection=AddressProtection.STRICT)
    text = history(officer, member)
    assert not any(
        word in text.lower() for word in ("hemmelig", "skjulte", "9144", "9145", "strict", "strengt", "confidential")
    )
    assert "Stand" in text
    assert "ble endret" in text


@pytest.mark.parametrize(("role", "reads"), [(Role.MEMBERSHIP_OFFICER, True), (Role.BRANCH_LEADER, False)])
def test_of_a_note_only_that_it_was_changed_and_only_for_those_who_read_notes(
    kafjord: Branch, user: User, client_for: Callable[..., Client], role: Role, reads: bool
) -> None:
    member = make_member(kafjord, note="Gammel hemmelighet", joined_on=None)
    change(member, pen(user), note="Ny hemmelighet")
    text = history(client_for(make_officer(kafjord, role)), member)
    assert ("internt notat" in text.lower()) is reads
    assert "hemmelighet" not in text
    # Nor an empty entry that tells that something was changed.
    assert ("Kari Nordvik" in text) is reads


def test_a_note_in_an_import_can_be_taken_back_and_is_not_shown_either(
    kafjord: Branch, officer: Client, user: User
) -> None:
    from membership.actions.undo import forget_stores, undo

    batch = open_batch(kafjord, kind=BatchKind.IMPORT, by=user, now=NOW)
    member = make_member(kafjord, note="Gammel hemmelighet")
    change(member, pen(user, source=ChangeSource.IMPORT, batch=batch), note="Ny hemmelighet")
    assert "hemmelighet" not in history(officer, member)
    kept = MemberChange.objects.get(field="note")
    assert (kept.before, kept.after) == ("Gammel hemmelighet", None)
    forget_stores(now=NOW + timedelta(days=13))
    undo(batch, by=user, now=NOW, today=TODAY)
    assert Member.objects.get(pk=member.pk).note == "Gammel hemmelighet"
    forget_stores(now=NOW + timedelta(days=15))
    assert not MemberChange.objects.filter(field="note", before__isnull=False).exists()


def test_a_recruiter_is_not_named_in_the_history(county: Branch, kafjord: Branch, officer: Client, user: User) -> None:
    foreign = make_member(make_branch(county, "Tromsø"), "Niillas", "Valnes")
    member = make_member(kafjord)
    change(member, pen(user), recruited_by_id=foreign.pk)
    text = history(officer, member)
    assert "vervet av" in text.lower()
    assert "Valnes" not in text
    assert f" {foreign.pk}<" not in text


def test_naughty_values_are_inert(kafjord: Branch, officer: Client, user: User) -> None:
    member = make_member(kafjord)
    change(member, pen(user), skills="<script>alert(1)</script>{{ 7*7 }}")
    text = history(officer, member)
    assert "<script>" not in text
    assert "{{ 7*7 }}" in text


# --- The apps above --------------------------------------------------------------------------------------------------


def test_dues_and_calls_are_on_it(kafjord: Branch, officer: Client, user: User) -> None:
    member = make_member(kafjord)
    claim = make_claim(member)
    hand_out(kafjord, user, "Odd-Arne Valnes")
    Call.objects.filter(member=member).update(outcome=Outcome.NO_ANSWER, outcome_at=NOW, note="Prøv etter klokka sju")
    register_payment(claim, amount_ore=10000, paid_on=TODAY, by=user, now=NOW)
    wrong = register_payment(claim, amount_ore=7700, paid_on=TODAY, by=user, now=NOW)
    undo_payment(wrong, by=user, now=NOW)
    text = history(officer, member)
    assert "Kontingentkrav 2026: 450 kr" in text
    assert "Betalte 100 kr" in text
    assert "77 kr" not in text
    assert "Ringt: Svarte ikke" in text
    assert "Odd-Arne Valnes" in text
    assert "klokka sju" not in text


def test_who_may_not_see_dues_does_not_see_them_here(
    kafjord: Branch, client_for: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    from membership import roles

    rights = {**roles.PERMISSIONS, Role.BRANCH_LEADER: frozenset({roles.Permission.VIEW_MEMBERS})}
    monkeypatch.setattr(roles, "PERMISSIONS", rights)
    member = make_member(kafjord)
    make_claim(member)
    assert "Kontingent" not in history(client_for(make_officer(kafjord, Role.BRANCH_LEADER)), member)


# --- Long ones -------------------------------------------------------------------------------------------------------


def test_fifty_are_shown_and_all_when_asked(kafjord: Branch, officer: Client, user: User) -> None:
    member = make_member(kafjord)
    for minute in range(SHOWN + 5):
        change(member, pen(user, minutes=minute), city=f"Sted {minute}")
    text = history(officer, member)
    assert text.count('class="dot"') == SHOWN
    assert "?historikk=alle" in text
    assert "Meldte seg inn" not in text
    everything = history(officer, member, "?historikk=alle")
    assert everything.count('class="dot"') == SHOWN + 6
    assert "?historikk=alle" not in everything


def test_a_long_history_costs_no_more_queries_than_none(
    county: Branch, kafjord: Branch, officer: Client, user: User
) -> None:
    plain, rich = make_member(kafjord), make_member(kafjord)
    for member in (plain, rich):
        make_claim(member)
    groups = [Tag.objects.create(county=county, name=name) for name in "ab"]
    tromso = make_branch(county, "Tromsø")
    for minute, group in enumerate(groups):
        write([Edit(rich, {"city": group.name}, tags=frozenset({group.pk}))], pen=pen(user, minutes=minute))
    write([Edit(rich, branch=tromso)], pen=pen(user, minutes=9))
    register_payment(rich.claims.get(), amount_ore=1000, paid_on=TODAY, by=user, now=NOW)
    costs = []
    for member in (plain, rich):
        member.refresh_from_db()
        with CaptureQueriesContext(connection) as queries:
            officer.get(reverse("membership:member_detail", args=["troms", member.pk]))
        costs.append(len(queries))
    assert costs[0] == costs[1]
