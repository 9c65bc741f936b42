"""`manage.py erase_member --number NUMBER --branch SLUG --by EMAIL`."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.models import User
from common import clock
from membership.access import may
from membership.actions.erasure import erase
from membership.models import Branch
from membership.roles import Permission


class Command(BaseCommand):
    """Erase one member, with the rights, and in the name, of one user of the county."""

    help = "Erase a member for good. Payments stay as vouchers without a name; an older file does not bring it back."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Who goes, from where, and who does it."""
        parser.add_argument("--number", required=True, help="member number")
        parser.add_argument("--branch", required=True, help="slug of the branch the member is in, or of one above it")
        parser.add_argument("--by", required=True, help="email of the user who erases")

    def handle(self, *args: Any, **options: Any) -> None:
        """Find the member within the branch, and erase it."""
        today = clock.today()
        branch = Branch.objects.filter(slug=options["branch"]).first()
        user = User.objects.filter(email__iexact=options["by"]).first()
        # It cannot be undone: whoever merges branches and gives access for the county may.
        if branch is None or user is None or not may(user, Permission.REFORM_BRANCHES, branch, on=today):
            raise CommandError("No such branch, no such user, or no right for that user to erase there.")
        member = branch.everyone.filter(member_number=options["number"]).first()
        if member is None:
            raise CommandError("No member with that number in that branch.")
        erase(member, by=user, now=clock.now(), today=today)
        self.stdout.write("Erased.")
