"""Invented claims and payments of five dues years, and the figures of each branch month by month."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import Final

from demo.people import Person
from dues import kid

YEARS: Final = 5
FIRST_MONTHS: Final = 24
# The rate of this year, of last year and so on back, in øre.
RATES: Final = (45_000, 45_000, 42_500, 40_000, 40_000)
REDUCED: Final = {"reduced": 15_000, "household": 20_000, "youth": 5_000}
FIRST_YEAR: Final = 10_000
UNPAID_THIS_YEAR: Final = 0.152
UNPAID_NEW: Final = 0.3
UNPAID_BEFORE: Final = (0.022, 0.009, 0.004, 0.003)
_FIRST_KID: Final = 10 ** (kid.LENGTH - 2)
_KIDS: Final = 899_999_999_981


@dataclass(slots=True)
class Claim:
    """One claim, in øre."""

    id: int
    person: Person
    year: int
    amount_ore: int
    outstanding_ore: int
    state: str
    kid: str
    due_on: date
    created_on: date


@dataclass(slots=True)
class Payment:
    """One line of the ledger; `manual` ones were registered by hand after the newest file."""

    id: int
    claim_id: int
    unit: int
    amount_ore: int
    paid_on: date
    manual: bool = False
    reverses: int | None = None


@dataclass(slots=True)
class Figures:
    """One branch's changes in each of 24 months: last year's twelve, then this year's."""

    members_now: int = 0
    joined: list[int] = field(default_factory=lambda: [0] * FIRST_MONTHS)
    left: list[int] = field(default_factory=lambda: [0] * FIRST_MONTHS)
    # Claims of a month's own year that came to be open, and that were settled; øre asked for, and received.
    opened: list[int] = field(default_factory=lambda: [0] * FIRST_MONTHS)
    settled: list[int] = field(default_factory=lambda: [0] * FIRST_MONTHS)
    asked_ore: list[int] = field(default_factory=lambda: [0] * FIRST_MONTHS)
    received_ore: list[int] = field(default_factory=lambda: [0] * FIRST_MONTHS)


# What each digit counts as in every second place: 0 2 4 6 8 1 3 5 7 9.
_DOUBLED: Final = bytes.maketrans(b"0123456789", bytes((0, 2, 4, 6, 8, 1, 3, 5, 7, 9)))


def _mod10(reference: str) -> str:
    """The check digit, as `stdnum.luhn` gives it in seven times the time: here there may be millions."""
    digits = reference.encode()
    plain = digits[-2::-2]
    return str(-(sum(digits[::-2].translate(_DOUBLED)) + sum(plain) - 48 * len(plain)) % 10)


class Ledger:
    """Raises the claims of one person after another and receives what is paid. Figures grow as people pass."""

    def __init__(self, units: int, *, today: date, as_of: date, seed: int) -> None:
        self.today = today
        self.as_of = as_of
        self.figures = [Figures() for _ in range(units)]
        self._seed = seed
        self._rng = Random(f"{seed} ledger")
        # How many more, or fewer, are late in each branch than in all; and how many it is behind its share just now.
        self._lateness = [self._rng.uniform(0.75, 1.25) for _ in range(units)]
        self._behind = [self._rng.random() for _ in range(units)]
        self._last_was_late = False
        self._next_claim = 1
        self._next_payment = 1

    def month(self, day: date) -> int | None:
        """Which of the 24 months a day is in; None before them."""
        index = (day.year - self.today.year + 1) * 12 + day.month - 1
        return index if index >= 0 else None

    def enter(self, person: Person) -> Iterator[tuple[Claim, list[Payment]]]:
        """Count one person, and yield each claim on that person with its payments, oldest year first."""
        self._count(person)
        for year in range(max(self.today.year - YEARS + 1, person.joined_on.year), self.today.year + 1):
            raised_on = max(date(year, 1, 5), person.joined_on + timedelta(days=1))
            if raised_on > self.today or (person.left_on is not None and person.left_on <= raised_on):
                continue
            yield self._claim(person, year, raised_on)

    def _count(self, person: Person) -> None:
        figures = self.figures[person.unit]
        figures.members_now += person.left_on is None
        if (month := self.month(person.joined_on)) is not None:
            figures.joined[month] += 1
        if person.left_on is not None and (month := self.month(person.left_on)) is not None:
            figures.left[month] += 1

    def _claim(self, person: Person, year: int, raised_on: date) -> tuple[Claim, list[Payment]]:
        number, self._next_claim = self._next_claim, self._next_claim + 1
        # As many digits as dues draws, each reference once, in no order a person can see: a multiple modulo a prime.
        reference = str(_FIRST_KID + (number * 736_878_701_317 + self._seed) % _KIDS)
        amount = self._amount(person, year)
        claim = Claim(
            id=number,
            person=person,
            year=year,
            amount_ore=amount,
            outstanding_ore=amount,
            state="raised",
            kid=reference + _mod10(reference),
            due_on=max(date(year, 3, 15), raised_on + timedelta(days=30)),
            created_on=raised_on,
        )
        payments = list(self._payments(claim))
        self._follow(claim, payments)
        return claim, payments

    def _amount(self, person: Person, year: int) -> int:
        if person.category == "first_year" and year == person.joined_on.year:
            return FIRST_YEAR
        return REDUCED.get(person.category) or RATES[self.today.year - year]

    def _unpaid_chance(self, claim: Claim) -> float:
        ago = self.today.year - claim.year
        if claim.person.left_on is not None and claim.person.left_on.year == claim.year:
            return 0.6
        if ago:
            return UNPAID_BEFORE[ago - 1]
        if (self.today - claim.created_on).days < 70:
            return UNPAID_NEW
        return UNPAID_THIS_YEAR * self._lateness[claim.person.unit]

    def _is_late(self, claim: Claim) -> bool:
        """Whether it is not wholly paid. Of this year's, each branch has its share; families go together."""
        chance = self._unpaid_chance(claim)
        if claim.year != self.today.year or claim.person.left_on is not None:
            return self._rng.random() < chance
        unit = claim.person.unit
        self._behind[unit] += chance
        follows = claim.person.in_household and self._last_was_late and self._rng.random() < 0.6
        late = follows or self._behind[unit] > 2 * self._rng.random()
        self._behind[unit] -= late
        self._last_was_late = late
        return late

    def _payments(self, claim: Claim) -> Iterator[Payment]:
        """What came in for a claim; sets what is outstanding and its state."""
        rng = self._rng
        left_on = claim.person.left_on
        if claim.created_on >= self.as_of:
            return
        last_day = min(self.as_of, left_on - timedelta(days=1)) if left_on else self.as_of
        if not self._is_late(claim):
            yield from self._paid(claim, last_day)
        elif left_on is not None:
            claim.state = "cancelled"
        elif rng.random() < 0.02:
            claim.state = "waived"
        elif rng.random() < 0.11 and claim.amount_ore > 10_000:
            yield self._payment(claim, claim.amount_ore // 200 * 100, last_day)
        elif rng.random() < 0.01:
            mistake = self._payment(claim, claim.amount_ore, last_day)
            yield mistake
            yield self._payment(claim, -claim.amount_ore, last_day, manual_on=self.today, reverses=mistake.id)

    def _paid(self, claim: Claim, last_day: date) -> Iterator[Payment]:
        rng = self._rng.random()
        if claim.year == self.today.year and rng < 0.004 and last_day == self.as_of:
            yield self._payment(claim, claim.amount_ore, last_day, manual_on=self.today - timedelta(days=1))
        elif rng > 0.99 and claim.amount_ore > 20_000:
            half = claim.amount_ore // 200 * 100
            yield self._payment(claim, half, last_day)
            yield self._payment(claim, claim.amount_ore - half, last_day)
        else:
            yield self._payment(claim, claim.amount_ore, last_day)

    def _payment(
        self,
        claim: Claim,
        amount_ore: int,
        last_day: date,
        *,
        manual_on: date | None = None,
        reverses: int | None = None,
    ) -> Payment:
        number, self._next_payment = self._next_payment, self._next_payment + 1
        # Most pay in the first months; within the year, but for stragglers.
        year_end = min(last_day, claim.created_on + timedelta(days=340))
        days = max(0, (year_end - claim.created_on).days)
        paid_on = manual_on or claim.created_on + timedelta(days=int(days * self._rng.random() ** 1.9))
        claim.outstanding_ore -= amount_ore
        return Payment(number, claim.id, claim.person.unit, amount_ore, paid_on, manual_on is not None, reverses)

    def _follow(self, claim: Claim, payments: Sequence[Payment]) -> None:
        """Add the claim to its branch's months, those of the claim's own year only."""
        figures, raised = self.figures[claim.person.unit], self.month(claim.created_on)
        if raised is None or claim.created_on.year != claim.year:
            return
        last = raised // 12 * 12 + 11
        figures.opened[raised] += 1
        figures.asked_ore[raised] += claim.amount_ore
        for payment in payments:
            month = self.month(payment.paid_on)
            if month is not None and month <= last:
                figures.received_ore[month] += payment.amount_ore
        settled_on = self._settled_on(claim, payments)
        month = None if settled_on is None else self.month(settled_on)
        if month is not None and month <= last:
            figures.settled[month] += 1
            # What was waived or cancelled is asked for no more.
            figures.asked_ore[month] -= claim.amount_ore - sum(payment.amount_ore for payment in payments)

    def _settled_on(self, claim: Claim, payments: Sequence[Payment]) -> date | None:
        if claim.state == "cancelled":
            return claim.person.left_on
        if claim.state == "raised" and claim.outstanding_ore > 0:
            return None
        return max((payment.paid_on for payment in payments), default=claim.created_on)
