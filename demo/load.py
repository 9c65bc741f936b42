"""Putting the whole demo into the database, in one transaction: either all of it is there, or what was before."""

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from django.apps import apps
from django.core.files.storage import default_storage
from django.db import models, transaction

from accounts.models import AuditEvent, User
from demo import day as demo_day
from demo.bulk import Row, after_filling, chunks, empty, indexes_aside
from demo.cast import make_cast
from demo.correspondence import correspond
from demo.keeping import say_who_answers
from demo.ledger import RATES, YEARS, Ledger
from demo.life import live
from demo.models import DemoDay
from demo.officers import make_officers
from demo.people import Person, Register
from demo.places import LOCAL_PARENT, Unit, make_units
from demo.rows import MEMBERS, Batches, Rows
from demo.scene import make_call_list, make_elections, make_imports, make_snapshots, make_targets
from dues.enums import PaymentSource
from dues.models import Claim, DuesYear, Payment, PaymentBatch
from membership.actions.summaries import recount
from membership.branch_file import load as load_branches
from membership.extensions import registry
from membership.models import Branch, Member, Placement

log = logging.getLogger(__name__)

TODAY: Final = date(2026, 11, 20)
SEED: Final = 1
# The newest payment file is some days old.
FILE_AGE: Final = timedelta(days=2)
CHUNK: Final = 10_000
_BIG: Final = tuple(model._meta.db_table for model in (Payment, Claim, Placement, Member))


@dataclass(frozen=True, slots=True)
class Loaded:
    """What is there now."""

    branches: int
    members: int
    claims: int
    payments: int


class NotADemo(Exception):
    """The database has branches that no demo made."""


def is_loaded() -> bool:
    """Whether there is a demo."""
    return DemoDay.objects.exists()


def is_empty() -> bool:
    """Whether there are no branches at all."""
    return not Branch.objects.exists()


@transaction.atomic
def load_demo(
    *, today: date = TODAY, seed: int = SEED, members: int | None = None, branches: int | None = None
) -> Loaded:
    """Make the demo, in place of the one before.

    Raises `NotADemo` rather than erase a register that was not made here, and ValueError for too few branches.
    """
    if not is_loaded() and not is_empty():
        raise NotADemo
    units = make_units(members=members, branches=branches, seed=seed)
    _erase()
    DemoDay.objects.create(id=1, day_on=today, seed=seed, members=sum(unit.members for unit in units))
    demo_day.forget()
    with indexes_aside(_BIG):
        own = _make_branches(units)
        users = make_cast({branch.place: branch for branch in own}, today=today)
        ledger = _fill(units, own, users, today=today, seed=seed)
    after_filling((*_BIG, PaymentBatch._meta.db_table))
    make_elections(units, own)
    make_targets(units, own, ledger, by=users["fylkessekretaer"], today=today, seed=seed)
    make_imports(units, own, by=users["fylkessekretaer"], today=today, seed=seed)
    make_snapshots(own, ledger, today=today)
    recount(today=today)
    for rebuild in registry.summaries:
        rebuild(None)
    tromso = next(branch for branch in own if branch.place == LOCAL_PARENT)
    make_call_list(tromso, users, today=today)
    live(own, users, today=today)
    make_officers(own, users, today=today, seed=seed)
    correspond(own, users, today=today, seed=seed)
    say_who_answers(own[0], by=users["fylkessekretaer"], today=today)
    transaction.on_commit(demo_day.forget)
    return Loaded(len(units), Member.objects.current().count(), Claim.objects.count(), Payment.objects.count())


def _erase() -> None:
    """Empty every table of ours but the log, which nobody can erase from."""
    # Sessions stay: whoever is signed in to the demo is so afterwards, since the users get the same numbers.
    labels = [config.label for config in apps.get_app_configs() if "." not in config.name]
    found = [
        model
        for label in [*reversed(labels), "account", "mfa"]
        for model in reversed(list(apps.get_app_config(label).get_models(include_auto_created=True)))
        if model is not AuditEvent
    ]
    names = [name for model in found for name in _files(model)]
    transaction.on_commit(lambda: _delete_files(names))
    empty([model._meta.db_table for model in found])


def _files(model: type[models.Model]) -> Iterable[str]:
    for field in model._meta.concrete_fields:
        if isinstance(field, models.FileField):
            yield from model._default_manager.exclude(**{field.name: ""}).values_list(field.name, flat=True)


def _delete_files(names: Iterable[str]) -> None:
    for name in filter(None, names):
        default_storage.delete(name)


def _make_branches(units: Sequence[Unit]) -> Sequence[Branch]:
    """The tree, in the order of the units."""
    load_branches([unit.row for unit in units], by=None)
    found = {(branch.parent_id, branch.place): branch for branch in Branch.objects.all()}
    made: list[Branch] = []
    for unit in units:
        made.append(found[None if unit.parent is None else made[unit.parent].pk, unit.place])
    return made


def _fill(
    units: Sequence[Unit], branches: Sequence[Branch], users: Mapping[str, User], *, today: date, seed: int
) -> Ledger:
    """Members, placements, claims and payments: the tables that may be large."""
    first_year = today.year - YEARS + 1
    as_of = max(today - FILE_AGE, date(today.year, 1, 1))
    for years_ago, rate in enumerate(RATES):
        year = today.year - years_ago
        DuesYear.objects.create(county=branches[0], year=year, rate_ore=rate, due_on=date(year, 3, 15))
    ledger = Ledger(len(units), today=today, as_of=as_of, seed=seed)
    batches = Batches(today, as_of, first_year, users["kasserer"].pk)
    _make_files(batches, branches[0])
    rows = Rows(branches, today=today, first_day=date(first_year, 1, 10))
    for people in chunks(Register(units, today=today, seed=seed).people(), CHUNK):
        _fill_chunk(people, rows, ledger, batches)
        log.info("%s people", people[-1].id)
    return ledger


def _fill_chunk(people: Sequence[Person], rows: Rows, ledger: Ledger, batches: Batches) -> None:
    members = [rows.member(person) for person in people]
    rows.members.fill(members)
    rows.placements.fill(row for person in people for row in rows.placed(person))
    sort_key = MEMBERS.index("sort_key")
    claims: list[Row] = []
    payments: list[Row] = []
    for person, member in zip(people, members, strict=True):
        for claim, received in ledger.enter(person):
            claims.append(rows.claim(claim, member[sort_key]))
            payments.extend(map(batches.row, received))
    rows.claims.fill(claims)
    # Before the payments: while a row's parent is missing, SQLite looks through whole tables for each row added.
    _make_by_hand(batches, rows.branches)
    rows.payments.fill(payments)


def _make_files(batches: Batches, county: Branch) -> None:
    """One file of payments a month, for the county."""
    PaymentBatch.objects.bulk_create(
        PaymentBatch(
            id=number,
            branch=county,
            source=PaymentSource.REGISTER,
            year=as_of.year,
            as_of_on=as_of,
            created_at=_morning(as_of + timedelta(days=1)),
        )
        for number, as_of in batches.months()
    )


def _make_by_hand(batches: Batches, branches: Sequence[Branch]) -> None:
    """What was registered by hand since the last time, one batch for each branch."""
    PaymentBatch.objects.bulk_create(
        PaymentBatch(
            id=batches.manual_id(unit),
            branch=branches[unit],
            source=PaymentSource.MANUAL,
            year=batches.today.year,
            as_of_on=batches.today,
            created_at=_morning(batches.today),
            created_by_id=batches.treasurer_id,
        )
        for unit in batches.new_by_hand()
    )


def _morning(day: date) -> datetime:
    return datetime.combine(day, time(9), UTC)
