"""The unpaid list as its page shows it: the words of each row, and how the list is narrowed by branch."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.core.cache import cache
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from calling.enums import Outcome, Purpose
from calling.models import Call
from common.dates import format_date
from common.listing import COUNT_CAP, PER_PAGE, ListPage, Total
from common.money import as_kroner, format_kr
from common.templatetags.ui import icon
from dues.call_lists import with_number
from dues.models import ClaimQuerySet, claims_among
from membership.enums import AddressProtection
from membership.models import ADULT, Branch
from membership.models.member import is_under

# With more branches than this, one types the branch instead of looking for it in a list.
CHOICES: Final = 40
_PLACES_KEPT_SECONDS: Final = 300
_SELECTED: Final = SafeString(" selected")

_COLUMNS: Final = (
    "pk",
    "member_id",
    "branch_id",
    "amount_ore",
    "outstanding_ore",
    "original_due_on",
    "member__first_name",
    "member__last_name",
    "member__household_key",
    "member__mobile_ok",
    "member__phone_ok",
    "member__no_phone",
    "member__address_protection",
    "member__birth_on",
    "member__birth_year",
    "is_wrong",
    "branch__place",
)


def fetch_unpaid(claims: ClaimQuerySet, number: int, *, count: int | None) -> ListPage[Any]:
    """A page of the list, with what a row shows and no more: no address leaves the database.

    `count` is what the summary rows tell; a narrowed list is counted, up to a limit.
    """
    total = Total(count) if count is not None else _count(claims, number)
    number = min(number, ListPage([], 1, total).last_number)
    start = (number - 1) * PER_PAGE
    ordered = claims.in_order()
    if start:
        # The page is found in the index alone; members are looked up for its own rows, not for those before it.
        ordered = claims_among(ordered.values("pk")[start : start + PER_PAGE]).in_order()
    # values_list: no model is made of a row that is only printed.
    rows: Any = with_number(ordered).values_list(*_COLUMNS, named=True)[:PER_PAGE]
    return ListPage(list(rows), number, total)


def _count(claims: ClaimQuerySet, number: int) -> Total:
    cap = max(COUNT_CAP, (number + 4) * PER_PAGE)
    found = claims.order_by()[: cap + 1].count()
    return Total(min(found, cap), more=found > cap)


def make_rows(found: Sequence[Any], branch: Branch, year: int, *, today: date) -> Iterator[dict[str, str | int]]:
    """The rows of one page, in the words of `dues/_unpaid_row.html`."""
    member_url = reverse("membership:member_detail", args=[branch.slug, 0]).removesuffix("0/")
    pay_url = reverse("dues:payment_register", args=[branch.slug, 0]).removesuffix("0/")
    homes = _homes(found)
    contacts = last_contacts([claim.member_id for claim in found], year)
    words = _Words(today)
    for claim in found:
        yield {
            "member_id": claim.member_id,
            "url": f"{member_url}{claim.member_id}/",
            "name": f"{claim.member__first_name} {claim.member__last_name}".strip(),
            "place": claim.branch__place if claim.branch_id != branch.pk else "",
            "lives_with": _lives_with(claim, homes),
            "warning": words.warning(claim),
            "owed": words.kroner(claim.outstanding_ore),
            "part": words.part(claim),
            "overdue": words.overdue((today - claim.original_due_on).days),
            "contact": contacts.get(claim.member_id) or words.never,
            "pay_url": f"{pay_url}{claim.pk}/",
            "expected": claim.outstanding_ore,
            "amount": as_kroner(claim.outstanding_ore),
        }


class _Words:
    """Words that many rows share, each made once a page."""

    def __init__(self, today: date) -> None:
        self._today = today
        self.never = _("Never")
        self._not_phoned = _("Not to be phoned")
        self._wrong = _("Wrong number")
        self._no_number = _("No phone number")
        self._no_calls = _("Does not want to be phoned")
        self._part = _("of %(amount)s")
        self._kroner: dict[int, str] = {}
        self._days: dict[int, str] = {}

    def warning(self, claim: Any) -> str:
        """Why this member cannot be phoned; empty for most."""
        if claim.member__no_phone:
            return self._no_calls
        strict = claim.member__address_protection == AddressProtection.STRICT
        # One sentence for both: a protected member is not to be pointed out.
        if strict or is_under(claim.member__birth_on, claim.member__birth_year, ADULT, on=self._today):
            return self._not_phoned
        if claim.is_wrong:
            return self._wrong
        return "" if claim.member__mobile_ok or claim.member__phone_ok else self._no_number

    def kroner(self, ore: int) -> str:
        """An amount."""
        return self._kroner.get(ore) or self._kroner.setdefault(ore, format_kr(ore))

    def part(self, claim: Any) -> str:
        """Of how much, where a part is paid."""
        if claim.outstanding_ore == claim.amount_ore:
            return ""
        return self._part % {"amount": self.kroner(claim.amount_ore)}

    def overdue(self, days: int) -> str:
        """How long it has been due."""
        return self._days.get(days) or self._days.setdefault(days, _overdue(days))


def _overdue(days: int) -> str:
    if days <= 0:
        return _("Not due yet")
    return ngettext("%(days)s day", "%(days)s days", days) % {"days": days}


def _homes(found: Iterable[Any]) -> dict[str, list[Any]]:
    homes: dict[str, list[Any]] = {}
    for claim in found:
        if claim.member__household_key:
            homes.setdefault(claim.member__household_key, []).append(claim)
    return homes


def _lives_with(claim: Any, homes: Mapping[str, Sequence[Any]]) -> str:
    """“Lives with Håkon”, of those on the same page; empty for most."""
    others = [other for other in homes.get(claim.member__household_key, ()) if other.pk != claim.pk]
    if not others:
        return ""
    names = [other.member__first_name for other in others]
    together = _(" and ").join(filter(None, [", ".join(names[:-1]), names[-1]]))
    return format_html("{}{}", icon("House"), _("Lives with %(names)s") % {"names": together})


def last_contacts(member_ids: Sequence[int], year: int) -> dict[int, str]:
    """What came of the last call about the year's dues, or whose list a member is on: one query."""
    calls = (
        Call.objects.handed()
        .filter(member_id__in=member_ids, call_list__purpose=Purpose.DUES, call_list__year=year)
        .order_by("member_id", "id")
    )
    told: dict[int, str] = {}
    for member_id, outcome, at, closed_at, caller in calls.values_list(
        "member_id", "outcome", "outcome_at", "call_list__closed_at", "caller__name"
    ):
        if outcome and at:
            told[member_id] = f"{format_date(at.date())}, {Outcome(outcome).label}"
        elif closed_at is None:
            told[member_id] = _("On %(name)s's list") % {"name": caller}
    return told


@dataclass(frozen=True, slots=True)
class BranchChoice:
    """How one chooses a branch under this one: among `options` (printed), or by typing where they are many."""

    options: SafeString
    is_typed: bool

    def __bool__(self) -> bool:
        return self.is_typed or bool(self.options)


def branch_choice(branch: Branch, chosen: str) -> BranchChoice:
    """The branches under this one, by place. Kept for five minutes: the tree changes once a year."""
    key = f"dues:places:{branch.pk}"
    places = cache.get(key)
    if places is None:
        under = branch.subtree.exclude(pk=branch.pk).order_by("sort_key", "id")
        places = [list(row) for row in under.values_list("slug", "place")[: CHOICES + 1]]
        cache.set(key, places, _PLACES_KEPT_SECONDS)
    if len(places) > CHOICES:
        return BranchChoice(SafeString(), is_typed=True)
    options = ((slug, _SELECTED if slug == chosen else "", place) for slug, place in places)
    return BranchChoice(format_html_join("", '<option value="{}"{}>{}</option>', options), is_typed=False)
