"""Invented members, one after another, for a register of any size: nothing here knows of a database."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from random import Random
from typing import Final

from common.phone import DEMO_PREFIX
from common.text import slugify_nb
from demo.names import IMMIGRANT, MAN, WOMAN, family_name, given_name, street
from demo.places import Unit

# Reserved names (RFC 2606): no mail to them can ever arrive.
MAIL_DOMAINS: Final = ("epost.example", "post.example", "mail.example", "example.org", "example.net")
SOURCES: Final = ("join_form", "join_form", "officer", "register_file")
RECRUITED_BY: Final = ("Stand", "Nettsida", "SMS", "Åpent møte", "Verveblokk", "Valgkampen")
SKILLS: Final = ("Kan kjøre til møter.", "Kan baking og servering.", "Skriver gjerne leserinnlegg.", "Kan lyd og lys.")
NOTES: Final = (
    "Vil helst ringes etter klokka 17.",
    "Hører dårlig i telefonen.",
    "Har vært kasserer før.",
    "Bor på hytta om sommeren.",
)
LANGUAGES: Final = {"sami": "se", "polish": "pl", "arabic": "ar", "somali": "so", "ukrainian": "uk"}

# Of this year's and last year's members, so many have left since: kept here for the figures, as a register keeps them.
LEAVERS: Final = 0.055
YOUNGEST: Final = 14
# Primes: a multiple of the index modulo a prime gives each number once, in no order a person can see.
_MEMBER_NUMBERS: Final = 8_999_993
_SHORT_PHONES: Final = 99_991
_ALL_PHONES: Final = 1_000_000


@dataclass(slots=True)
class Person:
    """One row of the register, in the register's own words; dates as dates, empty texts where nothing is known."""

    id: int
    unit: int
    first_name: str
    last_name: str
    gender: str
    birth_year: int
    birth_on: date | None
    birth_known: bool
    street: str
    postal_code: str
    city: str
    email: str
    mobile: str
    phone: str
    language: str
    status: str
    category: str
    joined_on: date
    left_on: date | None
    source: str = "register_file"
    recruited_by: int | None = None
    recruited_by_text: str = ""
    address_protection: str = ""
    care_of: str = ""
    skills: str = ""
    note: str = ""
    no_email: bool = False
    no_sms: bool = False
    no_phone: bool = False
    no_post: bool = False
    guardian_consent_on: date | None = None
    guardian_name: str = ""
    in_household: bool = False
    moved_from: int | None = None
    moved_on: date | None = None

    @property
    def member_number(self) -> str:
        """Seven digits; each once."""
        return str(1_000_000 + self.id * 4_827_101 % _MEMBER_NUMBERS)


def demo_number(index: int) -> str:
    """An undialable number, E.164: different for each index below a million."""
    if index < _SHORT_PHONES:
        return f"{DEMO_PREFIX}{index * 7_919 % _SHORT_PHONES:06d}"
    return f"{DEMO_PREFIX}{index % _ALL_PHONES:06d}"


@lru_cache(maxsize=20_000)
def _mail_part(name: str) -> str:
    return slugify_nb(name).replace("-", ".") or "medlem"


def _day_between(rng: Random, first: date, last: date, skew: float = 1.0) -> date:
    """A day from `first` to `last`; a skew above 1 brings it nearer to the first."""
    return first + timedelta(days=int((max(0, (last - first).days) + 1) * rng.random() ** skew))


class Register:
    """Makes the people of each branch in turn. The same seed, day and branches give the same people."""

    def __init__(self, units: Sequence[Unit], *, today: date, seed: int) -> None:
        self.units = units
        self.today = today
        self.seed = seed
        self._next_id = 1

    def people(self) -> Iterator[Person]:
        """Everybody: branch by branch, first those who are members, then those who have left."""
        for position, unit in enumerate(self.units):
            yield from self._people_of(position, unit)

    def _people_of(self, position: int, unit: Unit) -> Iterator[Person]:
        # A generator of its own for each branch: a change in one leaves the others as they were.
        rng = Random(f"{self.seed} {unit.slug}")
        new_share = rng.uniform(0.045, 0.095)
        first_id = self._next_id
        relatives: list[Person] = []
        for _ in range(unit.members):
            relative = relatives.pop() if relatives else None
            person = self._person(rng, position, unit, relative)
            if relative is None:
                relatives = [person] * rng.choices((0, 1, 2), (0.84, 0.12, 0.04))[0]
            self._join(rng, person, new_share, first_id)
            self._finish(rng, person)
            yield person
        for _ in range(round(unit.members * LEAVERS)):
            person = self._person(rng, position, unit, None)
            self._leave(rng, person)
            self._finish(rng, person)
            yield person

    def _person(self, rng: Random, position: int, unit: Unit, relative: Person | None) -> Person:
        """Somebody with a name, an address and, mostly, a mobile; a relative gives last name and address."""
        number, self._next_id = self._next_id, self._next_id + 1
        culture = _culture(rng, unit)
        birth_year = self._birth_year(rng, relative)
        gender = WOMAN if rng.random() < 0.47 else MAN
        postal_code, city = rng.choice(unit.postal_places)
        age = self.today.year - birth_year
        person = Person(
            id=number,
            unit=position,
            first_name=given_name(rng, culture, gender, birth_year),
            last_name=family_name(rng, culture),
            gender=rng.choices((gender, "", "X"), (0.965, 0.03, 0.005))[0],
            birth_year=birth_year,
            birth_on=None,
            birth_known=rng.random() < 0.97,
            street=street(rng),
            postal_code=postal_code,
            city=city,
            email="",
            mobile=demo_number(number) if rng.random() < (0.97 if age < 80 else 0.8) else "",
            phone=demo_number(_ALL_PHONES - number) if age > 65 and rng.random() < 0.3 else "",
            language=LANGUAGES.get(culture, "") if rng.random() < 0.3 else "",
            status="member",
            category="ordinary",
            joined_on=date(self.today.year - 1, 1, 1),
            left_on=None,
        )
        if relative is not None:
            person.in_household = True
            person.last_name = relative.last_name
            person.street, person.postal_code, person.city = relative.street, relative.postal_code, relative.city
            person.email = relative.email if rng.random() < 0.4 else ""
        return person

    def _birth_year(self, rng: Random, relative: Person | None) -> int:
        if relative is None:
            low, high, mode = (YOUNGEST, 30, 22) if rng.random() < 0.12 else (24, 93, 60)
            return self.today.year - int(rng.triangular(low, high, mode))
        apart = rng.randrange(-6, 7) if rng.random() < 0.6 else rng.randrange(22, 38)
        return min(relative.birth_year + apart, self.today.year - YOUNGEST)

    def _email(self, rng: Random, person: Person) -> str:
        if rng.random() > (0.94 if self.today.year - person.birth_year < 70 else 0.72):
            return ""
        name = f"{_mail_part(person.first_name)}.{_mail_part(person.last_name)}"
        return f"{name}.{person.id}@{rng.choice(MAIL_DOMAINS)}"

    def _join(self, rng: Random, person: Person, new_share: float, first_id: int) -> None:
        """Give the day of joining; who came this year has a recruiter more often, and another category."""
        year = self.today.year
        if rng.random() >= new_share:
            last_year = date(year - 1, 12, 31)
            first = date(max(person.birth_year + 15, year - 55), 1, 1)
            person.joined_on = _day_between(rng, min(first, last_year), last_year, 0.6)
            return
        person.joined_on = _campaign_day(rng, year, self.today)
        person.source = rng.choice(SOURCES)
        if rng.random() < 0.4 and person.id > first_id:
            person.recruited_by = rng.randrange(first_id, person.id)
        elif rng.random() < 0.5:
            person.recruited_by_text = rng.choice(RECRUITED_BY)

    def _leave(self, rng: Random, person: Person) -> None:
        """Somebody who was a member until some day this year, last year or the year before."""
        years_ago = rng.choices((0, 1, 2), (0.44, 0.48, 0.08))[0]
        year = self.today.year - years_ago
        last_day = min(date(year, 12, 31), self.today - timedelta(days=1))
        person.left_on = _day_between(rng, min(date(year, 1, 2), last_day), last_day)
        person.status = rng.choices(("resigned", "deceased", "expelled"), (0.74, 0.24, 0.02))[0]
        person.joined_on = _day_between(rng, date(year - 30, 1, 1), date(year - 1, 12, 31), 0.5)

    def _finish(self, rng: Random, person: Person) -> None:
        """What few people have: wishes, protection, notes; and the day of birth, never after the day of joining."""
        person.birth_year = min(person.birth_year, person.joined_on.year - YOUNGEST + 1)
        if person.birth_known and rng.random() < 0.82:
            person.birth_on = date(person.birth_year, 1, 1) + timedelta(days=rng.randrange(365))
        person.email = person.email or self._email(rng, person)
        person.category = self._category(rng, person)
        if self.today.year - person.birth_year < 16:
            person.guardian_consent_on = person.joined_on
            person.guardian_name = f"{given_name(rng, 'norwegian', WOMAN, 1980)} {person.last_name}"
        person.no_email = rng.random() < 0.02
        person.no_sms = rng.random() < 0.025
        person.no_phone = rng.random() < 0.03
        person.no_post = rng.random() < 0.01
        self._mark(rng, person)

    def _category(self, rng: Random, person: Person) -> str:
        age = self.today.year - person.birth_year
        if age < 19:
            return "youth"
        if person.joined_on.year == self.today.year:
            return "first_year"
        if person.in_household:
            return "household"
        return "reduced" if age >= 67 and rng.random() < 0.75 else "ordinary"

    def _mark(self, rng: Random, person: Person) -> None:
        """Give a few people one thing that stands out."""
        rare = rng.random()
        if rare < 0.008:
            person.address_protection = "strict" if rare < 0.002 else "confidential"
        elif rare < 0.018:
            person.note = rng.choice(NOTES)
        elif rare < 0.05:
            person.skills = rng.choice(SKILLS)
        elif rare < 0.056:
            person.care_of = f"{given_name(rng, 'norwegian', MAN, 1960)} {person.last_name}"
        elif rare < 0.066:
            self._move(rng, person)
        elif rare < 0.069:
            person.mobile = "ukjent"

    def _move(self, rng: Random, person: Person) -> None:
        """Let somebody have belonged to another branch before."""
        if person.joined_on.year < self.today.year - 2 and len(self.units) > 1:
            person.moved_from = (person.unit + rng.randrange(1, len(self.units))) % len(self.units)
            person.moved_on = _day_between(rng, date(self.today.year - 2, 1, 1), date(self.today.year - 1, 12, 31))


def _culture(rng: Random, unit: Unit) -> str:
    drawn = rng.random() * 100
    if drawn < unit.sami:
        return "sami"
    if drawn < unit.sami + unit.kven:
        return "kven"
    return rng.choice(IMMIGRANT) if drawn < unit.sami + unit.kven + unit.immigrant else "norwegian"


def _campaign_day(rng: Random, year: int, today: date) -> date:
    """A day of joining this year: more often in the spring and autumn campaigns, never after today."""
    start, end = rng.choices(((1, 12), (3, 5), (8, 11)), (0.4, 0.25, 0.35))[0]
    first, last = date(year, start, 1), date(year, end, 28)
    # Nobody's very first day: a register is some days behind.
    newest = max(date(year, 1, 1), today - timedelta(days=2))
    return (
        _day_between(rng, first, min(last, newest)) if first < newest else _day_between(rng, date(year, 1, 1), newest)
    )
