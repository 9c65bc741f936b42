"""Those who answer for members' rights in a county, and the emails that call them: numbers and a link, no names."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse

from accounts.models import User
from membership.models import Branch, Grant
from membership.roles import PERMISSIONS, Permission
from messaging.actions.outbox import queue_email
from messaging.enums import Purpose

_PRIVACY: Final = [role for role, rights in PERMISSIONS.items() if Permission.MANAGE_PRIVACY in rights]
_REVIEW: Final = [role for role, rights in PERMISSIONS.items() if Permission.REVIEW_ACCESS in rights]


def who_answers(county_id: int, *, on: date) -> list[User]:
    """Those with the right to handle requests and breaches in a county, by name."""
    return _holders(county_id, _PRIVACY, on)


def who_reviews(county_id: int, *, on: date) -> list[User]:
    """Those with the right to review access in a county, by name."""
    return _holders(county_id, _REVIEW, on)


def call(
    users: list[User], name: str, key: str, *, county: Branch, url_name: str, now: datetime, **context: Any
) -> int:
    """One email to each who has an address: templates/privacy/email/NAME; the key makes it once. How many.

    `now` is the true time, by which the outbox lives. `url_name` leads to a page of the county's.
    """
    link = settings.PUBLIC_URL + reverse(url_name, args=[county.slug])
    asked = [(user, user.email) for user in users if user.email]
    for user, address in asked:
        shown: Mapping[str, Any] = {"name": user.name, "county": county.name, "link": link, **context}
        queue_email(
            key=f"{key}:{user.pk}",
            purpose=Purpose.NOTICE,
            address=address,
            subject=" ".join(render_to_string(f"privacy/email/{name}_subject.txt", shown).split()),
            body=render_to_string(f"privacy/email/{name}_message.txt", shown).strip() + "\n",
            now=now,
        )
    return len(asked)


def _holders(county_id: int, roles: list[Any], on: date) -> list[User]:
    grants = Grant.objects.in_force(on).filter(branch_id=county_id, role__in=roles)
    return list(User.objects.filter(pk__in=grants.values("user_id"), is_active=True).order_by("name", "id"))
