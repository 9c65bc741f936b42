"""Addresses of pages that may not be there: parts of the app meet by the names of their addresses."""

from __future__ import annotations

from typing import Any, Final

from django.urls import NoReverseMatch, reverse

from membership.models import Branch

# What a form calls the wish to merge the two that are ticked.
MERGE: Final = "merge"


def url_if_there(name: str, *args: Any) -> str:
    """The address; empty where no page has that name."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""


def compare_url(branch: Branch, first: int = 0, second: int = 0) -> str:
    """Where two records are held side by side, to be merged; empty where there is no such page."""
    return url_if_there("membership:merge", branch.slug, first, second)
