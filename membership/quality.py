"""The state of a branch's register: what is missing or wrong, how many have it, and where each is put right."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.db.models import F, Q
from django.utils.translation import gettext_lazy

from common import clock, listing
from common.listing import CappedCount, Total
from membership.extensions import QualityCheck, registry
from membership.links import url_if_there
from membership.models import Branch, Member, MemberQuerySet
from membership.more_filters import BIRTH_UNKNOWN, LOOKED_AT, NO_PHONE, UNREADABLE, born

_ADULT: Final = 15
_CHECKED_WITHIN_YEARS: Final = 2


@dataclass(frozen=True, slots=True)
class State:
    """One check, and how many it finds."""

    check: QualityCheck
    total: Total


def checks() -> list[QualityCheck]:
    """All of them, in order."""
    return sorted(registry.quality, key=lambda check: (check.order, check.key))


def check_named(key: str) -> QualityCheck | None:
    """The check of a word in an address."""
    return next((check for check in registry.quality if check.key == key), None)


def is_counted(people: int) -> bool:
    """Whether so many can be looked through while somebody waits."""
    return people <= LOOKED_AT


def found_by(check: QualityCheck, branch: Branch) -> MemberQuerySet:
    """The current members of a branch who have it, in the list's order."""
    return check.find(branch.members.current()).in_order()


def states_of(branch: Branch, listed: Iterable[QualityCheck]) -> list[State]:
    """How many each check finds, counted up to a thousand and no further: one query for all of them."""
    found = list(listed)
    counts: dict[str, Any] = {
        f"n{at}": CappedCount(found_by(check, branch).order_by().values("pk")[: listing.COUNT_CAP + 1])
        for at, check in enumerate(found)
    }
    row = Branch.objects.filter(pk=branch.pk).annotate(**counts).values(*counts).get() if counts else {}
    return [State(check, _total(row[f"n{at}"])) for at, check in enumerate(found)]


def _total(count: int) -> Total:
    return Total(min(count, listing.COUNT_CAP), more=count > listing.COUNT_CAP)


def urgent_count(branch: Branch, *, members: int) -> int:
    """How many times something is wrong that should not wait: one query; 0 where there are too many to look through."""
    if not is_counted(members):
        return 0
    return sum(state.total.count for state in states_of(branch, (check for check in checks() if check.urgent)))


def fix_url(check: QualityCheck, branch: Branch, member: Member) -> str:
    """Where one member is put right; the member's own page while the place has not been built."""
    url = url_if_there(check.fix, branch.slug, member.pk)
    if url:
        return f"{url}#{check.anchor}" if check.anchor else url
    return url_if_there("membership:member_detail", branch.slug, member.pk)


def _no_branch(members: MemberQuerySet) -> MemberQuerySet:
    return members.filter(branch_id=F("county_id"))


def _under_age_without_consent(members: MemberQuerySet) -> MemberQuerySet:
    return members.filter(born(clock.today(), 0, _ADULT - 1), guardian_consent_on__isnull=True)


def _not_checked(members: MemberQuerySet) -> MemberQuerySet:
    today = clock.today()
    day = min(today.day, 28)
    limit = date(today.year - _CHECKED_WITHIN_YEARS, today.month, day)
    return members.filter(Q(checked_on__isnull=True) | Q(checked_on__lt=limit))


# A protected address is nobody's to complete: whether it has a postal code is not told either.
_NO_POSTAL_CODE: Final = ~Q(street="") & Q(postal_code="", address_protection="")

_EDIT: Final = "membership:member_edit"
CHECKS: Final = (
    QualityCheck(
        "epost-retur",
        gettext_lazy("Email came back"),
        gettext_lazy("What is sent does not arrive. Ask for a new address."),
        lambda members: members.filter(email_bounced_on__isnull=False),
        10,
        _EDIT,
        "id_email",
        urgent=True,
    ),
    QualityCheck(
        "telefon-uleselig",
        gettext_lazy("Phone number that cannot be read"),
        gettext_lazy("It can be neither called nor texted as it stands."),
        lambda members: members.filter(UNREADABLE),
        20,
        _EDIT,
        "id_mobile",
        urgent=True,
    ),
    QualityCheck(
        "uten-parti",
        gettext_lazy("Without a municipal branch"),
        gettext_lazy("They belong to the county alone, and no branch looks after them."),
        _no_branch,
        30,
        "membership:member_move",
        urgent=True,
    ),
    QualityCheck(
        "samtykke-mangler",
        gettext_lazy("Under 15 without a guardian's consent"),
        gettext_lazy("Members under 15 need the consent of a guardian."),
        _under_age_without_consent,
        40,
        _EDIT,
        "id_guardian_consent_on",
        urgent=True,
    ),
    QualityCheck(
        "epost-mangler",
        gettext_lazy("No email"),
        gettext_lazy("Invitations by email do not reach them."),
        lambda members: members.filter(email="", no_email=False),
        50,
        _EDIT,
        "id_email",
    ),
    QualityCheck(
        "telefon-mangler",
        gettext_lazy("No phone"),
        gettext_lazy("They can be neither called nor texted."),
        lambda members: members.filter(NO_PHONE),
        60,
        _EDIT,
        "id_mobile",
    ),
    QualityCheck(
        "postnummer-mangler",
        gettext_lazy("Address without a postal code"),
        gettext_lazy("A letter does not arrive."),
        lambda members: members.filter(_NO_POSTAL_CODE),
        70,
        _EDIT,
        "id_postal_code",
    ),
    QualityCheck(
        "fodt-mangler",
        gettext_lazy("Birth not known"),
        gettext_lazy("The rules for the young cannot be kept without it. The year is enough."),
        lambda members: members.filter(BIRTH_UNKNOWN),
        80,
        _EDIT,
        "id_birth",
    ),
    QualityCheck(
        "ikke-sjekket",
        gettext_lazy("Not checked for two years"),
        gettext_lazy("Ask the member whether it is right, and mark it as checked."),
        _not_checked,
        90,
        "membership:member_detail",
    ),
)
