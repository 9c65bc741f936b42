"""manage.py load_branches: any county can start."""

from __future__ import annotations

from argparse import ArgumentParser, RawDescriptionHelpFormatter
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.models import User
from common.spreadsheet.reading import SpreadsheetError
from membership.actions.branches import TreeTooDeep
from membership.actions.tree import NotOneCounty, NumberTaken, UnknownParent
from membership.branch_file import TROMS, BranchFileError, load
from membership.models import Branch

COLUMNS = f"""
The file is CSV (semicolon, comma or tab) or an Excel workbook. Its first row names the columns:

  county        the county's place, the same in every row: Troms
  place         the branch's short name, as in lists: Kåfjord. A row whose place is the county is the county's own
  name          what the branch is called: Kåfjord Arbeiderparti. Default: the place
  parent        for a local branch: the place of the municipal branch above it. Empty for municipal branches
  other_names   Sámi and Kven names, with " · " between them
  slug          the address: kafjord. Default: made from the place; heroy-nordland where heroy is taken
  numbers_YEAR  municipality number (for the county's row: county number) from 1 January of YEAR until the next such
                column; the first one holds for the years before it too. Several with +, each with the name it had
                where that is not the place: 1927 Tranøy + 1928 Torsken

Norwegian headings are read as well: fylke, sted, navn, under, andre navn, adresse, kommunenummer YEAR.
What is there already is left as it is: running it twice changes nothing. The file of Troms is
{TROMS.relative_to(TROMS.parent.parent.parent)}
"""


class Command(BaseCommand):
    """Make a county and its branches from a file."""

    help = "Make a county, its municipal branches and their local branches from a file."

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> Any:
        """The description of the columns keeps its lines."""
        return super().create_parser(
            prog_name, subcommand, formatter_class=RawDescriptionHelpFormatter, epilog=COLUMNS, **kwargs
        )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """FILE and --by."""
        parser.add_argument("file", metavar="FILE")
        parser.add_argument("--by", metavar="EMAIL", help="the user the log names; none while there are no users")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Load, and say what was made."""
        by = self._user(options["by"])
        before = Branch.objects.count()
        try:
            county = load(options["file"], by=by)
        except FileNotFoundError:
            raise CommandError(f"There is no file {options['file']}.") from None
        except (SpreadsheetError, BranchFileError) as problem:
            raise CommandError(str(problem)) from None
        except NotOneCounty:
            raise CommandError("The file must hold one county, and the same one in every row.") from None
        except UnknownParent as problem:
            raise CommandError(f"No municipal branch “{problem}” to put a local branch under.") from None
        except NumberTaken as problem:
            raise CommandError(f"The number {problem} belongs to another branch already.") from None
        except TreeTooDeep as problem:
            raise CommandError(f"No branch can stand under the local branch {problem}.") from None
        made = Branch.objects.count() - before
        self.stdout.write(f"{county.name}: {made} made, {county.subtree.count() - 1} under the county.")

    def _user(self, email: str | None) -> User | None:
        if not email:
            return None
        user = User.objects.filter(email=email.strip().lower()).first()
        if user is None:
            raise CommandError(f"There is no user {email}.")
        return user
