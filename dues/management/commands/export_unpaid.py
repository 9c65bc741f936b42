"""manage.py export_unpaid: the unpaid list of a branch as an Excel file."""

from __future__ import annotations

import os
from argparse import ArgumentParser
from pathlib import Path
from secrets import token_hex
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.actions import record
from accounts.enums import Verb
from accounts.models import User
from common import clock
from dues.export import Exporter, write_unpaid
from dues.forms import is_dues_year
from membership.access import may
from membership.models import Branch
from membership.roles import Permission


class Command(BaseCommand):
    """The same file as the page's Excel button gives, for the same people."""

    help = "Write the unpaid list of a branch and all under it to an Excel file."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Which list, where to, and on whose behalf."""
        parser.add_argument("--branch", required=True, metavar="SLUG")
        parser.add_argument("--year", required=True, type=int, metavar="YEAR")
        parser.add_argument("--output", required=True, type=Path, metavar="FILE")
        parser.add_argument("--by", required=True, metavar="EMAIL", help="the user whose right is asked, and logged")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Write the file in one step: it is whole or not there."""
        now = clock.now()
        branch = Branch.objects.filter(slug=options["branch"]).first()
        user = User.objects.filter(email__iexact=options["by"].strip()).first()
        if branch is None or user is None or not may(user, Permission.EXPORT_MEMBERS, branch, on=now.date()):
            record(Verb.ACCESS_DENIED, by=user, branch_id=branch.pk if branch else None, right="export_members")
            # One answer for all three: it tells nobody which addresses have a user.
            raise CommandError("No such branch, no such user, or no right for that user to download lists from there.")
        if not is_dues_year(options["year"], now.date()):
            raise CommandError(f"{options['year']} is no dues year.")
        count = self._write(branch, options["year"], options["output"], Exporter(user, now))
        record(
            Verb.UNPAID_EXPORTED,
            by=user,
            branch_id=branch.pk,
            count=count,
            now=now,
            year=options["year"],
            way="command",
        )
        self.stdout.write(f"Wrote {count} names to {options['output']}.")

    def _write(self, branch: Branch, year: int, output: Path, by: Exporter) -> int:
        output = output.absolute()
        made = output.with_name(f".{output.name}.{token_hex(8)}")
        try:
            # Its owner's alone, and so it stays under its new name.
            with os.fdopen(os.open(made, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600), "wb") as file:
                count = write_unpaid(branch, year, file=file, by=by)
            made.replace(output)
        except OSError as problem:
            raise CommandError(f"{output}: {problem.strerror}") from problem
        finally:
            made.unlink(missing_ok=True)
        return count
