"""Whole pages that no address gives when asked nicely."""

from __future__ import annotations

from django.conf import settings
from django.template.loader import render_to_string


def refusals() -> dict[str, str]:
    """The error pages, by name."""
    context = {"demo": settings.DEMO}
    return {f"error_{name}": render_to_string(f"{name}.html", context) for name in ("400", "403_csrf", "429", "500")}
