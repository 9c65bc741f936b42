"""One who has left and is in the file again: told of, never brought back, never made a second time."""

from __future__ import annotations

from datetime import date

import pytest

from membership.enums import MemberStatus
from membership.importing.asked import UPDATE, Asked, Decision
from membership.importing.columns import Field
from membership.models import FormerNumber, Member
from tests.factories import make_member
from tests.membership.test_import_matches import Desk, told

pytestmark = pytest.mark.django_db

GONE = pytest.mark.parametrize("status", [MemberStatus.RESIGNED, MemberStatus.DECEASED])
WITH_STATUS = (Field.MEMBER_NUMBER, Field.FIRST_NAME, Field.LAST_NAME, Field.STATUS)


@pytest.fixture
def desk() -> Desk:
    """An officer in Kåfjord."""
    return Desk()


def gone(desk: Desk, status: str = MemberStatus.RESIGNED, **fields: object) -> Member:
    return make_member(
        desk.branch, "Tor", "Gått", member_number="77", status=status, left_on=date(2026, 11, 2), **fields
    )


def as_it_stands(member: Member) -> tuple[object, ...]:
    return Member.objects.values_list("status", "left_on", "first_name", "email", "branch_id").get(pk=member.pk)


@GONE
@pytest.mark.parametrize("word", ["Medlem", "Aktiv", ""])
def test_an_older_file_does_not_bring_anybody_back(desk: Desk, status: str, word: str) -> None:
    member = gone(desk, status)
    before = as_it_stands(member)
    tally = desk.run(["77", "Thor", "Gått", word], fields=WITH_STATUS)
    assert told(tally) == [(2, "refused")]
    assert "hentes ikke tilbake" in tally.problems[0].what
    assert (tally.created, tally.updated) == (0, 0)
    assert as_it_stands(member) == before
    assert Member.objects.count() == 1


@GONE
def test_a_file_that_says_so_too_changes_nothing_and_is_no_problem(desk: Desk, status: str) -> None:
    member = gone(desk, status)
    before = as_it_stands(member)
    tally = desk.run(["77", "Thor", "Gått", "Utmeldt"], fields=WITH_STATUS)
    assert (told(tally), tally.created, tally.updated) == ([], 0, 0)
    assert as_it_stands(member) == before


def test_a_number_of_before_leads_to_nobody_who_has_left(desk: Desk) -> None:
    FormerNumber.objects.create(number="76", member=gone(desk))
    tally = desk.run(["76", "Tor", "Gått", "Medlem"], fields=WITH_STATUS)
    assert told(tally) == [(2, "refused")]
    assert Member.objects.count() == 1


def test_one_who_is_not_in_the_register_and_has_left_is_not_made(desk: Desk) -> None:
    tally = desk.run(["78", "Siv", "Ute", "Utmeldt"], ["79", "Per", "Borte", "Død"], fields=WITH_STATUS)
    assert told(tally) == [(2, "refused"), (3, "refused")]
    assert not Member.objects.exists()


def test_a_row_like_one_who_has_left_waits_and_names_nobody(desk: Desk) -> None:
    member = gone(desk, email="tor@example.no")
    line = ["90", "Tor", "Gått", "tor@example.no"]
    preview = desk.preview(line)
    assert preview.tally.waiting == 1
    tally = desk.run(line)
    assert told(tally) == [(2, "waits")]
    # Not even by saying that it is this one.
    said = Asked(decisions={2: Decision(UPDATE, member.pk)})
    assert told(desk.run(line, asked=said)) == [(2, "waits")]
    assert Member.objects.get(pk=member.pk).status == MemberStatus.RESIGNED
    assert Member.objects.count() == 1


def test_whoever_has_left_recruited_nobody_by_a_file(desk: Desk) -> None:
    gone(desk)
    fields = (Field.MEMBER_NUMBER, Field.FIRST_NAME, Field.LAST_NAME, Field.RECRUITER_NUMBER)
    tally = desk.run(["91", "Ny", "Ny", "77"], fields=fields)
    assert tally.created == 1
    assert Member.objects.get(member_number="91").recruited_by is None
