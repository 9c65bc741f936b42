"""List pages: which page, how many rows, which order. One query fetches a page and counts what it is a page of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

from django.db.models import IntegerField, Model, QuerySet, Subquery
from django.http import QueryDict

from common.numbers import format_int

PER_PAGE: Final = 50
# A page further in costs more than the first, and nobody reads that far: a search or a filter gets there at once.
LAST_PAGE: Final = 200
# Counting more than this would cost more the larger the register is.
COUNT_CAP: Final = 1_000
PAGE: Final = "side"
SORT: Final = "sorter"

M = TypeVar("M", bound=Model)
R = TypeVar("R")


class CappedCount(Subquery):
    """How many rows a queryset has, as a column of another query; the queryset is sliced, so the count has a limit."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) AS capped)"
    output_field = IntegerField()


@dataclass(frozen=True, slots=True)
class Total:
    """How many rows there are; `more` says that counting stopped there."""

    count: int
    more: bool = False

    def __str__(self) -> str:
        return f"{format_int(self.count)}+" if self.more else format_int(self.count)


@dataclass(frozen=True, slots=True)
class ListPage(Generic[R]):
    """One page of a list."""

    rows: list[R]
    number: int
    total: Total
    per_page: int = PER_PAGE

    @property
    def last_number(self) -> int:
        """The last page one may open."""
        return _last(self.total.count, self.per_page)

    @property
    def first_row(self) -> int:
        """Counted from 1; 0 on an empty list."""
        return (self.number - 1) * self.per_page + 1 if self.rows else 0

    @property
    def last_row(self) -> int:
        """The number of the last row on the page."""
        return (self.number - 1) * self.per_page + len(self.rows)

    @property
    def previous(self) -> int | None:
        """The page before."""
        return self.number - 1 if self.number > 1 else None

    @property
    def next(self) -> int | None:
        """The page after."""
        return self.number + 1 if self.number < self.last_number else None

    @property
    def numbers(self) -> list[int | None]:
        """Page numbers to show, None where some are left out: 1 … 4 5 6 … 20."""
        shown = sorted(
            {1, self.last_number, *range(max(1, self.number - 1), min(self.last_number, self.number + 1) + 1)}
        )
        listed: list[int | None] = []
        for number in shown:
            if listed and listed[-1] != number - 1:
                listed.append(None)
            listed.append(number)
        return listed


def _last(count: int, per_page: int = PER_PAGE) -> int:
    return min(LAST_PAGE, max(1, -(-count // per_page)))


def page_number(params: QueryDict) -> int:
    """The page asked for; 1 for anything that is no page number."""
    raw = params.get(PAGE, "")
    return min(int(raw), LAST_PAGE) if raw.isascii() and raw.isdigit() and len(raw) < 7 and int(raw) else 1


def fetch_page(queryset: QuerySet[M, M], number: int, *, count: int | None = None) -> ListPage[M]:
    """Fetch a page of an ordered queryset with one query.

    `count` is the number of rows where summary rows tell it. Without it the same query counts them, up to COUNT_CAP or
    a few pages past the one asked for. A page past the end gives the last, or the first where the end is not known.
    """
    if count is not None:
        number = min(number, _last(count))
        return ListPage(_window(queryset, number), number, Total(count))
    cap = max(COUNT_CAP, (number + 4) * PER_PAGE)
    hits = queryset.order_by().values("pk")[: cap + 1]
    rows: list[Any] = _window(queryset.annotate(list_total=CappedCount(hits)), number)
    if not rows and number > 1:
        return fetch_page(queryset, 1)
    total = rows[0].list_total if rows else 0
    return ListPage(rows, number, Total(min(total, cap), more=total > cap))


def page_of(rows: Sequence[R], number: int, *, per_page: int = PER_PAGE) -> ListPage[R]:
    """A page of rows that are all read already; a page past the end gives the last."""
    number = min(number, _last(len(rows), per_page))
    shown = rows[(number - 1) * per_page : number * per_page]
    return ListPage(list(shown), number, Total(len(rows)), per_page)


def _window(queryset: QuerySet[Any, M], number: int) -> list[M]:
    return list(queryset[(number - 1) * PER_PAGE : number * PER_PAGE])


def kept(params: QueryDict, *without: str) -> str:
    """The parameters a link keeps, ending in “&”, or empty; page numbers and empty values are left out."""
    rest = QueryDict(mutable=True)
    for name in params:
        values = [value for value in params.getlist(name) if value]
        if values and name not in (PAGE, *without):
            rest.setlist(name, values[-1:])
    return f"{rest.urlencode()}&" if rest else ""


@dataclass(frozen=True, slots=True)
class Head:
    """One column's heading: `sort` is what a press on it asks for, empty where the column does not sort."""

    label: Any
    css: str
    sort: str
    aria: str


def heads(table: Any) -> list[Head]:
    """The headings of a django-tables2 table, for components/table_head.html."""
    return [_head(column) for column in table.columns.iterall() if column.visible]


def _head(column: Any) -> Head:
    css = column.column.attrs.get("th", {}).get("class", "")
    if not column.orderable:
        return Head(column.header, css, "", "")
    aria = "none"
    if column.is_ordered:
        aria = "descending" if column.order_by_alias.is_descending else "ascending"
    return Head(column.header, css, column.order_by_alias.next, aria)
