"""The one way in which members change: what follows of itself."""

from datetime import date, timedelta
from typing import Any

import pytest

from accounts.enums import Verb
from accounts.models import AuditEvent, User
from membership.actions.editing import Edit, Pen, create, locked, open_batch, write
from membership.actions.members import derive
from membership.enums import BatchKind, ChangeSource, MemberStatus
from membership.models import Branch, BranchSummary, DuplicateCheck, Member, MemberChange, Placement, Tag
from tests.factories import NOW, TODAY, make_branch, make_claim, make_county, make_member, make_officer

pytestmark = pytest.mark.django_db


@pytest.fixture
def kafjord() -> Branch:
    return make_branch(make_county())


@pytest.fixture
def officer(kafjord: Branch) -> User:
    return make_officer(kafjord)


def pen(by: User | None, source: ChangeSource = ChangeSource.OFFICER, **more: Any) -> Pen:
    return Pen(by, source, NOW, TODAY, **more)


def told(member: Member) -> list[tuple[str, Any, Any]]:
    found = MemberChange.objects.of([member.pk]).in_order()
    return [(change.field, change.before, change.after) for change in found]


def test_a_change_leaves_its_trace_field_by_field(kafjord: Branch, officer: User) -> None:
    member = make_member(kafjord, email="ane@example.no", birth_on=date(1980, 3, 12))
    write([Edit(member, {"email": "ny@example.no", "birth_on": date(1981, 3, 12)})], pen=pen(officer))
    member.refresh_from_db()
    assert (member.email, member.birth_on) == ("ny@example.no", date(1981, 3, 12))
    assert sorted(told(member)) == [
        ("birth_on", "1980-03-12", "1981-03-12"),
        ("email", "ane@example.no", "ny@example.no"),
    ]
    change = MemberChange.objects.of([member.pk]).first()
    assert change is not None
    assert (change.by, change.source, change.at, change.batch) == (officer, ChangeSource.OFFICER, NOW, None)


def test_what_is_equal_already_is_no_change(kafjord: Branch, officer: User) -> None:
    member = make_member(kafjord, email="ane@example.no")
    before = AuditEvent.objects.count()
    assert write([Edit(member, {"email": "ane@example.no"}, kafjord, frozenset())], pen=pen(officer)) == []
    assert not told(member)
    assert AuditEvent.objects.count() == before


def test_the_log_names_fields_and_no_values(kafjord: Branch, officer: User) -> None:
    member = make_member(kafjord)
    write([Edit(member, {"last_name": "Hemmelig", "no_sms": True})], pen=pen(officer))
    line = AuditEvent.objects.filter(verb=Verb.MEMBER_CHANGED).get()
    assert (line.object_id, line.branch_id, line.actor_id) == (str(member.pk), kafjord.pk, officer.pk)
    assert line.details == {"fields": "last_name,no_sms"}


def test_stored_keys_follow_a_new_name(kafjord: Branch, officer: User) -> None:
    member = make_member(kafjord, "Ane", "Berg")
    write([Edit(member, {"last_name": "Åsen"})], pen=pen(officer))
    assert list(kafjord.members.filter(search_text__contains=" åsen")) == [member]
    member.refresh_from_db()
    assert member.sort_key.startswith("zd")


def test_a_move_closes_one_placement_opens_the_next_and_counts_both_branches(kafjord: Branch, officer: User) -> None:
    assert kafjord.parent
    lyngen = make_branch(kafjord.parent, "Lyngen")
    member, _stays = make_member(kafjord), make_member(kafjord)
    claim = make_claim(member)
    write([Edit(member, branch=lyngen)], pen=pen(officer, ChangeSource.MOVE))
    placements = Placement.objects.filter(member=member).order_by("id")
    assert [(row.branch, row.from_on, row.to_on) for row in placements] == [
        (kafjord, date(2020, 1, 15), TODAY),
        (lyngen, TODAY, None),
    ]
    assert told(member) == [("branch", kafjord.pk, lyngen.pk)]
    assert [BranchSummary.objects.get(branch=branch).members for branch in (kafjord, lyngen)] == [1, 1]
    claim.refresh_from_db()
    assert (claim.branch, claim.municipal) == (lyngen, lyngen)
    assert not kafjord.members.filter(pk=member.pk).exists()


def test_groups_are_told_by_id_and_left_alone_where_nothing_is_said(kafjord: Branch, officer: User) -> None:
    assert kafjord.county
    youth, women = (Tag.objects.create(county=kafjord.county, name=name) for name in ("Ungdom", "Kvinner"))
    member = make_member(kafjord)
    write([Edit(member, tags=frozenset({youth.pk}))], pen=pen(officer))
    write([Edit(member, {"no_sms": True})], pen=pen(officer))
    assert list(member.tags.all()) == [youth]
    write([Edit(member, tags=frozenset({women.pk}))], pen=pen(officer))
    assert list(member.tags.all()) == [women]
    assert [row for row in told(member) if row[0] == "tags"] == [
        ("tags", [], [youth.pk]),
        ("tags", [youth.pk], [women.pk]),
    ]


def test_a_new_address_clears_the_mark_that_mail_came_back(kafjord: Branch, officer: User) -> None:
    member = make_member(kafjord, email_bounced_on=TODAY)
    write([Edit(member, {"no_sms": True})], pen=pen(officer))
    member.refresh_from_db()
    assert member.email_bounced_on == TODAY
    write([Edit(member, {"email": "ny@example.no"})], pen=pen(officer))
    member.refresh_from_db()
    assert member.email_bounced_on is None


def test_only_what_says_who_one_is_asks_for_duplicates(kafjord: Branch, officer: User) -> None:
    member = make_member(kafjord)
    write([Edit(member, {"no_sms": True})], pen=pen(officer))
    assert not DuplicateCheck.objects.exists()
    for email in ("en@example.no", "to@example.no"):
        write([Edit(member, {"email": email})], pen=pen(officer))
    assert DuplicateCheck.objects.get().member_id == member.pk


def test_leaving_cancels_what_was_asked_of_the_member(kafjord: Branch, officer: User) -> None:
    member = make_member(kafjord)
    claim = make_claim(member)
    write([Edit(member, {"status": MemberStatus.RESIGNED, "left_on": TODAY})], pen=pen(officer))
    claim.refresh_from_db()
    assert claim.state == "cancelled"
    assert BranchSummary.objects.get(branch=kafjord).members == 0


def test_new_members_stand_in_a_branch_and_know_what_they_came_in_with(kafjord: Branch, officer: User) -> None:
    batch = open_batch(kafjord, kind=BatchKind.IMPORT, by=officer, now=NOW, count=1)
    member = Member(member_number="77", first_name="Ola", last_name="Vik", joined_on=date(2026, 2, 1))
    derive(member, kafjord)
    (made,) = create([member], pen=pen(officer, ChangeSource.IMPORT, batch=batch))
    assert made.created_in == batch
    assert [(row.branch, row.from_on) for row in made.placements.all()] == [(kafjord, date(2026, 2, 1))]
    assert BranchSummary.objects.get(branch=kafjord).members == 1
    assert batch.undo_until_at == NOW + timedelta(days=14)


def test_nothing_is_half_done_when_an_app_that_follows_fails(
    kafjord: Branch, officer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    from membership.extensions import registry

    def fail(_ids: object) -> None:
        raise RuntimeError("the ledger is broken")

    monkeypatch.setattr(registry, "member_changed", [fail])
    member = make_member(kafjord, "Ane")
    with pytest.raises(RuntimeError):
        write([Edit(member, {"first_name": "Eva"})], pen=pen(officer))
    assert Member.objects.get(pk=member.pk).first_name == "Ane"
    assert not MemberChange.objects.exists()


def test_members_are_locked_in_one_order(kafjord: Branch) -> None:
    people = [make_member(kafjord, name) for name in ("Åse", "Bo", "Ane")]
    assert locked(kafjord.members) == sorted(people, key=lambda member: member.pk)
