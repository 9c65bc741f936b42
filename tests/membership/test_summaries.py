"""Counts per branch."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from membership.actions.summaries import recount
from membership.enums import MemberStatus
from membership.models import BranchSummary
from tests.factories import TODAY, make_branch, make_county, make_member

pytestmark = pytest.mark.django_db


def test_those_who_joined_and_left_this_year_are_counted_apart() -> None:
    branch = make_branch(make_county())
    make_member(branch)
    make_member(branch, joined_on=date(2026, 1, 1))
    make_member(branch, joined_on=date(2026, 2, 1), status=MemberStatus.RESIGNED, left_on=date(2026, 11, 1))
    make_member(branch, joined_on=date(2025, 12, 31), status=MemberStatus.DECEASED, left_on=date(2025, 12, 31))
    make_member(branch, joined_on=date(2026, 3, 1), status=MemberStatus.APPLIED)
    make_member(branch, joined_on=None)

    recount([branch.pk], today=TODAY)

    row = BranchSummary.objects.get(branch=branch)
    assert (row.year, row.members, row.people, row.joined, row.left) == (2026, 3, 6, 2, 1)


def test_a_new_year_starts_from_nothing() -> None:
    branch = make_branch(make_county())
    make_member(branch, joined_on=date(2026, 12, 31))

    recount(today=date(2027, 1, 1))

    row = BranchSummary.objects.get(branch=branch)
    assert (row.year, row.members, row.joined) == (2027, 1, 0)


def test_counting_again_writes_nothing() -> None:
    branch = make_branch(make_county())
    make_member(branch)
    recount(today=TODAY)

    with CaptureQueriesContext(
        connection,
    ) as queries:
        recount(today=TODAY)

    assert not [query for query in queries if query["sql"].startswith("UPDATE")]


def test_without_a_day_the_clock_tells_the_year() -> None:
    branch = make_branch(make_county())
    recount([branch.pk])
    assert BranchSummary.objects.get(branch=branch).year == TODAY.year
