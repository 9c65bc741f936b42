"""One thing that waits, as “today” shows it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Item:
    """One line: what, why, and the button. `level` is danger, warning or empty; `percent` draws a meter."""

    icon: str
    title: str
    text: str
    button: str
    url: str
    level: str = ""
    percent: int | None = None
