"""The lines of the access table for holds, and for those whose dues are long unpaid."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from tests.access_table import Page
from tests.access_world import Belongings, Place
from tests.privacy.keeping import make_any_round, make_hold


def round_of(place: Place, _own: Belongings) -> list[Any]:
    return [make_any_round(place.branch).pk]


PAGES: Final[Mapping[str, Page]] = {
    "privacy:holds": Page(200),
    "privacy:hold": Page(200, 422, args=lambda place, _own: [place.member.pk], data={"reason": "request"}),
    "privacy:hold_lift": Page(post=302, args=lambda place, _own: [make_hold(place.member).pk]),
    "privacy:erasing": Page(200),
    "privacy:unpaid": Page(200, county_only=True),
    "privacy:unpaid_make": Page(post=302, data={"year": "2025"}, county_only=True),
    "privacy:unpaid_round": Page(200, args=round_of, county_only=True),
    "privacy:unpaid_notify": Page(post=302, args=round_of, county_only=True),
    "privacy:unpaid_case": Page(post=302, args=round_of, county_only=True),
    "privacy:unpaid_letters": Page(post=302, args=round_of, county_only=True),
    "privacy:unpaid_posted": Page(post=302, args=round_of, county_only=True),
    "privacy:unpaid_approve": Page(post=422, args=round_of, county_only=True),
    "privacy:unpaid_drop": Page(post=302, args=round_of, county_only=True),
}
