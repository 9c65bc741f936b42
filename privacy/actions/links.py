"""Links to members: made for one address, opened once, by whoever knows something the message does not say.

A token is 32 random bytes, and only its digest is kept: whoever reads the table can open nothing. Links live by the
true clock, in the demo too.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import date, datetime

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Lower

from common.policy import keep
from membership.enums import BranchKind
from membership.models import Branch, Member, MemberQuerySet
from membership.models.member import GONE
from messaging.contact import address_of
from messaging.enums import Channel
from privacy.doors import may_leave
from privacy.enums import LinkKind
from privacy.models import MOST_TRIES, AccessLink, Departure


class Unknown(Exception):
    """What was typed fits none of those the link can be for."""


def make_link(
    kind: LinkKind,
    *,
    channel: Channel,
    address: str,
    now: datetime,
    member: Member | None = None,
    departure: Departure | None = None,
    year: int | None = None,
) -> str:
    """The token of a new link, told once and kept nowhere. `member` is needed for every kind but one's own page."""
    token = secrets.token_urlsafe(32)
    AccessLink.objects.create(
        digest=_digest(token),
        kind=kind,
        channel=channel,
        address=address,
        member=member,
        departure=departure,
        year=year,
        created_at=now,
        expires_at=now + keep(f"link_{kind}"),
    )
    return token


def find_link(token: str, kind: LinkKind, *, now: datetime) -> AccessLink | None:
    """The link, if it still opens something: not spent, not late, and its address still that of a member it is for."""
    link = (
        AccessLink.objects.filter(digest=_digest(token), kind=kind)
        .select_related("member", "departure__member")
        .first()
    )
    return link if link and link.is_open(now) and holders(link) else None


def open_links(kind: LinkKind, *, now: datetime) -> QuerySet[AccessLink, AccessLink]:
    """Those of a kind that are neither spent, nor too old, nor guessed at too often: as `AccessLink.is_open` has it."""
    return AccessLink.objects.filter(kind=kind, spent_at__isnull=True, expires_at__gt=now, tries__lt=MOST_TRIES)


def holders(link: AccessLink) -> list[Member]:
    """The members a link can be for: those who have its address now. None once the address has changed."""
    if link.member is not None:
        is_theirs = address_of(link.member, link.channel) == link.address
        return [link.member] if is_theirs and _is_of_use(link, link.member) else []
    return list(_at(link.channel, link.address).order_by("pk"))


def members_at(channel: str, address: str) -> list[Member]:
    """Those in the register who have an address, as `messaging.contact.address_of` gives it."""
    return list(_at(channel, address).order_by("pk"))


def everybody_at(channel: str, address: str) -> list[Member]:
    """Those of `members_at`, and those who have left and are not erased yet."""
    return list(_at(channel, address, gone_too=True).order_by("pk"))


@transaction.atomic
def spend(link: AccessLink, *, proof: str, now: datetime, today: date, counted: bool = False) -> Member:
    """Open a link, once: the one member of its holders whose year of birth or member number `proof` is.

    Raises `Unknown` where it fits nobody, or several; the try is counted, and after five the link is dead. A link that
    was spent meanwhile, or is too old, is `Unknown` too. `counted`: this try was taken by `take_try` before.
    """
    fresh = take(link, now=now, counted=counted)
    fitting = [member for member in holders(fresh) if proves(member, proof)]
    if len(fitting) != 1:
        raise Unknown
    return fitting[0]


@transaction.atomic
def take(link: AccessLink, *, now: datetime, counted: bool = False) -> AccessLink:
    """Spend a link without a proof, for what does no harm. Raises `Unknown` where it opens nothing any more.

    Inside a transaction that is refused, it is not spent.
    """
    fresh = (
        AccessLink.objects.select_for_update(of=("self",))
        .select_related("member", "departure")
        .filter(pk=link.pk)
        .first()
    )
    if fresh is not None:
        fresh.tries -= counted
    if fresh is None or not fresh.is_open(now):
        raise Unknown
    AccessLink.objects.filter(pk=fresh.pk).update(spent_at=now)
    return fresh


def take_try(link: AccessLink) -> bool:
    """Take one of the five tries before it is looked at: many guesses at once are still no more than five.

    False where none are left. Call it outside the transaction of `spend`, which a wrong guess undoes.
    """
    free = AccessLink.objects.filter(pk=link.pk, spent_at__isnull=True, tries__lt=MOST_TRIES)
    return bool(free.update(tries=F("tries") + 1))


def tries_left(link: AccessLink) -> int:
    """How many guesses are left; none once it is spent."""
    tries = AccessLink.objects.filter(pk=link.pk, spent_at__isnull=True).values_list("tries", flat=True).first()
    return 0 if tries is None else max(0, MOST_TRIES - tries)


def proves(member: Member, proof: str) -> bool:
    """Whether a text is the member's year of birth or member number, as far as they are known."""
    text = proof.strip()
    year = member.birth_on.year if member.birth_on else member.birth_year
    return bool(text) and (
        text.casefold() == member.member_number.casefold() or (year is not None and text == str(year))
    )


def forget_links(*, now: datetime) -> int:
    """Erase the links that open nothing any more; how many. Their page is that of no link at all."""
    dead = Q(expires_at__lte=now) | Q(spent_at__isnull=False) | Q(tries__gte=MOST_TRIES)
    return AccessLink.objects.filter(dead).delete()[0]


def _is_of_use(link: AccessLink, member: Member) -> bool:
    """Who has left opens nothing any more but the way back, and that only while there is something to take back."""
    if link.kind == LinkKind.NOT_ME:
        return link.departure is not None and link.departure.returned_at is None
    if link.kind == LinkKind.RESIGN:
        return may_leave(member)
    return member.status not in GONE


def _at(channel: str, address: str, *, gone_too: bool = False) -> MemberQuerySet:
    """By the indexes on (county, email) and (county, mobile): anybody may ask, as often as the limits let them."""
    if not address:
        return Member.objects.none()
    counties = list(Branch.objects.filter(kind=BranchKind.COUNTY).values_list("pk", flat=True))
    found = Member.objects.all() if gone_too else Member.objects.shown()
    members = found.filter(county__in=counties).select_related("branch")
    if channel == Channel.EMAIL:
        return members.annotate(lower_email=Lower("email")).filter(lower_email=address)
    return members.filter(mobile=address, mobile_ok=True).exclude(mobile="")


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
