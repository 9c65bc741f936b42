"""Writing the monthly figures."""

from __future__ import annotations

from datetime import date


def take_snapshots(*, today: date) -> None:
    """Write or renew the running month's row of every branch."""
