"""Whom we may reach, by which way, about what: each rule, and that the SQL says the same as the Python."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from membership.enums import AddressProtection, MemberStatus
from membership.models import Branch, Member
from messaging.contact import (
    PHONE,
    address_of,
    blocks_for,
    blocks_of,
    is_stopped,
    may_contact,
    with_addresses,
    with_reason,
)
from messaging.enums import PURPOSES, BlockReason, Channel, Purpose, Reason
from messaging.models import BlockedAddress
from tests.factories import NOW, TODAY, make_member

pytestmark = pytest.mark.django_db

WAYS: tuple[str, ...] = (*Channel, PHONE)
NEWS, SERVICE = Purpose.NEWSLETTER, Purpose.SERVICE
GROWN: dict[str, Any] = {
    "street": "Storgata 1",
    "postal_code": "9146",
    "birth_on": date(1970, 5, 1),
    "fundraising_consent_on": TODAY,
}


def block(channel: str, address: str, reason: str, *, in_force: bool = True) -> None:
    at = NOW if in_force else None
    BlockedAddress.objects.create(channel=channel, address=address, reason=reason, noted_at=NOW, blocked_at=at)


def reasons(member: Member, *, on: date = TODAY) -> dict[tuple[str, str], str]:
    return {(way, kind): may_contact(member, way, kind, on=on) for way in WAYS for kind in PURPOSES}


def reached(member: Member, kind: str, *, on: date = TODAY) -> set[str]:
    return {way for way in WAYS if not may_contact(member, way, kind, on=on)}


def in_sql(member: Member, *, on: date = TODAY) -> dict[tuple[str, str], str]:
    found = with_addresses(Member.objects.filter(pk=member.pk))
    names = {(way, str(kind)): f"{way}_{kind}" for way in WAYS for kind in PURPOSES}
    for (way, kind), name in names.items():
        found = with_reason(found, way, kind, on=on, name=name)
    row = found.values(*names.values()).get()
    return {pair: row[name] for pair, name in names.items()}


# --- Each rule --------------------------------------------------------------------------------------------------------


def test_a_grown_member_who_has_said_nothing_is_reached_by_everything(branch: Branch) -> None:
    member = make_member(branch, **GROWN)
    assert set(reasons(member).values()) == {Reason.NONE}


@pytest.mark.parametrize("status", [status for status in MemberStatus if status != MemberStatus.MEMBER])
def test_whoever_is_no_member_gets_nothing(branch: Branch, status: str) -> None:
    member = make_member(branch, **GROWN, status=status)
    assert set(reasons(member).values()) == {Reason.LEFT}


def test_a_protected_address_gets_no_letter(branch: Branch) -> None:
    member = make_member(branch, **GROWN, address_protection=AddressProtection.CONFIDENTIAL)
    shielded = {pair for pair, reason in reasons(member).items() if reason == Reason.PROTECTED}
    assert shielded == {(Channel.LETTER, kind) for kind in PURPOSES}


def test_the_strictly_protected_get_service_by_email_only(branch: Branch) -> None:
    member = make_member(branch, **GROWN, address_protection=AddressProtection.STRICT)
    open_to = {pair for pair, reason in reasons(member).items() if not reason}
    assert open_to == {(Channel.EMAIL, SERVICE)}
    assert set(reasons(member).values()) == {Reason.NONE, Reason.PROTECTED}


def test_a_child_without_consent_gets_service_only_and_no_call(branch: Branch) -> None:
    member = make_member(branch, **GROWN | {"birth_on": date(2013, 1, 1)})
    assert reached(member, SERVICE) == {Channel.EMAIL, Channel.SMS, Channel.LETTER}
    assert reasons(member)[Channel.EMAIL, NEWS] == Reason.UNDER_AGE


def test_a_child_with_consent_is_not_asked_for_gifts_nor_to_recruit(branch: Branch) -> None:
    guardian = {"guardian_name": "Kari Nordvik", "guardian_consent_on": TODAY}
    member = make_member(branch, **GROWN | {"birth_on": date(2013, 1, 1)} | guardian)
    assert reached(member, NEWS) == {Channel.EMAIL, Channel.SMS, Channel.LETTER}
    for kind in (Purpose.FUNDRAISING, Purpose.RECRUITMENT):
        assert {reasons(member)[way, kind] for way in WAYS} == {Reason.UNDER_AGE}


def test_gifts_are_asked_for_where_that_was_agreed(branch: Branch) -> None:
    member = make_member(branch, **GROWN | {"fundraising_consent_on": None})
    refused = {pair: reason for pair, reason in reasons(member).items() if reason}
    assert refused == {(way, Purpose.FUNDRAISING): Reason.NO_CONSENT for way in WAYS}


@pytest.mark.parametrize("kind", [Purpose.NEWSLETTER, Purpose.MEETINGS, Purpose.SURVEYS, Purpose.RECRUITMENT])
def test_no_to_a_kind_is_no_in_every_channel(branch: Branch, kind: str) -> None:
    member = make_member(branch, **GROWN | {f"no_{kind}": True})
    refused = {pair: reason for pair, reason in reasons(member).items() if reason}
    assert refused == {(way, kind): Reason.NO_PURPOSE for way in WAYS}


@pytest.mark.parametrize(("column", "way"), [("no_email", Channel.EMAIL), ("no_sms", Channel.SMS), ("no_phone", PHONE)])
def test_no_to_a_way_is_no_to_every_kind(branch: Branch, column: str, way: str) -> None:
    member = make_member(branch, **GROWN | {column: True})
    refused = {pair: reason for pair, reason in reasons(member).items() if reason}
    assert refused == {(way, kind): Reason.NO_CHANNEL for kind in PURPOSES}


def test_a_formal_notice_goes_by_letter_to_whoever_wants_none(branch: Branch) -> None:
    member = make_member(branch, **GROWN, no_post=True, no_email=True, no_sms=True)
    assert reached(member, SERVICE) == {Channel.LETTER, PHONE}
    assert reached(member, NEWS) == {PHONE}


def test_without_an_address_there_is_no_way(branch: Branch) -> None:
    member = make_member(branch, **GROWN | {"street": ""}, email="kari(at)example.no", mobile="12", mobile_ok=False)
    assert set(reasons(member).values()) == {Reason.NO_ADDRESS}
    Member.objects.filter(pk=member.pk).update(phone="+4777712345", phone_ok=True, email=" ")
    member.refresh_from_db()
    assert reached(member, NEWS) == {PHONE}


def test_an_address_that_came_back_is_wrong(branch: Branch) -> None:
    member = make_member(branch, **GROWN, email_bounced_on=TODAY)
    assert reasons(member)[Channel.EMAIL, SERVICE] == Reason.WRONG
    assert reached(member, NEWS) == {Channel.SMS, Channel.LETTER, PHONE}


# --- Blocked addresses ------------------------------------------------------------------------------------------------


def test_a_stopp_stops_every_sms_and_nothing_else(branch: Branch) -> None:
    member = make_member(branch, **GROWN)
    block("sms", member.mobile, BlockReason.STOPP)
    refused = {pair: reason for pair, reason in reasons(member).items() if reason}
    assert refused == {(Channel.SMS, kind): Reason.STOPPED for kind in PURPOSES}


def test_a_complaint_stops_every_email_but_service(branch: Branch) -> None:
    member = make_member(branch, **GROWN, email="Kari@Example.no")
    block("email", "kari@example.no", BlockReason.COMPLAINT)
    refused = {pair: reason for pair, reason in reasons(member).items() if reason}
    assert refused == {(Channel.EMAIL, kind): Reason.STOPPED for kind in PURPOSES if kind != SERVICE}


def test_a_complaint_about_an_address_that_does_not_work_is_both(branch: Branch) -> None:
    member = make_member(branch, **GROWN)
    for reason in (BlockReason.COMPLAINT, BlockReason.HARD):
        block("email", member.email, reason)
    assert reasons(member)[Channel.EMAIL, SERVICE] == Reason.WRONG
    assert reasons(member)[Channel.EMAIL, NEWS] == Reason.STOPPED


@pytest.mark.parametrize("reason", [BlockReason.HARD, BlockReason.SOFT, BlockReason.WRONG])
def test_what_does_not_work_is_not_written_to(branch: Branch, reason: str) -> None:
    member = make_member(branch, **GROWN)
    block("email", member.email, reason)
    assert {reasons(member)[Channel.EMAIL, kind] for kind in PURPOSES} == {Reason.WRONG}


def test_a_number_that_is_somebody_elses_is_neither_written_to_nor_phoned(branch: Branch) -> None:
    member = make_member(branch, **GROWN)
    block("sms", member.mobile, BlockReason.WRONG)
    refused = {pair: reason for pair, reason in reasons(member).items() if reason}
    assert refused == {(way, kind): Reason.WRONG for way in (Channel.SMS, PHONE) for kind in PURPOSES}


@pytest.mark.parametrize("reason", [BlockReason.STOPP, BlockReason.HARD, BlockReason.SOFT, BlockReason.COMPLAINT])
def test_whoever_wants_no_sms_can_be_phoned(branch: Branch, reason: str) -> None:
    member = make_member(branch, **GROWN)
    block("sms", member.mobile, reason)
    assert PHONE in reached(member, NEWS)
    assert Channel.SMS not in reached(member, NEWS)


def test_a_landline_that_is_somebody_elses_is_not_phoned(branch: Branch) -> None:
    member = make_member(branch, **GROWN, mobile="", mobile_ok=False, phone="+4777712345", phone_ok=True)
    block("sms", "+4777712345", BlockReason.WRONG)
    assert reasons(member)[PHONE, SERVICE] == Reason.WRONG


def test_a_soft_bounce_counts_before_it_blocks(branch: Branch) -> None:
    member = make_member(branch, **GROWN)
    block("email", member.email, BlockReason.SOFT, in_force=False)
    assert not any(reasons(member).values())


def test_a_block_is_of_its_channel_and_its_address(branch: Branch) -> None:
    member = make_member(branch, **GROWN)
    block("sms", member.email, BlockReason.STOPP)
    block("email", member.mobile, BlockReason.HARD)
    block("email", f"x{member.email}", BlockReason.HARD)
    assert not any(reasons(member).values())


def test_many_are_asked_for_at_once(branch: Branch, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    members = [make_member(branch, **GROWN) for _ in range(3)]
    block("sms", members[1].mobile, BlockReason.WRONG)
    with django_assert_num_queries(1):
        blocks = blocks_for(members, PHONE)
        said = [may_contact(member, PHONE, NEWS, on=TODAY, blocks=blocks) for member in members]
    assert said == [Reason.NONE, Reason.WRONG, Reason.NONE]


def test_a_thousand_addresses_are_two_questions(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    block("email", "n999@example.no", BlockReason.HARD)
    with django_assert_num_queries(2):
        found = blocks_of(("email", f"n{n}@example.no") for n in range(1000))
    assert found == {("email", "n999@example.no"): {"hard"}}


def test_no_address_asks_nothing(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(0):
        assert blocks_of([("email", "")]) == {}


def test_what_is_stopped_where() -> None:
    assert is_stopped("email", {"complaint"})
    assert not is_stopped("email", {"complaint"}, SERVICE)
    assert is_stopped("sms", {"stopp"}, SERVICE)
    assert not is_stopped(PHONE, {"stopp"})
    assert not is_stopped("sms", {"hard"})


def test_a_letter_has_no_address_of_its_own(branch: Branch) -> None:
    assert address_of(make_member(branch, **GROWN), Channel.LETTER) == ""


# --- SQL and Python ---------------------------------------------------------------------------------------------------

NUMBERS = ["", "+4790000001", "12"]
EMAILS = ["", " ", "Kari@Example.NO", "kari@example.no ", "kari", "ola@example.no"]
DAYS = [date(2026, 11, 20), date(2028, 2, 29), date(2027, 2, 28), date(2027, 3, 1)]
BORN = st.sampled_from(
    [
        None,
        *(
            date(day.year - age, day.month, min(day.day + step, 28))
            for day in DAYS
            for age in (15, 18)
            for step in (0, 1)
        ),
    ]
) | st.sampled_from([date(2012, 2, 29), date(2008, 2, 29), date(2013, 3, 1), date(2010, 2, 28)])
FLAGS = ["no_email", "no_sms", "no_phone", "no_post", "no_newsletter", "no_meetings", "no_surveys", "no_recruitment"]
VALUES = st.fixed_dictionaries(
    {
        # Mostly off: what is said of the address is asked last.
        **{name: st.sampled_from([False, False, False, False, True]) for name in FLAGS},
        "status": st.sampled_from([MemberStatus.MEMBER] * 9 + [MemberStatus.APPLIED, MemberStatus.RESIGNED]),
        "address_protection": st.sampled_from(["", "", "", *AddressProtection.values]),
        "birth_on": BORN,
        "birth_year": st.sampled_from(
            [None, 1970, *(day.year - age for day in DAYS for age in (14, 15, 16, 17, 18, 19))]
        ),
        "guardian_name": st.sampled_from(["", "Kari"]),
        "guardian_consent_on": st.sampled_from([None, TODAY]),
        "fundraising_consent_on": st.sampled_from([None, TODAY]),
        "email_bounced_on": st.sampled_from([None, None, TODAY]),
        "email": st.sampled_from(EMAILS),
        "mobile": st.sampled_from(NUMBERS),
        "mobile_ok": st.booleans(),
        "phone": st.sampled_from(NUMBERS),
        "phone_ok": st.booleans(),
        "street": st.sampled_from(["", "Storgata 1"]),
        "postal_code": st.sampled_from(["", "9146"]),
    }
)
BLOCKS = st.lists(
    st.tuples(
        st.sampled_from(["email", "sms"]),
        st.sampled_from(["kari@example.no", "ola@example.no", "+4790000001"]),
        st.sampled_from(BlockReason.values),
        st.booleans(),
    ),
    max_size=5,
    unique_by=lambda row: row[:3],
)


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(values=VALUES, blocks=BLOCKS, on=st.sampled_from(DAYS))
@example(values={"birth_on": date(2010, 2, 28)}, blocks=[], on=date(2028, 2, 29))
@example(values={"birth_on": date(2010, 3, 1)}, blocks=[], on=date(2028, 2, 29))
@example(values={"birth_on": date(2012, 2, 29), "guardian_name": ""}, blocks=[], on=date(2027, 2, 28))
@example(values={"birth_on": None, "birth_year": 2012}, blocks=[], on=date(2027, 3, 1))
def test_sql_and_python_agree(
    branch: Branch, values: dict[str, Any], blocks: Iterable[tuple[str, str, str, bool]], on: date
) -> None:
    member = Member.objects.first() or make_member(branch)
    Member.objects.filter(pk=member.pk).update(**values)
    BlockedAddress.objects.all().delete()
    for channel, address, reason, in_force in blocks:
        block(channel, address, reason, in_force=in_force)
    member.refresh_from_db()
    assert in_sql(member, on=on) == reasons(member, on=on)


@pytest.mark.parametrize("reason", BlockReason.values)
@pytest.mark.parametrize(("channel", "address"), [("email", "kari@example.no"), ("sms", "+4790000001")])
def test_sql_and_python_agree_on_every_block(branch: Branch, channel: str, address: str, reason: str) -> None:
    member = make_member(branch, email="Kari@Example.NO", mobile="+4790000001", **GROWN)
    assert in_sql(member)[channel, Purpose.NEWSLETTER] == Reason.NONE
    block(channel, address, reason)
    assert in_sql(member) == reasons(member)
    assert in_sql(member)[channel, Purpose.NEWSLETTER] != Reason.NONE
