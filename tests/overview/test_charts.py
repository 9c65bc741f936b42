"""Lines and axes."""

from __future__ import annotations

from datetime import date

import pytest

from overview.charts import line_chart, scale, spark
from overview.figures import line_of, signed
from tests.factories import TODAY


@pytest.mark.parametrize(
    ("low", "high", "axis"),
    [
        (1201, 1358, (1200, 1400, 50)),
        (0, 3, (0, 3, 1)),
        (41, 41, (41, 42, 1)),
        (1974, 2082, (1950, 2100, 50)),
        (0, 500_000, (0, 500_000, 100_000)),
    ],
)
def test_an_axis_has_round_numbers_and_few_of_them(low: int, high: int, axis: tuple[int, int, int]) -> None:
    bottom, top, step = scale(low, high)
    assert (bottom, top, step) == axis
    assert bottom <= low <= high <= top
    assert (top - bottom) // step <= 5


@pytest.mark.parametrize("high", range(1, 400, 7))
def test_the_axis_holds_all_values(high: int) -> None:
    for low in range(0, high, 5):
        bottom, top, step = scale(low, high)
        assert bottom <= low
        assert top >= high
        assert (top - bottom) % step == 0


def test_the_line_goes_from_new_year_to_today_and_the_plan_to_the_years_end() -> None:
    by_month = {date(2025, 12, 1): 1000, date(2026, 1, 1): 1010, date(2026, 10, 1): 1040}
    line = line_of(by_month, members=1050, total_target=1200, total_year=2027, today=TODAY)

    assert line is not None
    assert (line.at_new_year, line.members, line.plan) == (1000, 1050, 1088)
    assert [month.members for month in line.months] == [1000, 1010, *[None] * 8, 1040, 1050, None]
    assert (line.months[0].plan, line.months[-1].plan) == (1000, 1100)
    chart = line_chart(line)
    assert chart.members.startswith("M0 100L8.5 ")
    assert chart.plan.startswith("M0 100L")
    assert chart.plan.count("L") == 12
    assert chart.dot_x == 89


def test_without_a_number_at_new_year_there_is_no_plan() -> None:
    line = line_of({date(2026, 5, 1): 10}, members=12, total_target=20, total_year=2026, today=TODAY)
    assert line is not None
    assert line.plan is None
    assert line_chart(line).plan == ""


def test_without_history_there_is_no_line() -> None:
    assert line_of({}, members=12, total_target=20, total_year=2026, today=TODAY) is None


def test_a_spark_needs_two_numbers() -> None:
    assert spark([4]) is None
    small = spark([1, 1, 10])
    assert small is not None
    assert (small.path, small.y) == ("M0 20L36 20L72 2", "2")


@pytest.mark.parametrize(("value", "text"), [(3, "+3"), (0, "±0"), (-1200, "−1\u00a0200")])
def test_a_change_has_its_sign(value: int, text: str) -> None:
    assert signed(value) == text
