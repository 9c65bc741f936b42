"""Lines as SVG paths in a box of 100 by 100, and the words around them; the text itself is HTML."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from common.numbers import format_int
from overview.figures import Line

_STEPS: Final = (1, 2, 5)
_SHORT: Final = 3


@dataclass(frozen=True, slots=True)
class Tick:
    """A word on an axis. `at` is per cent from the top or the left."""

    at: int
    text: str


@dataclass(frozen=True, slots=True)
class Chart:
    """A line chart, ready for templates/overview/_line.html."""

    members: str
    area: str
    plan: str
    y: list[Tick]
    x: list[Tick]
    dot_x: int
    dot_y: int


def scale(low: int, high: int) -> tuple[int, int, int]:
    """Bottom, top and step of an axis of whole numbers with at most five steps."""
    span = max(high - low, 4)
    power = 1
    while True:
        for factor in _STEPS:
            step = factor * power
            bottom = low // step * step
            top = -(-high // step) * step
            if top - bottom <= 5 * step and step * 5 >= span:
                return bottom, max(top, bottom + step), step
        power *= 10


def line_chart(line: Line) -> Chart:
    """The members' line with the area under it, and the plan's."""
    points = [(month.at, month.members) for month in line.months if month.members is not None]
    planned = [(month.at, month.plan) for month in line.months if month.plan is not None]
    values = [value for _at, value in (*points, *planned)]
    bottom, top, step = scale(min(values), max(values))

    def place(at: float, value: int) -> tuple[float, float]:
        return round(at, 1), round(100 - (value - bottom) * 100 / (top - bottom), 1)

    placed = [place(*point) for point in points]
    path = _path(placed)
    return Chart(
        members=path,
        area=f"{path}V100H{_short(placed[0][0])}Z",
        plan=_path([place(*point) for point in planned]),
        y=[
            Tick(round(100 - (value - bottom) * 100 / (top - bottom)), format_int(value))
            for value in range(bottom, top + 1, step)
        ],
        x=[
            Tick(at, line.months[-12:][number].name[:_SHORT])
            for at, number in ((0, 0), (25, 3), (50, 6), (75, 9), (100, 11))
        ],
        dot_x=round(placed[-1][0]),
        dot_y=round(placed[-1][1]),
    )


@dataclass(frozen=True, slots=True)
class Spark:
    """A small line in a box of 72 by 22, and where it ends."""

    path: str
    y: str


def spark(values: Sequence[int]) -> Spark | None:
    """The shape of a few numbers, in whole units of the box; None for less than two."""
    if len(values) < 2:
        return None
    low = min(values)
    span = max(max(values) - low, 1)
    last = len(values) - 1
    points = [f"{72 * position // last} {20 - (value - low) * 18 // span}" for position, value in enumerate(values)]
    return Spark(f"M{'L'.join(points)}", points[-1].partition(" ")[2])


def _path(points: Sequence[tuple[float, float]]) -> str:
    return "".join(f"{'L' if position else 'M'}{_short(x)} {_short(y)}" for position, (x, y) in enumerate(points))


def _short(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
