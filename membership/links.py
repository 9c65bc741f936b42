"""Addresses of pages that may not be there: parts of the app meet by the names of their addresses."""

from __future__ import annotations

from typing import Any

from django.urls import NoReverseMatch, reverse


def url_if_there(name: str, *args: Any) -> str:
    """The address; empty where no page has that name."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""
