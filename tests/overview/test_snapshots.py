"""The monthly figures."""

from __future__ import annotations

from datetime import date
from io import StringIO

import pytest
from django.core.management import call_command

from dues.actions.summaries import recount as recount_dues
from membership.enums import MemberStatus
from membership.models import Branch, Member
from overview.actions import take_snapshots
from overview.models import MonthlySnapshot
from overview.tasks import take_snapshots as nightly
from tests.factories import NOW, TODAY, make_branch, make_claim, make_county, make_member

pytestmark = pytest.mark.django_db

FIELDS = ("month_on", "members", "joined", "left", "unpaid", "outstanding_ore")


def rows(branch: Branch) -> list[tuple[object, ...]]:
    return list(MonthlySnapshot.objects.filter(branch=branch).order_by("month_on").values_list(*FIELDS))


def test_every_branch_gets_a_row_of_its_own_figures() -> None:
    county = make_county()
    tromso = make_branch(county, "Tromsø")
    local = make_branch(tromso, "Kvaløya")
    make_claim(make_member(tromso, joined_on=date(2026, 3, 1)), outstanding_ore=20000)
    make_member(tromso, status=MemberStatus.RESIGNED, left_on=date(2026, 4, 1))
    make_member(local)
    recount_dues()

    assert take_snapshots(today=TODAY, now=NOW) == 3

    month = date(2026, 11, 1)
    assert rows(tromso) == [(month, 1, 1, 1, 1, 20000)]
    assert rows(local) == [(month, 1, 0, 0, 0, 0)]
    assert rows(county) == [(month, 0, 0, 0, 0, 0)]
    assert MonthlySnapshot.objects.get(branch=local).municipal == tromso


def test_taking_them_again_renews_the_running_months_row() -> None:
    branch = make_branch(make_county())
    take_snapshots(today=TODAY, now=NOW)
    before = list(MonthlySnapshot.objects.values_list("pk", *FIELDS))
    take_snapshots(today=TODAY, now=NOW)
    assert list(MonthlySnapshot.objects.values_list("pk", *FIELDS)) == before

    make_member(branch)
    take_snapshots(today=date(2026, 11, 30), now=NOW)
    assert rows(branch) == [(date(2026, 11, 1), 1, 0, 0, 0, 0)]


def test_a_month_that_is_over_stays_as_it_was() -> None:
    branch = make_branch(make_county())
    make_member(branch, joined_on=date(2026, 12, 1))
    take_snapshots(today=date(2026, 12, 31), now=NOW)
    Member.objects.all().delete()

    take_snapshots(today=date(2027, 1, 1), now=NOW)

    assert rows(branch) == [(date(2026, 12, 1), 1, 1, 0, 0, 0), (date(2027, 1, 1), 0, 0, 0, 0, 0)]


def test_a_branch_that_has_ended_gets_none() -> None:
    branch = make_branch(make_county())
    Branch.objects.filter(pk=branch.pk).update(valid_to=TODAY)
    take_snapshots(today=TODAY, now=NOW)
    assert rows(branch) == []


def test_the_night_and_the_command_write_the_same() -> None:
    branch = make_branch(make_county())
    nightly()
    before = rows(branch)
    out = StringIO()
    call_command("take_snapshots", stdout=out)
    assert rows(branch) == before
    assert out.getvalue() == "2 branches, 2026-11.\n"
