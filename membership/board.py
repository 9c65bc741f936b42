"""The board's page: who holds the posts now, and who did on a day or in a year."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.http import QueryDict

from common.dates import parse_date
from membership.models import BoardPost, Branch


@dataclass(frozen=True, slots=True)
class BoardPage:
    """Posts to show; `year` or `on` where one asked for an earlier board."""

    posts: Sequence[BoardPost]
    coming: Sequence[BoardPost]
    years: Sequence[int]
    year: int | None
    on: date | None
    # What was typed and is no date.
    unread: str = ""


def board_of(branch: Branch, params: QueryDict, today: date) -> BoardPage:
    """Read it: one query for all the posts there ever were."""
    posts = list(branch.board_posts.select_related("member", "user").in_order())
    years = sorted({year for post in posts for year in _years(post, today)}, reverse=True)
    asked = params.get("ar", "")
    year = int(asked) if asked.isascii() and asked.isdigit() and len(asked) == 4 else None
    on, unread = _day(params.get("dato", ""))
    if on:
        shown = [post for post in posts if _held(post, on, on)]
    elif year:
        shown = [post for post in posts if _held(post, date(year, 1, 1), date(year, 12, 31))]
    else:
        shown = [post for post in posts if _held(post, today, today)]
    coming = [post for post in posts if post.starts_on > today] if not (on or year) else []
    return BoardPage(shown, coming, years, None if on else year, on, unread)


def present(branch: Branch, today: date) -> list[BoardPost]:
    """The elected board now; those employed are not elected."""
    return list(branch.board_posts.in_force(today).exclude(title="staff").select_related("member", "user").in_order())


def _day(text: str) -> tuple[date | None, str]:
    text = text.strip()[:40]
    try:
        return (parse_date(text) if text else None), ""
    except ValueError:
        return None, text


def _held(post: BoardPost, first: date, last: date) -> bool:
    return post.starts_on <= last and (post.ends_on is None or post.ends_on > first)


def _years(post: BoardPost, today: date) -> range:
    return range(post.starts_on.year, min(post.ends_on or today, today).year + 1)
