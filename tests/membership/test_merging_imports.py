"""A file that still has both numbers after a merge: nobody is doubled again."""

from __future__ import annotations

from pathlib import Path

import pytest

from membership.actions.unmerging import UndoRefused
from membership.models import FormerNumber, Member
from tests.factories import make_member
from tests.membership.folding import fold, undo
from tests.membership.test_import_applying import Office

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(tmp_path: Path) -> Office:
    """An officer in Kåfjord."""
    return Office(tmp_path)


def test_a_file_with_the_former_number_means_the_one_that_is_left(office: Office) -> None:
    kept = make_member(office.branch, "Ane", "Moe", member_number="1001")
    lost = make_member(office.branch, "Ane", "Moe", member_number="1002")
    fold(office.branch, kept, lost, office.officer, mobile=kept, email=kept)
    office.run("1002;Ane;Moe;000 00 777;;;;")
    kept.refresh_from_db()
    assert (kept.member_number, kept.mobile) == ("1001", "+4700000777")
    assert Member.objects.count() == 1


def test_an_older_file_with_both_numbers_makes_nobody(office: Office) -> None:
    kept = make_member(office.branch, "Ane", "Moe", member_number="1001")
    lost = make_member(office.branch, "Ane", "Moe", member_number="1002")
    fold(office.branch, kept, lost, office.officer, mobile=kept, email=kept)
    office.run("1001;Ane;Moe;000 00 111;;;;", "1002;Ane;Moe;000 00 222;;;;")
    kept.refresh_from_db()
    assert (kept.member_number, kept.mobile) == ("1001", "+4700000111")
    assert Member.objects.count() == 1


def test_what_the_file_changed_of_the_one_that_is_left_stands_in_the_way_of_undo(office: Office) -> None:
    kept = make_member(office.branch, "Ane", "Moe", member_number="1001")
    lost = make_member(office.branch, "Ane", "Moe", member_number="1002")
    made = fold(office.branch, kept, lost, office.officer)
    office.run("1002;Ane;Moe;000 00 777;;;;")
    with pytest.raises(UndoRefused):
        undo(made, office.officer)
    assert Member.objects.count() == 1


def test_a_number_that_led_elsewhere_leads_to_the_one_that_is_left(office: Office) -> None:
    kept = make_member(office.branch, "Ane", "Moe", member_number="1001")
    lost = make_member(office.branch, "Ane", "Moe", member_number="1002")
    FormerNumber.objects.create(number="1002", member=make_member(office.branch, "Per", "Lie"))
    fold(office.branch, kept, lost, office.officer)
    assert FormerNumber.objects.get(number="1002").member == kept
