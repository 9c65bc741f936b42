"""Links to the own page, which are for whoever has an address: of an erased member, nobody any more."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from membership.extensions import Erasure
from membership.models import Member
from messaging.addresses import addresses_of, not_anothers
from privacy.models import AccessLink

_AT_ONCE: Final = 500


def wipe_links(members: Sequence[Member], _now: datetime) -> None:
    """Those that name their member go by the foreign key; others may share the address of these. May run twice."""
    known = sorted(addresses_of(members))
    sent: set[str] = set()
    for start in range(0, len(known), _AT_ONCE):
        links = AccessLink.objects.filter(member=None, address__in=known[start : start + _AT_ONCE])
        sent.update(links.values_list("address", flat=True))
    if sent:
        AccessLink.objects.filter(member=None, address__in=not_anothers(sent, members)).delete()


ERASURE: Final = Erasure("links", wipe_links)
