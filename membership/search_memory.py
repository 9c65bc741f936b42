"""What a user has searched for, kept in the sealed session under a token: the address carries the token alone."""

from __future__ import annotations

from secrets import token_urlsafe
from typing import Final

from django.contrib.sessions.backends.base import SessionBase

# Older searches are forgotten; the page then says so.
KEPT: Final = 20
_KEY: Final = "searches"


def remember(session: SessionBase, q: str) -> str:
    """The token for a search; the same search keeps its token."""
    kept: dict[str, str] = dict(session.get(_KEY, {}))
    token = next((token for token, known in kept.items() if known == q), None) or token_urlsafe(6)
    kept.pop(token, None)
    kept[token] = q
    session[_KEY] = dict(list(kept.items())[-KEPT:])
    return token


def recall(session: SessionBase, token: str) -> str | None:
    """What was searched for; None for a token of another session, or one forgotten."""
    found: str | None = session.get(_KEY, {}).get(token)
    return found
