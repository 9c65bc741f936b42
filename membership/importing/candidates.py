"""Members who may be meant by a row that no number leads to: same email, mobile, or name with birth or address."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from common.text import fold, sort_key
from membership.duplicates.walk import Keyed, by_column, email_as_key
from membership.enums import MemberStatus
from membership.importing.places import Places
from membership.importing.rows import Row
from membership.models import Member

# So many are shown for one row: more than that is no likeness.
MOST: Final = 5
# What tells a person apart; a row with none of them is held against the register by its name alone.
_TELLING: Final = ("email", "mobile", "birth_date", "birth_year", "address")
_READ: Final = (
    "pk", "member_number", "email", "mobile", "sort_key", "birth_on", "birth_year", "street", "address_protection",
)  # fmt: skip


class Candidates:
    """The likely matches of one import's rows, within the officer's own branches; three queries a chunk."""

    def __init__(self, places: Places, numbers: frozenset[str], before: int | None) -> None:
        """`numbers` are all in the file: who has a row of their own is nobody else's. Members made by the import
        itself, whose ids come after `before`, are no candidates."""
        self._county_id = places.branch.root_id
        self._scope = places.scope
        self._numbers = numbers
        self._before = before

    def find(self, rows: Sequence[Row]) -> dict[int, list[int]]:
        """Row number → ids of members, those with most in common first; rows without a candidate have no key."""
        by_row: dict[int, dict[int, int]] = {}
        for found in (
            self._by("email", email_as_key(), rows),
            self._by("mobile", by_column("mobile"), rows),
            self._by_name(rows),
        ):
            for number, member_id in found:
                counts = by_row.setdefault(number, {})
                counts[member_id] = counts.get(member_id, 0) + 1
        return {number: sorted(counts, key=lambda pk: (-counts[pk], pk))[:MOST] for number, counts in by_row.items()}

    def _own(self, members: Keyed) -> Keyed:
        """Those within the officer's branches; the county is named too, for it leads the indexes."""
        mine = members.filter(county=self._county_id).filter(**self._scope)
        return mine if self._before is None else mine.filter(pk__lte=self._before)

    def _by(self, name: str, members: Keyed, rows: Sequence[Row]) -> Iterable[tuple[int, int]]:
        """Members whose key is one row's value, in small letters."""
        wanted: dict[str, list[int]] = {}
        for row in rows:
            if value := row.values.get(name):
                wanted.setdefault(value.lower(), []).append(row.number)
        if not wanted:
            return
        found = self._own(members).filter(key__in=list(wanted)).values_list("key", "pk", "member_number")
        for value, pk, number in found:
            if number not in self._numbers:
                yield from ((row, pk) for row in wanted.get(value.lower(), []))

    def _by_name(self, rows: Sequence[Row]) -> Iterable[tuple[int, int]]:
        wanted: dict[str, list[Row]] = {}
        for row in rows:
            if key := sort_key(row.values.get("last_name", ""), row.values.get("first_name", "")):
                wanted.setdefault(key, []).append(row)
        if not wanted:
            return
        # The list index begins with branch and status: with all statuses named, it is walked name by name.
        members = self._own(Member.objects.all()).filter(status__in=MemberStatus.values, sort_key__in=list(wanted))
        for found in members.values(*_READ):
            if found["member_number"] in self._numbers:
                continue
            for row in wanted.get(found["sort_key"], []):
                if _is_alike(row.values, found):
                    yield row.number, found["pk"]


def _is_alike(values: Mapping[str, Any], member: Mapping[str, Any]) -> bool:
    """Same name is given: whether birth or address agree too, or the row tells nothing but a name."""
    if not any(values.get(name) for name in _TELLING):
        return True
    born, year = values.get("birth_date"), values.get("birth_year")
    if born is not None and member["birth_on"] is not None:
        return bool(born == member["birth_on"])
    year = year or (born.year if born else None)
    if year is not None and member["birth_year"] is not None:
        return bool(year == member["birth_year"])
    # A protected address is not told by showing whom it fits.
    street = "" if member["address_protection"] else fold(member["street"])
    return bool(street) and street == fold(str(values.get("address", "")))
