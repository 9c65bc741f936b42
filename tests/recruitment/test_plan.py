"""The one definition of the plan."""

from __future__ import annotations

from datetime import date

import pytest

from recruitment.plan import Progress, members_planned

DAY = date(2026, 11, 20)


def test_the_plan_is_the_share_of_the_year_that_has_passed_rounded_down() -> None:
    # 20 November is day 324 of 365: 208 x 324 / 365 is 184.6.
    assert Progress(151, 208, DAY).plan == 184
    assert Progress(151, 208, DAY).plan_bar == 89


@pytest.mark.parametrize(("day", "plan"), [(date(2026, 1, 1), 0), (date(2026, 7, 2), 5), (date(2026, 12, 31), 10)])
def test_the_plan_runs_from_nothing_to_the_whole_target(day: date, plan: int) -> None:
    assert Progress(0, 10, day).plan == plan


def test_a_leap_year_has_a_day_more() -> None:
    assert Progress(0, 366, date(2028, 12, 30)).plan == 365


@pytest.mark.parametrize(("recruited", "behind"), [(151, 33), (183, 1), (184, 0), (200, 0)])
def test_on_track_is_at_least_as_many_as_the_plan_says(recruited: int, behind: int) -> None:
    assert Progress(recruited, 208, DAY).behind == behind


def test_the_target_is_reached_at_the_target() -> None:
    assert not Progress(7, 8, DAY).reached
    assert Progress(8, 8, DAY).reached
    assert (Progress(9, 8, DAY).percent, Progress(9, 8, DAY).bar) == (112, 100)


@pytest.mark.parametrize("target", [None, 0])
def test_without_a_target_nobody_is_behind_and_nothing_is_reached(target: int | None) -> None:
    progress = Progress(3, target, DAY)
    assert (progress.behind, progress.reached, progress.percent, progress.bar) == (0, False, None, 0)


def test_members_are_planned_in_a_straight_line_to_the_end_of_the_total_year() -> None:
    assert members_planned(1201, 1358, total_year=2026, on=DAY) == 1340
    assert members_planned(1201, 1358, total_year=2026, on=date(2026, 12, 31)) == 1358
    assert members_planned(1000, 1200, total_year=2027, on=date(2026, 12, 31)) == 1100
