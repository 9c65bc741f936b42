"""Invented people, claims and payments as rows of the tables."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final

from demo.bulk import Row, Table, Value, day, moment
from demo.ledger import Claim, Payment
from demo.people import Person
from dues.enums import PaymentSource
from dues.models import Claim as ClaimModel
from dues.models import Payment as PaymentModel
from membership.actions.members import derive
from membership.models import Branch, Member, Placement

MEMBERS: Final = (
    *("id", "member_number", "branch_id", "municipal_id", "county_id", "first_name", "last_name"),
    *("sort_key", "search_text", "household_key", "birth_on", "birth_year", "gender", "care_of", "street"),
    *("postal_code", "city", "address_protection", "email", "mobile", "mobile_ok", "phone", "phone_ok", "language"),
    *("status", "category", "joined_on", "left_on", "source", "recruited_by_id", "recruited_by_text", "skills"),
    *("no_email", "no_sms", "no_phone", "no_post", "guardian_consent_on", "guardian_name", "note"),
    *("created_at", "updated_at"),
)
PLACEMENTS: Final = ("id", "member_id", "branch_id", "from_on", "to_on")
CLAIMS: Final = (
    *("id", "member_id", "branch_id", "municipal_id", "county_id", "sort_key", "year", "amount_ore"),
    *("outstanding_ore", "state", "kid", "original_due_on", "final_due_on", "created_at"),
)
PAYMENTS: Final = (
    *("id", "claim_id", "batch_id", "amount_ore", "paid_on", "source", "reverses_id", "created_at", "created_by_id"),
)
# What the register's own code makes its stored keys from.
_KEY_FIELDS: Final = (
    *("first_name", "last_name", "member_number", "email", "mobile", "phone", "street", "postal_code"),
    *("address_protection", "skills"),
)


@dataclass(slots=True)
class Batches:
    """Which delivery a payment came in: the file of its month, or what was registered by hand in its branch."""

    today: date
    as_of: date
    first_year: int
    treasurer_id: int
    _by_hand: set[int] = field(default_factory=set)
    _new_by_hand: list[int] = field(default_factory=list)

    def months(self) -> Iterator[tuple[int, date]]:
        """Each file's number and the day it goes to: the month's last, or the newest day we know of."""
        for number in range((self.as_of.year - self.first_year) * 12 + self.as_of.month):
            year, month = self.first_year + number // 12, number % 12 + 1
            last = date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)
            yield number + 1, min(last, self.as_of)

    def manual_id(self, unit: int) -> int:
        """The number of what was registered by hand in one branch."""
        return (self.as_of.year - self.first_year + 1) * 12 + unit + 1

    def new_by_hand(self) -> list[int]:
        """The branches in which the first payment by hand has come since the last time."""
        new, self._new_by_hand = self._new_by_hand, []
        return new

    def row(self, payment: Payment) -> Row:
        """One line of the ledger."""
        if payment.manual:
            if payment.unit not in self._by_hand:
                self._by_hand.add(payment.unit)
                self._new_by_hand.append(payment.unit)
            batch, source, known_on = self.manual_id(payment.unit), PaymentSource.MANUAL.value, payment.paid_on
        else:
            months = (payment.paid_on.year - self.first_year) * 12 + payment.paid_on.month
            batch, source, known_on = months, PaymentSource.REGISTER.value, payment.paid_on + timedelta(days=1)
        return (
            payment.id,
            payment.claim_id,
            batch,
            payment.amount_ore,
            day(payment.paid_on),
            source,
            payment.reverses,
            moment(known_on),
            self.treasurer_id if payment.manual else None,
        )


class Rows:
    """Turns people and claims into rows; numbers placements as they come."""

    def __init__(self, branches: Sequence[Branch], *, today: date, first_day: date) -> None:
        self.branches = branches
        self.members = Table(Member, MEMBERS)
        self.placements = Table(Placement, PLACEMENTS)
        self.claims = Table(ClaimModel, CLAIMS)
        self.payments = Table(PaymentModel, PAYMENTS)
        self._first_day = first_day
        self._updated_at = moment(today - timedelta(days=2))
        self._next_placement = 1
        self._keys_of = Member()

    def member(self, person: Person) -> Row:
        """The person's row; the stored keys are made by the register's own code."""
        keys = self._keys_of
        for name in _KEY_FIELDS:
            setattr(keys, name, getattr(person, name))
        derive(keys)
        branch = self.branches[person.unit]
        return (
            *(person.id, person.member_number, branch.pk, branch.municipal_id, branch.county_id),
            *(person.first_name, person.last_name, keys.sort_key, keys.search_text, keys.household_key),
            *(day(person.birth_on), person.birth_year if person.birth_known else None, person.gender, person.care_of),
            *(person.street, person.postal_code, person.city, person.address_protection, person.email),
            *(person.mobile, person.mobile.startswith("+"), person.phone, person.phone.startswith("+")),
            *(person.language, person.status, person.category, day(person.joined_on), day(person.left_on)),
            *(person.source, person.recruited_by, person.recruited_by_text, person.skills),
            *(person.no_email, person.no_sms, person.no_phone, person.no_post),
            *(day(person.guardian_consent_on), person.guardian_name, person.note),
            *(moment(max(person.joined_on, self._first_day)), self._updated_at),
        )

    def placed(self, person: Person) -> Iterator[Row]:
        """Where the person has belonged."""
        since = person.joined_on
        if person.moved_from is not None and person.moved_on is not None:
            yield self._placement(person.id, person.moved_from, since, person.moved_on)
            since = person.moved_on
        yield self._placement(person.id, person.unit, since, person.left_on)

    def _placement(self, member_id: int, unit: int, since: date, until: date | None) -> Row:
        number, self._next_placement = self._next_placement, self._next_placement + 1
        return (number, member_id, self.branches[unit].pk, day(since), day(until))

    def claim(self, claim: Claim, sort_key: Value) -> Row:
        """The claim's row, with the copies of its member's."""
        branch = self.branches[claim.person.unit]
        due_on = day(claim.due_on)
        return (
            *(claim.id, claim.person.id, branch.pk, branch.municipal_id, branch.county_id, sort_key, claim.year),
            *(
                claim.amount_ore,
                claim.outstanding_ore,
                claim.state,
                claim.kid,
                due_on,
                due_on,
                moment(claim.created_on),
            ),
        )
