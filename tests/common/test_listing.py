"""Pages of a list: one query, whatever is asked for."""

from __future__ import annotations

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from common import listing
from common.listing import ListPage, Total, fetch_page, kept, page_number
from tests.factories import make_user


@pytest.mark.parametrize(
    ("raw", "number"),
    [
        ("", 1),
        ("1", 1),
        ("7", 7),
        ("0", 1),
        ("-3", 1),
        ("1e9", 1),
        ("²", 1),
        ("٣", 1),
        ("side", 1),
        ("999999", 200),
        ("9" * 100_000, 1),
    ],
)
def test_a_page_number_is_a_small_whole_number_or_one(raw: str, number: int) -> None:
    params = QueryDict(mutable=True)
    params["side"] = raw
    assert page_number(params) == number


@pytest.mark.parametrize(
    ("number", "count", "numbers"),
    [
        (1, 0, [1]),
        (1, 50, [1]),
        (1, 51, [1, 2]),
        (1, 500, [1, 2, None, 10]),
        (5, 500, [1, None, 4, 5, 6, None, 10]),
        (10, 500, [1, None, 9, 10]),
        (3, 200, [1, 2, 3, 4]),
    ],
)
def test_page_numbers_leave_gaps(number: int, count: int, numbers: list[int | None]) -> None:
    page: ListPage[User] = ListPage([], number, Total(count))
    assert page.numbers == numbers


def test_a_total_says_when_the_counting_stopped() -> None:
    assert str(Total(1_000, more=True)) == "1\u00a0000+"
    assert str(Total(999)) == "999"


def test_a_link_keeps_the_last_of_each_filled_parameter_but_the_page() -> None:
    params = QueryDict("lag=tromso&fra=&sorter=navn&sorter=-navn&side=3&sok=x&r=%26%3D")
    assert kept(params, "sok") == "lag=tromso&sorter=-navn&r=%26%3D&"
    assert kept(QueryDict("side=2")) == ""


@pytest.mark.django_db
class TestFetching:
    """With 120 users to list."""

    @pytest.fixture(autouse=True)
    def _users(self) -> None:
        User.objects.bulk_create(User(name=f"{n:03d}", email=f"{n}@demo.example") for n in range(120))

    def names(self, page: ListPage[User]) -> list[str]:
        return [user.name for user in page.rows]

    def test_one_query_gives_the_rows_and_their_number(self) -> None:
        with CaptureQueriesContext(connection) as queries:
            page = fetch_page(User.objects.order_by("name", "id"), 2)
        assert len(queries) == 1
        assert self.names(page) == [f"{n:03d}" for n in range(50, 100)]
        assert (page.total, page.first_row, page.last_row) == (Total(120), 51, 100)
        assert (page.previous, page.next, page.last_number) == (1, 3, 3)

    def test_the_count_stops_at_its_cap(self, monkeypatch: pytest.MonkeyPatch) -> None:
        User.objects.bulk_create(User(name=f"{n:03d}", email=f"{n}@demo.example") for n in range(120, 400))
        monkeypatch.setattr(listing, "COUNT_CAP", 100)
        in_order = User.objects.order_by("name", "id")
        page = fetch_page(in_order, 1)
        assert (page.total, page.last_number) == (Total(250, more=True), 5)
        # Deeper in, it counts some pages further, so that there is a way on.
        assert fetch_page(in_order, 3).total == Total(350, more=True)
        assert fetch_page(in_order, 5).total == Total(400)

    def test_the_end_is_the_last_page_when_the_number_is_known(self) -> None:
        page = fetch_page(User.objects.order_by("name", "id"), 9, count=120)
        assert (page.number, len(page.rows), page.next) == (3, 20, None)

    def test_past_an_unknown_end_is_the_first_page(self) -> None:
        page = fetch_page(User.objects.order_by("name", "id"), 9)
        assert (page.number, page.total) == (1, Total(120))

    def test_nobody_is_an_empty_first_page(self) -> None:
        page = fetch_page(User.objects.none().order_by("id"), 1)
        assert (page.rows, page.total, page.first_row, page.last_number) == ([], Total(0), 0, 1)

    def test_no_page_lies_deeper_than_the_last(self) -> None:
        make_user()
        page: ListPage[User] = fetch_page(User.objects.order_by("name", "id"), 200, count=1_000_000)
        assert (page.number, page.last_number, page.next) == (200, 200, None)
