"""One change for many members: what it does, what it refuses, and what undoing it gives back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.enums import Verb
from accounts.models import AuditEvent, User
from membership.actions.bulk import Change, NotAllHere, NothingToChange, NotOfThisCounty, change_many
from membership.actions.editing import Edit, Pen, locked, write
from membership.actions.undo import TooLate, undo
from membership.enums import BulkKind, ChangeSource
from membership.models import Branch, BranchSummary, ChangeBatch, Member, MemberChange, Placement
from membership.roles import Role
from tests.factories import NOW, TODAY, make_branch, make_county, make_member, make_officer, make_tag

pytestmark = pytest.mark.django_db


@pytest.fixture
def county() -> Branch:
    return make_county()


@pytest.fixture
def kafjord(county: Branch) -> Branch:
    return make_branch(county, "Kåfjord")


@pytest.fixture
def officer(kafjord: Branch) -> User:
    return make_officer(kafjord)


@pytest.fixture
def client(officer: User, client_for: Callable[..., Client]) -> Client:
    return client_for(officer)


def change(home: Branch, members: list[Member], what: Change, by: User) -> ChangeBatch:
    return change_many(home, [m.pk for m in members], change=what, by=by, now=NOW, today=TODAY)


def tags_of(member: Member) -> list[str]:
    return sorted(member.tags.values_list("name", flat=True))


def state() -> list[Any]:
    through = Member.tags.through._default_manager
    return [list(Member.objects.order_by("pk").values()), sorted(through.values_list("member_id", "tag_id"))]


# --- The actions -----------------------------------------------------------------------------------------------------


def test_many_are_put_in_a_group_and_keep_their_other_groups(kafjord: Branch, county: Branch, officer: User) -> None:
    ane, bo = make_member(kafjord, "Ane"), make_member(kafjord, "Bo")
    make_tag(county, "Samisk nettverk", ane)
    tag = make_tag(county)
    batch = change(kafjord, [ane, bo], Change(BulkKind.ADD_TAG, tag=tag), officer)
    assert (tags_of(ane), tags_of(bo)) == (["Kvinnenettverket", "Samisk nettverk"], ["Kvinnenettverket"])
    told = MemberChange.objects.filter(batch=batch)
    assert {(c.member_id, c.field, c.source) for c in told} == {
        (ane.pk, "tags", ChangeSource.BULK), (bo.pk, "tags", ChangeSource.BULK)
    }  # fmt: skip
    assert batch.count == 2
    event = AuditEvent.objects.get(verb=Verb.MEMBERS_BULK_CHANGED)
    assert (event.count, event.branch_id, event.details) == (2, kafjord.pk, {"what": "add_tag", "target": tag.pk})


def test_only_those_who_were_not_so_already_are_changed(kafjord: Branch, county: Branch, officer: User) -> None:
    ane, bo = make_member(kafjord, "Ane"), make_member(kafjord, "Bo")
    tag = make_tag(county, "Ungdom", ane)
    add = Change(BulkKind.ADD_TAG, tag=tag)
    assert change(kafjord, [ane, bo], add, officer).count == 1
    with pytest.raises(NothingToChange):
        change(kafjord, [ane, bo], add, officer)
    assert ChangeBatch.objects.count() == 1


def test_taking_out_of_a_group_leaves_the_others(kafjord: Branch, county: Branch, officer: User) -> None:
    ane, bo = make_member(kafjord, "Ane"), make_member(kafjord, "Bo")
    make_tag(county, "Ungdom", ane)
    tag = make_tag(county, "Kvinnenettverket", ane)
    assert change(kafjord, [ane, bo], Change(BulkKind.REMOVE_TAG, tag=tag), officer).count == 1
    assert tags_of(ane) == ["Ungdom"]


def test_moving_opens_placements_and_counts_again(county: Branch, kafjord: Branch) -> None:
    secretary = make_officer(county, Role.COUNTY_SECRETARY)
    tromso = make_branch(county, "Tromsø")
    ane, bo, cato = make_member(kafjord, "Ane"), make_member(kafjord, "Bo"), make_member(tromso, "Cato")
    batch = change(county, [ane, bo, cato], Change(BulkKind.MOVE, branch=tromso), secretary)
    assert batch.count == 2
    ane.refresh_from_db()
    assert (ane.branch_id, ane.municipal_id, ane.county_id) == (tromso.pk, tromso.pk, county.pk)
    stays = Placement.objects.filter(member=ane).order_by("pk").values_list("branch_id", "from_on", "to_on")
    assert list(stays) == [(kafjord.pk, ane.joined_on, TODAY), (tromso.pk, TODAY, None)]
    assert Placement.objects.filter(member=cato).count() == 1
    assert BranchSummary.objects.get(branch=tromso).members == 3
    assert BranchSummary.objects.get(branch=kafjord).members == 0


def test_checked_is_todays_date(kafjord: Branch, officer: User) -> None:
    ane = make_member(kafjord)
    change(kafjord, [ane], Change(BulkKind.CHECK), officer)
    ane.refresh_from_db()
    assert ane.checked_on == TODAY


def test_one_of_another_branch_stops_all_of_it(county: Branch, kafjord: Branch, officer: User) -> None:
    ane, foreign = make_member(kafjord), make_member(make_branch(county, "Lyngen"))
    before = state()
    with pytest.raises(NotAllHere):
        change(kafjord, [ane, foreign], Change(BulkKind.CHECK), officer)
    assert state() == before
    assert not ChangeBatch.objects.exists()


def test_a_foreign_group_or_branch_is_refused(county: Branch, kafjord: Branch, officer: User) -> None:
    ane, lyngen = make_member(kafjord), make_branch(county, "Lyngen")
    for wrong in (
        Change(BulkKind.ADD_TAG, tag=make_tag(make_county("Nordland"), "Deres")),
        Change(BulkKind.MOVE, branch=lyngen),
        Change(BulkKind.MOVE, branch=county),
    ):
        with pytest.raises(NotOfThisCounty):
            change(kafjord, [ane], wrong, officer)


def test_undo_gives_back_groups_branches_and_dates_but_not_over_later_changes(county: Branch, kafjord: Branch) -> None:
    secretary = make_officer(county, Role.COUNTY_SECRETARY)
    tromso = make_branch(county, "Tromsø")
    ane, bo = make_member(kafjord, "Ane"), make_member(kafjord, "Bo")
    make_tag(county, "Ungdom", ane)
    tag = make_tag(county)
    before = state()
    batches = [
        change(county, [ane, bo], what, secretary)
        for what in (
            Change(BulkKind.ADD_TAG, tag=tag),
            Change(BulkKind.MOVE, branch=tromso),
            Change(BulkKind.CHECK),
        )
    ]
    for batch in reversed(batches):
        assert undo(batch, by=secretary, now=NOW, today=TODAY).restored == 2
    after = state()
    assert after[1] == before[1]
    assert [{k: v for k, v in row.items() if k != "updated_at"} for row in after[0]] == [
        {k: v for k, v in row.items() if k != "updated_at"} for row in before[0]
    ]
    with pytest.raises(TooLate):
        undo(batches[0], by=secretary, now=NOW, today=TODAY)
    again = change(county, [ane, bo], Change(BulkKind.ADD_TAG, tag=tag), secretary)
    pen = Pen(secretary, ChangeSource.OFFICER, NOW, TODAY)
    write([Edit(locked(Member.objects.filter(pk=ane.pk))[0], tags=frozenset())], pen=pen)
    outcome = undo(again, by=secretary, now=NOW, today=TODAY)
    assert (outcome.restored, list(outcome.kept)) == (1, [ane.pk])
    assert tags_of(ane) == []


@pytest.mark.parametrize("kind", [BulkKind.ADD_TAG, BulkKind.REMOVE_TAG, BulkKind.CHECK, BulkKind.MOVE])
def test_the_number_of_statements_does_not_follow_the_number_of_members(
    county: Branch, kafjord: Branch, kind: BulkKind
) -> None:
    secretary = make_officer(county, Role.COUNTY_SECRETARY)
    tromso, home = make_branch(county, "Tromsø"), county

    def cost(n: int) -> int:
        members = [make_member(kafjord, f"N{i}") for i in range(n)]
        tag = make_tag(county, f"Gruppe {n}", *(members if kind == BulkKind.REMOVE_TAG else ()))
        what = Change(
            kind,
            tag=tag if kind in (BulkKind.ADD_TAG, BulkKind.REMOVE_TAG) else None,
            branch=tromso if kind == BulkKind.MOVE else None,
        )
        with CaptureQueriesContext(connection) as queries:
            change(home, members, what, secretary)
        return len(queries)

    assert cost(2) == cost(9)
