"""One message, written out for the people of one delivery."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext as _

from accounts.models import User
from membership.models import Member
from messaging.extensions import registry
from messaging.models import Message, MessageText
from messaging.writing.markdown import to_html, to_text
from messaging.writing.placeholders import are_personal, put_in, used_in

Person = Member | User
_MARKDOWN: Final = re.compile(r"([\\`*_{}\[\]()#+\-.!|<>~&])")


@dataclass(frozen=True, slots=True)
class Written:
    """What the reader gets. `html` is the content alone; the letterhead around it is the email transport's."""

    subject: str
    text: str
    html: str
    sms: str
    language: str


class Composer:
    """Writes one message out for many: its texts are read once, the values of a chunk's members by `load`."""

    def __init__(self, message: Message) -> None:
        self.message = message
        self.texts = {text.language: text for text in message.texts.order_by("id")}
        self._loaded: dict[str, Mapping[int, str]] = {}

    @property
    def is_personal(self) -> bool:
        """Whether nobody may share a copy."""
        return are_personal(*self._all())

    @property
    def default(self) -> MessageText:
        """The text of those whose language it is not written in."""
        return self.texts.get("nb") or next(iter(self.texts.values()), MessageText(message=self.message))

    def _all(self) -> list[str]:
        return [part for text in self.texts.values() for part in (text.subject, text.body, text.sms)]

    def load(self, members: Sequence[Member]) -> None:
        """Fetch what the placeholders of apps above stand for, for these members: one call each."""
        used = used_in(*self._all())
        self._loaded = {
            added.name: added.load(members, self.message) for added in registry.placeholders if added.name in used
        }

    def compose(self, people: Sequence[Person]) -> Written:
        """For those who share a delivery: one, or a household. Needs `load` where the text has values of apps above."""
        text = self.text_for(people)
        values = self.values(people)
        escaped = {name: _MARKDOWN.sub(r"\\\1", value) for name, value in values.items()}
        return Written(
            subject=" ".join(put_in(text.subject, values).split()),
            text=put_in(to_text(text.body), values),
            html=to_html(put_in(text.body, escaped)),
            sms=put_in(text.sms, values).strip(),
            language=text.language,
        )

    def text_for(self, people: Sequence[Person]) -> MessageText:
        """In the language that all of them have, if it is written in it."""
        languages = {person.language if isinstance(person, Member) else "" for person in people}
        return self.texts.get(languages.pop(), self.default) if len(languages) == 1 else self.default

    def values(self, people: Sequence[Person]) -> dict[str, str]:
        """What stands in place of each word, for these people. Needs `load` as `compose` does."""
        first = people[0]
        values = {
            "fornavn": _joined([_first_name(person) for person in people]),
            "etternavn": _joined([_last_name(person) for person in people]),
            "navn": _joined([_full_name(person) for person in people]),
            "kommuneparti": first.branch.name if isinstance(first, Member) else self.message.branch.name,
            "medlemsnummer": first.member_number if isinstance(first, Member) else "",
        }
        if isinstance(first, Member):
            values |= {name: found.get(first.pk, "") for name, found in self._loaded.items()}
        return values


def _joined(names: Sequence[str]) -> str:
    """“Kari, Ola og Per”, each name once."""
    unique = list(dict.fromkeys(name for name in names if name))
    if len(unique) < 2:
        return "".join(unique)
    return _("%(names)s and %(last)s") % {"names": ", ".join(unique[:-1]), "last": unique[-1]}


def _first_name(person: Person) -> str:
    return person.first_name if isinstance(person, Member) else person.name.partition(" ")[0]


def _last_name(person: Person) -> str:
    return person.last_name if isinstance(person, Member) else person.name.rpartition(" ")[2]


def _full_name(person: Person) -> str:
    return person.full_name if isinstance(person, Member) else person.name
