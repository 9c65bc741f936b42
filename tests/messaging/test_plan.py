"""How many get a message, and who does not: the numbers above the send button."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.core.cache import cache

from membership.enums import AddressProtection, MemberStatus
from membership.models import Branch, Member
from membership.roles import Role
from messaging.audience.plan import Plan, left_out_members, plan_of, sample
from messaging.enums import BlockReason, Channel, Purpose, Reason, Way
from messaging.models import BlockedAddress
from tests.factories import NOW, TODAY, make_branch, make_member, make_officer

pytestmark = pytest.mark.django_db

ALL: dict[str, Any] = {"kind": "members", "params": {}}


def plan(branch: Branch, audience: dict[str, Any] = ALL, **asked: Any) -> Plan:
    values: dict[str, Any] = {
        "way": Way.EMAIL,
        "with_letters": False,
        "purpose": Purpose.NEWSLETTER,
        "is_personal": False,
        "today": TODAY,
    }
    return plan_of(branch, audience, **(values | asked))


def left_out(branch: Branch, reason: Reason, **asked: Any) -> set[str]:
    values: dict[str, Any] = {"way": Way.EMAIL, "with_letters": False, "purpose": Purpose.NEWSLETTER, "today": TODAY}
    return {member.first_name for member in left_out_members(branch, ALL, reason=reason, **(values | asked))}


def block(channel: Channel, address: str, reason: BlockReason) -> None:
    BlockedAddress.objects.create(channel=channel, address=address, reason=reason, noted_at=NOW, blocked_at=NOW)


@pytest.fixture
def people(kafjord: Branch) -> dict[str, Member]:
    """One of each kind."""
    kinds: dict[str, dict[str, Any]] = {
        "ok": {},
        "without": {"email": ""},
        "neither": {"email": "", "mobile": "", "mobile_ok": False, "street": "Veien 1", "postal_code": "9144"},
        "no_news": {"no_newsletter": True},
        "no_email": {"no_email": True},
        "strict": {"address_protection": AddressProtection.STRICT},
        "bounced": {"email_bounced_on": date(2026, 1, 1), "mobile": "", "mobile_ok": False},
        "stopp": {"email": "stopp@example.no", "no_sms": True},
        "child": {"birth_on": date(2015, 1, 1)},
        "gone": {"status": MemberStatus.RESIGNED},
    }
    made = {name: make_member(kafjord, name, **fields) for name, fields in kinds.items()}
    block(Channel.EMAIL, "stopp@example.no", BlockReason.COMPLAINT)
    return made


def test_people_are_counted_by_channel_and_the_others_by_reason(kafjord: Branch, people: dict[str, Member]) -> None:
    found = plan(kafjord)
    assert found.by_channel == {Channel.EMAIL: 1}
    assert list(found.left_out.items()) == [
        (Reason.PROTECTED, 1),
        (Reason.UNDER_AGE, 1),
        (Reason.NO_PURPOSE, 1),
        (Reason.NO_CHANNEL, 1),
        (Reason.NO_ADDRESS, 2),
        (Reason.STOPPED, 1),
        (Reason.WRONG, 1),
    ]
    assert (found.people, found.deliveries, found.shared, found.excluded) == (1, 1, 0, 8)


def test_sms_reaches_those_whom_email_does_not_and_a_letter_the_rest(
    kafjord: Branch, people: dict[str, Member]
) -> None:
    found = plan(kafjord, way=Way.BOTH, with_letters=True)
    assert found.by_channel == {Channel.EMAIL: 1, Channel.SMS: 2, Channel.LETTER: 1}
    assert found.letters == 1
    assert found.deliveries == 3
    assert found.left_out == {
        Reason.PROTECTED: 1,
        Reason.UNDER_AGE: 1,
        Reason.NO_PURPOSE: 1,
        Reason.STOPPED: 1,
        Reason.WRONG: 1,
    }


def test_why_not_is_said_of_the_channel_that_would_have_been_used(kafjord: Branch) -> None:
    make_member(kafjord, "reserved", email="", no_sms=True)
    make_member(kafjord, "bounced", email_bounced_on=TODAY, no_sms=True)
    assert plan(kafjord, way=Way.BOTH).left_out == {Reason.NO_CHANNEL: 1, Reason.WRONG: 1}
    assert plan(kafjord, way=Way.SMS).left_out == {Reason.NO_CHANNEL: 2}
    assert plan(kafjord, way=Way.EMAIL).left_out == {Reason.NO_ADDRESS: 1, Reason.WRONG: 1}


@pytest.mark.parametrize("way", list(Way))
@pytest.mark.parametrize("with_letters", [False, True])
@pytest.mark.parametrize("purpose", [Purpose.NEWSLETTER, Purpose.SERVICE, Purpose.FUNDRAISING])
def test_the_lists_hold_just_those_who_were_counted(
    kafjord: Branch, people: dict[str, Member], way: Way, with_letters: bool, purpose: Purpose
) -> None:
    asked: dict[str, Any] = {"way": way, "with_letters": with_letters, "purpose": purpose}
    found = plan(kafjord, **asked)
    assert found.people + found.excluded == 9
    for reason in Reason:
        if reason not in (Reason.SHARED, Reason.NONE):
            assert len(left_out(kafjord, reason, **asked)) == found.left_out.get(reason, 0)


def test_a_household_shares_one_copy_whatever_the_letters_of_the_address(kafjord: Branch) -> None:
    for name, email in {"Kari": "heime@example.no", "Ola": " Heime@Example.no", "Per": "per@example.no"}.items():
        make_member(kafjord, name, email=email)
    found = plan(kafjord)
    assert (found.people, found.deliveries, found.shared, found.excluded) == (3, 2, 1, 0)
    assert left_out(kafjord, Reason.SHARED) == {"Kari", "Ola"}


def test_what_is_personal_is_shared_by_nobody(kafjord: Branch) -> None:
    for name in ("Kari", "Ola"):
        make_member(kafjord, name, email="heime@example.no")
    found = plan(kafjord, is_personal=True)
    assert (found.people, found.deliveries, found.shared) == (2, 2, 0)


def test_where_the_text_names_the_branch_only_those_of_one_branch_share(county: Branch, kafjord: Branch) -> None:
    harstad = make_branch(county, "Harstad")
    for name, branch in {"Kari": kafjord, "Ola": kafjord, "Per": harstad}.items():
        make_member(branch, name, email="heime@example.no")
    assert plan(county, same_branch=True).deliveries == 2
    assert plan(county).deliveries == 1
    assert plan(county, same_branch=True, is_personal=True).deliveries == 3


def test_two_with_one_number_get_one_sms(kafjord: Branch) -> None:
    for name in ("Kari", "Ola"):
        make_member(kafjord, name, mobile="+4740000001")
    assert plan(kafjord, way=Way.SMS).addresses == {Channel.SMS: 1}


def test_letters_are_one_each(kafjord: Branch) -> None:
    for name in ("Kari", "Ola"):
        make_member(kafjord, name, email="", street="Veien 1", postal_code="9144")
    found = plan(kafjord, with_letters=True)
    assert (found.letters, found.deliveries, found.shared) == (2, 0, 0)


def test_a_plan_is_one_query_however_many(kafjord: Branch, django_assert_num_queries: Any) -> None:
    make_member(kafjord)
    with django_assert_num_queries(1):
        plan(kafjord, way=Way.BOTH, with_letters=True)


def test_the_plan_of_very_many_is_remembered_for_a_minute(
    kafjord: Branch, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any
) -> None:
    for email in ("ane@example.no", "ane@example.no", ""):
        make_member(kafjord, email=email, mobile="+4740000001")
    monkeypatch.setattr("messaging.audience.plan.REMEMBERED_OVER", 2)
    asked: dict[str, Any] = {"way": Way.BOTH, "with_letters": True}
    found = plan(kafjord, **asked)
    with django_assert_num_queries(0):
        assert plan(kafjord, **asked) == found
    assert (found.people, found.deliveries, found.shared) == (3, 2, 1)
    # Another question is another plan, and so is that of few.
    assert plan(kafjord, way=Way.EMAIL).left_out == {Reason.NO_ADDRESS: 1}
    make_member(kafjord, no_newsletter=True)
    assert plan(kafjord, **asked) == found
    cache.clear()
    monkeypatch.setattr("messaging.audience.plan.REMEMBERED_OVER", 4)
    assert plan(kafjord, **asked).excluded == 1
    make_member(kafjord)
    assert plan(kafjord, **asked).people == 4


def test_nobody_is_a_plan_too(kafjord: Branch) -> None:
    assert plan(kafjord) == Plan()
    assert plan(kafjord).people == 0


def test_officers_are_reached_where_they_sign_in(kafjord: Branch) -> None:
    make_officer(kafjord, Role.BRANCH_LEADER, email="leder@demo.example")
    blocked = make_officer(kafjord, Role.BRANCH_LEADER, email="Borte@demo.example", phone="+4740000002")
    make_officer(kafjord, Role.BRANCH_LEADER, email="klage@demo.example")
    block(Channel.EMAIL, str(blocked.email).lower(), BlockReason.HARD)
    block(Channel.EMAIL, "klage@demo.example", BlockReason.COMPLAINT)
    leaders: dict[str, Any] = {"kind": "officers", "roles": ["branch_leader"]}
    assert plan(kafjord, leaders) == Plan({Channel.EMAIL: 1}, {Channel.EMAIL: 1}, {Reason.STOPPED: 1, Reason.WRONG: 1})
    both = plan(kafjord, leaders, way=Way.BOTH)
    assert both.by_channel == {Channel.EMAIL: 1, Channel.SMS: 1}
    assert both.left_out == {Reason.STOPPED: 1}
    assert plan(kafjord, leaders, way=Way.SMS).left_out == {Reason.NO_ADDRESS: 2}


def test_one_previews_as_those_with_the_longest_names(county: Branch, kafjord: Branch) -> None:
    make_member(kafjord, "Bo", "Li")
    make_member(kafjord, "Ane", "Guttormsen-Haugland-Fjellvær")
    make_member(kafjord, "Ingebjørg-Marie", "Bø")
    make_member(make_branch(county, "Gáivuotna – Kåfjord – Kaivuono"), "Per", "Å")
    make_member(kafjord, "Utilgjengelig-Johannes-Martin", "Nes", email="")
    values: dict[str, Any] = {"way": Way.EMAIL, "with_letters": False, "purpose": Purpose.NEWSLETTER, "today": TODAY}
    shown = [member.first_name for member in sample(county, ALL, **values)]
    assert shown == ["Ane", "Ingebjørg-Marie", "Per", "Bo"]
    assert len(sample(county, ALL, limit=2, **values)) == 2
    assert sample(county, {"kind": "officers", "roles": ["treasurer"]}, **values) == []
