"""The week's changes by email: to each membership officer once, in numbers, with no name in it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Final

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse

from accounts.models import User
from membership.models import Branch, Grant
from membership.roles import Role
from messaging.actions.outbox import queue_email
from messaging.contact import blocks_of
from messaging.enums import Channel, Purpose
from messaging.models import Delivery
from privacy.weeks import Figures, Week, figures_of, has_begun, last_whole

_ROLES: Final = (Role.MEMBERSHIP_OFFICER, Role.COUNTY_MEMBERSHIP_OFFICER)


def send_week(*, now: datetime, today: date, sent_at: datetime) -> int:
    """Tell those who have not been told of the latest whole week; how many. From Monday at seven, or whenever it runs.

    `now` and `today` are the house's, `sent_at` the true time. A branch is counted once, however many read it.
    """
    week = last_whole(today)
    if now < week.told_at or not has_begun(week):
        return 0
    count = 0
    for branch, readers in _readers(week, today):
        figures = figures_of(branch, week)
        for user in readers:
            _tell(user, branch, week, figures, sent_at)
            count += 1
    return count


def key_of(week: Week, branch: Branch, user: User) -> str:
    """What makes it go out once."""
    return f"{_prefix(week)}{branch.pk}:{user.pk}"


def _prefix(week: Week) -> str:
    return f"week:{week.monday.isoformat()}:"


def _readers(week: Week, today: date) -> Iterator[tuple[Branch, list[User]]]:
    """The branches that exist, each with those of its officers who have not been told; the same user once."""
    grants = (
        Grant.objects.in_force(today)
        .filter(role__in=_ROLES, user__is_active=True, user__email__isnull=False, starts_on__lt=week.after.monday)
        .filter(branch__in=Branch.objects.in_force(today))
        .select_related("branch", "user")
        .order_by("branch_id", "user_id", "id")
    )
    told = set(Delivery.objects.filter(key__startswith=_prefix(week)).values_list("key", flat=True))
    found: dict[int, tuple[Branch, dict[int, User]]] = {}
    for grant in grants:
        if grant.user.email and key_of(week, grant.branch, grant.user) not in told:
            found.setdefault(grant.branch_id, (grant.branch, {}))[1][grant.user_id] = grant.user
    stopped = blocks_of(
        (Channel.EMAIL, user.email or "") for _branch, users in found.values() for user in users.values()
    )
    for branch, users in found.values():
        readers = [user for user in users.values() if (Channel.EMAIL, user.email) not in stopped]
        if readers:
            yield branch, readers


def _tell(user: User, branch: Branch, week: Week, figures: Figures, sent_at: datetime) -> None:
    address = reverse("privacy:week", args=[branch.slug, week.monday.isoformat()])
    context = {
        "name": user.name,
        "branch": branch.name,
        "week": week,
        "figures": figures,
        "link": f"{settings.PUBLIC_URL}{address}",
    }
    queue_email(
        key=key_of(week, branch, user),
        purpose=Purpose.NOTICE,
        address=user.email or "",
        subject=" ".join(render_to_string("privacy/email/week_subject.txt", context).split()),
        body=render_to_string("privacy/email/week_message.txt", context).strip() + "\n",
        now=sent_at,
    )
