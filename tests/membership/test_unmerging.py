"""A merge is taken back for 14 days, as a whole or not at all."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from accounts.models import User
from membership.actions.editing import Edit, Pen, locked, write
from membership.actions.undo import TooLate
from membership.actions.unmerging import UndoRefused, merges_in, undo_merge
from membership.enums import ChangeSource
from membership.models import Branch, ChangeBatch, DuplicateCheck, FormerNumber, Member, Merge
from tests.factories import NOW, TODAY, make_branch, make_county, make_member, make_officer
from tests.membership.folding import LATER, fold, row_of, undo

pytestmark = pytest.mark.django_db


@pytest.fixture
def county() -> Branch:
    return make_county()


@pytest.fixture
def kafjord(county: Branch) -> Branch:
    return make_branch(county, "Kåfjord")


@pytest.fixture
def lyngen(county: Branch) -> Branch:
    return make_branch(county, "Lyngen")


@pytest.fixture
def officer(county: Branch) -> User:
    return make_officer(county)


def change(member: Member, source: ChangeSource = ChangeSource.OFFICER, **values: Any) -> None:
    write([Edit(locked(Member.objects.filter(pk=member.pk))[0], values)], pen=Pen(None, source, LATER, TODAY))


def test_it_is_undone_once_and_not_after_14_days(county: Branch, kafjord: Branch, officer: User) -> None:
    kept, lost = make_member(kafjord), make_member(kafjord)
    made = fold(county, kept, lost, officer)
    assert list(merges_in(kafjord, LATER)) == [made]
    with pytest.raises(TooLate):
        undo_merge(made, by=officer, now=NOW + timedelta(days=15), today=TODAY)
    undo(made, officer)
    assert not Merge.objects.exists()
    with pytest.raises(TooLate):
        undo_merge(made, by=officer, now=LATER, today=TODAY)
    assert Member.objects.count() == 2
    assert set(DuplicateCheck.objects.values_list("pk", flat=True)) == {kept.pk, lost.pk}


def test_what_was_changed_since_stands_in_the_way(county: Branch, kafjord: Branch, officer: User) -> None:
    kept, lost = make_member(kafjord, email=""), make_member(kafjord, email="lost@example.no")
    made = fold(county, kept, lost, officer)
    change(kept, email="helt.ny@example.no")
    with pytest.raises(UndoRefused):
        undo(made, officer)
    assert Member.objects.count() == 1
    assert FormerNumber.objects.count() == 1
    assert ChangeBatch.objects.get().undone_at is None


def test_another_field_that_was_changed_since_does_not(county: Branch, kafjord: Branch, officer: User) -> None:
    kept, lost = make_member(kafjord, email=""), make_member(kafjord, email="lost@example.no")
    made = fold(county, kept, lost, officer)
    change(kept, language="se")
    undo(made, officer)
    kept.refresh_from_db()
    assert (kept.email, kept.language) == ("", "se")


def test_an_import_since_stands_in_the_way(county: Branch, kafjord: Branch, officer: User) -> None:
    kept, lost = make_member(kafjord), make_member(kafjord)
    made = fold(county, kept, lost, officer)
    change(kept, ChangeSource.IMPORT, language="se")
    with pytest.raises(UndoRefused):
        undo(made, officer)


def test_a_number_that_another_has_now_stands_in_the_way(county: Branch, kafjord: Branch, officer: User) -> None:
    kept, lost = make_member(kafjord), make_member(kafjord)
    made = fold(county, kept, lost, officer)
    make_member(kafjord, "Per", member_number=lost.member_number)
    with pytest.raises(UndoRefused):
        undo(made, officer)


def test_of_two_merges_the_last_is_undone_first(county: Branch, kafjord: Branch, officer: User) -> None:
    first, second, third = make_member(kafjord), make_member(kafjord), make_member(kafjord)
    before = [row_of(member) for member in (first, second, third)]
    one = fold(county, second, first, officer)
    two = fold(county, third, second, officer)
    assert set(FormerNumber.objects.values_list("member_id", flat=True)) == {third.pk}
    with pytest.raises(UndoRefused):
        undo(one, officer)
    undo(two, officer)
    undo(one, officer)
    assert [row_of(member) for member in (first, second, third)] == before
    assert not FormerNumber.objects.exists()
