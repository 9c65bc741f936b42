"""Whom a message is for: read again each time, and never wider than it says."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from accounts.models import User
from membership.access import Access, access_of
from membership.enums import MemberStatus
from membership.models import Branch, SavedView
from membership.roles import Permission, Role
from messaging.audience import (
    Choice,
    NotAnAudience,
    choices_for,
    label_of,
    members_audience,
    members_of,
    people_audience,
    rights_behind,
    still_asked,
    users_of,
)
from messaging.enums import MessageState, Purpose
from messaging.extensions import AudienceSource, Recheck, registry
from tests.access_mail import make_message
from tests.factories import TODAY, make_branch, make_member, make_officer, make_tag, make_unpaid

pytestmark = pytest.mark.django_db

ALL: dict[str, Any] = {"kind": "members", "params": {}}


@pytest.fixture
def source() -> Iterator[AudienceSource]:
    """An app above whose people are those called Ane, wherever they are."""

    def members(branch: Branch, params: Any, today: date) -> Any:
        if params.get("id") != 7:
            raise NotAnAudience("unknown")
        return type(branch)._default_manager.get(pk=branch.root_id).members.filter(first_name="Ane")

    added = AudienceSource("meeting", Permission.VIEW_TARGETS, lambda branch, today: [({"id": 7}, "Årsmøtet")], members)
    registry.audiences.append(added)
    yield added
    registry.audiences.remove(added)


def names(found: Any) -> set[str]:
    return {person.first_name for person in found}


def test_everybody_is_the_current_members_of_the_branch_and_under_it(county: Branch, kafjord: Branch) -> None:
    make_member(county, "Ada")
    make_member(kafjord, "Bo")
    make_member(kafjord, "Ute", status=MemberStatus.RESIGNED)
    assert names(members_of(kafjord, ALL, TODAY)) == {"Bo"}
    assert names(members_of(county, ALL, TODAY)) == {"Ada", "Bo"}


def test_a_view_is_read_by_the_registers_own_filters(county: Branch, kafjord: Branch) -> None:
    make_unpaid(kafjord, "Ane")
    make_member(kafjord, "Bo", email="")
    make_unpaid(make_branch(county, "Harstad"), "Cora")
    unpaid = {"kind": "members", "params": {"kontingent": "2026-ubetalt"}}
    assert names(members_of(county, unpaid, TODAY)) == {"Ane", "Cora"}
    narrowed = {"kind": "members", "params": {"kontingent": "2026-ubetalt", "lag": kafjord.slug}}
    assert names(members_of(county, narrowed, TODAY)) == {"Ane"}
    assert names(members_of(kafjord, {"kind": "members", "params": {"epost": "mangler"}}, TODAY)) == {"Bo"}


def test_a_group_is_a_view_too(county: Branch, kafjord: Branch) -> None:
    ane = make_member(kafjord, "Ane")
    make_member(kafjord, "Bo")
    group = {"kind": "members", "params": {"gruppe": str(make_tag(county, "Samisk forum", ane).pk)}}
    assert names(members_of(kafjord, group, TODAY)) == {"Ane"}


def test_who_has_left_is_never_written_to(kafjord: Branch) -> None:
    make_member(kafjord, "Ute", status=MemberStatus.RESIGNED)
    assert not members_of(kafjord, {"kind": "members", "params": {"status": "resigned"}}, TODAY)


@pytest.mark.parametrize(
    "audience",
    [
        {},
        {"kind": "everyone"},
        {"kind": "members"},
        {"kind": "members", "params": None},
        {"kind": "members", "params": {"tull": "1"}},
        {"kind": "members", "params": {"kontingent": "tull"}},
        {"kind": "members", "params": {"fra": "i fjor"}},
        {"kind": "members", "params": {"lag": "et-annet-sted"}},
        {"kind": "members", "params": {"epost": ["mangler"]}},
        {"kind": "members", "params": {"gruppe": "9999999"}},
        {"kind": "people"},
        {"kind": "people", "ids": []},
        {"kind": "people", "ids": "1,2"},
        {"kind": "people", "ids": [True]},
        {"kind": "people", "ids": ["1"]},
        {"kind": "people", "ids": [-1]},
        {"kind": "people", "ids": [2**70]},
        {"kind": "people", "ids": [1] * 20_001},
        {"kind": "officers"},
        {"kind": "officers", "roles": []},
        {"kind": "officers", "roles": ["king"]},
        {"kind": "officers", "roles": [["treasurer"]]},
        {"kind": "officers", "roles": ["caller"]},
    ],
)
def test_what_cannot_be_read_is_refused_not_sent_to_all(kafjord: Branch, audience: dict[str, Any]) -> None:
    make_member(kafjord)
    with pytest.raises(NotAnAudience):
        members_of(kafjord, audience, TODAY)


def test_a_filter_that_one_may_not_use_is_refused_not_left_out(kafjord: Branch) -> None:
    make_member(kafjord)
    unpaid = {"kind": "members", "params": {"kontingent": "2026-ubetalt"}}
    with pytest.raises(NotAnAudience):
        members_of(kafjord, unpaid, TODAY, may={Permission.VIEW_MEMBERS})
    with pytest.raises(NotAnAudience):
        members_of(kafjord, ALL, TODAY, may={Permission.VIEW_DUES})


def test_picked_people_are_those_of_the_branch_alone(county: Branch, kafjord: Branch) -> None:
    ane, other = make_member(kafjord, "Ane"), make_member(county, "Ola")
    picked = people_audience([other.pk, ane.pk, ane.pk])
    assert picked == {"kind": "people", "ids": [ane.pk, other.pk]}
    assert names(members_of(kafjord, picked, TODAY)) == {"Ane"}


def test_officers_are_those_who_hold_the_role_today_in_the_branch_or_under_it(county: Branch, kafjord: Branch) -> None:
    leader = make_officer(kafjord, Role.BRANCH_LEADER, name="Liv")
    treasurer = make_officer(make_branch(county, "Harstad"), Role.TREASURER, name="Kåre")
    make_officer(kafjord, Role.BRANCH_LEADER, name="Borte", is_active=False)
    former = make_officer(kafjord, Role.BRANCH_LEADER, name="Før")
    former.grants.update(ends_on=TODAY)
    both = {"kind": "officers", "roles": ["branch_leader", "treasurer"]}
    assert users_of(county, both, TODAY) == [treasurer, leader]
    assert users_of(kafjord, both, TODAY) == [leader]
    assert not members_of(county, both, TODAY)
    assert users_of(county, ALL, TODAY) == []


def test_a_person_with_two_roles_is_one_recipient(county: Branch, kafjord: Branch) -> None:
    leader = make_officer(kafjord, Role.BRANCH_LEADER)
    leader.grants.create(branch=county, role=Role.BRANCH_LEADER, starts_on=TODAY)
    assert users_of(county, {"kind": "officers", "roles": ["branch_leader"]}, TODAY) == [leader]


def test_an_app_above_adds_its_own_within_the_branch(county: Branch, kafjord: Branch, source: AudienceSource) -> None:
    make_member(kafjord, "Ane")
    make_member(county, "Ane")
    assert members_of(kafjord, {"kind": "meeting", "id": 7}, TODAY).count() == 1
    with pytest.raises(NotAnAudience):
        members_of(kafjord, {"kind": "meeting", "id": 8}, TODAY)
    with pytest.raises(NotAnAudience):
        members_of(kafjord, {"kind": "meeting", "id": 7}, TODAY, may={Permission.VIEW_MEMBERS})


# --- Choosing ---------------------------------------------------------------------------------------------------------


def chosen(branch: Branch, user: User) -> dict[str, Choice]:
    access = access_of(user, branch, on=TODAY)
    return {choice.key: choice for choice in choices_for(branch, user=user, access=access, today=TODAY)}


def test_one_chooses_among_all_the_views_and_the_officers(
    county: Branch, kafjord: Branch, officer: User, source: AudienceSource
) -> None:
    make_member(kafjord)
    make_officer(kafjord, Role.BRANCH_LEADER)
    view = SavedView.objects.create(
        branch=kafjord, owner=officer, name="Uten e-post", params={"epost": "mangler", "sorter": "navn"}
    )
    found = chosen(kafjord, officer)
    assert list(found) == [
        "alle",
        "fane-ikke-betalt",
        "nye",
        f"visning-{view.pk}",
        "meeting-7",
        "verv-branch_leader",
        "verv-membership_officer",
    ]
    assert found["alle"].text == "Alle medlemmer i Kåfjord Arbeiderparti (1)"
    assert found["nye"].text == "Nye i år"
    assert found[f"visning-{view.pk}"].audience == {"kind": "members", "params": {"epost": "mangler"}}
    assert found["verv-branch_leader"].text == "Ledere (1)"
    assert found["meeting-7"].audience == {"id": 7, "kind": "meeting"}
    for choice in found.values():
        members_of(kafjord, choice.audience, TODAY)
        users_of(kafjord, choice.audience, TODAY)


def test_views_that_would_mean_nobody_or_everybody_are_not_offered(kafjord: Branch, officer: User) -> None:
    for name, params in {
        "Utmeldte": {"status": "resigned"},
        "Tom": {},
        "Ukjent": {"tull": "1"},
        "Ubetalt": {"kontingent": "2026-ubetalt"},
    }.items():
        SavedView.objects.create(branch=kafjord, owner=officer, name=name, params=params)
    assert [choice.label for choice in chosen(kafjord, officer).values() if choice.key.startswith("visning")] == [
        "Ubetalt"
    ]
    without = Access(frozenset({Permission.VIEW_MEMBERS}), frozenset())
    offered = choices_for(kafjord, user=officer, access=without, today=TODAY)
    assert {choice.key for choice in offered} == {"alle", "nye", "verv-membership_officer"}


def test_who_may_not_see_members_chooses_among_officers_only(kafjord: Branch, officer: User) -> None:
    offered = choices_for(kafjord, user=officer, access=Access(frozenset(), frozenset()), today=TODAY)
    assert [choice.key for choice in offered] == ["verv-membership_officer"]


def test_choosing_counts_no_register(kafjord: Branch, officer: User, django_assert_num_queries: Any) -> None:
    for name in ("Ane", "Bo", "Cora"):
        make_member(kafjord, name)
    access = access_of(officer, kafjord, on=TODAY)
    with django_assert_num_queries(4):
        choices_for(kafjord, user=officer, access=access, today=TODAY)
    SavedView.objects.create(branch=kafjord, owner=officer, name="A", params={"epost": "mangler"})
    SavedView.objects.create(branch=kafjord, owner=officer, name="B", params={"epost": "har"})
    with django_assert_num_queries(4):
        choices_for(kafjord, user=officer, access=access, today=TODAY)


def test_filters_from_an_address_become_an_audience(kafjord: Branch) -> None:
    asked = {"epost": "mangler", "sorter": "navn", "side": "2", "status": "member", "lag": "et-annet-sted"}
    assert members_audience(kafjord, asked) == {"kind": "members", "params": {"epost": "mangler"}}


@pytest.mark.parametrize(
    ("audience", "label"),
    [
        (ALL, "Alle medlemmer i Kåfjord Arbeiderparti"),
        ({"kind": "members", "params": {"kontingent": "2026-ubetalt"}}, "Ikke betalt i år"),
        ({"kind": "members", "params": {"fra": "01.01.2026"}}, "Nye i år"),
        ({"kind": "members", "params": {"kontingent": "2025-betalt"}}, "Kontingent: Betalt 2025"),
        (
            {"kind": "members", "params": {"epost": "mangler", "til": "01.02.2020"}},
            "E-post: Uten e-post, Innmeldt til: 01.02.2020",
        ),
        ({"kind": "people", "ids": [1, 2, 3]}, "3 utvalgte medlemmer"),
        ({"kind": "people", "ids": [1]}, "1 utvalgt medlem"),
        ({"kind": "officers", "roles": ["branch_leader", "treasurer"]}, "Ledere, Kasserere"),
        ({"kind": "officers", "roles": ["county_secretary"]}, "Fylkessekretær"),
        ({"kind": "meeting", "id": 7}, "Årsmøtet"),
        ({"kind": "meeting", "id": 8}, "Andre"),
        ({}, "Andre"),
    ],
)
def test_every_audience_has_a_name(
    kafjord: Branch, source: AudienceSource, audience: dict[str, Any], label: str
) -> None:
    assert label_of(kafjord, audience, TODAY).startswith(label)


def test_a_branch_in_the_filters_is_named(county: Branch, kafjord: Branch) -> None:
    audience = {"kind": "members", "params": {"lag": kafjord.slug, "epost": "har"}}
    assert label_of(county, audience, TODAY) == "Kåfjord Arbeiderparti, E-post: Har e-post"
    gone = {"kind": "members", "params": {"lag": "borte"}}
    assert label_of(county, gone, TODAY) == "borte"


# --- At the moment of sending -----------------------------------------------------------------------------------------


def test_it_asks_again_who_it_is_for(kafjord: Branch, county: Branch, officer: User) -> None:
    stays, leaves, moves = (make_unpaid(kafjord, name) for name in ("Ane", "Bo", "Cora"))
    paid = make_member(kafjord, "Dag")
    ids = [stays.pk, leaves.pk, moves.pk, paid.pk]
    unpaid = {"kind": "members", "params": {"kontingent": "2026-ubetalt"}}
    message = make_message(kafjord, officer, MessageState.SENDING, audience=unpaid)
    type(leaves).objects.filter(pk=leaves.pk).update(status=MemberStatus.RESIGNED)
    type(moves).objects.filter(pk=moves.pk).update(branch=county, municipal=None)
    assert still_asked(message, ids, TODAY) == {stays.pk}
    assert still_asked(message, [], TODAY) == set()


def test_nobody_is_asked_where_the_audience_cannot_be_read_any_more(kafjord: Branch, officer: User) -> None:
    member = make_member(kafjord)
    message = make_message(kafjord, officer, audience={"kind": "meeting", "id": 1})
    assert still_asked(message, [member.pk], TODAY) == set()


def test_other_apps_take_out_whom_it_no_longer_concerns(kafjord: Branch, officer: User) -> None:
    stays, goes = make_member(kafjord, "Ane"), make_member(kafjord, "Bo")
    message = make_message(kafjord, officer)
    asked: list[list[int]] = []

    def unconcerned(_message: object, ids: Any, _today: date) -> frozenset[int]:
        asked.append(list(ids))
        return frozenset({goes.pk})

    checks = [Recheck(Purpose.NEWSLETTER, unconcerned), Recheck(Purpose.SURVEYS, lambda *_: frozenset({stays.pk}))]
    registry.rechecks.extend(checks)
    try:
        assert still_asked(message, [stays.pk, goes.pk], TODAY) == {stays.pk}
    finally:
        for check in checks:
            registry.rechecks.remove(check)
    assert asked == [[stays.pk, goes.pk]]


def test_the_rights_behind_a_message_are_its_senders_and_its_approvers(kafjord: Branch, officer: User) -> None:
    message = make_message(kafjord, officer, MessageState.QUEUED)
    assert Permission.SEND_MESSAGES in rights_behind(message, TODAY)
    officer.grants.update(ends_on=TODAY)
    assert rights_behind(message, TODAY) == frozenset()
    message.approved_by = make_officer(kafjord)
    assert Permission.SEND_MESSAGES in rights_behind(message, TODAY)
    message.approved_by.is_active = False
    assert rights_behind(message, TODAY) == frozenset()
