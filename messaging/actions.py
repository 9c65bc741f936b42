"""Putting messages in the outbox, and sending them."""

from __future__ import annotations

from datetime import datetime


def sweep(*, now: datetime) -> None:
    """Send what is due."""
