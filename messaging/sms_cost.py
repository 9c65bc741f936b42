"""What an SMS costs before it is sent: the counter, the character that makes it dear, what it would cost without."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.money import format_kr
from common.numbers import format_int
from membership.extensions import Text
from messaging.longest import Group, Measured, measure
from messaging.models import MessageText
from messaging.sketch import Sketch
from messaging.writing.compose import Person
from messaging.writing.placeholders import WORD
from messaging.writing.segments import Segments, count, swapped

_NAMES: Final[dict[str, Text]] = {
    "–": gettext_lazy("The dash “–”"),
    "—": gettext_lazy("The dash “—”"),
    "…": gettext_lazy("The three dots “…”"),
    "•": gettext_lazy("The bullet “•”"),
    "’": gettext_lazy("The curved apostrophe “’”"),
    "\u00a0": gettext_lazy("A no-break space"),
    "\t": gettext_lazy("A tab"),
    **dict.fromkeys("“”„«»", gettext_lazy("The quotation mark")),
}
_MOST_NAMED: Final = 5


@dataclass(frozen=True, slots=True)
class Culprits:
    """Characters outside the ordinary alphabet.

    `swaps`: typed ones that a look-alike can stand in for. `typed`: those that it cannot, such as an emoji.
    `named`: those that only stand in names, of `people`; a name is never changed.
    """

    swaps: list[str]
    typed: list[str]
    named: list[str]
    people: int
    # With the look-alikes in place; nothing where there is nothing to swap.
    after: Bill | None

    @property
    def subject(self) -> str:
        """“The dash “–””, “The characters – “ ””."""
        letters = self.swaps or self.typed
        if len(letters) == 1:
            return str(_NAMES.get(letters[0]) or _("The character “%(letter)s”") % {"letter": letters[0]})
        return _("The characters %(letters)s") % {"letters": shown_letters(letters)}


@dataclass(frozen=True, slots=True)
class Bill:
    """How many SMS each group gets, and what they cost at most: each is counted as its group's longest."""

    measured: list[Measured]
    price_ore: int

    @property
    def longest(self) -> Measured:
        """The dearest of all."""
        return self.measured[0]

    @property
    def _by_parts(self) -> dict[int, int]:
        found: dict[int, int] = {}
        for one in self.measured:
            found[one.segments.parts] = found.get(one.segments.parts, 0) + one.people
        return dict(sorted(found.items()))

    @property
    def ore(self) -> int:
        """In all."""
        return self.price_ore * sum(parts * people for parts, people in self._by_parts.items())

    @property
    def words(self) -> str:
        """“3 SMS to each”, or “1 SMS to 35, 3 SMS to 2”."""
        groups = self._by_parts
        if len(groups) == 1:
            return _("%(n)s SMS to each") % {"n": next(iter(groups))}
        return ", ".join(_("%(n)s SMS to %(people)s") % _shown(parts, people) for parts, people in groups.items())

    @property
    def sum(self) -> str:
        """“3 × 148 × 0,39 kr”, or “(1 × 35 + 3 × 2) × 0,39 kr”."""
        products = [f"{parts} × {format_int(people)}" for parts, people in self._by_parts.items()]
        product = products[0] if len(products) == 1 else f"({' + '.join(products)})"
        return f"{product} × {format_kr(self.price_ore)}"


def _shown(parts: int, people: int) -> dict[str, str]:
    return {"n": str(parts), "people": format_int(people)}


@dataclass(frozen=True, slots=True)
class Cost(Bill):
    """The counter."""

    culprits: Culprits | None

    @property
    def segments(self) -> Segments:
        """Of the dearest."""
        return self.longest.segments

    @property
    def dearest(self) -> Person | None:
        """Who gets it."""
        return self.longest.member

    @property
    def dearest_name(self) -> str:
        """What they are called; empty where it is nobody in particular."""
        return getattr(self.dearest, "full_name", "") or getattr(self.dearest, "name", "")

    @property
    def meters(self) -> list[int]:
        """How full each part is, in per cent."""
        return [min(100, round(100 * units / self.segments.per_part)) for units in self.segments.filled]

    @property
    def left(self) -> int:
        """How many characters there is room for before it becomes one part more."""
        filled = self.segments.filled
        return self.segments.per_part - filled[-1] if filled else self.segments.per_part


def cost_of(sketch: Sketch, groups: Sequence[Group], *, recipients: int, price_ore: int) -> Cost:
    """Count it for those whose SMS are the dearest (`messaging.longest.groups_of`)."""
    measured = measure(sketch.composer, groups, recipients=recipients)
    culprits = _culprits(sketch, groups, measured, recipients, price_ore)
    return Cost(measured, price_ore, culprits)


def _culprits(
    sketch: Sketch, groups: Sequence[Group], measured: list[Measured], recipients: int, price_ore: int
) -> Culprits | None:
    wide = [one for one in measured if one.segments.unicode]
    if not wide:
        return None
    found = list(dict.fromkeys(letter for one in wide for letter in one.segments.culprits))
    in_text = {letter for text in sketch.texts for letter in count(WORD.sub("", text.sms)).culprits}
    swaps = [letter for letter in found if letter in in_text and any(letter in one.segments.swaps for one in wide)]
    typed = [letter for letter in found if letter in in_text and letter not in swaps]
    named = [letter for letter in found if letter not in in_text]
    people = sum(one.people for one in wide if set(one.segments.culprits) & set(named))
    after = _swapped(sketch, groups, recipients, price_ore) if swaps else None
    return Culprits(swaps, typed, named, people, after)


def _swapped(sketch: Sketch, groups: Sequence[Group], recipients: int, price_ore: int) -> Bill:
    texts = [MessageText(language=text.language, sms=swapped(text.sms)) for text in sketch.texts]
    composer = Sketch(sketch.message, texts, None).composer
    return Bill(measure(composer, groups, recipients=recipients), price_ore)


def shown_letters(letters: Sequence[str]) -> str:
    """The first few, with words for those that cannot be seen."""
    invisible = {"\u00a0": _("no-break space"), "\t": _("tab")}
    return " ".join(invisible.get(letter, letter) for letter in letters[:_MOST_NAMED])
