"""Likely pairs are kept up to date as members change."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.core.cache import cache
from django.db import transaction
from django.db.models import Count, Max

from membership.actions.duplicates import forget_checks, take_checks
from membership.duplicates.searching import AT_ONCE, check, search_county
from membership.models import DuplicateCheck

# Longer than this, and the whole county is gone through instead; no more than this in one go.
QUEUE: Final = 5_000
# A search of a county whose worker died is begun again after so many seconds.
_LOCKED_FOR: Final = 30 * 60


def follow_changes(*, now: datetime) -> None:
    """Hold those who have changed against the register again. May run twice: each is taken by one."""
    _search_long_queues(now)
    for _round in range(QUEUE // AT_ONCE):
        with transaction.atomic():
            ids = take_checks(most=AT_ONCE)
            check(ids, now=now)
        if len(ids) < AT_ONCE:
            return


def _search_long_queues(now: datetime) -> None:
    """After an import of a whole register: one walk is cheaper than as many look-ups."""
    waiting = DuplicateCheck.objects.values("member__county_id").annotate(count=Count("pk"), newest=Max("asked_at"))
    for row in waiting.filter(count__gt=QUEUE).order_by("member__county_id"):
        county_id = int(row["member__county_id"] or 0)
        key = f"duplicates:{county_id}"
        if not cache.add(key, True, _LOCKED_FOR):
            continue
        try:
            search_county(county_id, now=now)
            forget_checks(county_id, up_to=row["newest"] or now)
        finally:
            cache.delete(key)
