"""What remains of those who are erased."""

from __future__ import annotations

import pytest

from membership.models import ErasedCount
from privacy.counts import Band, remaining
from tests.factories import make_branch, make_county

pytestmark = pytest.mark.django_db


def test_years_are_told_by_age_and_branches_only_where_nobody_can_be_told() -> None:
    county, other = make_county(), make_county("Finnmark")
    large, small = make_branch(county), make_branch(county, "Skjervøy")
    for branch, year, band, count in (
        (large, 2026, 30, 6),
        (large, 2026, 40, 4),
        (small, 2026, 30, 9),
        (county, 2026, -1, 2),
        (county, 2025, 70, 20),
        (other, 2026, 30, 50),
    ):
        ErasedCount.objects.create(branch=branch, year=year, age_band=band, count=count)
    latest, before = remaining(county)
    assert (latest.year, latest.total) == (2026, 21)
    assert latest.bands == (Band(-1, 2), Band(30, 15), Band(40, 4))
    assert latest.branches == ((large, 10),)
    assert (before.year, before.total, before.branches) == (2025, 20, ())
    assert [band.label for band in latest.bands[:2]] == ["ukjent alder", "30–39 år"]


def test_nothing_is_told_where_nobody_is_erased() -> None:
    assert remaining(make_county()) == []
