"""Sessions in the database, encrypted.

Between two sign-in steps allauth keeps a code or a new second-factor secret in the session; whoever reads the table
(or a backup of it) must not be able to use them.
"""

from __future__ import annotations

from typing import Any

from cryptography.fernet import InvalidToken
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.core.signing import JSONSerializer

from accounts.crypto import fernet

# How long a sign-in lasts without “remember me”, even where the browser keeps its cookie when it is closed.
ONE_EVENING = 60 * 60 * 12


class SessionStore(DatabaseStore):
    """The database store, with its payload sealed."""

    def get_session_cookie_age(self) -> int:
        """Seconds; “remember me” asks for SESSION_COOKIE_AGE instead."""
        return ONE_EVENING

    @classmethod
    def get_model_class(cls) -> Any:
        """Django's own table."""
        from django.contrib.sessions.models import Session

        return Session

    def encode(self, session_dict: dict[str, Any]) -> str:
        """JSON, sealed."""
        return fernet("session").encrypt(JSONSerializer().dumps(session_dict)).decode()

    def decode(self, session_data: bytes | str) -> dict[str, Any]:
        """What was sealed; an empty session when it is not ours."""
        token = session_data.encode() if isinstance(session_data, str) else session_data
        try:
            return dict(JSONSerializer().loads(fernet("session").decrypt(token)))
        except (InvalidToken, ValueError):
            return {}
