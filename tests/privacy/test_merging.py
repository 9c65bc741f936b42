"""What privacy has on two records of one person, and a recruiting link: one of each, and both again after an undo."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from accounts.models import User
from membership.actions.merging import MergeRefused
from membership.models import Branch, Member
from privacy.enums import HoldReason, LeaveWay, LinkKind, RequestKind, RequestWay
from privacy.merging import HeldBack, Leaves
from privacy.models import AccessLink, Departure, Hold, RightsRequest, StayAgreement, UnpaidCase, UnpaidRound
from recruitment.models import RecruiterLink
from tests.factories import NOW, TODAY, make_branch, make_county, make_member, make_officer
from tests.membership.folding import fold, undo

pytestmark = pytest.mark.django_db
BEFORE = TODAY - timedelta(days=30)


@pytest.fixture
def branch() -> Branch:
    return make_branch(make_county(), "Kåfjord")


@pytest.fixture
def officer(branch: Branch) -> User:
    return make_officer(branch)


def test_what_there_is_room_for_moves_and_comes_back(branch: Branch, officer: User) -> None:
    kept, lost = make_member(branch), make_member(branch)
    county = Branch.objects.get(pk=branch.root_id)
    one, two = (
        UnpaidRound.objects.create(county=county, year=year, state="dropped", created_at=NOW) for year in (2024, 2025)
    )
    for member, years in ((kept, (2024,)), (lost, (2024, 2025))):
        for year in years:
            StayAgreement.objects.create(member=member, year=year, agreed_at=NOW)
            UnpaidCase.objects.create(member=member, round={2024: one, 2025: two}[year])
    over = {"placed_at": NOW - timedelta(days=90), "until_on": BEFORE, "reason": HoldReason.REQUEST}
    Hold.objects.create(member=kept, **over)
    Hold.objects.create(member=lost, **over)
    RightsRequest.objects.create(
        branch=branch, county=county, member=lost, kind=RequestKind.ACCESS, way=RequestWay.PHONE, received_on=TODAY,
        due_on=TODAY, created_at=NOW,
    )  # fmt: skip
    AccessLink.objects.create(
        digest="0" * 64, kind=LinkKind.RESIGN, channel="email", address=lost.email, member=lost, created_at=NOW,
        expires_at=NOW,
    )  # fmt: skip
    Departure.objects.create(
        member=lost, way=LeaveWay.LETTER, left_on=BEFORE, recorded_at=NOW, status_before="member", erase_on=BEFORE,
        returned_at=NOW,
    )  # fmt: skip
    tables = (StayAgreement, UnpaidCase, Hold, RightsRequest, AccessLink, Departure)

    made = fold(branch, kept, lost, officer)

    assert [table._default_manager.filter(member=kept).count() for table in tables] == [2, 2, 1, 1, 1, 1]

    back = undo(made, officer)

    assert [table._default_manager.filter(member=kept).count() for table in tables] == [1, 1, 1, 0, 0, 0]
    assert [table._default_manager.filter(member=back).count() for table in tables] == [2, 2, 1, 1, 1, 1]


@pytest.mark.parametrize("which", ["kept", "lost"])
def test_who_is_held_or_leaves_is_not_merged(branch: Branch, officer: User, which: str) -> None:
    kept, lost = make_member(branch), make_member(branch)
    member = {"kept": kept, "lost": lost}[which]
    hold = Hold.objects.create(member=member, reason=HoldReason.LEGAL, until_on=date(2099, 1, 1), placed_at=NOW)
    with pytest.raises(HeldBack):
        fold(branch, kept, lost, officer)
    hold.delete()
    Departure.objects.create(
        member=member, way=LeaveWay.LETTER, left_on=TODAY, recorded_at=NOW, status_before="member", erase_on=TODAY
    )
    with pytest.raises(Leaves):
        fold(branch, kept, lost, officer)
    assert Member.objects.count() == 2
    assert issubclass(Leaves, MergeRefused)


@pytest.mark.parametrize("has_own", [False, True])
def test_a_recruiting_link_goes_on_working(branch: Branch, officer: User, has_own: bool) -> None:
    kept, lost = make_member(branch), make_member(branch)
    RecruiterLink.objects.create(member=lost, code="lost", made_at=NOW)
    if has_own:
        RecruiterLink.objects.create(member=kept, code="kept", made_at=NOW)
    made = fold(branch, kept, lost, officer)
    assert list(RecruiterLink.objects.values_list("member_id", "code")) == [(kept.pk, "kept" if has_own else "lost")]
    back = undo(made, officer)
    found = dict(RecruiterLink.objects.values_list("code", "member_id"))
    assert found == {"lost": back.pk} | ({"kept": kept.pk} if has_own else {})
