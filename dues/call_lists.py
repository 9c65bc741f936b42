"""What call lists show: who has paid meanwhile, what the others have not paid, and the number to tap."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from django.db.models import Count, F, Q
from django.http import QueryDict
from django.utils.translation import gettext as _

from accounts.models import User
from calling.enums import Outcome
from calling.models import Call, CallList, CallListCaller, CallListQuerySet, CallQuerySet
from dues.enums import ClaimState
from dues.filters import UnpaidFilter
from dues.models import Claim, ClaimQuerySet, claims_of
from membership.enums import AddressProtection
from membership.models import ADULT, Branch, Member, MemberQuerySet, under_age
from membership.models.member import GONE
from messaging.contact import PHONE, Blocks, blocks_for, call_number, is_wrong_number, may_contact
from messaging.enums import Purpose, Reason

# More than this is no list to print from a page; Excel takes any number.
MAX_PRINTED: Final = 2000


class Standing(StrEnum):
    """Whether a name on a list is still to be phoned."""

    OPEN = "open"
    PAID = "paid"
    # No longer a member: neither name nor number is shown.
    LEFT = "left"
    # Moved, reserved or exempt since the list was made. Why, is not the caller's business.
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Handed:
    """One name as a caller sees it: nothing more than this."""

    name: str
    # E.164; empty where the member is not to be phoned.
    phone: str
    outstanding_ore: int
    standing: Standing
    # Shares a household with the name before or after.
    household: bool


@dataclass(frozen=True, slots=True)
class Sheet:
    """One caller's part of a list."""

    caller: CallListCaller
    names: Sequence[Handed]

    @property
    def people(self) -> int:
        """How many of them are members still."""
        return sum(name.standing != Standing.LEFT for name in self.names)

    @property
    def left(self) -> list[Handed]:
        """Those still to be phoned."""
        return [name for name in self.names if name.standing == Standing.OPEN]


@dataclass(frozen=True, slots=True)
class Progress:
    """One list in the index."""

    call_list: CallList
    callers: Sequence[str]
    names: int
    # Still unpaid.
    left: int

    @property
    def paid_percent(self) -> int:
        """0–100, whole."""
        return (self.names - self.left) * 100 // self.names if self.names else 0


def filters_in(data: Mapping[str, str]) -> dict[str, str]:
    """The unpaid list's own filters, of whatever came along with a request."""
    return {name: value for name in UnpaidFilter.base_filters if (value := str(data.get(name, "")).strip())}


def unpaid_claims(branch: Branch, year: int, filters: Mapping[str, str] | None = None) -> ClaimQuerySet:
    """Open claims on members who still are in the register, narrowed as the page that was looked at."""
    claims = claims_of(branch).of_people().unpaid(year)
    if not filters:
        return claims
    data = QueryDict(mutable=True)
    data.update(filters)
    narrowed: ClaimQuerySet = UnpaidFilter(data, queryset=claims, branch=branch).qs
    return narrowed


def unpaid_members(branch: Branch, year: int, filters: Mapping[str, str] | None = None) -> MemberQuerySet:
    """Those a list for unpaid dues may be made of."""
    return branch.members.filter(pk__in=unpaid_claims(branch, year, filters).values("member_id"))


def lists_for(branch: Branch, user: User, *, manages: bool) -> CallListQuerySet:
    """The lists a user may open: an officer every list of the branch and those under it, a caller what was handed over.

    A caller's list is gone when it is closed.
    """
    found = CallList.objects.under(branch)
    return found if manages else found.open().handed_to(user)


def progress_of(lists: CallListQuerySet, *, only: User | None = None) -> list[Progress]:
    """Open lists, newest first; with `only`, no other caller's names are counted. Three queries."""
    rows = list(lists.open().newest_first().select_related("branch", "made_by"))
    calls = Call.objects.handed().filter(call_list__in=rows)
    if only is not None:
        calls = calls.filter(caller__user=only)
    names = _counts(calls)
    left = _counts(
        calls.filter(
            _still_here(),
            member__claims__state=ClaimState.RAISED,
            member__claims__outstanding_ore__gt=0,
            member__claims__year=F("call_list__year"),
        )
    )
    callers: dict[int, list[str]] = {}
    for caller in CallListCaller.objects.filter(call_list__in=rows).order_by("position", "id"):
        callers.setdefault(caller.call_list_id, []).append(caller.name)
    return [Progress(row, callers.get(row.pk, []), names.get(row.pk, 0), left.get(row.pk, 0)) for row in rows]


def _still_here() -> Q:
    """The claim is on a member of the list's own branch or one under it: who has moved is no longer phoned from it."""
    own = F("call_list__branch")
    return Q(member__claims__branch=own) | Q(member__claims__municipal=own) | Q(member__claims__county=own)


def _counts(calls: CallQuerySet) -> Mapping[int, int]:
    return dict(calls.values_list("call_list_id").annotate(Count("pk")))


def sheets(call_list: CallList, callers: Iterable[CallListCaller], *, on: date) -> list[Sheet]:
    """What stands on the list on a day, for these of its callers, in their order. Three queries."""
    wanted = list(callers)
    calls = list(Call.objects.filter(caller__in=wanted).in_order().select_related("member"))
    claims = {
        claim.member_id: claim
        for claim in Claim.objects.of(call_list.branch)
        .for_year(call_list.year or 0)
        .filter(member__in=[call.member_id for call in calls if call.member_id])
        .exclude(state=ClaimState.CANCELLED)
    }
    by_caller: dict[int, list[Member | None]] = {}
    closed = {call.member_id for call in calls if call.outcome == Outcome.NO_LONGER_MEMBER}
    for call in calls:
        by_caller.setdefault(call.caller_id, []).append(call.member)
    here = call_list.branch
    return [
        Sheet(caller, _handed(by_caller.get(caller.pk, []), claims, here, on=on, closed=closed)) for caller in wanted
    ]


def _handed(
    members: Sequence[Member | None],
    claims: Mapping[int | None, Claim],
    branch: Branch,
    *,
    on: date,
    closed: Collection[int | None] = (),
) -> list[Handed]:
    """`closed`: of whom nobody is to phone them from this list any more, though they may be members again."""
    still = [member if member and member.status not in GONE else None for member in members]
    keys = ["", *(member.household_key if member else "" for member in still), ""]
    blocks = blocks_for([member for member in still if member], PHONE)
    names = []
    for place, member in enumerate(still, start=1):
        if member is None:
            names.append(Handed(_("No longer a member"), "", 0, Standing.LEFT, household=False))
            continue
        claim = claims.get(member.pk) if _belongs_to(member, branch) else None
        standing = standing_of(member, claim, blocks, on=on)
        if member.pk in closed:
            standing = Standing.STOPPED
        is_open = standing == Standing.OPEN
        names.append(
            Handed(
                name=member.full_name,
                phone=member.call_number if is_open else "",
                outstanding_ore=claim.outstanding_ore if claim else 0,
                standing=standing,
                household=bool(keys[place]) and keys[place] in (keys[place - 1], keys[place + 1]),
            )
        )
    return names


def _belongs_to(member: Member, branch: Branch) -> bool:
    """Whether the branch still has the member; the claim of one who paid before moving stays where it was paid."""
    return all(getattr(member, column) == pk for column, pk in branch.scope_of().items())


def standing_of(member: Member, claim: Claim | None, blocks: Blocks, *, on: date) -> Standing:
    """Whether to phone, asked anew each time: paid meanwhile? left? reserved? under 18 after all? a wrong number?"""
    if claim is None or claim.state != ClaimState.RAISED or not _may_be_phoned(member, blocks, on):
        return Standing.STOPPED
    return Standing.OPEN if claim.outstanding_ore > 0 else Standing.PAID


def _may_be_phoned(member: Member, blocks: Blocks, on: date) -> bool:
    """Whoever has no number any more stays on the list: the caller may know another."""
    return may_contact(member, PHONE, Purpose.SERVICE, on=on, blocks=blocks) in {Reason.NONE, Reason.NO_ADDRESS}


def unpaid_on_paper(branch: Branch, year: int, filters: Mapping[str, str], *, on: date) -> list[Handed]:
    """All who have not paid, by name, as a printed sheet shows them: one more than `MAX_PRINTED` at most.

    Those under 18 are not on it: whoever is handed the sheet phones. Two queries.
    """
    grown = shown(unpaid_claims(branch, year, filters)).exclude(young(on))
    claims = grown.in_order().select_related("member")[: MAX_PRINTED + 1]
    members = [claim.member for claim in claims if claim.member]
    return _handed(members, {claim.member_id: claim for claim in claims}, branch, on=on)


def shown(claims: ClaimQuerySet) -> ClaimQuerySet:
    """Without those whose protection is strict: they stand in no file and on no sheet."""
    return claims.exclude(member__address_protection=AddressProtection.STRICT)


def young(on: date) -> Q:
    """The condition that a claim's member is under 18, as far as is known."""
    return under_age(ADULT, on=on, prefix="member__")


def with_number(claims: ClaimQuerySet) -> ClaimQuerySet:
    """With `number`, the one that would be phoned, and `is_wrong`: whether it is known to be somebody else's."""
    return claims.annotate(number=call_number("member__"), is_wrong=is_wrong_number("number"))


def count_young(branch: Branch, year: int, filters: Mapping[str, str], *, on: date) -> int:
    """How many were left off the sheet for their age; those whose protection is strict are not told of."""
    return shown(unpaid_claims(branch, year, filters)).filter(young(on)).count()
