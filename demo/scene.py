"""What stands around the demo's register: elections, targets, the figures of past months, and a call list."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Final
from uuid import UUID

from django.db.models import F

from accounts.models import User
from calling.actions import ListCaller, make_list
from calling.enums import Outcome
from calling.models import Call
from demo.ledger import FIRST_MONTHS, Figures, Ledger
from demo.places import Unit
from dues.models import Claim
from membership.enums import ImportState
from membership.models import Branch, RegisterImport
from overview.models import MonthlySnapshot
from recruitment.actions import record_result
from recruitment.known_results import keep_known_results
from recruitment.models import Target, TargetRound

# So many branches have not answered; their places stand in the table.
UNANSWERED: Final = ("Gratangen", "Dyrøy")
# Branches whose register file is old, in days.
LATE: Final = {"Lyngen": 47, "Bardu": 62, "Ibestad": 75}
NAMES_ON_LIST: Final = 24
# What came of the first calls; in how many days something is to happen; a note.
OUTCOMES: Final = (
    (Outcome.NO_ANSWER, None, ""),
    (Outcome.WILL_PAY, 5, ""),
    (Outcome.SEND_INFORMATION, None, "Finner ikke betalingsinformasjonen."),
    (Outcome.CALL_BACK, 3, "På jobb nå, ring etter klokka 17."),
    (Outcome.NO_ANSWER, None, ""),
)


def _at(day: date, hour: int = 9) -> datetime:
    return datetime.combine(day, time(hour), UTC)


def make_elections(units: Sequence[Unit], branches: Sequence[Branch]) -> None:
    """The results of the table, and the county's own."""
    for unit, branch in zip(units, branches, strict=True):
        for result in unit.results:
            record_result(
                branch,
                number=result.number,
                kind=result.kind,
                year=result.year,
                votes=result.votes,
                share_hundredths=result.share_hundredths,
            )
    keep_known_results(branches[0])


def _with_local(units: Sequence[Unit], position: int, ledger: Ledger) -> list[Figures]:
    """The figures of a branch and of those under it."""
    return [
        figures
        for other, figures in enumerate(ledger.figures)
        if other == position or (units[other].parent == position and position != 0)
    ]


def make_targets(
    units: Sequence[Unit], branches: Sequence[Branch], ledger: Ledger, *, by: User, today: date, seed: int
) -> None:
    """This year's round: what each branch wants to recruit, and to be two years on. Two have not answered."""
    opened_on = min(date(today.year, 1, 15), today)
    made = TargetRound.objects.create(
        county=branches[0],
        recruit_year=today.year,
        total_year=today.year + 2,
        deadline_on=date(today.year, 2, 27),
        created_at=_at(opened_on),
        created_by=by,
    )
    rng = Random(f"{seed} targets")
    targets = []
    for position, unit in enumerate(units):
        if unit.parent != 0:
            continue
        figures = _with_local(units, position, ledger)
        then = sum(own.members_now - sum(own.joined[12:]) + sum(own.left[12:]) for own in figures)
        wanted = Target(
            round=made,
            branch=branches[position],
            recruit_target=max(3, round(then * rng.uniform(0.06, 0.11))),
            total_target=round(then * rng.uniform(1.1, 1.2)) + 1,
            members_then=then,
            answered_at=_at(opened_on + timedelta(days=rng.randrange(3, 40)), 17),
        )
        if unit.place in UNANSWERED:
            wanted.recruit_target = wanted.total_target = wanted.answered_at = None
        targets.append(wanted)
    Target.objects.bulk_create(targets)


def make_imports(units: Sequence[Unit], branches: Sequence[Branch], *, by: User, today: date, seed: int) -> None:
    """When each branch last imported its register: most of them lately, the three in LATE long ago."""
    rng = Random(f"{seed} imports")
    made = []
    for unit, branch in zip(units, branches, strict=True):
        if unit.parent != 0:
            continue
        days = LATE.get(unit.place) or rng.randrange(2, 25)
        made.append(
            RegisterImport(
                id=UUID(int=rng.getrandbits(128), version=4),
                branch=branch,
                started_by=by,
                state=ImportState.APPLIED,
                applied_at=_at(today - timedelta(days=days), 18),
            )
        )
    RegisterImport.objects.bulk_create(made)
    # The column fills itself with the clock's time, and the demo is the same whenever it is made.
    RegisterImport.objects.filter(pk__in=[one.pk for one in made]).update(created_at=F("applied_at"))


def _month_ends(today: date) -> Iterator[tuple[int, date, date]]:
    """Of last year and this until today: position, first day, and last day (or today)."""
    for position in range(FIRST_MONTHS):
        year, month = today.year - 1 + position // 12, position % 12 + 1
        first = date(year, month, 1)
        if first > today:
            return
        last = date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)
        yield position, first, min(last, today)


def make_snapshots(branches: Sequence[Branch], ledger: Ledger, *, today: date) -> None:
    """The figures of each branch at the end of each month, as they would have been written then."""
    MonthlySnapshot.objects.bulk_create(
        (
            _snapshot(branch, figures, position, first, last)
            for branch, figures in zip(branches, ledger.figures, strict=True)
            for position, first, last in _month_ends(today)
        ),
        batch_size=1_000,
    )


def _snapshot(branch: Branch, figures: Figures, position: int, first: date, last: date) -> MonthlySnapshot:
    january = position // 12 * 12
    after, this_year = slice(position + 1, None), slice(january, position + 1)
    return MonthlySnapshot(
        branch=branch,
        county_id=branch.root_id,
        municipal_id=branch.municipal_id,
        month_on=first,
        members=figures.members_now - sum(figures.joined[after]) + sum(figures.left[after]),
        joined=sum(figures.joined[this_year]),
        left=sum(figures.left[this_year]),
        unpaid=sum(figures.opened[this_year]) - sum(figures.settled[this_year]),
        outstanding_ore=sum(figures.asked_ore[this_year]) - sum(figures.received_ore[this_year]),
        taken_at=_at(last, 21),
    )


def make_call_list(branch: Branch, users: Mapping[str, User], *, today: date) -> None:
    """A list of some of Tromsø's unpaid, handed out ten days ago to the caller and the officer, and begun on."""
    made_on = today - timedelta(days=10)
    officer = users["medlemsansvarlig.tromso"]
    claims = Claim.objects.of(branch).unpaid(today.year)
    unpaid = branch.members.filter(pk__in=claims.values("member_id"))
    names = [
        member.pk
        for member in unpaid.filter(no_phone=False, address_protection="").in_order()[: 2 * NAMES_ON_LIST]
        if member.mobile_ok
    ]
    if not names:
        return
    made = make_list(
        branch,
        members=unpaid,
        callers=[ListCaller(user, user.name) for user in (users["ringer.tromso"], officer)],
        by=officer,
        now=_at(made_on, 17),
        year=today.year,
        chosen=names[:NAMES_ON_LIST],
        finish_by_on=today + timedelta(days=9),
    )
    begun = Call.objects.filter(call_list=made.call_list, caller__position=0).in_order()
    for number, (call, (outcome, days, note)) in enumerate(zip(begun, OUTCOMES, strict=False)):
        call.outcome = outcome
        call.outcome_at = _at(made_on + timedelta(days=1), 17) + timedelta(minutes=7 * number)
        call.follow_up_on = None if days is None else today + timedelta(days=days)
        call.note = note
        call.save()
