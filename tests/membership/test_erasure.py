"""Erasing: what goes, what remains, and that the year's figures do not fall."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.enums import Verb
from accounts.models import AuditEvent
from membership.actions.erasure import UNKNOWN_AGE, age_band, erase, erase_many
from membership.actions.numbers import digest_of
from membership.actions.summaries import recount
from membership.enums import MemberStatus
from membership.extensions import Erasure, registry
from membership.models import Branch, BranchSummary, ErasedCount, ErasedNumber, FormerNumber, Member
from tests.factories import NOW, TODAY, make_branch, make_county, make_member

pytestmark = pytest.mark.django_db


def _gone(branch: Branch, left_on: date = date(2026, 5, 1), **fields: Any) -> Member:
    return make_member(branch, status=MemberStatus.RESIGNED, left_on=left_on, **fields)


def _counts() -> list[tuple[int, int, int, int]]:
    rows = ErasedCount.objects.order_by("branch_id", "year", "age_band")
    return list(rows.values_list("branch_id", "year", "age_band", "count"))


def _erase(*members: Member, today: date = TODAY) -> int:
    return erase_many([member.pk for member in members], by=None, now=NOW, today=today)


def test_numbers_are_remembered_by_hashes_also_those_one_had_before() -> None:
    branch = make_branch(make_county())
    member, other = make_member(branch, member_number="8"), make_member(branch, member_number="9")
    FormerNumber.objects.create(number="7", member=member)
    # Erased once before, long ago.
    ErasedNumber.objects.create(digest=digest_of("9"), erased_on=date(2020, 1, 1))
    assert _erase(member, other) == 2
    kept = dict(ErasedNumber.objects.values_list("digest", "erased_on"))
    assert kept == dict.fromkeys(map(digest_of, ["7", "8", "9"]), TODAY)


def test_what_remains_are_counts_by_year_and_age_and_a_small_branch_counts_under_its_county() -> None:
    county = make_county()
    large, small = make_branch(county), make_branch(county, "Skjervøy")
    for _ in range(8):
        make_member(large)
    for _ in range(7):
        make_member(small)
    old = _gone(large, date(2026, 5, 1), birth_on=date(1986, 5, 2))
    older = _gone(large, date(2026, 5, 2), birth_on=date(1986, 5, 2))
    year_only = _gone(large, date(2025, 5, 2), birth_year=1990)
    hidden = _gone(small)
    assert _erase(old, older, year_only, hidden) == 4
    assert _counts() == [
        (county.pk, 2026, UNKNOWN_AGE, 1),
        (large.pk, 2025, 30, 1),
        (large.pk, 2026, 30, 1),
        (large.pk, 2026, 40, 1),
    ]
    _erase(_gone(small), _gone(small, birth_year=1990))
    assert _counts()[:2] == [(county.pk, 2026, UNKNOWN_AGE, 2), (county.pk, 2026, 30, 1)]


def test_age_is_told_in_tens() -> None:
    def band(**fields: Any) -> int:
        return age_band(Member(**fields), date(2026, 11, 20))

    assert band(birth_on=date(1996, 11, 20)) == 30
    assert band(birth_on=date(1996, 11, 21)) == 20
    assert band(birth_year=2026) == band(birth_year=2030) == 0
    assert band() == UNKNOWN_AGE


def test_left_this_year_does_not_fall_when_they_are_erased() -> None:
    county = make_county()
    large, small = make_branch(county), make_branch(county, "Skjervøy")
    for _ in range(9):
        make_member(large)
    gone = [_gone(large), _gone(large, date(2025, 12, 31)), _gone(small)]
    recount(today=TODAY)

    def left() -> dict[int, int]:
        return dict(BranchSummary.objects.values_list("branch_id", "left"))

    assert left() == {county.pk: 0, large.pk: 1, small.pk: 1}
    _erase(*gone)
    assert left() == {county.pk: 1, large.pk: 1, small.pk: 0}
    assert BranchSummary.objects.get(branch=large).people == 9
    recount(today=TODAY)
    assert left() == {county.pk: 1, large.pk: 1, small.pk: 0}
    recount(today=date(2027, 1, 1))
    assert sum(left().values()) == 0


def test_the_log_has_a_line_for_each_branch_and_no_member() -> None:
    county = make_county()
    one, other = make_branch(county), make_branch(county, "Skjervøy")
    members = [make_member(one, "Unni"), make_member(one), make_member(other)]
    _erase(*members)
    lines = AuditEvent.objects.filter(verb=Verb.MEMBERS_ERASED).order_by("branch_id")
    assert [(line.branch_id, line.count, line.object_id, line.details) for line in lines] == [
        (one.pk, 2, "", {}),
        (other.pk, 1, "", {}),
    ]


def test_erasing_twice_or_nobody_changes_nothing() -> None:
    member = make_member(make_branch(make_county()))
    assert _erase(member) == 1
    before = _counts()
    assert _erase(member) == 0
    assert erase_many([], by=None, now=NOW, today=TODAY) == 0
    assert _counts() == before
    assert AuditEvent.objects.filter(verb=Verb.MEMBERS_ERASED).count() == 1


def test_apps_above_are_asked_to_wipe_before_the_rows_go(monkeypatch: pytest.MonkeyPatch) -> None:
    member = make_member(make_branch(make_county()), "Unni")
    seen: list[tuple[str, bool]] = []

    def wipe(members: Any, _now: Any) -> None:
        seen.extend((one.first_name, Member.objects.filter(pk=one.pk).exists()) for one in members)

    monkeypatch.setattr(registry, "erasures", [Erasure("test", wipe)])
    erase(member, by=None, now=NOW, today=TODAY)
    assert seen == [("Unni", True)]


def test_erasing_three_takes_as_many_queries_as_one() -> None:
    branch = make_branch(make_county())
    counts = []
    for many in (1, 3):
        members = [_gone(branch) for _ in range(many)]
        with CaptureQueriesContext(
            connection,
        ) as queries:
            _erase(*members)
        counts.append(len(queries))
    assert counts[0] == counts[1]
