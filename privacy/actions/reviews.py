"""The review of access: each half-year somebody looks at every access in the county, and signs."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.actions import record
from accounts.enums import Verb
from accounts.models import User
from membership.actions.grants import LastKey, end_by_hand
from membership.models import Branch, Grant, GrantQuerySet
from privacy.deadlines import half_of
from privacy.enums import ReviewDecision
from privacy.models import AccessReview, AccessReviewLine
from privacy.refusals import Refused


class SignedAlready(Refused):
    """This half-year's is signed: what comes now belongs to the next."""

    sentence = _("The review of this half-year is signed. Access is changed under “Access” until the next one.")


class Undecided(Refused):
    """Somebody has not been looked at."""

    sentence = _("Decide on every access first, or keep the rest.")


class NothingThere(Refused):
    """The access has ended meanwhile, or is another county's."""

    sentence = _("This access has ended meanwhile.")


class OwnLastKey(Refused):
    """As `membership.actions.grants.LastKey`."""

    sentence = _("Then you could not give access any more. Let somebody else end yours.")


def in_force(county: Branch, today: date) -> GrantQuerySet:
    """Every access in the county today."""
    return Grant.objects.in_force(today).filter(branch__in=county.subtree)


def undecided(county: Branch, today: date) -> GrantQuerySet:
    """Those of which nothing has been said this half-year."""
    said = AccessReviewLine.objects.filter(review__county=county, review__half_on=half_of(today))
    return in_force(county, today).exclude(pk__in=said.values("grant_id"))


@transaction.atomic
def keep(county: Branch, grant_ids: Iterable[int] | None, *, by: User, now: datetime, today: date) -> int:
    """Keep some, or all of which nothing has been said; how many. Raises `SignedAlready` and `NothingThere`."""
    review = _open(county, now, today)
    if grant_ids is None:
        kept = list(undecided(county, today).order_by("id"))
    else:
        kept = list(in_force(county, today).filter(pk__in=list(grant_ids)).order_by("id"))
        if not kept:
            raise NothingThere
    _say(review, kept, ReviewDecision.KEEP, by, now)
    return len(kept)


@transaction.atomic
def end_access(county: Branch, grant_id: int, *, by: User, now: datetime, today: date) -> Grant:
    """End one at once, as an officer does. Raises `SignedAlready`, `NothingThere` and `OwnLastKey`."""
    review = _open(county, now, today)
    grant = in_force(county, today).select_related("user", "branch").filter(pk=grant_id).first()
    if grant is None:
        raise NothingThere
    try:
        ended = end_by_hand(grant, by=by, on=today)
    except LastKey:
        raise OwnLastKey
    if not ended:
        raise NothingThere
    _say(review, [grant], ReviewDecision.END, by, now)
    return grant


@transaction.atomic
def sign(county: Branch, *, by: User, now: datetime, today: date) -> AccessReview:
    """Sign: every access has been looked at. Raises `SignedAlready` and `Undecided`."""
    review = _open(county, now, today)
    if undecided(county, today).exists():
        raise Undecided
    lines = AccessReviewLine.objects.filter(review=review)
    review.kept = lines.filter(decision=ReviewDecision.KEEP).count()
    review.ended = lines.filter(decision=ReviewDecision.END).count()
    review.signed_at, review.signed_by = now, by
    review.save(update_fields=["kept", "ended", "signed_at", "signed_by"])
    record(Verb.ACCESS_REVIEWED, by=by, branch_id=county.pk, subject=review, count=review.kept, ended=review.ended)
    return review


def _open(county: Branch, now: datetime, today: date) -> AccessReview:
    """This half-year's, made by the first who decides; locked, so that nothing is said while somebody signs."""
    AccessReview.objects.get_or_create(county=county, half_on=half_of(today), defaults={"opened_at": now})
    review = AccessReview.objects.select_for_update().get(county=county, half_on=half_of(today))
    if review.signed_at:
        raise SignedAlready
    return review


def _say(review: AccessReview, grants: Iterable[Grant], decision: ReviewDecision, by: User, now: datetime) -> None:
    AccessReviewLine.objects.bulk_create(
        [AccessReviewLine(review=review, grant=grant, decision=decision, by=by, at=now) for grant in grants],
        batch_size=500,
        update_conflicts=True,
        unique_fields=["review", "grant"],
        update_fields=["decision", "by", "at"],
    )
