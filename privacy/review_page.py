"""What the review of access prints: every access in the county, and what there is to think about."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from allauth.mfa.models import Authenticator
from django.db.models import F
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common import listing
from common.dates import format_date
from membership.access import BranchRequest
from membership.extensions import Text
from membership.models import BoardPost, Grant
from membership.roles import OPENS_REGISTER, Role, permissions_of
from privacy.actions.reviews import in_force
from privacy.deadlines import half_of, months_after
from privacy.enums import ReviewDecision
from privacy.models import AccessReview, AccessReviewLine

ALL: Final = "alle"
_UNSEEN_MONTHS: Final = 6
_PER_PAGE: Final = 200
_EARLIER: Final = 10


@dataclass(frozen=True, slots=True)
class Row:
    """One access. `flags` are what there is to think about; `decision` is empty while nothing has been said."""

    pk: int
    name: str
    role: Text
    place: str
    since: date
    given_by: str
    seen: str
    flags: list[str]
    decision: Text
    is_kept: bool


@dataclass(frozen=True, slots=True)
class _Known:
    """What is asked of the database once for all the rows."""

    with_factor: frozenset[int]
    ended_posts: frozenset[tuple[int, int]]
    decisions: dict[int, str]
    today: date


def review_page(request: BranchRequest) -> dict[str, Any]:
    """Everything the page prints; the queries are the same for one access and for a hundred."""
    county, today = request.branch, request.today
    review = AccessReview.objects.filter(county=county, half_on=half_of(today)).select_related("signed_by").first()
    decisions = _decisions(review)
    grants = list(_ordered(request))
    waiting = [grant for grant in grants if grant.pk not in decisions]
    signed = review is not None and review.signed_at is not None
    shows_all = signed or not waiting or request.GET.get("vis") == ALL
    page = listing.page_of(grants if shows_all else waiting, listing.page_number(request.GET), per_page=_PER_PAGE)
    known = _known(page.rows, decisions, today)
    return {
        "page": "personvern",
        "review": review,
        "signed": signed,
        "half": half_name(half_of(today)),
        "late": is_late(review, today),
        "rows": [_row(grant, known) for grant in page.rows],
        "listing": page,
        "query": listing.kept(request.GET),
        "waiting": len(waiting),
        "all": len(grants),
        "shows_all": shows_all,
        "may_sign": not signed and not waiting,
        "earlier": _earlier(request),
    }


def half_name(half_on: date) -> str:
    """“First half of 2026”."""
    said = _("First half of %(year)s") if half_on.month == 1 else _("Second half of %(year)s")
    return said % {"year": half_on.year}


def is_late(review: AccessReview | None, today: date) -> bool:
    """Whether the half-year's first two months are over, and it is not signed."""
    return (review or AccessReview(half_on=half_of(today))).is_late(today)


def _decisions(review: AccessReview | None) -> dict[int, str]:
    if review is None:
        return {}
    return dict(AccessReviewLine.objects.filter(review=review).order_by("id").values_list("grant_id", "decision"))


def _ordered(request: BranchRequest) -> Any:
    """In the order of the tree."""
    found = in_force(request.branch, request.today)
    return found.select_related("user", "branch", "granted_by", "stands_in_for").order_by(
        F("branch__municipal__sort_key").asc(nulls_first=True),
        "branch__kind_order",
        "branch__sort_key",
        "role",
        "id",
    )


def _earlier(request: BranchRequest) -> list[dict[str, Any]]:
    """The signed ones, the latest first."""
    signed = AccessReview.objects.filter(county=request.branch, signed_at__isnull=False).select_related("signed_by")
    found = signed.order_by("-half_on", "-id")[:_EARLIER]
    return [{"half": half_name(one.half_on), "one": one} for one in found]


def _known(grants: Sequence[Grant], decisions: dict[int, str], today: date) -> _Known:
    users = {grant.user_id for grant in grants}
    totp = Authenticator.objects.filter(user_id__in=users, type=Authenticator.Type.TOTP)
    held: dict[tuple[int, int], bool] = {}
    posts = BoardPost.objects.filter(user_id__in=users).order_by("id")
    for user_id, branch_id, ends_on in posts.values_list("user_id", "branch_id", "ends_on"):
        if user_id is not None:
            key = (user_id, branch_id)
            held[key] = held.get(key, False) or ends_on is None or ends_on > today
    return _Known(
        frozenset(totp.values_list("user_id", flat=True)),
        frozenset(key for key, still in held.items() if not still),
        decisions,
        today,
    )


def _row(grant: Grant, known: _Known) -> Row:
    decision = known.decisions.get(grant.pk, "")
    seen_on = localtime(grant.user.last_login).date() if grant.user.last_login else None
    return Row(
        pk=grant.pk,
        name=grant.user.name,
        role=Role(grant.role).label,
        place=grant.branch.place,
        since=grant.starts_on,
        given_by=grant.granted_by.name if grant.granted_by else "",
        seen=seen_words(seen_on, known.today),
        flags=list(_flags(grant, seen_on, known)),
        decision=ReviewDecision(decision).label if decision else "",
        is_kept=decision == ReviewDecision.KEEP,
    )


def seen_words(seen_on: date | None, today: date) -> str:
    """“7 months ago”; “never”."""
    if seen_on is None:
        return _("never")
    days = (today - seen_on).days
    if days <= 0:
        return _("today")
    if days < 60:
        return ngettext("%(n)s day ago", "%(n)s days ago", days) % {"n": days}
    months = (today.year - seen_on.year) * 12 + today.month - seen_on.month - (today.day < seen_on.day)
    return ngettext("%(n)s month ago", "%(n)s months ago", months) % {"n": months}


def _flags(grant: Grant, seen_on: date | None, known: _Known) -> Iterator[str]:
    if seen_on is None or seen_on <= months_after(known.today, -_UNSEEN_MONTHS):
        yield _("Not seen for six months")
    if (grant.user_id, grant.branch_id) in known.ended_posts:
        yield _("Off the board")
    if grant.role == Role.CALLER and grant.last_day:
        yield _("Calls until %(day)s") % {"day": format_date(grant.last_day)}
    if grant.stands_in_for:
        yield _("Substitute for %(name)s") % {"name": grant.stands_in_for.name}
    if permissions_of(grant.role) & OPENS_REGISTER and grant.user_id not in known.with_factor:
        yield _("No second factor")
