"""The dearest SMS of a message: the longest name, and the longest that holds letters outside the ordinary alphabet.

One `Kárášjohka` takes a text from 160 characters a part to 70, so those are looked for, and counted, by themselves.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from accounts.models import User
from membership.models import Branch, Member
from messaging.enums import Channel
from messaging.writing.compose import Composer, Person
from messaging.writing.placeholders import used_in
from messaging.writing.segments import Segments, count, is_plain

_COLUMNS: Final = {"fornavn": ("first_name",), "etternavn": ("last_name",), "navn": ("first_name", "last_name")}


@dataclass(frozen=True, slots=True)
class Group:
    """People whose SMS are alike: one language, ordinary letters or not; and the one with the longest words."""

    people: int
    member: Person


@dataclass(frozen=True, slots=True)
class Measured:
    """The dearest SMS of so many people; of nobody in particular where nobody gets one."""

    people: int
    segments: Segments
    member: Person | None = None


def groups_of(reached: Any, composer: Composer) -> list[Group]:
    """Two for each language that the message is written in. `reached`: members with `goes_by`.

    One query that reads only the names which the text has in it, one for the members, one for branches' names.
    """
    words = used_in(*(text.sms for text in composer.texts.values()))
    columns = sorted({column for word in words for column in _COLUMNS.get(word, ())})
    by_sms = reached.filter(goes_by=Channel.SMS.value)
    rows = by_sms.order_by().values_list("pk", "language", "branch_id", *columns)
    branches = _names(by_sms) if "kommuneparti" in words else {}
    found = _widest(rows.iterator(2000), branches, {*composer.texts} if len(composer.texts) > 1 else set())
    members = Member.objects.filter(pk__in=found).select_related("branch").order_by("pk")
    return [Group(found[member.pk], member) for member in members]


def group_of_users(users: Sequence[User]) -> list[Group]:
    """Officers are few: one group, with the longest name; letters outside the alphabet count double."""
    longest = max(users, key=lambda user: (not is_plain(user.name), len(user.name)), default=None)
    return [Group(len(users), longest)] if longest else []


def _names(by_sms: Any) -> dict[int, str]:
    ids = by_sms.order_by().values("branch_id").distinct()
    return dict(Branch.objects.filter(pk__in=ids).values_list("pk", "name"))


def _widest(rows: Iterable[tuple[Any, ...]], branches: dict[int, str], languages: set[str]) -> dict[int, int]:
    """The member with the longest words of each kind, by language and letters; and of how many they are one."""
    longest: dict[tuple[str, bool], tuple[int, int]] = {}
    people: dict[tuple[str, bool], int] = {}
    for pk, language, branch_id, *names in rows:
        text = "".join([*names, branches.get(branch_id, "")])
        kind = (language if language in languages else "", is_plain(text))
        people[kind] = people.get(kind, 0) + 1
        if (length := len(text)) > longest.get(kind, (-1, 0))[0]:
            longest[kind] = (length, pk)
    return {pk: people[kind] for kind, (_length, pk) in longest.items()}


def measure(composer: Composer, groups: Sequence[Group], *, recipients: int) -> list[Measured]:
    """The dearest of each group, the dearest of all first; `recipients` SMS in all, fewer where people share a number.

    Without anybody: the text as it was typed, so that its writer sees what it costs.
    """
    composer.load([group.member for group in groups if isinstance(group.member, Member)])
    made = [Measured(group.people, count(composer.compose([group.member]).sms), group.member) for group in groups]
    if not made:
        return [Measured(recipients, count(composer.default.sms.strip()))]
    shared = sum(one.people for one in made) - recipients
    most = max(made, key=lambda one: one.people)
    made = [Measured(one.people - shared if one is most else one.people, one.segments, one.member) for one in made]
    return sorted(made, key=lambda one: (-one.segments.parts, -one.segments.units))
