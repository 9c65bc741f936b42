"""The lines of the access table for leaving, erasing and members' rights."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from tests import access_rights, access_unpaid
from tests.access_table import Page
from tests.privacy.leaving import make_leaver

RESIGNATION: Final = {"way": "letter", "on": "20.11.2026", "text": "Jeg melder meg ut."}

PAGES: Final[Mapping[str, Page]] = {
    **access_rights.PAGES,
    **access_unpaid.PAGES,
    "privacy:home": Page(200),
    "privacy:policy": Page(200),
    "privacy:settings": Page(200, 422, county_only=True),
    "privacy:resignation": Page(200, 302, args=lambda place, _own: [place.member.pk], data=RESIGNATION),
    "privacy:resignation_link": Page(post=302, args=lambda place, _own: [place.member.pk]),
    "privacy:resignation_letter": Page(post=200, args=lambda place, _own: [place.member.pk]),
    "privacy:death": Page(200, 302, args=lambda place, _own: [place.member.pk], data={"on": "20.11.2026"}),
    "privacy:leavers": Page(200),
    "privacy:leaver_return": Page(post=302, args=lambda place, _own: [make_leaver(place.branch).pk]),
    "privacy:leaver_receipt": Page(post=200, args=lambda place, _own: [make_leaver(place.branch, by_letter=True).pk]),
    "privacy:leaver_posted": Page(post=302, args=lambda place, _own: [make_leaver(place.branch, by_letter=True).pk]),
    "privacy:latest_week": Page(200),
    "privacy:week": Page(200, args=lambda _place, _own: ["2026-11-09"]),
}
