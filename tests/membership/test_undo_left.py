"""Nothing that is taken back brings back one who has left, or writes anything of them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from accounts.models import User
from membership.actions.editing import Edit, Pen, open_batch, write
from membership.actions.erasure import erase
from membership.actions.undo import TooLate, obstacles, undo
from membership.actions.unmerging import UndoRefused, merges_in, undo_merge
from membership.enums import BatchKind, ChangeSource
from membership.models import Branch, ChangeBatch, Member, Merge, Tag
from privacy.actions.departures import leave
from privacy.enums import LeaveWay
from privacy.models import Departure
from tests.factories import NOW, TODAY, make_branch, make_county, make_member, make_officer
from tests.membership.folding import LATER, fold, row_of

pytestmark = pytest.mark.django_db
SENTENCE = "Medlemmet har meldt seg ut."


@pytest.fixture
def kafjord() -> Branch:
    return make_branch(make_county())


@pytest.fixture
def officer(kafjord: Branch) -> User:
    return make_officer(kafjord)


def done(branch: Branch, officer: User, *edits: Edit, kind: BatchKind = BatchKind.BULK) -> ChangeBatch:
    batch = open_batch(branch, kind=kind, by=officer, now=NOW, count=len(edits))
    source = ChangeSource.IMPORT if kind == BatchKind.IMPORT else ChangeSource.BULK
    write(edits, pen=Pen(officer, source, NOW, TODAY, batch))
    return batch


def go(member: Member, way: LeaveWay = LeaveWay.LETTER) -> None:
    leave(member, way=way, left_on=TODAY, by=None, now=NOW, today=TODAY)


@pytest.mark.parametrize("kind", [BatchKind.BULK, BatchKind.IMPORT])
@pytest.mark.parametrize("way", [LeaveWay.LETTER, LeaveWay.DEATH])
def test_fields_and_groups_of_one_who_has_left_stay(
    kafjord: Branch, officer: User, kind: BatchKind, way: LeaveWay
) -> None:
    ane, bo = make_member(kafjord, skills="Kan lyd."), make_member(kafjord, skills="Kan lys.")
    tag = Tag.objects.create(county=kafjord.county, name="Ungdom")  # type: ignore[misc]
    wanted = [Edit(member, {"skills": ""}, tags=frozenset({tag.pk})) for member in (ane, bo)]
    batch = done(kafjord, officer, *wanted, kind=kind)
    go(ane, way)
    before = row_of(ane)
    assert obstacles(batch) == {ane.pk: SENTENCE}
    outcome = undo(batch, by=officer, now=LATER, today=TODAY)
    assert (outcome.restored, dict(outcome.kept)) == (1, {ane.pk: SENTENCE})
    assert row_of(ane) == before
    bo.refresh_from_db()
    assert bo.skills == "Kan lys."


def test_a_file_that_said_they_had_left_can_be_taken_back(kafjord: Branch, officer: User) -> None:
    ane = make_member(kafjord)
    batch = done(kafjord, officer, Edit(ane, {"status": "resigned", "left_on": TODAY}), kind=BatchKind.IMPORT)
    assert Departure.objects.standing().filter(member=ane).exists()
    assert obstacles(batch) == {}
    undo(batch, by=officer, now=LATER, today=TODAY)
    ane.refresh_from_db()
    assert (ane.status, ane.left_on) == ("member", None)
    assert not Departure.objects.standing().exists()


def test_who_left_after_a_file_brought_them_in_is_not_thrown_out_as_if_never_come(
    kafjord: Branch, officer: User
) -> None:
    ane = make_member(kafjord)
    batch = open_batch(kafjord, kind=BatchKind.IMPORT, by=officer, now=NOW, count=1)
    Member.objects.filter(pk=ane.pk).update(created_in=batch)
    go(ane)
    assert obstacles(batch) == {ane.pk: SENTENCE}
    undo(batch, by=officer, now=LATER, today=TODAY)
    assert Departure.objects.standing().get().member_id == ane.pk


def test_a_merge_is_not_taken_apart(kafjord: Branch, officer: User) -> None:
    kept, lost = make_member(kafjord), make_member(kafjord)
    made = fold(kafjord, kept, lost, officer)
    assert merges_in(kafjord, LATER).exists()
    go(kept)
    assert not merges_in(kafjord, LATER).exists()
    with pytest.raises(UndoRefused, match=SENTENCE):
        undo_merge(made, by=officer, now=LATER, today=TODAY)
    assert Member.objects.count() == 1
    erase(kept, by=officer, now=NOW, today=TODAY)
    assert not Merge.objects.exists()
    with pytest.raises(TooLate):
        undo_merge(made, by=officer, now=LATER, today=TODAY)
    assert not Member.objects.exists()


def test_nobody_is_erased_and_comes_back(kafjord: Branch, officer: User) -> None:
    ane, bo = make_member(kafjord, skills="Kan lyd."), make_member(kafjord, skills="Kan lys.")
    batch = done(kafjord, officer, *(Edit(member, {"skills": ""}) for member in (ane, bo)))
    erase(ane, by=officer, now=NOW, today=TODAY)
    assert undo(batch, by=officer, now=NOW + timedelta(days=1), today=TODAY).restored == 1
    assert list(Member.objects.values_list("pk", flat=True)) == [bo.pk]
