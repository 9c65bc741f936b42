"""Who can sign in to the demo. They exist only there: the command that makes them refuses in production."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password

from accounts.models import User
from membership.actions.grants import give
from membership.models import Branch, Grant
from membership.roles import Role

PASSWORD: Final = "medlemsboka"  # noqa: S105  printed by `make run`; the demo holds nobody's data
_SALT: Final = "thedemohasnosecrets"
CALLS_FOR: Final = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Part:
    """One account: the address before the @, an invented name, the role, and the place it holds for."""

    account: str
    name: str
    role: Role
    place: str

    @property
    def email(self) -> str:
        """The address to sign in with."""
        return f"{self.account}@demo.example"


CAST: Final = (
    Part("fylkessekretaer", "Torunn Elvemoen", Role.COUNTY_SECRETARY, "Troms"),
    Part("medlemsansvarlig.fylke", "Håvard Nordvoll", Role.COUNTY_MEMBERSHIP_OFFICER, "Troms"),
    Part("medlemsansvarlig.kafjord", "Áile Bergmark", Role.MEMBERSHIP_OFFICER, "Kåfjord"),
    Part("medlemsansvarlig.tromso", "Kristin Strømhaug", Role.MEMBERSHIP_OFFICER, "Tromsø"),
    Part("kasserer", "Roger Furulund", Role.TREASURER, "Troms"),
    Part("leder.tromso", "Siri Fossmark", Role.BRANCH_LEADER, "Tromsø"),
    Part("ringer.tromso", "Liban Solvoll", Role.CALLER, "Tromsø"),
    Part("drift", "Marte Haugdal", Role.ADMINISTRATOR, "Troms"),
)


def make_cast(branches: Mapping[str, Branch], *, today: date) -> Mapping[str, User]:
    """Make the users and their grants, by account name; all have the same password."""
    # A fixed salt: the demo is the same each time, bit for bit.
    password = make_password(PASSWORD, salt=_SALT)
    since = date(today.year, 1, 2)
    users: dict[str, User] = {}
    for position, part in enumerate(CAST):
        phone = f"+47000{99_991 + position}"
        user = User.objects.create(email=part.email, name=part.name, phone=phone, password=password)
        EmailAddress.objects.create(user=user, email=part.email, verified=True, primary=True)
        users[part.account] = user
        ends_on = today + CALLS_FOR if part.role == Role.CALLER else None
        give(
            user,
            role=part.role,
            branch=branches[part.place],
            by=users["fylkessekretaer"],
            starts_on=since,
            ends_on=ends_on,
        )
    made_at = datetime.combine(since, time(9), UTC)
    User.objects.update(created_at=made_at)
    Grant.objects.update(created_at=made_at)
    return users
