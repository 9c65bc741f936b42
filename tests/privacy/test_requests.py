"""Requests: registered, and the month they are to be answered in."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from accounts.models import AuditEvent
from privacy.actions.requests import DayInFuture, open_request
from privacy.deadlines import months_after
from privacy.enums import RequestKind, RequestState, RequestWay
from privacy.models import RightsRequest
from tests.factories import NOW, TODAY, make_branch, make_county, make_member, make_officer


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2028, 1, 31), 1, date(2028, 2, 29)),
        (date(2028, 1, 29), 1, date(2028, 2, 29)),
        (date(2026, 1, 28), 1, date(2026, 2, 28)),
        (date(2026, 12, 31), 1, date(2027, 1, 31)),
        (date(2026, 11, 30), 1, date(2026, 12, 30)),
        (date(2026, 12, 31), 2, date(2027, 2, 28)),
        (date(2026, 8, 31), 3, date(2026, 11, 30)),
        (date(2026, 11, 30), 3, date(2027, 2, 28)),
        (date(2026, 5, 5), 0, date(2026, 5, 5)),
        (date(2026, 5, 5), 12, date(2027, 5, 5)),
    ],
)
def test_a_month_is_a_month_of_the_calendar(day: date, months: int, expected: date) -> None:
    assert months_after(day, months) == expected


@pytest.mark.django_db
def test_a_request_is_due_a_month_after_it_came_and_the_log_says_no_more_than_its_kind() -> None:
    branch = make_branch(make_county())
    member = make_member(branch, "Ragna", "Qvilnes")
    officer = make_officer(branch)

    made = open_request(
        branch, member=member, kind=RequestKind.ACCESS, way=RequestWay.EMAIL, text="Hva vet dere om meg?",
        received_on=date(2026, 10, 31), by=officer, now=NOW, today=TODAY,
    )  # fmt: skip

    made.refresh_from_db()
    assert (made.due_on, made.state, made.county_id) == (date(2026, 11, 30), RequestState.OPEN, branch.county_id)
    assert (made.member, made.created_by, made.created_at) == (member, officer, NOW)
    event = AuditEvent.objects.get(verb="request.opened")
    assert (event.actor_id, event.branch_id, event.details) == (officer.pk, branch.pk, {"kind": "access"})


@pytest.mark.django_db
def test_the_member_can_have_done_it_and_one_who_is_in_no_register() -> None:
    branch = make_branch(make_county())
    own = open_request(
        branch, member=make_member(branch), kind=RequestKind.ERASURE, way=RequestWay.MY_PAGE, text="",
        received_on=TODAY, by=None, now=NOW, today=TODAY,
    )  # fmt: skip
    stranger = open_request(
        branch, member=None, kind=RequestKind.ACCESS, way=RequestWay.LETTER, text="Har dere meg?",
        received_on=TODAY, by=make_officer(branch), now=NOW, today=TODAY,
    )  # fmt: skip

    assert (own.created_by, stranger.member) == (None, None)


@pytest.mark.django_db
def test_nothing_has_come_tomorrow() -> None:
    branch = make_branch(make_county())
    with pytest.raises(DayInFuture):
        open_request(
            branch, member=None, kind=RequestKind.ACCESS, way=RequestWay.LETTER, text="",
            received_on=TODAY + timedelta(days=1), by=None, now=NOW, today=TODAY,
        )  # fmt: skip
    assert not RightsRequest.objects.exists()
