"""`manage.py import_register FILE --branch SLUG --year Y --by EMAIL [--dry-run] [--json]`."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.actions import record
from accounts.enums import Verb
from accounts.models import User
from common import clock
from common.spreadsheet.errors import SpreadsheetError
from jobs.actions import JobLost
from membership.access import may
from membership.actions import imports
from membership.actions.column_memory import memory_of
from membership.enums import ImportState
from membership.extensions import registry
from membership.importing.applying import imported
from membership.importing.asked import NEW, SKIP, Asked
from membership.importing.handlers import cleaned_options, let_in
from membership.importing.places import Places
from membership.importing.preview import Preview, Tally, make_preview
from membership.importing.source import Source, open_source, refuse_unreadable
from membership.models import Branch, RegisterImport
from membership.roles import Permission


class Command(BaseCommand):
    """Import a register file with the rights, and in the name, of one user."""

    help = "Import a register file (xlsx, csv, xls, ods). Prints what was done, or with --dry-run what would be."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The file, the branch, the dues year, and who does it."""
        parser.add_argument("file", type=Path)
        parser.add_argument("--branch", required=True, help="slug, e.g. kafjord")
        parser.add_argument("--year", type=int, required=True, help="dues year that claims are made for")
        parser.add_argument("--by", required=True, help="email of the user who imports")
        parser.add_argument("--rate", default="", help="dues in kroner, where not the county's own for that year")
        parser.add_argument("--due", default="", help="due date dd.mm.yyyy, where not the county's own")
        parser.add_argument("--dry-run", action="store_true", help="write nothing")
        parser.add_argument("--json", action="store_true", help="print the result as JSON")
        parser.add_argument(
            "--new-without-number", action="store_true", help="register rows without a number too, with one given here"
        )
        parser.add_argument(
            "--matches", choices=[SKIP, NEW], default=SKIP, help="rows that may be somebody who is in the register"
        )
        parser.add_argument("--right-file", action="store_true", help="import although most names or emails differ")

    def handle(self, *args: Any, **options: Any) -> None:
        """Read, check, and unless it is a dry run, write."""
        branch = Branch.objects.filter(slug=options["branch"]).first()
        user = User.objects.filter(email__iexact=options["by"]).first()
        today = clock.today()
        if branch is None or user is None or not may(user, Permission.IMPORT_MEMBERS, branch, on=today):
            raise CommandError("No such branch, no such user, or no right for that user to import there.")
        try:
            cleaned = cleaned_options(branch, _chosen(options), today)
            source = self._open(options["file"], options["year"], branch)
            places = Places(branch)
            asked = Asked(new_without_number=options["new_without_number"], undecided_are_new=options["matches"] == NEW)
            rows = source.rows(today=today, year=options["year"])
            preview = make_preview(rows, places, today=today, asked=asked)
        except SpreadsheetError as error:
            raise CommandError(str(error)) from error
        if not options["dry_run"]:
            if preview.tally.doubt and not options["right_file"]:
                raise CommandError(f"{preview.tally.doubt} (--right-file)")
            self._warn(branch, cleaned, preview)
            tally = self._let_in(branch, source, cleaned, asked, by=user)
        else:
            tally = preview.tally
            record(Verb.IMPORT_READ, by=user, branch_id=branch.pk, count=tally.rows)
        self._print(tally, as_json=options["json"])

    def _let_in(
        self, branch: Branch, source: Source, options: dict[str, dict[str, Any]], asked: Asked, *, by: User
    ) -> Tally:
        made = RegisterImport.objects.create(branch=branch, started_by=by, state=ImportState.READ)
        try:
            imports.hold(made)
        except imports.Busy as error:
            made.delete()
            raise CommandError("Another file is on its way into the county. Try again when it is in.") from error
        try:
            return let_in(made, source, options, by=by, today=clock.today(), asked=asked)
        except JobLost as error:
            raise CommandError("The import was silent so long that it was taken for dead.") from error
        finally:
            # Where it did not come to its end, the county is free again; what went in can be undone.
            imports.break_off(made.pk)

    def _open(self, path: Path, year: int, branch: Branch) -> Source:
        try:
            source = open_source(path, path.name, year=year, memory=memory_of(branch))
        except OSError as error:
            raise CommandError(f"{path}: {error.strerror}") from error
        refuse_unreadable(source)
        return source

    def _warn(self, branch: Branch, cleaned: dict[str, dict[str, Any]], preview: Preview) -> None:
        rows = [imported(match) for match in preview.matches]
        for extension in registry.imports:
            for sentence in extension.preview(branch, cleaned[extension.name], rows):
                self.stderr.write(str(sentence))

    def _print(self, tally: Tally, *, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps(tally.to_json(), ensure_ascii=False))
            return
        self.stdout.write(
            f"{tally.rows} rows: {tally.created} created, {tally.updated} updated, {tally.unchanged} unchanged,"
            f" {tally.refused} refused."
        )
        for problem in tally.problems:
            self.stdout.write(f"  row {problem.row} {problem.column}: {problem.reason}")


def _chosen(options: dict[str, Any]) -> dict[str, dict[str, str]]:
    """What was said on the command line; what was not keeps its default."""
    told = {"year": str(options["year"]), "rate": options["rate"], "due_on": options["due"]}
    return {extension.name: {name: text for name, text in told.items() if text} for extension in registry.imports}
