"""Calling those who answer for the county before a deadline is over, and once when it is."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Final

from django.db import transaction
from django.urls import reverse

from common.clock import OSLO
from membership.models import Branch
from privacy.deadlines import half_of
from privacy.mail import BREACH_DAY_LEFT, REQUESTS, REVIEW_LATE, REVIEW_OPEN
from privacy.models import AccessReview, Breach, RightsRequest
from privacy.models.rights import REVIEW_LATE_AFTER, TELL_WITHIN
from privacy.responsible import call, who_answers, who_reviews

SOON: Final = timedelta(days=7)
DAY_LEFT: Final = timedelta(hours=24)


def remind_requests(*, today: date, now: datetime) -> int:
    """Email about requests that are due within a week or late, once for each of the two; how many counties were told.

    `now` is the true time, by which the outbox lives.
    """
    pressing = RightsRequest.objects.open().filter(due_on__lte=today + SOON)
    counties = Branch.objects.filter(pk__in=pressing.values("county_id")).order_by("id")
    return sum(_remind(county, today, now) for county in counties)


@transaction.atomic
def _remind(county: Branch, today: date, now: datetime) -> bool:
    rows = RightsRequest.objects.open().filter(county=county, due_on__lte=today + SOON)
    news = [one for one in rows.select_for_update().order_by("id") if _is_news(one, today)]
    users = who_answers(county.pk, on=today)
    if not news or not users:
        return False
    late = sum(one.due_on < today for one in news)
    call(
        users,
        REQUESTS,
        f"{county.pk}:{today}",
        county=county,
        url=reverse("privacy:requests", args=[county.slug]),
        now=now,
        late=late,
        soon=len(news) - late,
    )
    RightsRequest.objects.filter(pk__in=[one.pk for one in news]).update(reminded_on=today)
    return True


def watch_breaches(*, now: datetime, machine_now: datetime) -> int:
    """Email about breaches with a day left of the 72 hours and the authority not told, once each; how many there are.

    Whoever has decided to tell it is called too, until it has been told.

    Said once by the key in the outbox. One that nobody has touched for two weeks has been said often enough.
    """
    day = now.astimezone(OSLO).date()
    told = Breach.objects.undecided().filter(
        found_at__lte=now - TELL_WITHIN + DAY_LEFT, found_at__gt=now - timedelta(days=14)
    )
    found = list(told.select_related("county").order_by("id"))
    for breach in found:
        url = reverse("privacy:breach_detail", args=[breach.county.slug, breach.pk])
        users = who_answers(breach.county_id, on=day)
        call(users, BREACH_DAY_LEFT, str(breach.pk), county=breach.county, url=url, now=machine_now)
    return len(found)


def remind_reviews(*, today: date, now: datetime) -> int:
    """Email that the half-year's review of access is to be done, and once more when it is late; how many counties.

    Said once by the key in the outbox. One that has been late for two months has been said often enough.
    """
    half = half_of(today)
    if today - half >= REVIEW_LATE_AFTER * 2:
        return 0
    mail = REVIEW_LATE if today - half >= REVIEW_LATE_AFTER else REVIEW_OPEN
    signed = AccessReview.objects.filter(half_on=half, signed_at__isnull=False)
    counties = list(Branch.objects.counties().in_force(today).exclude(pk__in=signed.values("county_id")).order_by("id"))
    for county in counties:
        url = reverse("privacy:access_review", args=[county.slug])
        call(who_reviews(county.pk, on=today), mail, f"{county.pk}:{half}", county=county, url=url, now=now)
    return len(counties)


def _is_news(request: RightsRequest, today: date) -> bool:
    """Nobody has been told of it since the week began, or since the deadline passed."""
    since = request.due_on + timedelta(days=1) if today > request.due_on else request.due_on - SOON
    return request.reminded_on is None or request.reminded_on < since
