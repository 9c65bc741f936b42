"""Rows in the order a heading asks for."""

from __future__ import annotations

import pytest
from django.http import QueryDict

from common.listing import page_number, page_of
from common.ordering import Column, ordered

ROWS: list[tuple[str, int | None]] = [("b", 2), ("a", None), ("c", 2), ("d", 5)]
COLUMNS: list[Column[tuple[str, int | None]]] = [
    Column("name", "Name", lambda row: row[0], largest_first=False),
    Column("size", "Size", lambda row: row[1]),
    Column("note", "Note"),
]


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ("name", "abcd"),
        ("-name", "dcba"),
        ("size", "bcda"),
        ("-size", "dbca"),
        ("", "abcd"),
        ("note", "abcd"),
        ("pk", "abcd"),
        ("--size", "abcd"),
        ("-", "abcd"),
        ("figures__branch", "abcd"),
    ],
)
def test_only_listed_names_sort_and_what_is_unknown_goes_last(asked: str, names: str) -> None:
    rows, _heads, _used = ordered(ROWS, COLUMNS, asked, default="name")
    assert "".join(row[0] for row in rows) == names


def test_a_heading_says_its_order_and_what_a_press_asks_for() -> None:
    _rows, heads, used = ordered(ROWS, COLUMNS, "-size", default="name")
    assert used == "-size"
    assert [(head.aria, head.sort) for head in heads] == [("none", "name"), ("descending", "size"), ("", "")]


def test_a_second_press_turns_the_order() -> None:
    _rows, heads, _used = ordered(ROWS, COLUMNS, "size", default="name")
    assert (heads[1].aria, heads[1].sort) == ("ascending", "-size")


def test_rows_in_hand_are_paged_like_any_list() -> None:
    page = page_of(range(65), page_number(QueryDict("side=3")), per_page=30)
    assert (page.rows, page.last_number, page.first_row, page.last_row) == ([60, 61, 62, 63, 64], 3, 61, 65)
    assert page_of(range(65), 9, per_page=30).number == 3
    assert page_of([], 1).rows == []
