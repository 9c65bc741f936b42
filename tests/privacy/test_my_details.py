"""A member puts their own details right."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.test import Client

from accounts.enums import Verb
from accounts.models import AuditEvent
from common import clock
from membership.actions.editing import Edit, Pen, write
from membership.enums import AddressProtection, ChangeSource
from membership.models import Member, MemberChange
from messaging.enums import BlockReason, Channel, Purpose
from messaging.models import BlockedAddress, Delivery
from privacy.actions.my_details import BirthIsKnown, NotOwn, correct
from privacy.models import PrivacySettings
from tests.factories import NOW, TODAY, make_branch, make_county, make_member, make_officer
from tests.privacy_my import open_for

URL = "/min-side/meg/opplysninger/"


@pytest.fixture
def member(db: None) -> Member:
    county = make_county()
    county.email = "troms@example.no"
    county.save()
    return make_member(
        make_branch(county, "Kåfjord"),
        "Ane",
        "Fjellvær",
        email="ane@example.no",
        mobile="+4740000001",
        street="Strandveien 1",
        postal_code="9146",
        city="Olderdalen",
    )


@pytest.fixture
def mine(client: Client, member: Member) -> Client:
    return open_for(client, member)


def filled(member: Member, **changed: Any) -> dict[str, Any]:
    """What the form would send, with something changed."""
    fresh = Member.objects.get(pk=member.pk)
    names = ("first_name", "last_name", "gender", "language", "email", "care_of", "street", "postal_code", "city")
    data = {name: getattr(fresh, name) for name in (*names, "skills", "mobile", "phone")}
    return {"since": MemberChange.objects.newest_of(fresh.pk), **data, **changed}


def fresh(member: Member) -> Member:
    return Member.objects.get(pk=member.pk)


def test_what_is_one_s_own_is_saved_and_told_of_as_the_member_s_doing(mine: Client, member: Member) -> None:
    answer = mine.post(URL, filled(member, first_name="  Ane  Marie ", street="Strandveien 2", skills="Førstehjelp"))
    assert answer.status_code == 302
    after = fresh(member)
    assert (after.first_name, after.street, after.skills) == ("Ane Marie", "Strandveien 2", "Førstehjelp")
    assert {(change.source, change.by) for change in MemberChange.objects.order_by("pk")} == {("member", None)}
    line = AuditEvent.objects.get(verb=Verb.MEMBER_CHANGED)
    assert line.details == {"fields": "first_name,skills,street", "source": "member"}
    assert "lagret" in mine.get(answer["Location"]).content.decode()


def test_the_same_again_changes_nothing(mine: Client, member: Member) -> None:
    assert mine.post(URL, filled(member)).status_code == 302
    assert not MemberChange.objects.exists()
    assert not AuditEvent.objects.filter(verb=Verb.MY_PAGE_CHANGED).exists()
    assert not Delivery.objects.exists()


def test_a_number_is_read_as_the_officers_form_reads_it(mine: Client, member: Member) -> None:
    mine.post(URL, filled(member, mobile="400 00 002", phone="spør Kari"))
    after = fresh(member)
    assert (after.mobile, after.mobile_ok, after.phone, after.phone_ok) == ("+4740000002", True, "spør Kari", False)
    assert "«spør Kari» kan ikke ringes" in mine.get(URL).content.decode()


def test_a_mobile_that_cannot_be_dialled_does_not_replace_the_way_in(mine: Client, member: Member) -> None:
    answer = mine.post(URL, filled(member, mobile="tull"))
    text = answer.content.decode()
    assert answer.status_code == 422
    assert 'value="tull"' in text
    assert "Skriv nummeret med åtte siffer" in text
    assert fresh(member).mobile == "+4740000001"


def test_one_that_stood_there_already_stops_nothing(mine: Client, member: Member) -> None:
    Member.objects.filter(pk=member.pk).update(mobile="tull", mobile_ok=False)
    assert mine.post(URL, filled(member, skills="Førstehjelp")).status_code == 302
    assert mine.post(URL, filled(member, mobile="")).status_code == 302


def test_an_identity_number_is_refused_and_not_shown_again(mine: Client, member: Member) -> None:
    for name in ("skills", "street", "first_name"):
        answer = mine.post(URL, filled(member, **{name: "Fnr 14906110084"}))
        assert answer.status_code == 422, name
        assert "14906110084" not in answer.content.decode()


@pytest.mark.parametrize(
    "typed", [{"email": "ikke en adresse"}, {"first_name": "", "last_name": ""}, {"street": "x" * 201}]
)
def test_what_cannot_be_is_refused_with_what_was_typed(typed: dict[str, str], mine: Client, member: Member) -> None:
    answer = mine.post(URL, filled(member, **typed))
    assert answer.status_code == 422
    assert "Noe må rettes" in answer.content.decode()
    assert not MemberChange.objects.exists()


# --- The old address is told -----------------------------------------------------------------------------------------


def test_the_old_email_is_told_once(mine: Client, member: Member) -> None:
    mine.post(URL, filled(member, email="ny@example.no"))
    mine.post(URL, filled(member, email="ny@example.no"))
    notice = Delivery.objects.get()
    assert (notice.channel, notice.address, notice.purpose) == (Channel.EMAIL, "ane@example.no", Purpose.NOTICE)
    assert "Skriv til troms@example.no" in notice.body
    assert "ny@example.no" not in notice.body
    assert "Ane" not in notice.body + notice.subject
    assert "Arbeiderparti" not in notice.body + notice.subject


def test_the_county_s_own_contact_goes_first(mine: Client, member: Member) -> None:
    PrivacySettings.objects.create(county=member.county, contact_email="personvern@example.no")
    mine.post(URL, filled(member, email="ny@example.no"))
    assert "personvern@example.no" in Delivery.objects.get().body


def test_the_old_mobile_is_told_by_sms(mine: Client, member: Member) -> None:
    mine.post(URL, filled(member, mobile="40000009"))
    notice = Delivery.objects.get()
    assert (notice.channel, notice.address) == (Channel.SMS, "+4740000001")
    assert "Arbeiderparti" not in notice.body + notice.sender_name


def test_each_change_is_told_to_what_it_replaced(mine: Client, member: Member) -> None:
    mine.post(URL, filled(member, email="to@example.no"))
    mine.post(URL, filled(member, email="tre@example.no"))
    told = Delivery.objects.order_by("created_at", "key").values_list("address", flat=True)
    assert set(told) == {"ane@example.no", "to@example.no"}


def test_who_types_one_number_after_another_sends_few_messages(mine: Client, member: Member) -> None:
    for n in range(6):
        mine.post(URL, filled(member, mobile=f"4000001{n}"))
    told = Delivery.objects.filter(channel=Channel.SMS).values_list("address", flat=True)
    assert len(told) == 3
    assert "+4740000001" in told


def test_nothing_goes_to_an_address_that_does_not_work(mine: Client, member: Member) -> None:
    Member.objects.filter(pk=member.pk).update(email_bounced_on=TODAY)
    BlockedAddress.objects.create(
        channel=Channel.SMS, address="+4740000001", reason=BlockReason.STOPP, noted_at=NOW, blocked_at=NOW
    )
    mine.post(URL, filled(member, email="ny@example.no", mobile="40000009"))
    assert not Delivery.objects.exists()
    assert fresh(member).email_bounced_on is None


def test_only_capitals_are_no_new_address(mine: Client, member: Member) -> None:
    mine.post(URL, filled(member, email="Ane@example.no"))
    assert fresh(member).email == "Ane@example.no"
    assert not Delivery.objects.exists()


# --- Two at once -----------------------------------------------------------------------------------------------------


def by_an_officer(member: Member, **values: Any) -> None:
    officer = make_officer(member.branch, name="Kari Nordvik")
    write([Edit(fresh(member), values)], pen=Pen(officer, ChangeSource.OFFICER, NOW, TODAY))


def test_what_another_changed_and_one_did_not_stays(mine: Client, member: Member) -> None:
    form = filled(member, street="Strandveien 2")
    by_an_officer(member, city="Djupvik")
    assert mine.post(URL, form).status_code == 302
    after = fresh(member)
    assert (after.street, after.city) == ("Strandveien 2", "Djupvik")


def test_what_both_changed_is_told_and_nothing_is_overwritten(mine: Client, member: Member) -> None:
    form = filled(member, street="Strandveien 2")
    by_an_officer(member, street="Strandveien 3")
    answer = mine.post(URL, form)
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "Strandveien 2" in text
    assert "Strandveien 3" in text
    assert "Nordvik" not in text
    assert fresh(member).street == "Strandveien 3"


# --- Born ------------------------------------------------------------------------------------------------------------


def test_a_day_of_birth_is_given_where_there_is_none(mine: Client, member: Member) -> None:
    assert 'name="birth"' in mine.get(URL).content.decode()
    mine.post(URL, filled(member, birth="12.03.1980"))
    assert fresh(member).birth_on == date(1980, 3, 12)
    assert 'name="birth"' not in mine.get(URL).content.decode()


def test_a_day_that_is_known_stands(mine: Client, member: Member) -> None:
    Member.objects.filter(pk=member.pk).update(birth_on=date(1980, 3, 12), birth_year=1980)
    mine.post(URL, filled(member, birth="01.01.1990"))
    assert fresh(member).birth_on == date(1980, 3, 12)
    with pytest.raises(BirthIsKnown):
        change(member, birth_on=date(1990, 1, 1), birth_year=1990)


def test_a_year_that_is_known_stands_and_its_day_may_be_given(mine: Client, member: Member) -> None:
    Member.objects.filter(pk=member.pk).update(birth_year=1980)
    answer = mine.post(URL, filled(member, birth="12.03.1990"))
    assert answer.status_code == 422
    assert "1980" in answer.content.decode()
    assert mine.post(URL, filled(member, birth="12.03.1980")).status_code == 302
    assert fresh(member).birth_on == date(1980, 3, 12)


def test_under_15_a_guardian_consents_first(mine: Client, member: Member) -> None:
    answer = mine.post(URL, filled(member, birth="12.03.2014"))
    assert answer.status_code == 422
    assert "foresatt" in answer.content.decode()
    assert fresh(member).birth_on is None


# --- What is shown ---------------------------------------------------------------------------------------------------


def hidden(member: Member, **changed: Any) -> dict[str, Any]:
    """What the form of a protected member would send, with something changed."""
    empty = {"care_of": "", "street": "", "postal_code": "", "city": "", "address_kept": "True"}
    return filled(member, **{**empty, **changed})


@pytest.fixture
def protected(member: Member) -> Member:
    values = {"address_protection": AddressProtection.STRICT, "care_of": "Solveig"}
    Member.objects.filter(pk=member.pk).update(**values)
    return member


def test_a_protected_address_is_not_shown(mine: Client, protected: Member) -> None:
    by_an_officer(protected, street="Skjulveien 7")
    for page in (URL, "/min-side/meg/", "/min-side/meg/alt/", "/min-side/meg/alt.json"):
        text = mine.get(page).content.decode()
        for word in ("Strandveien", "Skjulveien", "9146", "Olderdalen", "Solveig", "kode 6", "strict", "strengt"):
            assert word not in text, (page, word)
    text = mine.get(URL).content.decode()
    assert "Beskyttet" in text
    assert "«Be om noe»" in text


def test_empty_fields_leave_a_protected_address_as_it_is(mine: Client, protected: Member) -> None:
    assert mine.post(URL, hidden(protected, skills="Førstehjelp")).status_code == 302
    after = fresh(protected)
    assert (after.care_of, after.street, after.postal_code) == ("Solveig", "Strandveien 1", "9146")
    assert after.skills == "Førstehjelp"


def test_they_do_so_where_the_protection_ended_meanwhile(mine: Client, protected: Member) -> None:
    form = hidden(protected)
    Member.objects.filter(pk=protected.pk).update(address_protection="")
    mine.post(URL, form)
    assert fresh(protected).street == "Strandveien 1"


def test_a_new_protected_address_stands_instead_of_all_of_the_old(mine: Client, protected: Member) -> None:
    answer = mine.post(URL, hidden(protected, street="Fjellveien 2", postal_code="9040", city="Nordkjosbotn"))
    assert answer.status_code == 302
    after = fresh(protected)
    assert (after.care_of, after.street, after.postal_code) == ("", "Fjellveien 2", "9040")
    assert after.address_protection == AddressProtection.STRICT


@pytest.mark.parametrize("typed", [{"street": "Fjellveien 2"}, {"city": "Nordkjosbotn"}, {"postal_code": "9040"}])
def test_half_a_new_protected_address_is_refused(typed: dict[str, str], mine: Client, protected: Member) -> None:
    answer = mine.post(URL, hidden(protected, **typed))
    text = answer.content.decode()
    assert answer.status_code == 422
    assert next(iter(typed.values())) in text
    assert "Strandveien" not in text
    assert fresh(protected).street == "Strandveien 1"


def test_what_another_wrote_of_a_protected_address_is_not_told(mine: Client, protected: Member) -> None:
    form = hidden(protected, street="Fjellveien 2", postal_code="9040")
    by_an_officer(protected, street="Skjulveien 7")
    answer = mine.post(URL, form)
    assert answer.status_code == 422
    assert "Skjulveien" not in answer.content.decode()


def test_that_there_is_a_note_is_told_here_and_not_what_it_says(mine: Client, member: Member) -> None:
    Member.objects.filter(pk=member.pk).update(note="Vanskelig i telefonen")
    text = mine.get(URL).content.decode()
    assert "Internt notat" in text
    assert "Vanskelig" not in text


# --- The action ------------------------------------------------------------------------------------------------------


def change(member: Member, **values: Any) -> bool:
    return correct(member, values=values, since=0, now=clock.now(), today=TODAY, true_now=clock.machine_time())


@pytest.mark.parametrize("name", ["status", "member_number", "branch_id", "note", "checked_on", "no_email"])
def test_what_is_not_one_s_own_is_not_written(name: str, member: Member) -> None:
    with pytest.raises(NotOwn):
        change(member, **{name: "x"})
    assert not MemberChange.objects.exists()


def test_it_tells_whether_anything_changed(member: Member) -> None:
    assert change(member, street="Strandveien 2")
    assert not change(member, street="Strandveien 2")
