"""The receipt of leaving, and “this was not me”."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from time_machine import Traveller

from accounts.enums import Verb
from accounts.models import AuditEvent, User
from membership.enums import AddressProtection, MemberStatus
from membership.models import Branch, Member
from membership.roles import Role
from messaging.enums import BlockReason, Channel, Purpose
from messaging.models import Delivery
from privacy.actions.departures import come_back, leave
from privacy.actions.links import forget_links
from privacy.enums import TOLD, LeaveWay
from privacy.models import AccessLink, Departure, PrivacySettings
from tests.factories import NOW, TODAY, make_branch, make_county, make_officer
from tests.privacy.linking import SPOIL, block, link_in, member_of, opened, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def branch() -> Branch:
    return make_branch(make_county())


@pytest.fixture
def member(branch: Branch) -> Member:
    return member_of(branch)


@pytest.fixture
def officer(branch: Branch) -> User:
    return make_officer(branch)


def left(member: Member, way: LeaveWay = LeaveWay.LINK, by: User | None = None) -> Departure:
    return leave(member, way=way, left_on=TODAY, by=by, now=NOW, today=TODAY)


def receipts() -> dict[str, Delivery]:
    """By the channel they went by."""
    return {one.channel: one for one in Delivery.objects.filter(key__startswith="left:")}


def undo_link(member: Member) -> str:
    left(member)
    return link_in(receipts()["email"])


# --- The receipt -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", TOLD)
def test_every_address_gets_one(member: Member, way: LeaveWay) -> None:
    departure = left(member, way)
    assert {one.address for one in receipts().values()} == {member.email, member.mobile}
    assert {one.purpose for one in receipts().values()} == {Purpose.NOTICE}
    assert not departure.receipt_by_letter
    said = "strøket" if way == LeaveWay.UNPAID else "Du er meldt ut"
    for one in receipts().values():
        assert said in one.body
        assert "27. november 2026" in one.body


@pytest.mark.parametrize("way", sorted(set(LeaveWay) - set(TOLD)))
def test_of_a_death_nobody_gets_any(member: Member, way: LeaveWay) -> None:
    assert not left(member, way).receipt_by_letter
    assert not Delivery.objects.exists()
    assert not AccessLink.objects.exists()


def test_each_holds_a_link_of_its_own_that_undoes_it(member: Member) -> None:
    left(member)
    paths = {link_in(one) for one in receipts().values()}
    assert len(paths) == 2
    for path in paths:
        assert "Var det ikke deg?" in opened(Client(), path)


@pytest.mark.parametrize("reason", list(BlockReason))
def test_nothing_goes_to_an_address_that_does_not_work(member: Member, reason: BlockReason) -> None:
    block(Channel.EMAIL, member.email, reason)
    left(member)
    assert list(receipts()) == ["sms"]


def test_where_nothing_works_a_letter_is_to_be_printed(branch: Branch, member: Member) -> None:
    block(Channel.SMS, member.mobile, BlockReason.STOPP)
    Member.objects.filter(pk=member.pk).update(email_bounced_on=TODAY)
    bare = member_of(branch, email="", mobile="", mobile_ok=False)
    for one in (member, bare):
        left(one)
        assert Departure.objects.get(member=one).receipt_by_letter
    assert not Delivery.objects.exists()


# What files bring, and no mail can be sent to.
@pytest.mark.parametrize("email", ["bjørn@x.no", "ola..n@x.no", "a@b"])
def test_an_address_that_is_none_keeps_nobody_from_leaving(client: Client, branch: Branch, email: str) -> None:
    member = member_of(branch, email=email, mobile="", mobile_ok=False)
    assert left(member).receipt_by_letter
    assert receipts() == {}


def test_an_address_that_is_none_gives_way_to_the_number(branch: Branch) -> None:
    member = member_of(branch, email="ola..n@x.no")
    assert not left(member).receipt_by_letter
    assert set(receipts()) == {"sms"}


def test_the_strictly_protected_get_email_only(branch: Branch) -> None:
    left(member_of(branch, address_protection=AddressProtection.STRICT))
    assert list(receipts()) == ["email"]


def test_one_who_has_an_address_alone_is_not_named(member: Member) -> None:
    left(member)
    for one in receipts().values():
        for secret in (member.first_name, member.last_name, member.member_number):
            assert secret not in one.subject + one.body
    sms = receipts()["sms"]
    assert "Ap" not in sms.sender_name
    assert "rbeiderparti" not in sms.body


def test_where_several_share_an_address_each_knows_whom_it_is_about(branch: Branch) -> None:
    ane, berit = (member_of(branch, name, email="familien@example.no") for name in ("Ane", "Berit"))
    left(ane)
    mail = receipts()["email"]
    assert "Hei Ane," in mail.body
    for secret in (ane.last_name, ane.member_number, berit.first_name):
        assert secret not in mail.body
    assert "Ane" not in receipts()["sms"].body


def test_a_couple_who_leave_together_are_told_apart(member: Member) -> None:
    """The first has left when the second does; both read the same mailbox, and one may undo it for the other."""
    left(member)
    wife = member_of(member.branch, "Berit", email=member.email, mobile="", mobile_ok=False)
    departure = left(wife)
    assert "Berit" in Delivery.objects.get(key=f"left:{departure.pk}:email").body


def test_the_text_is_kept_no_longer_than_its_link(member: Member) -> None:
    left(member)
    for one in receipts().values():
        assert one.wipe_at <= NOW + timedelta(days=14)


# --- “This was not me” -----------------------------------------------------------------------------------------------


def test_a_mail_scanner_undoes_nothing(client: Client, member: Member) -> None:
    path = undo_link(member)
    for _ in range(3):
        opened(client, path)
        client.head(path)
    member.refresh_from_db()
    assert member.status == MemberStatus.RESIGNED
    assert not AccessLink.objects.filter(spent_at__isnull=False).exists()


def test_one_press_and_all_is_as_before(client: Client, member: Member, officer: User) -> None:
    path = undo_link(member)
    response = client.post(path)
    assert response["Location"] == "/ikke-meg/"
    assert "Du er medlem som før." in text_of(client.get("/ikke-meg/"))
    member.refresh_from_db()
    assert (member.status, member.left_on) == (MemberStatus.MEMBER, None)
    departure = Departure.objects.get()
    assert (departure.returned_at, departure.returned_by) == (NOW, None)
    assert AuditEvent.objects.get(verb=Verb.MEMBER_RETURNED).actor_id is None
    told = set(Delivery.objects.filter(key__startswith="back:").values_list("address", flat=True))
    assert told == {member.email, member.mobile}


def test_the_officers_are_told_and_read_no_name(client: Client, member: Member, branch: Branch) -> None:
    officer, caller = make_officer(branch), make_officer(branch, Role.CALLER)
    above = make_officer(branch.county or branch, Role.COUNTY_MEMBERSHIP_OFFICER)
    client.post(undo_link(member))
    letters = Delivery.objects.filter(key__startswith="not_me:")
    assert [one.address for one in letters] == [officer.email]
    assert {caller.email, above.email}.isdisjoint({one.address for one in Delivery.objects.all()})
    text = letters[0].subject + letters[0].body
    assert f"/lag/{branch.slug}/medlemmer/{member.pk}/" in text
    for secret in (member.first_name, member.last_name, member.member_number, member.email, member.mobile):
        assert secret not in text


def test_a_branch_without_an_officer_has_the_countys(client: Client, member: Member, branch: Branch) -> None:
    above = make_officer(branch.county or branch, Role.COUNTY_MEMBERSHIP_OFFICER)
    client.post(undo_link(member))
    assert [one.address for one in Delivery.objects.filter(key__startswith="not_me:")] == [above.email]


def test_the_page_names_nobody(client: Client, member: Member) -> None:
    page = opened(client, undo_link(member))
    for secret in (member.first_name, member.last_name, member.email, member.member_number):
        assert secret not in page


def test_the_other_link_is_worth_nothing_once_one_is_used(client: Client, member: Member) -> None:
    path = undo_link(member)
    other = link_in(receipts()["sms"])
    client.post(path)
    assert client.get(other).status_code == 404
    assert client.post(other).status_code == 404
    assert Delivery.objects.filter(key__startswith="not_me:").count() == 0
    assert Delivery.objects.filter(key__startswith="back:").count() == 2


def test_an_officer_who_took_it_back_was_quicker(client: Client, member: Member, officer: User) -> None:
    path = undo_link(member)
    come_back(Departure.objects.get(), by=officer, now=NOW, today=TODAY)
    for response in (client.get(path), client.post(path)):
        assert response.status_code == 404


def test_an_old_receipt_undoes_no_later_leaving(client: Client, member: Member) -> None:
    first = undo_link(member)
    other = link_in(receipts()["sms"])
    client.post(first)
    left(member)
    assert client.post(other).status_code == 404
    member.refresh_from_db()
    assert member.status == MemberStatus.RESIGNED


@pytest.mark.parametrize("how", sorted(SPOIL))
def test_a_link_that_undoes_nothing_has_one_page(client: Client, member: Member, clock: Traveller, how: str) -> None:
    path = SPOIL[how](undo_link(member), member, clock)
    forged = text_of(client.get(f"/ikke-meg/{'a' * 43}/"))
    for response in (client.get(path), client.post(path)):
        assert response.status_code == 404
        assert text_of(response) == forged
    assert "Etter det må du skrive til fylkespartiet" in forged
    left_now = Member.objects.filter(pk=member.pk, status=MemberStatus.RESIGNED).exists()
    assert left_now == (how not in {"twice", "erased"})


def test_the_page_of_no_link_says_whom_to_write_to(client: Client, branch: Branch) -> None:
    county = branch.county
    assert county is not None
    PrivacySettings.objects.create(county=county, contact_email="personvern@example.no", contact_phone="+47000123")
    page = text_of(client.get("/ikke-meg/tull/"))
    assert "personvern@example.no" in page
    assert county.name in page


def test_it_cannot_be_undone_from_another_site(member: Member) -> None:
    assert Client(enforce_csrf_checks=True).post(undo_link(member)).status_code == 403


# --- Links go --------------------------------------------------------------------------------------------------------


def test_links_that_open_nothing_go(client: Client, member: Member) -> None:
    path = undo_link(member)
    assert forget_links(now=NOW) == 0
    client.post(path)
    assert forget_links(now=NOW) == 1
    assert forget_links(now=NOW + timedelta(days=14)) == 1
    assert forget_links(now=NOW + timedelta(days=14)) == 0
