"""The lines of the access table for leaving, erasing and members' rights."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from tests import access_rights
from tests.access_table import Page
from tests.privacy.keeping import make_hold

PAGES: Final[Mapping[str, Page]] = {
    **access_rights.PAGES,
    "privacy:home": Page(200),
    "privacy:holds": Page(200),
    "privacy:hold": Page(200, 422, args=lambda place, _own: [place.member.pk], data={"reason": "request"}),
    "privacy:hold_lift": Page(post=302, args=lambda place, _own: [make_hold(place.member).pk]),
    "privacy:policy": Page(200),
    "privacy:settings": Page(200, 422, county_only=True),
}
