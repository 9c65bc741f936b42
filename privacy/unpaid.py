"""Whose dues are long unpaid: the rule, whom it meets, and what a list of them has become. Nothing is written here.

The clock never strikes anybody off: this module tells who could be, and a person decides.
"""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from django.db.models import CharField, Count, Exists, IntegerField, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Cast, Concat

from dues.freshness import Freshness, freshness_of
from dues.models import Claim, ClaimQuerySet, counts_of
from membership.models import Branch, Member, MemberQuerySet
from messaging.contact import with_addresses, with_reason
from messaging.enums import Channel, DeliveryState, Purpose
from messaging.models import Delivery
from privacy.deadlines import months_after
from privacy.enums import CaseState, RoundState, UnpaidFrom
from privacy.models import Hold, PrivacySettings, StayAgreement, UnpaidCase, UnpaidRound
from privacy.rules import rules_of

# More than so many of a hundred members, or of one branch, and a person writes the number.
MOST_PERCENT: Final = 2
MOST_OF_BRANCH: Final = 5
OPEN_ROUNDS: Final = (RoundState.LISTED, RoundState.NOTIFIED)
# Where a case is not settled yet.
OPEN_CASES: Final = (CaseState.LISTED, CaseState.NOTIFIED, CaseState.LETTER)
_CAME_BACK: Final = (DeliveryState.FAILED, DeliveryState.BOUNCED, DeliveryState.CANCELLED)

Cases = QuerySet[UnpaidCase, UnpaidCase]


# --- The rule ---------------------------------------------------------------------------------------------------------


def latest_over(today: date, months: int) -> date:
    """The latest day from which so many months are over: those that end on a day before today."""
    end = today - timedelta(days=1)
    years, month = divmod(end.month - 1 - months, 12)
    year = end.year + years
    last = calendar.monthrange(year, month + 1)[1]
    at_the_end = end.day == calendar.monthrange(end.year, end.month)[1]
    return date(year, month + 1, last if at_the_end else min(end.day, last))


def is_over(start: date, months: int, today: date) -> bool:
    """Whether so many months from a day are over: the last of them was before today."""
    return months_after(start, months) < today


# --- Whom it meets ----------------------------------------------------------------------------------------------------


def due_years(county: Branch, today: date) -> list[int]:
    """The dues years for which somebody's time is over, the newest first. A query, and one a year by due date."""
    rules = rules_of(county)
    years = [year for year, totals in counts_of(county).by_year().items() if totals.unpaid]
    return [year for year in years if _overdue(county, year, today, rules).exists()]


def candidates(county: Branch, year: int, today: date) -> MemberQuerySet:
    """Members whose claim of a year is open and whose time is over: whom nobody holds, and who have not asked to stay.

    Whoever has paid for a later year has shown that they are still there.
    """
    overdue = _overdue(county, year, today, rules_of(county)).values("member_id")
    mine = OuterRef("pk")
    held = Hold.objects.in_force(today).filter(member=mine)
    stays = StayAgreement.objects.filter(member=mine, year__gte=year)
    paid_later = Claim.objects.paid().filter(member=mine, year__gt=year)
    found = county.members.current().filter(pk__in=overdue)
    return found.exclude(Exists(held)).exclude(Exists(stays)).exclude(Exists(paid_later))


def _overdue(county: Branch, year: int, today: date, rules: PrivacySettings) -> ClaimQuerySet:
    claims = Claim.objects.of(county).unpaid(year).of_people()
    if rules.unpaid_from == UnpaidFrom.DUE_DATE:
        return claims.filter(final_due_on__lte=latest_over(today, rules.unpaid_months))
    return claims if is_over(date(year, 12, 31), rules.unpaid_months, today) else claims.none()


def open_claims(member_ids: list[int], year: int) -> dict[int, Claim]:
    """Member id → what is open for a year; one query."""
    found = Claim.objects.unpaid(year).filter(member_id__in=member_ids)
    return {claim.member_id: claim for claim in found if claim.member_id is not None}


# --- How far what we know reaches -------------------------------------------------------------------------------------


def file_of(county: Branch, year: int, today: date) -> Freshness:
    """For which day we know who has paid, in the whole county."""
    return freshness_of(county, year, today=today)


def is_fresh(file: Freshness) -> bool:
    """Whether anything is known of the whole county, and lately."""
    return file.as_of_on is not None and not file.is_stale


# --- A list of them ---------------------------------------------------------------------------------------------------


def open_round(county: Branch) -> UnpaidRound | None:
    """The one that is not done: a county has one at a time."""
    return UnpaidRound.objects.filter(county=county, state__in=OPEN_ROUNDS).order_by("id").first()


def rounds_of(county: Branch) -> QuerySet[UnpaidRound, UnpaidRound]:
    """All of them, the latest first."""
    return UnpaidRound.objects.filter(county=county).order_by("-created_at", "-id")


def round_in(county: Branch, pk: int) -> UnpaidRound | None:
    """One of the county's own, with the county."""
    return UnpaidRound.objects.select_related("county").filter(county=county, pk=pk).first()


def cases_of(unpaid: UnpaidRound) -> Cases:
    """Everybody who was ever on it, by branch and name; with member, branch and `outstanding_ore` (None: nothing)."""
    claim = Claim.objects.unpaid(unpaid.year).filter(member=OuterRef("member"))
    cases = UnpaidCase.objects.filter(round=unpaid).select_related("member__branch")
    cases = cases.annotate(
        outstanding_ore=Subquery(claim.order_by("id").values("outstanding_ore")[:1], output_field=IntegerField()),
        amount_ore=Subquery(claim.order_by("id").values("amount_ore")[:1], output_field=IntegerField()),
    )
    return cases.order_by("member__branch__sort_key", "member__sort_key", "id")


def standing(unpaid: UnpaidRound, today: date) -> Cases:
    """Those still on it: not settled, and still such as `candidates` finds. Who has paid since is off by itself."""
    still = candidates(unpaid.county, unpaid.year, today).values("pk")
    return UnpaidCase.objects.filter(round=unpaid, state__in=OPEN_CASES, member__in=still)


def came_back() -> Exists:
    """The condition that a case's notice by email or SMS never arrived.

    One whose letter was posted has a `decided_by`, and is told all the same.
    """
    unpaid, member = Cast(OuterRef("round_id"), CharField()), Cast(OuterRef("member_id"), CharField())
    key = Concat(Value("unpaid:"), unpaid, Value(":"), member)
    return Exists(Delivery.objects.filter(key=key, state__in=_CAME_BACK))


def without_notice(unpaid: UnpaidRound, today: date) -> Cases:
    """Those who must have a letter: whom neither email nor SMS reaches, or whose message came back."""
    returned = Q(came_back(), state=CaseState.NOTIFIED, decided_by__isnull=True)
    return standing(unpaid, today).filter(Q(state=CaseState.LETTER) | returned)


def ready(unpaid: UnpaidRound, today: date) -> Cases:
    """Those who would be struck off: still on it, and told."""
    told = standing(unpaid, today).filter(state=CaseState.NOTIFIED)
    return told.exclude(came_back(), decided_by__isnull=True)


def letters_of(unpaid: UnpaidRound, today: date) -> MemberQuerySet:
    """Members who are to have a letter, and can have one."""
    waiting = without_notice(unpaid, today).values("member_id")
    found = with_addresses(Member.objects.filter(pk__in=waiting))
    found = with_reason(found, Channel.LETTER, Purpose.SERVICE, on=today, name="no_letter")
    return found.filter(Q(("no_letter", ""))).select_related("branch").in_order()


@dataclass(frozen=True, slots=True)
class Brake:
    """How many would go, of how many, and of which branches more than five."""

    count: int
    members: int
    branches: tuple[tuple[str, int], ...]

    @property
    def is_much(self) -> bool:
        """More than two of a hundred in the county."""
        return self.count * 100 > self.members * MOST_PERCENT

    @property
    def is_on(self) -> bool:
        """Whether a person must write the number."""
        return self.is_much or bool(self.branches)


def brake_of(unpaid: UnpaidRound, today: date) -> Brake:
    """What approving now would take; three queries."""
    by_branch = ready(unpaid, today).order_by().values_list("member__branch__name", "member__branch_id")
    rows = list(by_branch.annotate(n=Count("id")).order_by("member__branch__name", "member__branch_id"))
    many = tuple((name, n) for name, _pk, n in rows if n > MOST_OF_BRANCH)
    return Brake(sum(n for _name, _pk, n in rows), unpaid.county.members.current().count(), many)
