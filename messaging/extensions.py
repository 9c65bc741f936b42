"""What apps above add to messages: whom one can write to, what can be put into a text, who is asked at the last moment.

Filled in `AppConfig.ready()`; tests/messaging/test_extensions.py lists the entries. It is the only hook.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from membership.extensions import Text
from membership.roles import Permission

if TYPE_CHECKING:
    from membership.models import Branch, Member, MemberQuerySet
    from messaging.models import InboxMessage, Message


@dataclass(frozen=True, slots=True)
class AudienceSource:
    """Some that one can write to, beside the register's own views: a meeting's, a survey's.

    `params` is what stands in `Message.audience`; it is checked by `members`, which raises ValueError for what it does
    not know. `choices` are the (params, label) to choose among. Whoever is no longer among `members` at the moment of
    sending gets nothing.
    """

    kind: str
    permission: Permission
    choices: Callable[[Branch, date], Sequence[tuple[Mapping[str, Any], Text]]]
    members: Callable[[Branch, Mapping[str, Any], date], MemberQuerySet]


@dataclass(frozen=True, slots=True)
class Placeholder:
    """A word in double braces, and what each member gets in its place.

    `is_personal`: the value is this member's own (a KID, a number, a link): two who share an address get one text each.
    `load` gives the values of many at once.
    """

    name: str
    explain: Text
    is_personal: bool
    load: Callable[[Sequence[Member], Message], Mapping[int, str]]


@dataclass(frozen=True, slots=True)
class Recheck:
    """Asked at the moment of sending, of the members whose turn it is: whom it no longer concerns."""

    purpose: str
    unconcerned: Callable[[Message, Sequence[int], date], frozenset[int]]


@dataclass(frozen=True, slots=True)
class StaleWarning:
    """A sentence above the send button where what the audience rests on is old; empty where it is not."""

    warn: Callable[[Message, Branch, date], Text]


@dataclass(frozen=True, slots=True)
class Keyword:
    """The first word of an SMS that another part answers. `take` gives the answer to send back; empty: none."""

    word: str
    take: Callable[[InboxMessage], Text]


@dataclass(slots=True)
class Registry:
    """All that apps have added."""

    audiences: list[AudienceSource] = field(default_factory=list)
    placeholders: list[Placeholder] = field(default_factory=list)
    rechecks: list[Recheck] = field(default_factory=list)
    stale_warnings: list[StaleWarning] = field(default_factory=list)
    keywords: list[Keyword] = field(default_factory=list)


registry = Registry()
