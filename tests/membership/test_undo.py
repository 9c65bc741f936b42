"""Taking back a piece of work, without losing what came after it."""

from datetime import date, timedelta

import pytest

from accounts.enums import Verb
from accounts.models import AuditEvent, User
from common.policy import keep
from membership.actions.editing import Edit, Pen, create, open_batch, write
from membership.actions.members import derive
from membership.actions.undo import TooLate, forget_stores, obstacles, undo
from membership.enums import BatchKind, ChangeSource, MemberStatus
from membership.models import Branch, BranchSummary, ChangeBatch, Member, MemberChange, Merge, Placement, Tag
from tests.factories import NOW, TODAY, make_branch, make_county, make_member, make_officer

pytestmark = pytest.mark.django_db


@pytest.fixture
def kafjord() -> Branch:
    return make_branch(make_county())


@pytest.fixture
def officer(kafjord: Branch) -> User:
    return make_officer(kafjord)


def bulk(branch: Branch, officer: User, *edits: Edit) -> ChangeBatch:
    batch = open_batch(branch, kind=BatchKind.BULK, by=officer, now=NOW, count=len(edits))
    write(edits, pen=Pen(officer, ChangeSource.BULK, NOW, TODAY, batch))
    return batch


def by_hand(member: Member, officer: User, **values: object) -> None:
    member.refresh_from_db()
    write([Edit(member, values)], pen=Pen(officer, ChangeSource.OFFICER, NOW, TODAY))


def bring_in(branch: Branch, officer: User, *names: str) -> tuple[ChangeBatch, list[Member]]:
    batch = open_batch(branch, kind=BatchKind.IMPORT, by=officer, now=NOW, count=len(names))
    members = [Member(member_number=f"9{place}", first_name=name) for place, name in enumerate(names)]
    for member in members:
        derive(member, branch)
    return batch, create(members, pen=Pen(officer, ChangeSource.IMPORT, NOW, TODAY, batch))


def test_everything_a_member_had_comes_back(kafjord: Branch, officer: User) -> None:
    assert kafjord.parent
    assert kafjord.county
    lyngen = make_branch(kafjord.parent, "Lyngen")
    tag = Tag.objects.create(county=kafjord.county, name="Ungdom")
    member = make_member(kafjord, birth_on=date(1980, 3, 12), checked_on=None)
    batch = open_batch(kafjord.parent, kind=BatchKind.BULK, by=officer, now=NOW, count=1)
    values = {"checked_on": TODAY, "birth_on": None, "no_sms": True}
    pen = Pen(officer, ChangeSource.BULK, NOW, TODAY, batch)
    write([Edit(member, values, lyngen, frozenset({tag.pk}))], pen=pen)

    outcome = undo(batch, by=officer, now=NOW + timedelta(days=13), today=TODAY)

    assert (outcome.restored, outcome.removed, outcome.kept) == (1, 0, {})
    member = Member.objects.get(pk=member.pk)
    assert (member.birth_on, member.checked_on, member.no_sms) == (date(1980, 3, 12), None, False)
    assert member.branch == kafjord
    assert not member.tags.exists()
    assert Placement.objects.get(member=member, to_on=None).branch == kafjord
    assert [BranchSummary.objects.get(branch=branch).members for branch in (kafjord, lyngen)] == [1, 0]
    assert set(MemberChange.objects.filter(source=ChangeSource.UNDO).values_list("field", flat=True)) == {
        "checked_on", "birth_on", "no_sms", "branch", "tags",
    }  # fmt: skip


def test_what_was_changed_since_stands_and_the_reason_is_told(kafjord: Branch, officer: User) -> None:
    changed, other, untouched = (make_member(kafjord, category="ordinary") for _ in range(3))
    batch = bulk(kafjord, officer, *(Edit(member, {"category": "reduced"}) for member in (changed, other, untouched)))
    by_hand(changed, officer, category="youth")
    by_hand(other, officer, no_sms=True)
    assert obstacles(batch) == {changed.pk: "Endret siden: kategori."}

    outcome = undo(batch, by=officer, now=NOW, today=TODAY)

    assert outcome.kept.keys() == {changed.pk}
    assert outcome.restored == 2
    assert dict(Member.objects.values_list("pk", "category")) == {
        changed.pk: "youth", other.pk: "ordinary", untouched.pk: "ordinary",
    }  # fmt: skip
    assert Member.objects.get(pk=other.pk).no_sms


def test_who_was_brought_in_goes_out_unless_somebody_worked_on_them(kafjord: Branch, officer: User) -> None:
    batch, (gone, edited) = bring_in(kafjord, officer, "Ane", "Eva")
    by_hand(edited, officer, email="eva@example.no")

    outcome = undo(batch, by=officer, now=NOW, today=TODAY, verb=Verb.IMPORT_UNDONE)

    assert (outcome.removed, outcome.kept) == (1, {edited.pk: "Endret siden: e-post."})
    assert list(Member.objects.values_list("pk", flat=True)) == [edited.pk]
    assert not Placement.objects.filter(member_id=gone.pk).exists()
    assert BranchSummary.objects.get(branch=kafjord).members == 1
    line = AuditEvent.objects.get(verb=Verb.IMPORT_UNDONE)
    assert (line.count, line.details) == (1, {"kept": 1})


def test_whoever_has_moved_to_another_branch_is_no_longer_ours_to_change(kafjord: Branch, officer: User) -> None:
    assert kafjord.parent
    member = make_member(kafjord)
    batch = bulk(kafjord, officer, Edit(member, {"no_sms": True}))
    write(
        [Edit(member, branch=make_branch(kafjord.parent, "Lyngen"))],
        pen=Pen(officer, ChangeSource.MOVE, NOW, TODAY),
    )
    outcome = undo(batch, by=officer, now=NOW, today=TODAY)
    assert outcome.kept == {member.pk: "Medlemmet hører ikke lenger til her."}
    assert Member.objects.get(pk=member.pk).no_sms


def test_undo_brings_nobody_back_who_has_left_since(kafjord: Branch, officer: User) -> None:
    member = make_member(kafjord, status=MemberStatus.APPLIED)
    batch = bulk(kafjord, officer, Edit(member, {"status": MemberStatus.MEMBER}))
    by_hand(member, officer, status=MemberStatus.RESIGNED, left_on=TODAY)
    undo(batch, by=officer, now=NOW, today=TODAY)
    assert Member.objects.get(pk=member.pk).status == MemberStatus.RESIGNED


def test_two_changes_in_one_piece_of_work_are_both_taken_back(kafjord: Branch, officer: User) -> None:
    member = make_member(kafjord, category="ordinary")
    batch = bulk(kafjord, officer, Edit(member, {"category": "reduced"}))
    write([Edit(member, {"category": "youth"})], pen=Pen(officer, ChangeSource.BULK, NOW, TODAY, batch))
    undo(batch, by=officer, now=NOW, today=TODAY)
    assert Member.objects.get(pk=member.pk).category == "ordinary"


def test_once_and_not_after_fourteen_days(kafjord: Branch, officer: User) -> None:
    member = make_member(kafjord)
    batch = bulk(kafjord, officer, Edit(member, {"no_sms": True}))
    with pytest.raises(TooLate):
        undo(batch, by=officer, now=NOW + keep("undo"), today=TODAY)
    assert Member.objects.get(pk=member.pk).no_sms
    undo(batch, by=officer, now=NOW, today=TODAY)
    by_hand(member, officer, no_sms=True)
    with pytest.raises(TooLate):
        undo(batch, by=officer, now=NOW, today=TODAY)
    assert Member.objects.get(pk=member.pk).no_sms
    batch.refresh_from_db()
    assert (batch.undone_by, batch.undone_at) == (officer, NOW)


def test_a_group_that_is_gone_does_not_come_back(kafjord: Branch, officer: User) -> None:
    assert kafjord.county
    kept, gone = (Tag.objects.create(county=kafjord.county, name=name) for name in ("Kvinner", "Ungdom"))
    member = make_member(kafjord)
    member.tags.set([kept, gone])
    batch = bulk(kafjord, officer, Edit(member, tags=frozenset()))
    gone.delete()
    undo(batch, by=officer, now=NOW, today=TODAY)
    assert list(member.tags.all()) == [kept]


def test_what_a_merge_kept_goes_when_it_can_no_longer_be_undone(kafjord: Branch, officer: User) -> None:
    for age in (timedelta(days=1), timedelta(days=15)):
        batch = open_batch(kafjord, kind=BatchKind.MERGE, by=officer, now=NOW - age)
        Merge.objects.create(batch=batch, kept=make_member(kafjord), lost_id=1, lost={"first_name": "Ane"})
    assert forget_stores(now=NOW) == 1
    assert forget_stores(now=NOW) == 0
    assert Merge.objects.get().batch.at == NOW - timedelta(days=1)
    assert ChangeBatch.objects.count() == 2
