"""Those who answer for members' rights in a county, and the emails that call them: numbers and a link, no names."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final

from django.conf import settings

from accounts.models import User
from membership.models import Branch, Grant
from membership.roles import PERMISSIONS, Permission
from messaging.actions.outbox import queue_email
from messaging.enums import Purpose
from privacy.mail import Mail

_PRIVACY: Final = [role for role, rights in PERMISSIONS.items() if Permission.MANAGE_PRIVACY in rights]
_REVIEW: Final = [role for role, rights in PERMISSIONS.items() if Permission.REVIEW_ACCESS in rights]


def who_answers(county_id: int, *, on: date) -> list[User]:
    """Those with the right to handle requests and breaches in a county, by name."""
    return _holders(county_id, _PRIVACY, on)


def who_reviews(county_id: int, *, on: date) -> list[User]:
    """Those with the right to review access in a county, by name."""
    return _holders(county_id, _REVIEW, on)


def call(users: list[User], mail: Mail, key: str, *, county: Branch, url: str, now: datetime, **context: Any) -> int:
    """One email to each who has an address; the key makes it once. How many.

    `now` is the true time, by which the outbox lives. `url` leads to a page of ours.
    """
    link = settings.PUBLIC_URL + url
    asked = [(user, user.email) for user in users if user.email]
    for user, address in asked:
        shown: Mapping[str, Any] = {"name": user.name, "county": county.name, "link": link, **context}
        queue_email(
            key=f"{mail.key}:{key}:{user.pk}",
            purpose=Purpose.NOTICE,
            address=address,
            subject=mail.subject(shown),
            body=mail.body(shown),
            now=now,
        )
    return len(asked)


def _holders(county_id: int, roles: list[Any], on: date) -> list[User]:
    grants = Grant.objects.in_force(on).filter(branch_id=county_id, role__in=roles)
    return list(User.objects.filter(pk__in=grants.values("user_id"), is_active=True).order_by("name", "id"))
