"""manage.py take_snapshots: the monthly figures now, instead of tonight."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from common import clock
from overview.actions import take_snapshots


class Command(BaseCommand):
    """Write the running month's figures."""

    help = "Write or renew the running month's figures of every branch. The clock process does it each night."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Count anew, write, and say how many."""
        today = clock.today()
        count = take_snapshots(today=today, now=clock.now())
        self.stdout.write(f"{count} branches, {today:%Y-%m}.")
