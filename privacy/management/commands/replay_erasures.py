"""`manage.py replay_erasures [--since YYYY-MM-DD] [--dry-run] [--json]`."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from dataclasses import asdict
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand

from common import clock
from privacy.actions.replaying import replay


class Command(BaseCommand):
    """Do again what has happened since a backup was taken to those who left."""

    help = "After a restored backup: hide and erase again those who have left since. Run it before anyone is let in."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """From when, and whether to do it."""
        parser.add_argument(
            "--since", type=date.fromisoformat, help="the day of the backup, or earlier; else everything"
        )
        parser.add_argument("--dry-run", action="store_true", help="write nothing, only count")
        parser.add_argument("--json", action="store_true", help="print the counts as JSON")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Say how many there were of each kind."""
        done = replay(now=clock.now(), today=clock.today(), since=options["since"], dry_run=options["dry_run"])
        if options["json"]:
            self.stdout.write(json.dumps(asdict(done)))
            return
        verb = "Would be" if options["dry_run"] else "Were"
        self.stdout.write(
            f"{done.read} numbers in the journal. {verb} marked as having left: {done.left}, "
            f"as having come back: {done.returned}, erased: {done.erased}."
        )
