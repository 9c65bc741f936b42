"""The county's figures, branch by branch."""

from __future__ import annotations

from datetime import date

import pytest

from membership.actions.summaries import recount
from membership.enums import MemberStatus
from membership.models import Branch
from recruitment.figures import CountyFigures, Figures, branch_figures, county_figures, round_of, rounds_of
from recruitment.models import ElectionResult, Target, TargetRound
from tests.factories import NOW, TODAY, make_branch, make_county, make_member

pytestmark = pytest.mark.django_db


def make_round(county: Branch, year: int = 2026, **fields: object) -> TargetRound:
    return TargetRound.objects.create(
        county=county, recruit_year=year, total_year=year + 2, created_at=NOW, created_by=None, **fields
    )


def make_result(
    branch: Branch, votes: int | None, share: int | None = 3000, *, kind: str = "ko", year: int = 2023
) -> None:
    ElectionResult.objects.create(
        number=f"{ElectionResult.objects.count():04d}",
        kind=kind,
        year=year,
        branch=branch,
        votes=votes,
        share_hundredths=share,
    )


def figures_of(county: Branch, target_round: TargetRound | None = None) -> CountyFigures:
    recount(today=TODAY)
    return county_figures(
        county, on=TODAY, target_round=round_of(county.pk, target_round.recruit_year) if target_round else None
    )


def row_of(found: CountyFigures, branch: Branch) -> Figures:
    return next(row for row in found.rows if row.branch_id == branch.pk)


def test_a_municipal_branch_counts_its_local_branches() -> None:
    county = make_county()
    tromso = make_branch(county, "Tromsø")
    make_member(tromso)
    make_member(make_branch(tromso, "Kvaløya"))
    make_member(make_branch(tromso, "Tromsøya"))

    found = figures_of(county)

    assert [row.place for row in found.rows] == ["Tromsø"]
    assert found.rows[0].members == 3


def test_the_rows_and_those_without_a_branch_add_up_to_the_countys_own_number() -> None:
    county = make_county()
    for place in ("Bardu", "Kåfjord"):
        make_member(make_branch(county, place))
    make_member(county)
    make_member(county, status=MemberStatus.RESIGNED, left_on=date(2026, 3, 1))

    found = figures_of(county)

    assert found.without.members == 1
    assert sum(row.members for row in found.rows) + found.without.members == found.total.members
    assert found.total.members == county.members.current().count() == 3
    assert found.total.left == 1


def test_rows_stand_in_norwegian_order() -> None:
    county = make_county()
    for place in ("Åsane", "Øksnes", "Balsfjord", "Ærøy"):
        make_branch(county, place)
    assert [row.place for row in figures_of(county).rows] == ["Balsfjord", "Ærøy", "Øksnes", "Åsane"]


def test_members_per_100_votes_are_of_the_last_municipal_election() -> None:
    county = make_county()
    branch = make_branch(county)
    for _number in range(3):
        make_member(branch)
    make_result(branch, 999, year=2019)
    make_result(branch, 40, year=2023)
    make_result(branch, 77, kind="st", year=2025)

    found = figures_of(county)

    assert (found.municipal_year, found.storting_year) == (2023, 2025)
    assert found.rows[0].per_hundred == 7.5
    assert found.rows[0].per_hundred_text == "7,5"
    assert found.rows[0].storting.votes == 77


def test_a_rounds_elections_are_those_before_it() -> None:
    county = make_county()
    branch = make_branch(county)
    for year in (2015, 2019, 2023):
        make_result(branch, year, year=year)
    old = make_round(county, 2018)
    Target.objects.create(round=old, branch=branch)

    assert figures_of(county, old).municipal_year == 2015


def test_what_nobody_knows_is_a_dash_and_never_nought() -> None:
    county = make_county()
    known, unknown = make_branch(county, "Bardu"), make_branch(county, "Senja")
    make_result(known, 100)
    make_result(unknown, None, None)

    found = figures_of(county)

    assert row_of(found, unknown).per_hundred_text == "–"
    assert row_of(found, unknown).municipal.share == "–"
    # A sum that lacks Senja's votes would not be the county's.
    assert found.total.municipal.votes is None
    assert found.total.per_hundred_text == "–"


def test_results_of_municipalities_that_are_one_branch_now_are_added_up_without_a_share() -> None:
    county = make_county()
    senja = make_branch(county, "Senja")
    make_result(senja, 100, 2500)
    make_result(senja, 50, 4000)

    found = figures_of(county)

    assert (found.rows[0].municipal.votes, found.rows[0].municipal.share_hundredths) == (150, None)


def test_the_countys_own_result_stands_apart() -> None:
    county = make_county()
    make_branch(county)
    make_result(county, 22093, 3280, kind="fy", year=2015)

    found = figures_of(county)

    assert (found.county_year, found.county_result.votes, found.county_result.share) == (2015, 22093, "32,8\u00a0%")
    assert found.municipal_year is None


def test_recruited_are_all_who_joined_this_year_also_those_who_left_again() -> None:
    county = make_county()
    branch = make_branch(county)
    make_member(branch, joined_on=date(2026, 1, 1))
    make_member(branch, joined_on=date(2026, 5, 1), status=MemberStatus.RESIGNED, left_on=date(2026, 6, 1))
    make_member(branch, joined_on=date(2025, 12, 31))

    row = figures_of(county).rows[0]

    assert (row.members, row.joined, row.left) == (2, 2, 1)
    assert row.progress.recruited == 2


def test_counts_of_another_year_are_not_this_years() -> None:
    county = make_county()
    branch = make_branch(county)
    make_member(branch, joined_on=date(2025, 6, 1))
    recount(today=date(2025, 12, 31))

    row = county_figures(county, on=TODAY, target_round=None).rows[0]

    assert (row.members, row.joined) == (1, 0)


def test_the_newest_version_of_a_round_is_shown() -> None:
    county = make_county()
    branch = make_branch(county)
    first, second = make_round(county), make_round(county, version=2)
    Target.objects.create(round=first, branch=branch, recruit_target=3, total_target=30)
    Target.objects.create(round=second, branch=branch, recruit_target=4)
    make_round(county, 2018)

    row = figures_of(county, second).rows[0]

    assert (row.recruit_target, row.total_target) == (4, None)
    assert [(found.recruit_year, found.version) for found in rounds_of(county.pk)] == [(2026, 2), (2018, 1)]


def test_the_sum_of_targets_is_of_those_that_are_set() -> None:
    county = make_county()
    made = make_round(county)
    for place, recruit in (("Bardu", 4), ("Kåfjord", 0), ("Dyrøy", None)):
        Target.objects.create(round=made, branch=make_branch(county, place), recruit_target=recruit)

    total = figures_of(county, made).total

    assert total.recruit_target == 4
    assert total.total_target is None


def test_a_branch_that_has_ended_is_shown_as_long_as_somebody_stands_in_it() -> None:
    county = make_county()
    ended, empty = make_branch(county, "Berg"), make_branch(county, "Torsken")
    make_member(ended)
    Branch.objects.filter(pk__in=[ended.pk, empty.pk]).update(valid_to=date(2020, 1, 1))

    assert [row.place for row in figures_of(county).rows] == ["Berg"]


def test_similar_branches_are_the_nearest_in_votes_the_densest_first() -> None:
    county = make_county()
    for number, votes in enumerate((10, 100, 110, 120, 130, 140, 5000), start=1):
        branch = make_branch(county, f"Sted {number}")
        make_result(branch, votes)
        for _member in range(number):
            make_member(branch)
    found = figures_of(county)

    own = found.rows[2]
    similar = found.similar_to(own.branch_id)

    assert own in similar
    assert [row.municipal.votes for row in similar] == [10, 140, 130, 120, 110, 100]
    assert found.similar_to(None) == []


def test_one_branchs_figures_are_the_same_as_its_row() -> None:
    county = make_county()
    tromso = make_branch(county, "Tromsø")
    local = make_branch(tromso, "Kvaløya")
    make_member(tromso, joined_on=date(2026, 2, 1))
    make_member(local)
    make_result(tromso, 50)
    made = make_round(county)
    Target.objects.create(round=made, branch=tromso, recruit_target=5, total_target=60)
    row = figures_of(county, made).rows[0]

    own, year = branch_figures(tromso, on=TODAY, target_round=round_of(county.pk, 2026, branch_id=tromso.pk))

    assert (own, year) == (row, 2023)
    below, none = branch_figures(local, on=TODAY, target_round=None)
    assert (below.members, below.per_hundred, none) == (1, None, None)
