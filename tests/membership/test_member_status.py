"""The status, the marks, and the protected address: who may, when, and what follows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.enums import Verb
from accounts.models import AuditEvent, User
from dues.enums import ClaimState
from membership.actions.member_editing import NotHere
from membership.actions.member_status import WAYS, StatusChanged, set_status
from membership.enums import AddressProtection, MemberStatus
from membership.extensions import registry
from membership.models import Branch, BranchSummary, Member, MemberChange
from membership.roles import Role
from tests.factories import NOW, TODAY, make_branch, make_claim, make_county, make_member, make_officer

pytestmark = pytest.mark.django_db


@pytest.fixture
def county() -> Branch:
    return make_county()


@pytest.fixture
def kafjord(county: Branch) -> Branch:
    return make_branch(county, "Kåfjord")


@pytest.fixture
def user(kafjord: Branch) -> User:
    return make_officer(kafjord)


@pytest.fixture
def officer(user: User, client_for: Callable[..., Client]) -> Client:
    return client_for(user)


def at(name: str, member: Member) -> str:
    return reverse(f"membership:{name}", args=[member.branch.slug, member.pk])


def send(client: Client, member: Member, to: str, on: str = "19.11.2026", **more: Any) -> Any:
    return client.post(at("member_status", member), {"to": to, "on": on, "expected": member.status, **more})


def test_a_member_who_is_put_out_is_written_down_with_the_day(kafjord: Branch, officer: Client) -> None:
    member = make_member(kafjord)
    claim = make_claim(member)
    assert send(officer, member, MemberStatus.EXPELLED).status_code == 302
    member.refresh_from_db()
    assert (member.status, member.left_on) == (MemberStatus.EXPELLED, date(2026, 11, 19))
    summary = BranchSummary.objects.get(branch=kafjord)
    assert (summary.members, summary.left) == (0, 1)
    claim.refresh_from_db()
    assert claim.state == ClaimState.CANCELLED
    assert set(MemberChange.objects.of([member.pk]).values_list("field", flat=True)) == {"status", "left_on"}


def test_the_doors_one_leaves_by_stand_on_the_page_each_with_what_it_is(kafjord: Branch, officer: Client) -> None:
    for status in (MemberStatus.MEMBER, MemberStatus.APPLIED):
        member = make_member(kafjord, status=status)
        page = officer.get(at("member_status", member)).text
        for door in registry.doors:
            assert reverse(door.url_name, args=[kafjord.slug, member.pk]) in page
            assert str(door.label) in page
            assert str(door.explain) in page


def test_nobody_is_put_out_by_a_hasty_press(kafjord: Branch, officer: Client) -> None:
    assert " checked" not in officer.get(at("member_status", make_member(kafjord))).text
    assert " checked" in officer.get(at("member_status", make_member(kafjord, status=MemberStatus.EXPELLED))).text


@pytest.mark.parametrize("to", [MemberStatus.RESIGNED, MemberStatus.DECEASED])
def test_nobody_leaves_or_dies_by_the_status_alone(kafjord: Branch, officer: Client, to: str) -> None:
    member = make_member(kafjord)
    assert send(officer, member, to).status_code == 422
    assert Member.objects.get(pk=member.pk).status == MemberStatus.MEMBER


@pytest.mark.parametrize("status", [MemberStatus.RESIGNED, MemberStatus.DECEASED])
def test_one_who_has_left_is_not_put_right_here(kafjord: Branch, officer: Client, status: str) -> None:
    member = make_member(kafjord, status=status, left_on=date(2026, 1, 1))
    assert officer.get(at("member_status", member)).status_code == 404
    assert send(officer, member, "member").status_code == 404
    assert Member.objects.get(pk=member.pk).status == status


def test_an_applicant_is_taken_up_and_joins_that_day(kafjord: Branch, officer: Client) -> None:
    member = make_member(kafjord, status=MemberStatus.APPLIED, joined_on=None)
    assert "Ta opp som medlem" in officer.get(at("member_status", member)).text
    send(officer, member, "member", "18112026")
    member.refresh_from_db()
    assert (member.status, member.joined_on, member.left_on) == ("member", date(2026, 11, 18), None)
    assert BranchSummary.objects.get(branch=kafjord).members == 1


def test_a_mistake_is_put_right(kafjord: Branch, officer: Client) -> None:
    member = make_member(kafjord, status=MemberStatus.EXPELLED, left_on=date(2026, 1, 1), joined_on=date(2001, 2, 3))
    send(officer, member, "member")
    member.refresh_from_db()
    assert (member.status, member.left_on, member.joined_on) == ("member", None, date(2001, 2, 3))


@pytest.mark.parametrize(
    ("to", "on", "said"),
    [
        ("expelled", "21.11.2026", "Datoen er fram i tid"),
        ("expelled", "14.01.2020", "Datoen er før dagen medlemmet meldte seg inn"),
        ("expelled", "", "Skriv datoen"),
        ("", "19.11.2026", "Velg hva som har skjedd"),
        ("applied", "19.11.2026", "Velg"),
        ("tull", "19.11.2026", "Velg"),
    ],
)
def test_what_cannot_be_is_refused_and_kept_as_typed(
    kafjord: Branch, officer: Client, to: str, on: str, said: str
) -> None:
    member = make_member(kafjord, joined_on=date(2020, 1, 15))
    answer = send(officer, member, to, on)
    assert answer.status_code == 422
    assert said in answer.text
    assert not on or f'value="{on}"' in answer.text
    assert not MemberChange.objects.exists()


def test_under_fifteen_is_not_taken_up_without_consent(kafjord: Branch, officer: Client) -> None:
    member = make_member(kafjord, status=MemberStatus.APPLIED, birth_year=2012)
    answer = send(officer, member, "member")
    assert answer.status_code == 422
    assert "under 15" in answer.text
    Member.objects.filter(pk=member.pk).update(guardian_name="Mor", guardian_consent_on=TODAY)
    assert send(officer, member, "member").status_code == 302


def test_of_two_the_second_is_told(kafjord: Branch, officer: Client) -> None:
    member = make_member(kafjord)
    send(officer, member, "expelled")
    answer = officer.post(
        at("member_status", member), {"to": "expelled", "on": "18.11.2026", "expected": "member"}, follow=True
    )
    assert Member.objects.get(pk=member.pk).left_on == date(2026, 11, 19)
    assert answer.status_code in {200, 422}
    assert MemberChange.objects.filter(field="status").count() == 1


def test_a_form_made_from_another_status_is_refused(kafjord: Branch, user: User) -> None:
    member = make_member(kafjord)
    how: Any = {"branch": kafjord, "on": TODAY, "by": user, "now": NOW, "today": TODAY}
    with pytest.raises(StatusChanged):
        set_status(member, to=MemberStatus.EXPELLED, expected=MemberStatus.APPLIED, **how)
    assert Member.objects.get(pk=member.pk).status == MemberStatus.MEMBER


def test_there_is_no_other_way_than_those_in_the_table(kafjord: Branch, user: User) -> None:
    for status in MemberStatus:
        member = make_member(kafjord, status=status, joined_on=None)
        for to in set(MemberStatus) - set(WAYS[status]):
            with pytest.raises((StatusChanged, NotHere)):
                set_status(member, branch=kafjord, to=to, on=TODAY, expected=status, by=user, now=NOW, today=TODAY)


@pytest.mark.parametrize("role", [Role.CALLER, Role.TREASURER, Role.BRANCH_LEADER, Role.RECRUITMENT_OFFICER])
def test_nobody_but_an_officer_changes_a_status(kafjord: Branch, client_for: Callable[..., Client], role: Role) -> None:
    member = make_member(kafjord)
    client = client_for(make_officer(kafjord, role))
    for name in ("member_status", "member_checked", "member_bounced", "member_edit"):
        assert client.post(at(name, member), {"to": "resigned", "on": "19.11.2026"}).status_code == 404
    assert Member.objects.get(pk=member.pk).status == MemberStatus.MEMBER
    assert not MemberChange.objects.exists()


def test_a_record_is_marked_as_checked(kafjord: Branch, officer: Client) -> None:
    member = make_member(kafjord)
    text = officer.post(at("member_checked", member), follow=True).text
    assert Member.objects.get(pk=member.pk).checked_on == TODAY
    assert "Sjekket 20. november 2026" in text
    officer.post(at("member_checked", member))
    assert MemberChange.objects.count() == 1


def test_email_that_came_back_is_marked_and_unmarked(kafjord: Branch, officer: Client) -> None:
    member = make_member(kafjord)
    text = officer.post(at("member_bounced", member), follow=True).text
    assert Member.objects.get(pk=member.pk).email_bounced_on == TODAY
    assert "Kom i retur 20. november 2026" in text
    officer.post(at("member_bounced", member), {"angre": "1"})
    assert Member.objects.get(pk=member.pk).email_bounced_on is None


# --- The protected address -------------------------------------------------------------------------------------------


SECRET = {"care_of": "Vertskap", "street": "Hemmeligveien 3", "postal_code": "9144", "city": "Skjultby"}


@pytest.fixture
def protected(kafjord: Branch) -> Member:
    return make_member(kafjord, address_protection=AddressProtection.STRICT, **SECRET)


def test_the_one_named_role_opens_it_with_a_reason_once_and_it_is_logged(
    protected: Member, client_for: Callable[..., Client]
) -> None:
    client = client_for(make_officer(protected.county, Role.COUNTY_SECRETARY))
    url = at("member_address", protected)
    asked = client.get(url)
    assert not any(word in asked.text for word in SECRET.values())
    opened = client.post(url, {"reason": "letter", "text": "fritekst"})
    assert all(word in opened.text for word in SECRET.values())
    assert opened.headers["Cache-Control"] == "no-store"
    assert "strict" not in opened.text.partition("<main")[2]
    event = AuditEvent.objects.get(verb=Verb.PROTECTED_OPENED)
    assert event.details == {"reason": "letter"}
    assert event.object_id == str(protected.pk)
    assert not any(word in client.get(url).text for word in SECRET.values())


@pytest.mark.parametrize("reason", ["", "because", "letter "])
def test_without_a_reason_from_the_list_it_stays_shut(
    protected: Member, client_for: Callable[..., Client], reason: str
) -> None:
    client = client_for(make_officer(protected.county, Role.COUNTY_SECRETARY))
    answer = client.post(at("member_address", protected), {"reason": reason})
    assert answer.status_code == 422
    assert not any(word in answer.text for word in SECRET.values())
    assert not AuditEvent.objects.filter(verb=Verb.PROTECTED_OPENED).exists()


@pytest.mark.parametrize("role", [Role.MEMBERSHIP_OFFICER, Role.COUNTY_MEMBERSHIP_OFFICER, Role.TREASURER])
def test_other_roles_find_no_such_page(protected: Member, client_for: Callable[..., Client], role: Role) -> None:
    client = client_for(make_officer(protected.county, role))
    assert client.get(at("member_address", protected)).status_code == 404
    assert client.post(at("member_address", protected), {"reason": "letter"}).status_code == 404


def test_an_address_that_is_not_protected_needs_no_opening(kafjord: Branch, client_for: Callable[..., Client]) -> None:
    member = make_member(kafjord, street="Veien 1")
    client = client_for(make_officer(kafjord, Role.COUNTY_SECRETARY))
    assert client.post(at("member_address", member), {"reason": "letter"}).status_code == 302
    assert not AuditEvent.objects.filter(verb=Verb.PROTECTED_OPENED).exists()
