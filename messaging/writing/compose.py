"""One message, written out for the people of one delivery."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from accounts.models import User
from membership.models import Member
from messaging.extensions import registry
from messaging.models import Message, MessageText
from messaging.writing.placeholders import are_personal, used_in
from messaging.writing.prepared import Prepared, prepare

Person = Member | User
# In the reader's language, whatever the page's is.
_AND: Final = {"nb": "og", "nn": "og", "en": "and", "se": "ja"}


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

    def __init__(self, message: Message, texts: Sequence[MessageText] | None = None) -> None:
        """`texts`: those of a form that has not been saved; else the message's own."""
        self.message = message
        rows = message.texts.order_by("id") if texts is None else texts
        self.texts = {text.language: text for text in rows}
        self._prepared: dict[str, Prepared] = {}
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
        if (prepared := self._prepared.get(text.language)) is None:
            prepared = self._prepared[text.language] = self._prepare(text)
        values = self.values(people, language=text.language)
        return Written(
            subject=" ".join(prepared.subject.fill(values).split()),
            text=prepared.text.fill(values),
            html=prepared.html.fill(values),
            sms=prepared.sms.fill(values).strip(),
            language=text.language,
        )

    def _prepare(self, text: MessageText) -> Prepared:
        """What is not written in a language is read in the first one: an SMS, where only the email was translated."""
        default = self.default
        own = (text.subject or default.subject, text.body or default.body, text.sms or default.sms)
        return prepare(*own)

    def text_for(self, people: Sequence[Person]) -> MessageText:
        """In the language that all of them have, if it is written in it."""
        languages = {person.language if isinstance(person, Member) else "" for person in people}
        return self.texts.get(languages.pop(), self.default) if len(languages) == 1 else self.default

    def values(self, people: Sequence[Person], *, language: str = "nb") -> dict[str, str]:
        """What stands in place of each word, for these people. Needs `load` as `compose` does."""
        first = people[0]
        values = {
            "fornavn": _joined([_first_name(person) for person in people], language),
            "etternavn": _joined([_last_name(person) for person in people], language),
            "navn": _joined([_full_name(person) for person in people], language),
            "kommuneparti": first.branch.name if isinstance(first, Member) else self.message.branch.name,
            "medlemsnummer": first.member_number if isinstance(first, Member) else "",
        }
        for added in registry.placeholders:
            values[added.name] = self._loaded.get(added.name, {}).get(first.pk, "") if isinstance(first, Member) else ""
        return values


def _joined(names: Sequence[str], language: str) -> str:
    """“Kari, Ola og Per”, each name once."""
    unique = list(dict.fromkeys(name for name in names if name))
    if len(unique) < 2:
        return "".join(unique)
    return f"{', '.join(unique[:-1])} {_AND.get(language, 'og')} {unique[-1]}"


def _first_name(person: Person) -> str:
    return person.first_name if isinstance(person, Member) else person.name.partition(" ")[0]


def _last_name(person: Person) -> str:
    return person.last_name if isinstance(person, Member) else person.name.rpartition(" ")[2]


def _full_name(person: Person) -> str:
    return person.full_name if isinstance(person, Member) else person.name
