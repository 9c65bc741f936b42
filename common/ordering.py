"""Putting rows that are all read already in the order the reader asks for, by pressing a column's heading."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.utils.functional import Promise

from common.listing import Head

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Column(Generic[R]):
    """One column: `name` stands in the address, `value` is what it sorts by (None goes last whichever way)."""

    name: str
    label: str | Promise
    value: Callable[[R], Any] | None = None
    css: str = "num"
    # Whether the first press puts the largest on top.
    largest_first: bool = True


def ordered(
    rows: Iterable[R], columns: Sequence[Column[R]], asked: str, *, default: str
) -> tuple[list[R], list[Head], str]:
    """The rows in the order asked for, the headings, and the order used.

    `asked` is a column's name, with “-” before it for the largest first; any other word means `default`. Rows that
    are equal keep the order they came in.
    """
    sortable = {column.name: column for column in columns if column.value}
    used = asked if asked.removeprefix("-") in sortable else default
    descending = used.startswith("-")
    value = sortable[used.removeprefix("-")].value
    assert value is not None  # noqa: S101 - told to the type checker: sortable columns have one
    keyed = [(value(row), row) for row in rows]
    known = sorted((pair for pair in keyed if pair[0] is not None), key=lambda pair: pair[0], reverse=descending)
    unknown = [row for key, row in keyed if key is None]
    return [*(row for _key, row in known), *unknown], [_head(column, used) for column in columns], used


def _head(column: Column[Any], used: str) -> Head:
    if column.value is None:
        return Head(column.label, column.css, "", "")
    if used.removeprefix("-") == column.name:
        descending = used.startswith("-")
        return Head(
            column.label,
            column.css,
            column.name if descending else f"-{column.name}",
            "descending" if descending else "ascending",
        )
    return Head(column.label, column.css, f"-{column.name}" if column.largest_first else column.name, "none")
