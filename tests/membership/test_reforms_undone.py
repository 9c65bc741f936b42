"""Mergers and splits taken back, and what stands in the way; branches that are split."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from accounts.models import User
from calling.models import CallList
from dues.actions.summaries import recount as recount_dues
from dues.models import Claim
from membership.access import access_of
from membership.actions import moves
from membership.actions.reform_undo import StandsInTheWay, reasons_against
from membership.actions.reforms import (
    Heir,
    NotOfTheBranch,
    Part,
    TooFew,
    merge,
    split,
)
from membership.actions.undo import TooLate
from membership.figures import history_on, members_on
from membership.models import (
    BoardPost,
    Branch,
    ChangeBatch,
    Grant,
    Member,
    SavedView,
    Succession,
)
from membership.roles import Permission
from tests.factories import hand_out, make_branch, make_claim, make_member
from tests.membership.senja import (
    EVE,
    NOW,
    REFORM,
    TODAY,
    back,
    find,
    make_secretary,
    make_senja,
    make_troms,
    officer_of,
    tree,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def troms() -> Branch:
    return make_troms()


@pytest.fixture
def secretary(troms: Branch) -> User:
    return make_secretary(troms)


# --- Taking it back --------------------------------------------------------------------------------------------------


def test_undone_everything_is_as_before(troms: Branch, secretary: User) -> None:
    officer = officer_of("berg", "lenvik")
    BoardPost.objects.create(branch=find("berg"), title="leader", name="Leder", starts_on=date(2019, 3, 1))
    SavedView.objects.create(branch=find("berg"), owner=officer, name="Nye", params={})
    for first_name in ("Berg0", "Skaland0"):
        make_claim(Member.objects.get(first_name=first_name))
    Claim.objects.update(year=2026)
    recount_dues()
    hand_out(find("berg"), officer)
    before, eve = tree(), members_on(find("berg"), EVE)

    outcome = back(make_senja(secretary), secretary, days=3)

    assert (outcome.restored, outcome.kept) == (10, {})
    assert tree() == before
    assert members_on(find("berg"), EVE) == eve
    assert {grant.branch.slug for grant in Grant.objects.in_force(TODAY + timedelta(days=3)).filter(user=officer)} == {
        "berg",
        "lenvik",
    }
    assert not Succession.objects.exists()
    # The address is free again.
    make_senja(secretary, now=NOW + timedelta(days=3), today=TODAY + timedelta(days=3))
    assert find("senja").valid_to is None


def test_undone_twice_or_too_late_it_is_refused(troms: Branch, secretary: User) -> None:
    batch = make_senja(secretary)
    with pytest.raises(TooLate):
        back(batch, secretary, days=15)
    back(batch, secretary)
    with pytest.raises(TooLate):
        back(batch, secretary)


def test_newcomers_stand_in_the_way(troms: Branch, secretary: User) -> None:
    batch = make_senja(secretary)
    make_member(find("senja"), "Ny")
    moves.move(find("malselv").members.get(), to=find("senja"), by=secretary, now=NOW, today=TODAY)
    before = tree()
    with pytest.raises(StandsInTheWay) as caught:
        back(batch, secretary)
    assert caught.value.reasons == ["2 medlemmer har kommet til det nye siden. Flytt dem først."]
    assert tree() == before


def test_who_has_moved_on_since_stays_there(troms: Branch, secretary: User) -> None:
    batch = make_senja(secretary)
    member = Member.objects.get(first_name="Berg0")
    moves.move(member, to=find("malselv"), by=secretary, now=NOW, today=TODAY)
    outcome = back(batch, secretary)
    assert set(outcome.kept) == {member.pk}
    member.refresh_from_db()
    assert member.branch == find("malselv")


def test_a_later_reform_and_a_new_local_branch_stand_in_the_way(troms: Branch, secretary: User) -> None:
    batch = make_senja(secretary)
    make_branch(find("senja"), "Finnsnes")
    merge([find("senja")], into=Heir(branch=find("malselv")), on=TODAY, by=secretary, now=NOW, today=TODAY)
    batch.refresh_from_db()
    assert len(reasons_against(batch)) == 1
    other = ChangeBatch.objects.exclude(pk=batch.pk).get()
    back(other, secretary)
    assert "Det er laget noe nytt under det nye siden." in reasons_against(batch)


def test_who_lost_the_role_since_does_not_get_it_back(troms: Branch, secretary: User) -> None:
    officer = officer_of("berg")
    batch = make_senja(secretary)
    Grant.objects.filter(user=officer, branch=find("senja")).update(ends_on=TODAY)
    back(batch, secretary)
    assert not access_of(officer, find("berg"), on=TODAY).permissions


# --- Splitting -------------------------------------------------------------------------------------------------------


def halves(*members: str, local_ids: frozenset[int] = frozenset()) -> Part:
    ids = Member.objects.filter(first_name__in=members).values_list("pk", flat=True)
    return Part(Heir(name="Gryllefjord Arbeiderparti", place="Gryllefjord"), frozenset(ids), local_ids)


def test_a_part_goes_off_and_the_branch_goes_on(troms: Branch, secretary: User) -> None:
    officer = officer_of("lenvik")
    batch = split(
        find("lenvik"), parts=[halves("Lenvik0", "Lenvik1")], rest=None, on=REFORM, by=secretary, now=NOW, today=TODAY
    )
    assert find("lenvik").valid_to is None
    assert (find("lenvik").members.count(), find("gryllefjord").members.count()) == (2, 2)
    assert members_on(find("lenvik"), EVE) == 4
    assert history_on(find("gryllefjord"), EVE) is None
    assert Permission.EDIT_MEMBERS in access_of(officer, find("lenvik"), on=TODAY)
    assert not access_of(officer, find("gryllefjord"), on=TODAY).permissions
    back(batch, secretary)
    assert find("lenvik").members.count() == 4


def test_a_branch_is_split_in_two_and_ends(troms: Branch, secretary: User) -> None:
    officer = officer_of("berg")
    made = hand_out_for("berg", officer)
    before = tree()
    parts = [
        halves("Berg0"),
        Part(Heir(name="Ytre Berg", place="Ytre Berg"), local_ids=frozenset([find("skaland").pk])),
    ]
    batch = split(find("berg"), parts=parts, rest=1, on=REFORM, by=secretary, now=NOW, today=TODAY)
    assert find("berg").valid_to == REFORM
    assert (find("gryllefjord").members.count(), find("ytre-berg").members.count()) == (1, 2)
    assert members_on(find("berg"), EVE) == 3
    for slug in ("gryllefjord", "ytre-berg"):
        assert Permission.EDIT_MEMBERS in access_of(officer, find(slug), on=TODAY)
    made.refresh_from_db()
    assert made.closed_at is not None
    back(batch, secretary)
    assert tree() == before


def hand_out_for(slug: str, officer: User) -> CallList:
    make_claim(find(slug).home_members.order_by("id")[0])
    Claim.objects.update(year=2026)
    recount_dues()
    return hand_out(find(slug), officer)


def test_a_split_refuses_what_is_not_the_branchs(troms: Branch, secretary: User) -> None:
    more: dict[str, Any] = {"on": REFORM, "by": secretary, "now": NOW, "today": TODAY}
    with pytest.raises(NotOfTheBranch):
        split(find("berg"), parts=[halves("Lenvik0")], rest=None, **more)
    with pytest.raises(NotOfTheBranch):
        split(find("lenvik"), parts=[halves("Lenvik0", local_ids=frozenset([find("skaland").pk]))], rest=None, **more)
    with pytest.raises(TooFew):
        split(find("lenvik"), parts=[halves("Lenvik0")], rest=0, **more)
    assert not ChangeBatch.objects.exists()
