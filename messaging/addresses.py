"""The addresses and numbers of members, as deliveries and the inbox have them, and which of them are nobody else's."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Final

from django.db.models.functions import Lower

from membership.models import Branch, Member, MemberChange

_AT_ONCE: Final = 500
_FIELDS: Final = ("email", "mobile", "phone")


def addresses_of(members: Iterable[Member]) -> set[str]:
    """Email addresses in lower case, and numbers."""
    found = {text for member in members for text in (member.email.strip().lower(), member.mobile, member.phone)}
    return found - {""}


def earlier_addresses(members: Sequence[Member]) -> set[str]:
    """Those they had before, as far as the history tells: one query."""
    changes = MemberChange.objects.of([member.pk for member in members]).filter(field__in=_FIELDS)
    pairs = changes.values_list("before", "after")
    return {value.strip().lower() for pair in pairs for value in pair if isinstance(value, str)} - {""}


def not_anothers(addresses: Collection[str], members: Sequence[Member]) -> set[str]:
    """Of addresses those that no other member has, in any county, whatever their status."""
    ids = {member.pk for member in members}
    others: set[str] = set()
    # By the indexes of each county; where an index leaves out the empty, the query must say so too.
    everyone = Member.objects.filter(county_id__in=list(Branch.objects.counties().values_list("pk", flat=True)))
    for some in _pieces(sorted(addresses)):
        by_email = everyone.alias(email_key=Lower("email")).filter(email_key__in=some)
        others |= {email.lower() for pk, email in by_email.values_list("pk", "email") if pk not in ids}
        for field in ("mobile", "phone"):
            by_number = everyone.filter(**{f"{field}__in": some}).exclude(**{field: ""})
            others |= {number for pk, number in by_number.values_list("pk", field) if pk not in ids}
    return set(addresses) - others


def _pieces(texts: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(texts), _AT_ONCE):
        yield texts[start : start + _AT_ONCE]
