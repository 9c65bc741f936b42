"""What allauth asks of the house: where its mail goes, and that nobody signs up by themselves."""

from __future__ import annotations

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """Closed sign-up."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Nobody: users are invited."""
        return False
