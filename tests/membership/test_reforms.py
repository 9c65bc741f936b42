"""Berg, Lenvik, Torsken and Tranøy become Senja on 1 January 2020, and every figure before it stays."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from accounts.enums import Verb
from accounts.models import AuditEvent, User
from dues.actions.summaries import recount as recount_dues
from dues.models import Claim, DuesSummary
from membership.access import access_of
from membership.actions import moves
from membership.actions.reforms import (
    BeforeBranch,
    Heir,
    ImportRunning,
    InFuture,
    NameTaken,
    NotInForce,
    NotSisters,
    TooFew,
    merge,
)
from membership.enums import ImportState, MemberStatus
from membership.figures import heirs_of_ended, history_on, members_on
from membership.importing.places import Places
from membership.models import (
    BoardPost,
    Branch,
    BranchNumber,
    BranchSummary,
    ChangeBatch,
    Grant,
    Member,
    MemberChange,
    MoveRequest,
    RegisterImport,
    SavedView,
    Succession,
)
from membership.roles import Permission, Role
from overview.actions import take_snapshots
from overview.figures import members_by_month
from overview.models import MonthlySnapshot
from recruitment.figures import county_figures
from tests.factories import hand_out, make_branch, make_claim, make_county, make_member
from tests.membership.senja import (
    EVE,
    NOW,
    OLD,
    REFORM,
    SENJA,
    TODAY,
    find,
    make_secretary,
    make_senja,
    make_troms,
    officer_of,
    the_four,
    tree,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def troms() -> Branch:
    return make_troms()


@pytest.fixture
def secretary(troms: Branch) -> User:
    return make_secretary(troms)


# --- Merging ---------------------------------------------------------------------------------------------------------


def test_four_branches_become_one(troms: Branch, secretary: User) -> None:
    batch = make_senja(secretary)

    senja = find("senja")
    assert (senja.parent_id, senja.kind, senja.municipal_id, senja.valid_from) == (
        troms.pk,
        "municipal",
        senja.pk,
        REFORM,
    )
    assert senja.members.count() == 11
    assert senja.home_members.count() == 10
    assert find("skaland").parent_id == senja.pk
    assert Member.objects.get(first_name="Skaland0").municipal_id == senja.pk
    assert BranchSummary.objects.get(branch=find("skaland")).municipal_id == senja.pk
    assert {branch.valid_to for branch in the_four()} == {REFORM}
    assert BranchSummary.objects.get(branch=senja).members == 10
    assert {summary.people for summary in BranchSummary.objects.filter(branch__in=the_four())} == {0}
    member = Member.objects.get(first_name="Berg0")
    assert list(member.placements.order_by("id").values_list("branch__slug", "from_on", "to_on")) == [
        ("berg", date(2015, 1, 1), REFORM),
        ("senja", REFORM, None),
    ]
    assert set(MemberChange.objects.values_list("field", "source", "batch_id")) == {("branch", "reform", batch.pk)}
    assert (batch.count, batch.branch_id) == (10, troms.pk)
    assert Succession.objects.filter(successor=senja, from_on=REFORM, kind="merger").count() == 4
    event = AuditEvent.objects.get(verb=Verb.BRANCHES_REFORMED)
    assert (event.count, event.details["after"]) == (10, [senja.pk])


def test_the_figures_of_the_eve_are_the_same_before_and_after(troms: Branch, secretary: User) -> None:
    make_member(
        find("berg"), "Gått", status=MemberStatus.RESIGNED, joined_on=date(2014, 1, 1), left_on=date(2020, 1, 5)
    )
    make_member(
        find("berg"), "Borte", status=MemberStatus.RESIGNED, joined_on=date(2014, 1, 1), left_on=date(2019, 5, 1)
    )
    make_member(find("berg"), "Ny", joined_on=date(2020, 1, 3))
    make_member(find("berg"), "Søker", status=MemberStatus.APPLIED, joined_on=None)

    def on_the_eve() -> dict[str, int]:
        return {
            slug: members_on(find(slug), EVE) for slug in ("berg", "lenvik", "torsken", "tranoy", "skaland", "troms")
        }

    before = on_the_eve()
    # Two of its own, one in Skaland, and one who has left since.
    assert before["berg"] == 4
    make_senja(secretary)
    assert on_the_eve() == before
    assert members_on(find("berg"), REFORM) == 0
    assert members_on(find("senja"), EVE) == 0
    assert members_on(find("senja"), REFORM) == 12
    assert members_on(find("senja"), TODAY) == 12
    assert history_on(find("senja"), EVE) == sum(before[slug] for slug in ("berg", "lenvik", "torsken", "tranoy")) == 12


def test_who_joined_after_the_date_has_no_day_in_the_old_branch(troms: Branch, secretary: User) -> None:
    member = make_member(find("berg"), "Ny", joined_on=date(2020, 1, 3))
    make_senja(secretary)
    rows = list(member.placements.order_by("id").values_list("from_on", "to_on"))
    assert rows == [(date(2020, 1, 3), date(2020, 1, 3)), (date(2020, 1, 3), None)]


def test_grants_follow_once_each_and_the_old_ones_open_nothing(troms: Branch, secretary: User) -> None:
    two, local = officer_of("berg", "lenvik"), officer_of("skaland")
    caller = officer_of("torsken", role=Role.CALLER, ends_on=date(2020, 3, 1))
    gone = officer_of("tranoy", ends_on=date(2019, 6, 1))
    make_senja(secretary)
    senja = find("senja")
    assert [(grant.role, grant.starts_on) for grant in Grant.objects.filter(user=two, branch=senja)] == [
        (Role.MEMBERSHIP_OFFICER, TODAY)
    ]
    assert Permission.EDIT_MEMBERS in access_of(two, senja, on=TODAY)
    assert not access_of(two, find("berg"), on=TODAY).permissions
    assert Grant.objects.get(user=caller, branch=senja).ends_on == date(2020, 3, 1)
    assert not Grant.objects.filter(user=gone, branch=senja).exists()
    assert Permission.EDIT_MEMBERS in access_of(local, find("skaland"), on=TODAY)
    assert not access_of(local, senja, on=TODAY).permissions
    assert Permission.VIEW_MEMBERS in access_of(secretary, find("berg"), on=TODAY)


def test_posts_end_views_and_lists_go_along_and_claims_follow(troms: Branch, secretary: User) -> None:
    officer = officer_of("berg")
    post = BoardPost.objects.create(branch=find("berg"), title="leader", name="Leder", starts_on=date(2019, 3, 1))
    view = SavedView.objects.create(branch=find("berg"), owner=officer, name="Nye", params={})
    for first_name in ("Berg0", "Skaland0"):
        make_claim(Member.objects.get(first_name=first_name))
    Claim.objects.update(year=2026)
    recount_dues()
    made = hand_out(find("berg"), officer)
    make_senja(secretary)
    senja = find("senja")
    post.refresh_from_db()
    view.refresh_from_db()
    made.refresh_from_db()
    assert (post.ends_on, view.branch_id, made.branch_id, made.closed_at) == (REFORM, senja.pk, senja.pk, None)
    assert {claim.municipal_id for claim in Claim.objects.all()} == {senja.pk}
    assert DuesSummary.objects.get(branch=senja, year=2026).unpaid == 1
    assert DuesSummary.objects.get(branch=find("skaland"), year=2026).municipal_id == senja.pk


def test_numbers_end_with_the_old_and_the_new_one_has_its_own(troms: Branch, secretary: User) -> None:
    make_senja(secretary)
    assert list(BranchNumber.objects.filter(branch=find("berg")).values_list("number", "valid_to")) == [
        ("1929", REFORM)
    ]
    assert list(find("senja").numbers.values_list("number", "valid_from", "valid_to")) == [("5421", REFORM, None)]


def test_a_file_that_names_an_old_branch_means_the_new_one(troms: Branch, secretary: User) -> None:
    make_senja(secretary)
    senja = find("senja")
    for text in ("Berg", "Berg Arbeiderparti", "1929", "5421", "Senja"):
        assert Places(troms).of({"branch": text}).branch == senja
    assert heirs_of_ended() == {branch.pk: senja.pk for branch in the_four()}


def test_requests_are_the_new_branchs_to_answer(troms: Branch, secretary: User) -> None:
    malselv = find("malselv")
    inside = moves.request_move(
        Member.objects.get(first_name="Lenvik0"), to=find("berg"), by=secretary, now=NOW, today=TODAY
    )
    coming = moves.request_move(malselv.members.get(), to=find("berg"), by=secretary, now=NOW, today=TODAY)
    make_senja(secretary)
    assert list(MoveRequest.objects.live()) == [coming]
    inside.refresh_from_db()
    coming.refresh_from_db()
    assert (inside.state, coming.to_branch) == ("withdrawn", find("senja"))


def test_into_one_that_goes_on(troms: Branch, secretary: User) -> None:
    lenvik = find("lenvik")
    merge(the_four(), into=Heir(branch=lenvik), on=REFORM, by=secretary, now=NOW, today=TODAY)
    lenvik.refresh_from_db()
    assert lenvik.valid_to is None
    assert lenvik.members.count() == 11
    assert members_on(lenvik, EVE) == 4
    assert history_on(lenvik, EVE) == 11
    assert Succession.objects.count() == 3


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"on": TODAY + timedelta(days=1)}, InFuture),
        ({"on": date(1900, 1, 1)}, BeforeBranch),
        ({"into": Heir(name="X", place="målselv")}, NameTaken),
    ],
)
def test_what_cannot_be_is_refused_whole(
    troms: Branch, secretary: User, change: dict[str, Any], refusal: type[Exception]
) -> None:
    before = tree()
    with pytest.raises(refusal):
        make_senja(secretary, **change)
    assert tree() == before
    assert not ChangeBatch.objects.exists()


def test_one_alone_others_children_and_the_ended_are_no_merger(troms: Branch, secretary: User) -> None:
    more: dict[str, Any] = {"on": REFORM, "by": secretary, "now": NOW, "today": TODAY}
    with pytest.raises(TooFew):
        merge([find("berg")], into=SENJA, **more)
    with pytest.raises(TooFew):
        merge([find("berg")], into=Heir(branch=find("berg")), **more)
    with pytest.raises(NotSisters):
        merge([find("lenvik"), find("skaland")], into=SENJA, **more)
    with pytest.raises(NotSisters):
        merge([find("berg"), make_branch(make_county("Nordland"), "Bodø")], into=SENJA, **more)
    make_senja(secretary)
    with pytest.raises(NotInForce):
        make_senja(secretary)


def test_not_while_a_file_is_imported(troms: Branch, secretary: User) -> None:
    RegisterImport.objects.create(
        branch=troms, county=troms, started_by=secretary, state=ImportState.APPLYING, file_name="x.xlsx", file="x"
    )
    with pytest.raises(ImportRunning):
        make_senja(secretary)


# --- Figures of the apps above ---------------------------------------------------------------------------------------


def test_the_monthly_figures_go_on_under_the_new_branch(troms: Branch, secretary: User) -> None:
    for month in (date(2019, 12, 1), REFORM):
        for branch in Branch.objects.all():
            MonthlySnapshot.objects.create(
                branch=branch,
                county_id=branch.root_id,
                municipal_id=branch.municipal_id,
                month_on=month,
                members=BranchSummary.objects.get(branch=branch).members,
                taken_at=NOW,
            )
    make_senja(secretary)
    take_snapshots(today=TODAY, now=NOW)
    senja = find("senja")
    assert members_by_month(senja, today=TODAY) == {date(2019, 12, 1): 11}
    later = date(2020, 2, 5)
    assert members_by_month(senja, today=later) == {date(2019, 12, 1): 11, REFORM: 11}
    assert members_by_month(troms, today=later) == {date(2019, 12, 1): 12, REFORM: 12}


def test_votes_are_added_up_and_the_share_is_a_dash(troms: Branch, secretary: User) -> None:
    from recruitment.models import ElectionResult

    for branch in the_four():
        ElectionResult.objects.create(
            number=OLD[branch.place][0], kind="ko", year=2019, branch=branch, votes=100, share_hundredths=3000
        )
    make_senja(secretary)
    (row,) = [row for row in county_figures(troms, on=TODAY, target_round=None).rows if row.place == "Senja"]
    assert (row.municipal.votes, row.municipal.share, row.members) == (400, "–", 11)
    ElectionResult.objects.filter(branch=find("berg")).update(votes=None)
    (row,) = [row for row in county_figures(troms, on=TODAY, target_round=None).rows if row.place == "Senja"]
    assert row.per_hundred_text == "–"
