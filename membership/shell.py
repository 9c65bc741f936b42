"""What every office page needs around its content: menu, unit, who is signed in, demo or not."""

from __future__ import annotations

from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise

from accounts.models import User
from common.text import initials
from membership.extensions import registry

# As many as a thumb can tell apart at 320 px; the last is “more” where there are others.
_TABS: Final = 5


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context for base.html; nothing but settings and who is signed in where no branch is open."""
    context: dict[str, Any] = {"demo": settings.DEMO}
    if isinstance(user := getattr(request, "user", None), User):
        context["my_initials"] = initials(user.name)
    branch = getattr(request, "branch", None)
    if branch is None:
        return context
    nav = _nav(request)
    tabs = nav if len(nav) <= _TABS else nav[: _TABS - 1]
    return (
        context
        | {
            "branch": branch,
            "access": {permission.value: True for permission in request.access.permissions},  # type: ignore[attr-defined]
            "nav": nav,
            # Not “tabs”: that is what pages call their own.
            "first_places": tabs,
            "more_places": nav[len(tabs) :],
            "menu_more_keys": [item["key"] for item in nav[len(tabs) :]],
        }
    )


def _nav(request: Any) -> list[dict[str, str | Promise]]:
    return [
        {
            "key": item.key,
            "label": item.label(request.branch) if callable(item.label) else item.label,
            "icon": item.icon,
            "url": reverse(item.url_name, args=[request.branch.slug, *item.args(request.today)]),
        }
        for item in sorted(registry.nav, key=lambda item: item.order)
        if item.permission in request.access or item.or_permission in request.access
    ]
