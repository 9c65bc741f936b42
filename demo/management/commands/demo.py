"""Fills the database with an invented register."""

import logging
from datetime import date
from time import monotonic
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from common.dates import format_date, parse_date
from demo.load import SEED, TODAY, NotADemo, is_empty, is_loaded, load_demo


def _day(text: str) -> date:
    return parse_date(text)


class Command(BaseCommand):
    """`manage.py demo`: the same demo every time, or a larger one to measure with."""

    help = "Fill the database with an invented register, in place of the demo that is there. Refused in production."

    def add_arguments(self, parser: CommandParser) -> None:
        """What can be chosen."""
        parser.add_argument("--if-empty", action="store_true", help="do nothing where there are branches already")
        parser.add_argument("--members", type=int, help="how many members in all (2,082 as in the table)")
        parser.add_argument("--branches", type=int, help="how many municipal branches (21 as in the table)")
        parser.add_argument("--seed", type=int, default=SEED, help="another number makes another register")
        parser.add_argument("--today", type=_day, default=TODAY, help="which day it is in the demo: dd.mm.yyyy")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Load it, or say in a sentence why not."""
        if settings.MODE != "demo":
            raise CommandError("The demo is for MODE=demo only: it would erase the register.")
        if options["if_empty"] and (is_loaded() or not is_empty()):
            if options["verbosity"]:
                self.stdout.write("There is a register already; nothing was changed.")
            return
        if options["verbosity"] < 2:
            logging.getLogger("demo").setLevel(logging.WARNING)
        self._load(options)

    def _load(self, options: dict[str, Any]) -> None:
        started = monotonic()
        try:
            loaded = load_demo(
                today=options["today"], seed=options["seed"], members=options["members"], branches=options["branches"]
            )
        except NotADemo:
            raise CommandError("The database has a register that no demo made; it is left as it is.") from None
        except ValueError as error:
            raise CommandError(str(error)) from None
        if options["verbosity"]:
            self.stdout.write(
                f"{loaded.members} members in {loaded.branches} branches, {loaded.claims} claims,"
                f" {loaded.payments} payments; the demo's day is {format_date(options['today'])}."
                f" It took {monotonic() - started:.1f} s."
            )
