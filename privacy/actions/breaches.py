"""Breaches: reported, written down, decided on, closed. Whoever saves has seen what stood there before."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.actions import record
from accounts.enums import Verb
from accounts.models import User
from common.clock import OSLO
from membership.models import Branch
from messaging.models import Message
from privacy.enums import BreachKind, Verdict
from privacy.mail import BREACH_REPORTED
from privacy.models import Breach
from privacy.refusals import Refused
from privacy.responsible import call, who_answers

FACTS: Final = ("what", "affected", "consequences", "measures")
DECISIONS: Final = ("authority", "people")
FIELDS: Final = (*FACTS, *(f"{one}{end}" for one in DECISIONS for end in ("", "_because", "_told_at")))


class FoundInFuture(Refused):
    """It has not been found yet."""

    sentence = _("Write when it was found. That cannot be in the future.")
    field = "found_on"


class WhatMissing(Refused):
    """Nothing is written down."""

    sentence = _("Write what happened.")
    field = "what"


class ChangedMeanwhile(Refused):
    """Somebody else has saved since the page was opened."""

    sentence = _("Somebody else has saved meanwhile. See what they wrote, and save yours once more if it is right.")


class ClosedAlready(Refused):
    """It is closed, and says what it said then."""

    sentence = _("Somebody has closed this breach meanwhile. Nothing was changed.")


class BecauseMissing(Refused):
    """A decision without a reason shows nobody that it was thought through."""

    sentence = _("Write why you decided so.")


class AuthorityBecauseMissing(BecauseMissing):
    """Of the authority."""

    field = "authority_because"


class PeopleBecauseMissing(BecauseMissing):
    """Of those it is about."""

    field = "people_because"


class WrongTime(Refused):
    """Told before it was found, or after now."""

    sentence = _("Write a time after it was found, and not in the future.")


class AuthorityWrongTime(WrongTime):
    """Of the authority."""

    field = "authority_told_on"


class PeopleWrongTime(WrongTime):
    """Of those it is about."""

    field = "people_told_on"


class AuthorityUndecided(Refused):
    """Not to be closed yet."""

    sentence = _("Decide first whether the data protection authority is to be told.")
    field = "authority"


class PeopleUndecided(Refused):
    """Not to be closed yet."""

    sentence = _("Decide first whether those it is about are to be told.")
    field = "people"


class AuthorityNotTold(Refused):
    """Decided, and not done."""

    sentence = _("Write when the data protection authority was told.")
    field = "authority_told_on"


class PeopleNotTold(Refused):
    """Decided, and not done."""

    sentence = _("Write when those it is about were told.")
    field = "people_told_on"


_BECAUSE: Final = {"authority": AuthorityBecauseMissing, "people": PeopleBecauseMissing}
_TIMES: Final = {"authority": AuthorityWrongTime, "people": PeopleWrongTime}
_UNDECIDED: Final = {"authority": AuthorityUndecided, "people": PeopleUndecided}
_NOT_TOLD: Final = {"authority": AuthorityNotTold, "people": PeopleNotTold}


@transaction.atomic
def report(
    branch: Branch,
    *,
    kind: BreachKind,
    what: str,
    found_at: datetime,
    by: User,
    now: datetime,
    machine_now: datetime,
    measures: str = "",
    affected: int | None = None,
    message: Message | None = None,
) -> Breach:
    """Write down that something went wrong, and call those who answer for the county at once: a link, no more.

    Raises `FoundInFuture` and `WhatMissing`. `machine_now` is the true time, by which the outbox lives.
    """
    if found_at > now:
        raise FoundInFuture
    if not what.strip():
        raise WhatMissing
    made = Breach.objects.create(
        branch=branch,
        county_id=branch.root_id,
        kind=kind,
        message=message,
        found_at=found_at.astimezone(UTC),
        reported_by=by,
        reported_at=now,
        what=what,
        affected=affected,
        measures=measures,
        changed_at=now,
    )
    record(Verb.BREACH_REPORTED, by=by, branch_id=branch.pk, subject=made, kind=kind.value)
    county = branch.county or branch
    users = who_answers(county.pk, on=now.astimezone(OSLO).date())
    url = reverse("privacy:breach_detail", args=[county.slug, made.pk])
    call(users, BREACH_REPORTED, str(made.pk), county=county, url=url, now=machine_now)
    return made


@transaction.atomic
def save(breach: Breach, *, seen: datetime, values: Mapping[str, Any], by: User, now: datetime) -> Breach:
    """Write down what is known and decided. `values` holds any of `FIELDS`; `seen` is `changed_at` as it was read.

    Raises `ChangedMeanwhile`, `ClosedAlready`, and what says which field is wrong.
    """
    fresh = _locked(breach)
    if fresh.changed_at != seen:
        raise ChangedMeanwhile
    for name in FIELDS:
        if name in values:
            setattr(fresh, name, values[name])
    _check(fresh, now)
    # Later than before in any case: two saves within the same moment are two.
    fresh.changed_at = max(now, seen + timedelta(microseconds=1))
    fresh.save(update_fields=[*FIELDS, "changed_at"])
    record(Verb.BREACH_CHANGED, by=by, branch_id=fresh.branch_id, subject=fresh)
    return fresh


@transaction.atomic
def close(breach: Breach, *, by: User, now: datetime) -> Breach:
    """It is dealt with. Raises `ClosedAlready`, and what is not decided or not done yet."""
    fresh = _locked(breach)
    for one in DECISIONS:
        if not getattr(fresh, one):
            raise _UNDECIDED[one]
        if getattr(fresh, one) == Verdict.TELL and getattr(fresh, f"{one}_told_at") is None:
            raise _NOT_TOLD[one]
    fresh.closed_at, fresh.closed_by = now, by
    fresh.changed_at = max(now, fresh.changed_at + timedelta(microseconds=1))
    fresh.save(update_fields=["closed_at", "closed_by", "changed_at"])
    record(Verb.BREACH_CHANGED, by=by, branch_id=fresh.branch_id, subject=fresh, state="closed")
    return fresh


def _locked(breach: Breach) -> Breach:
    fresh = Breach.objects.open().filter(pk=breach.pk).select_for_update().first()
    if fresh is None:
        raise ClosedAlready
    return fresh


def _check(breach: Breach, now: datetime) -> None:
    if not breach.what.strip():
        raise WhatMissing
    for one in DECISIONS:
        verdict, told_at = getattr(breach, one), getattr(breach, f"{one}_told_at")
        if verdict and not getattr(breach, f"{one}_because").strip():
            raise _BECAUSE[one]
        if verdict != Verdict.TELL:
            setattr(breach, f"{one}_told_at", None)
        elif told_at and not breach.found_at <= told_at <= now:
            raise _TIMES[one]
