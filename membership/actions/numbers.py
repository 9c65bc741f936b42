"""Member numbers given here, until the central register gives its own; and numbers that are never to come back."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Final

from django.conf import settings
from django.db.models.functions import Length

from membership.models import ErasedNumber, FormerNumber, Member

LOCAL_PREFIX: Final = "L"
_FIRST: Final = 10_001
_AT_ONCE: Final = 400


def next_local_number() -> str:
    """A number nobody has: L10001, L10002 … Call it with a row locked that all who do so lock (the
    county's): two would get the same."""
    newest = (
        Member.objects.filter(number_is_local=True, member_number__startswith=LOCAL_PREFIX)
        .annotate(length=Length("member_number"))
        .order_by("-length", "-member_number", "-id")
        .values_list("member_number", flat=True)
        .first()
    )
    number = int(newest.removeprefix(LOCAL_PREFIX)) + 1 if newest else _FIRST
    while _is_taken(f"{LOCAL_PREFIX}{number}"):
        number += 1
    return f"{LOCAL_PREFIX}{number}"


def _is_taken(number: str) -> bool:
    """A former number still leads to somebody."""
    return Member.objects.filter(member_number=number).exists() or FormerNumber.objects.filter(number=number).exists()


def next_local_numbers(count: int) -> list[str]:
    """So many at once, under the same lock."""
    found: list[str] = []
    number = int(next_local_number().removeprefix(LOCAL_PREFIX)) if count else 0
    while len(found) < count:
        wanted = [f"{LOCAL_PREFIX}{number + place}" for place in range(count - len(found))]
        taken = set(Member.objects.filter(member_number__in=wanted).values_list("member_number", flat=True))
        taken |= set(FormerNumber.objects.filter(number__in=wanted).values_list("number", flat=True))
        found += [text for text in wanted if text not in taken]
        number += len(wanted)
    return found


def digest_of(number: str) -> str:
    """A keyed hash of a member number: the same number gives the same, and nobody without the key can tell which."""
    key = hashlib.sha256(b"erased member numbers:" + settings.SECRET_KEY.encode()).digest()
    return hmac.new(key, number.strip().encode(), hashlib.sha256).hexdigest()


def forget_number(number: str, *, on: date) -> None:
    """Remember, without the number, that it was erased on a day."""
    forget_numbers([number], on=on)


def forget_numbers(numbers: Iterable[str], *, on: date) -> None:
    """The same of many at once. A number that was erased before is erased again, on this day."""
    forget_digests({digest_of(number): on for number in numbers})


def forget_digests(days: Mapping[str, date]) -> None:
    """Remember numbers by their keyed hashes: digest → the day it was erased."""
    ErasedNumber.objects.bulk_create(
        [ErasedNumber(digest=digest, erased_on=on) for digest, on in sorted(days.items())],
        update_conflicts=True,
        unique_fields=["digest"],
        update_fields=["erased_on"],
        batch_size=_AT_ONCE,
    )
