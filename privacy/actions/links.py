"""Links to members: made for one address, opened once, by whoever knows something the message does not say.

A token is 32 random bytes, and only its digest is kept: whoever reads the table can open nothing. Links live by the
true clock, in the demo too.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import date, datetime

from django.db import transaction
from django.db.models import F

from common.policy import keep
from membership.models import Member, MemberQuerySet
from messaging.contact import address_of, with_addresses
from messaging.enums import Channel
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


def holders(link: AccessLink) -> list[Member]:
    """The members a link can be for: those who have its address now. None once the address has changed."""
    if link.member is not None:
        return [link.member] if address_of(link.member, link.channel) == link.address else []
    return list(_at(link.channel, link.address).order_by("pk"))


def members_at(channel: str, address: str) -> list[Member]:
    """Those in the register who have an address, as `messaging.contact.address_of` gives it."""
    return list(_at(channel, address).order_by("pk"))


@transaction.atomic
def spend(link: AccessLink, *, proof: str, now: datetime, today: date) -> Member:
    """Open a link, once: the one member of its holders whose year of birth or member number `proof` is.

    Raises `Unknown` where it fits nobody, or several; the try is counted, and after five the link is dead. A link that
    was spent meanwhile, or is too old, is `Unknown` too.
    """
    fresh = AccessLink.objects.select_for_update(of=("self",)).select_related("member").filter(pk=link.pk).first()
    if fresh is None or not fresh.is_open(now):
        raise Unknown
    fitting = [member for member in holders(fresh) if proves(member, proof)]
    if len(fitting) != 1:
        raise Unknown
    AccessLink.objects.filter(pk=fresh.pk).update(spent_at=now)
    return fitting[0]


def count_try(link: AccessLink) -> int:
    """Write down that somebody guessed wrong; how many tries are left. Apart from `spend`, whose refusal undoes all."""
    AccessLink.objects.filter(pk=link.pk).update(tries=F("tries") + 1)
    left = AccessLink.objects.filter(pk=link.pk).values_list("tries", flat=True).first()
    return max(0, MOST_TRIES - (left or 0))


def proves(member: Member, proof: str) -> bool:
    """Whether a text is the member's year of birth or member number, as far as they are known."""
    text = proof.strip()
    year = member.birth_on.year if member.birth_on else member.birth_year
    return bool(text) and (
        text.casefold() == member.member_number.casefold() or (year is not None and text == str(year))
    )


def _at(channel: str, address: str) -> MemberQuerySet:
    key = "email_key" if channel == Channel.EMAIL else "sms_key"
    return with_addresses(Member.objects.shown()).filter(**{key: address}) if address else Member.objects.none()


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
