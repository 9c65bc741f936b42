"""The table that is printed at the end."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """One line: what, where, the figure, its goal, and both sides' seconds where there are any."""

    what: str
    where: str
    value: float
    goal: float
    at_least: bool = False
    cpu_ms: float | None = None
    wall_ms: float | None = None
    yardstick_ms: float | None = None
    unit: str = "×"

    @property
    def met(self) -> bool:
        """Whether the goal is reached."""
        return self.value >= self.goal if self.at_least else self.value <= self.goal


def text(figures: list[Figure]) -> str:
    """A table in Markdown: it is pasted into docs/benchmarks.md."""
    head = ["what", "register", "figure", "goal", "", "our CPU ms", "our wall ms", "yardstick ms"]
    rows = [head, ["---"] * len(head), *(_row(figure) for figure in figures)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
    return "\n".join(
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |" for row in rows
    )


def _row(figure: Figure) -> list[str]:
    sign = "≥" if figure.at_least else "≤"
    return [
        figure.what,
        figure.where,
        f"{figure.value:.2f} {figure.unit}" if figure.unit != "queries" else f"{figure.value:.0f} queries",
        f"{sign} {figure.goal:g}",
        "met" if figure.met else "MISSED",
        _number(figure.cpu_ms),
        _number(figure.wall_ms),
        _number(figure.yardstick_ms),
    ]


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.1f}"
