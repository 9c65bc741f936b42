"""manage.py import_targets: a county's table of votes, members and targets."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.models import User
from common import clock
from common.dates import parse_date
from common.spreadsheet.reading import SpreadsheetError
from membership.access import may
from membership.models import Branch
from membership.roles import Permission
from recruitment.actions import Imported, NoYears, import_targets, years_of
from recruitment.known_results import keep_known_results
from recruitment.target_file import TargetFileError, TargetTable, read


class Command(BaseCommand):
    """Import a table of targets."""

    help = (
        "Import a county's table of votes, members and targets (CSV or Excel). A heading such as “Vervemål 2018” gives "
        "the year; the elections are the last in or before it. The same file twice changes nothing. "
        "docs/target-files.md describes the table."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """FILE, the county, and what the file does not say."""
        parser.add_argument("file", metavar="FILE")
        parser.add_argument("--county", metavar="SLUG", help="needed where there are several counties")
        parser.add_argument("--by", metavar="EMAIL", help="the user the log names, who must have the right")
        parser.add_argument("--deadline", metavar="DD.MM.YYYY", help="when the branches were to answer")
        parser.add_argument("--recruit-year", type=int, metavar="YEAR", help="where no heading says it")
        parser.add_argument("--total-year", type=int, metavar="YEAR", help="where no heading says it")
        parser.add_argument("--municipal-election", type=int, metavar="YEAR", help="where it was not the last one")
        parser.add_argument("--storting-election", type=int, metavar="YEAR", help="where it was not the last one")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Import, and say what went in and what did not."""
        county = self._county(options["county"])
        by = self._user(options["by"], county)
        deadline_on = self._deadline(options["deadline"])
        table = self._table(options)
        try:
            years = years_of(table, municipal=options["municipal_election"], storting=options["storting_election"])
        except NoYears:
            raise CommandError("The headings name no years. Give them with --recruit-year and --total-year.") from None
        done = import_targets(county, table, years=years, by=by, now=clock.now(), deadline_on=deadline_on)
        done.changed += keep_known_results(county)
        self._tell(county, done)

    def _tell(self, county: Branch, done: Imported) -> None:
        self.stdout.write(
            f"{county.name}, recruiting {done.round.recruit_year}, total {done.round.total_year}: "
            f"{done.branches} branches, {done.changed} changed."
        )
        for row, reason in done.problems:
            self.stdout.write(f"Row {row}: {reason}.")

    def _table(self, options: dict[str, Any]) -> TargetTable:
        try:
            table = read(options["file"])
        except FileNotFoundError:
            raise CommandError(f"There is no file {options['file']}.") from None
        except (SpreadsheetError, TargetFileError) as problem:
            raise CommandError(str(problem)) from None
        table.recruit_year = options["recruit_year"] or table.recruit_year
        table.total_year = options["total_year"] or table.total_year
        return table

    def _county(self, slug: str | None) -> Branch:
        counties = Branch.objects.counties().order_by("id")
        found = list(counties.filter(slug=slug) if slug else counties[:2])
        if len(found) == 1:
            return found[0]
        if slug:
            raise CommandError(f"There is no county {slug}.")
        raise CommandError("Say which county with --county." if found else "There is no county. Run load_branches.")

    def _user(self, email: str | None, county: Branch) -> User | None:
        """Whoever runs commands may leave the name out; a name that is given needs the right."""
        if not email:
            return None
        user = User.objects.filter(email=email.strip().lower()).first()
        if user is None or not may(user, Permission.SET_TARGETS, county, on=clock.today()):
            raise CommandError(f"{email} may not set targets in {county.name}.")
        return user

    def _deadline(self, text: str | None) -> date | None:
        try:
            return parse_date(text) if text else None
        except ValueError:
            raise CommandError(f"“{text}” is not a date. Write it as 05.11.2018.") from None
