"""`manage.py create_user EMAIL --role ROLE --branch SLUG`: the first way in; there is no account by default."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from common import clock
from common.dates import parse_date
from common.text import clean
from membership.actions.users import Invitation, UserInactive, invite
from membership.models import Branch
from membership.roles import Role


class Command(BaseCommand):
    """Make a user with a role in a branch, and print the link with which they choose a password."""

    help = "Make a user with a role in a branch, and print an invitation link."

    def add_arguments(self, parser: CommandParser) -> None:
        """What to say on the command line."""
        parser.add_argument("email")
        parser.add_argument("--role", required=True, help=", ".join(Role.values))
        parser.add_argument("--branch", required=True, metavar="SLUG")
        parser.add_argument("--name", default="", help="left out: what stands before the @")
        parser.add_argument("--until", default="", metavar="DD.MM.YYYY", help="the last day with access")

    def handle(self, *args: Any, **options: Any) -> None:
        """Check each argument in turn, then invite."""
        email, today = _email(options["email"]), clock.today()
        role, branch = _role(options["role"]), _branch(options["branch"])
        ends_on = _end(options["until"], role=role, today=today)
        name = clean(options["name"]) or email.partition("@")[0]
        try:
            made = invite(email, name=name, role=role, branch=branch, by=None, today=today, ends_on=ends_on)
        except UserInactive:
            raise CommandError(_("The user {email} has been shut out.").format(email=email)) from None
        self._tell(made, role, branch)

    def _tell(self, made: Invitation, role: Role, branch: Branch) -> None:
        if made.granted:
            text = _("{email} is now {role} in {branch}.")
        else:
            text = _("{email} was already {role} in {branch}.")
        self.stdout.write(text.format(email=made.user.email, role=role.label.lower(), branch=branch.name))
        if made.link:
            self.stdout.write(_("Send this link to the user. It holds for seven days and for one use:"))
            self.stdout.write(made.link)
        else:
            self.stdout.write(_("The user has a password already, and signs in with it."))


def _email(text: str) -> str:
    try:
        validate_email(text)
    except ValidationError:
        raise CommandError(_("{text} is no email address.").format(text=text)) from None
    return text.strip().lower()


def _role(text: str) -> Role:
    if text not in Role.values:
        known = ", ".join(Role.values)
        raise CommandError(_("There is no role {text}. The roles are: {known}.").format(text=text, known=known))
    return Role(text)


def _branch(slug: str) -> Branch:
    branch = Branch.objects.filter(slug=slug).first()
    if branch is None:
        raise CommandError(_("There is no branch {slug}.").format(slug=slug))
    return branch


def _end(text: str, *, role: Role, today: date) -> date | None:
    """The first day without access; None for no end."""
    if not text:
        if role == Role.CALLER:
            raise CommandError(_("A caller's access always ends: say when with --until."))
        return None
    try:
        last_day = parse_date(text)
    except ValueError:
        raise CommandError(_("{text} is no date. Write it as 31.12.2026.").format(text=text)) from None
    if last_day < today:
        raise CommandError(_("{text} is past.").format(text=text))
    return last_day + timedelta(days=1)
