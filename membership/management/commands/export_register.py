"""`manage.py export_register --branch SLUG --output FILE --by EMAIL [--format xlsx|csv] [--json]`."""

from __future__ import annotations

import json
import os
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any, Final

from django.core.management.base import BaseCommand, CommandError

from accounts.actions import record
from accounts.enums import Verb
from accounts.models import User
from common import clock
from membership.access import access_of, may
from membership.exporting.columns import register_columns
from membership.exporting.files import Format
from membership.exporting.writing import Exporter, MemberFile, ids_of, in_files, strict_among
from membership.models import Branch
from membership.roles import Permission

_OWNER_ONLY: Final = 0o600


class Command(BaseCommand):
    """Everything the register holds of a branch's people, as a file that `import_register` takes back unchanged."""

    help = "Write a branch's register to a new file (xlsx, csv) with the rights, and in the name, of one user."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The branch, the file, and who does it."""
        parser.add_argument("--branch", required=True, help="slug, e.g. kafjord")
        parser.add_argument("--output", required=True, type=Path, help="a file that does not exist yet")
        parser.add_argument("--by", required=True, help="email of the user who exports")
        parser.add_argument("--format", choices=Format.values, help="where the file's name does not tell")
        parser.add_argument("--json", action="store_true", help="print the counts as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Check the right, write, log."""
        branch = Branch.objects.filter(slug=options["branch"]).first()
        user = User.objects.filter(email__iexact=options["by"]).first()
        today = clock.today()
        if branch is None or user is None or not may(user, Permission.EXPORT_MEMBERS, branch, on=today):
            raise CommandError("No such branch, no such user, or no right for that user to export there.")
        path: Path = options["output"]
        kind = _kind(path, options["format"])
        by = Exporter(user, clock.now(), today)
        everyone = branch.members
        columns = register_columns(access_of(user, branch, on=today))
        asked = MemberFile(branch, by, columns, ids_of(in_files(everyone).in_order()), kind)
        asked.left_out = strict_among(everyone)
        with _new_file(path) as file:
            count = asked.write(file)
        record(Verb.MEMBERS_EXPORTED, by=user, branch_id=branch.pk, count=count, now=by.now, columns="all", kind=kind)
        self._print(count, asked.left_out, as_json=options["json"])

    def _print(self, count: int, left_out: int, *, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps({"rows": count, "left_out": left_out}))
            return
        self.stdout.write(f"{count} rows; {left_out} with strictly confidential addresses are not in the file.")


def _kind(path: Path, told: str | None) -> str:
    kind = told or path.suffix.lower().removeprefix(".")
    if kind not in Format.values:
        raise CommandError(f"{path}: end the name with .xlsx or .csv, or say --format.")
    return kind


@contextmanager
def _new_file(path: Path) -> Iterator[IO[bytes]]:
    """A file nobody else may read, and that was not there before; gone again where the writing fails."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, _OWNER_ONLY)
    except FileExistsError:
        raise CommandError(f"{path} is there already. Choose another name, or remove it first.") from None
    except OSError as error:
        raise CommandError(f"{path}: {error.strerror}") from error
    try:
        with os.fdopen(descriptor, "w+b") as file:
            yield file
    except BaseException as error:
        with suppress(OSError):
            path.unlink()
        if isinstance(error, OSError):
            raise CommandError(f"{path}: {error.strerror}") from error
        raise
