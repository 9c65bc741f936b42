"""What stands on the first page of those who answer for privacy."""

from __future__ import annotations

from datetime import date

from django.db.models import Count, Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from common import clock
from membership.extensions import Todo
from membership.models import Branch
from privacy.actions.reminders import DAY_LEFT, SOON
from privacy.breach_words import clock_of
from privacy.deadlines import half_of
from privacy.models import AccessReview, Breach, RightsRequest
from privacy.review_page import half_name, is_late


def pressing_requests(branch: Branch, _user: User, today: date) -> list[Todo]:
    """Requests due within a week; urgent once one is late."""
    pressing = RightsRequest.objects.of(branch).open().filter(due_on__lte=today + SOON)
    found = pressing.aggregate(all=Count("pk"), late=Count("pk", filter=Q(due_on__lt=today)))
    if not found["all"]:
        return []
    title = ngettext(
        "%(n)s request from a member must be answered", "%(n)s requests from members must be answered", found["all"]
    )
    late = ngettext("%(n)s is past its deadline.", "%(n)s are past their deadline.", found["late"])
    return [
        Todo(
            "Chat",
            title % {"n": found["all"]},
            late % {"n": found["late"]} if found["late"] else _("Within a week."),
            _("Answer"),
            reverse("privacy:requests", args=[branch.slug]),
            is_urgent=bool(found["late"]),
        )
    ]


def running_breaches(branch: Branch, _user: User, _today: date) -> list[Todo]:
    """The breach with least time left whose clock runs; urgent with under a day left."""
    one = Breach.objects.of(branch).undecided().order_by("found_at", "id").first()
    if one is None:
        return []
    now = clock.now()
    word, _tone = clock_of(one, now)
    return [
        Todo(
            "ExclamationmarkTriangle",
            _("A breach is to be dealt with"),
            _("%(left)s to tell the data protection authority, or decide that it need not be told.") % {"left": word},
            _("See what to do"),
            reverse("privacy:breach_detail", args=[branch.slug, one.pk]),
            is_urgent=one.tell_before - now < DAY_LEFT,
        )
    ]


def review_due(branch: Branch, _user: User, today: date) -> list[Todo]:
    """The half-year's review of access in a county that is not signed; urgent once it is late."""
    if not branch.is_county:
        return []
    review = AccessReview.objects.filter(county=branch, half_on=half_of(today)).first()
    if review and review.signed_at:
        return []
    late = is_late(review, today)
    return [
        Todo(
            "PadlockLocked",
            _("Review who has access"),
            _("It should have been signed by now.") if late else half_name(half_of(today)),
            _("Look through"),
            reverse("privacy:access_review", args=[branch.slug]),
            is_urgent=late,
        )
    ]
