"""How a message looks to one of those who get it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from accounts.models import User
from common.text import search_terms
from membership.models import Member, MemberQuerySet
from messaging.sketch import Sketch
from messaging.writing.compose import Person, Written
from messaging.writing.segments import count

SHOWN_AS: Final = "shown_as"
FIND: Final = "find_as"


@dataclass(frozen=True, slots=True)
class Preview:
    """One reader, and what they read; `options` are those one can choose among."""

    key: str
    written: Written
    channel: str
    options: list[tuple[str, str]]
    not_found: bool = False

    @property
    def bubble(self) -> SafeString:
        """The SMS, with the characters marked that make it dear."""
        culprits = set(count(self.written.sms).culprits)
        parts = (f"<mark>{escape(one)}</mark>" if one in culprits else escape(one) for one in self.written.sms)
        # Each character is escaped.
        return mark_safe("".join(parts).replace("\n", "<br>"))  # noqa: S308

    @property
    def html(self) -> SafeString:
        """The email's content."""
        # nh3 has cleaned it, and what was put in afterwards is escaped: messaging.writing.prepared.
        return mark_safe(self.written.html)  # noqa: S308


def key_of(person: Person) -> str:
    """What a reader is called in the form."""
    return f"{'u' if isinstance(person, User) else 'm'}{person.pk}"


def preview_of(
    sketch: Sketch,
    people: Sequence[Person],
    reached: Any,
    data: Mapping[str, Any],
    *,
    longest: Person | None = None,
) -> Preview | None:
    """As the one who is asked for in `data`, if they get it, else as the first of `people`; None where nobody does.

    `reached`: the members who get it, with `goes_by`; None for officers.
    """
    asked, missed = _asked(people, reached, data)
    shown = asked or next(iter(people), None)
    if shown is None:
        return None
    composer = sketch.composer
    if isinstance(shown, Member):
        composer.load([shown])
    readers = [*people, *([shown] if shown not in people else [])]
    options = [(key_of(one), _label(one, longest)) for one in readers]
    return Preview(key_of(shown), composer.compose([shown]), getattr(shown, "goes_by", ""), options, missed)


def _label(person: Person, longest: Person | None) -> str:
    name = person.full_name or person.member_number if isinstance(person, Member) else person.name
    return _("%(name)s (longest SMS)") % {"name": name} if person == longest else name


def _asked(people: Sequence[Person], reached: Any, data: Mapping[str, Any]) -> tuple[Person | None, bool]:
    if (name := str(data.get(FIND) or "").strip()) and reached is not None:
        found = named(reached, name).select_related("branch").in_order().first()
        return found, found is None
    key = str(data.get(SHOWN_AS) or "")
    if known := next((one for one in people if key_of(one) == key), None):
        return known, False
    if reached is not None and key[:1] == "m" and key[1:].isascii() and key[1:].isdigit() and len(key) < 19:
        return reached.filter(pk=int(key[1:])).select_related("branch").first(), False
    return None, False


def named(members: Any, name: str) -> MemberQuerySet:
    """Those of some members whose name, number or the like has each word somewhere."""
    for term in search_terms(name):
        members = members.filter(search_text__contains=f" {term}")
    found: MemberQuerySet = members
    return found
