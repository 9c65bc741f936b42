"""The access table's lines for members' requests, breaches and the review of access: see tests/access_privacy.py."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from privacy.actions.breaches import report
from privacy.actions.requests import open_request
from privacy.enums import BreachKind, RequestKind, RequestWay
from tests.access_table import Page
from tests.access_world import Belongings, Place
from tests.factories import NOW, TODAY


def a_request(place: Place, _own: Belongings) -> list[Any]:
    """The id of a request of the place's member."""
    made = open_request(
        place.branch, member=place.member, kind=RequestKind.ACCESS, way=RequestWay.EMAIL, text="", received_on=TODAY,
        by=None, now=NOW, today=TODAY,
    )  # fmt: skip
    return [made.pk]


def a_breach(place: Place, own: Belongings) -> list[Any]:
    """The id of a breach in the place."""
    made = report(
        place.branch, kind=BreachKind.SENT_WRONG, what="Sendt feil", found_at=NOW, by=own.mail.sent.created_by, now=NOW,
        machine_now=NOW, message=own.mail.sent,
    )  # fmt: skip
    return [made.pk]


PAGES: Final[Mapping[str, Page]] = {
    "privacy:requests": Page(200),
    "privacy:request_new": Page(200, 422),
    "privacy:request_detail": Page(200, args=a_request),
    "privacy:request_data": Page(200, args=a_request),
    "privacy:request_answer": Page(post=422, args=a_request),
    "privacy:request_refuse": Page(post=422, args=a_request),
    "privacy:request_extend": Page(post=422, args=a_request),
    "privacy:request_withdraw": Page(post=302, args=a_request),
    "privacy:breaches": Page(200),
    "privacy:breach_new": Page(200, 422),
    "privacy:breach_detail": Page(200, args=a_breach),
    "privacy:breach_save": Page(post=422, args=a_breach),
    "privacy:breach_letter": Page(200, args=lambda place, own: [*a_breach(place, own), "datatilsynet"]),
    "privacy:breach_write": Page(post=302, args=a_breach),
    "privacy:access_review": Page(200, county_only=True),
    "privacy:access_review_decide": Page(post=302, county_only=True),
    "privacy:access_review_sign": Page(post=302, county_only=True),
}
