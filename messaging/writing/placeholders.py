"""Words in double braces: from an allow-list, put in once, so that a member *named* `{{ x }}` is plain text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from django.utils.translation import gettext_lazy as _

from membership.extensions import Text
from messaging.extensions import registry

WORD: Final = re.compile(r"\{\{\s*([^{}\s][^{}]{0,40}?)\s*\}\}")

# What is left of a placeholder when a brace was forgotten.
_BRACES: Final = re.compile(r"\{\{.{0,20}|.{0,20}\}\}|\{ ?\w{3,40} ?\}")

_BLANK: Final = re.compile(r"\[[^\W\d_][^\[\]\n]{1,80}\](?!\()")

# Names are joined where several share a text (“Kari og Ola”); the branch is the first one's.
OWN: Final[Mapping[str, Text]] = {
    "fornavn": _("first name"),
    "etternavn": _("last name"),
    "navn": _("full name"),
    "kommuneparti": _("the branch's name"),
    "medlemsnummer": _("member number"),
}
_PERSONAL: Final = frozenset({"medlemsnummer"})


def known() -> dict[str, Text]:
    """Every word that may be used, and what it stands for."""
    return {**OWN, **{added.name: added.explain for added in registry.placeholders}}


def used_in(*texts: str) -> set[str]:
    """The words that stand in double braces, known or not."""
    return {word.casefold() for text in texts for word in WORD.findall(text)}


def unknown_in(*texts: str) -> list[str]:
    """Those that are not on the list, in order."""
    return sorted(used_in(*texts) - known().keys())


def are_personal(*texts: str) -> bool:
    """Whether the texts hold something that is one member's own, so that nobody shares a copy."""
    own = _PERSONAL | {added.name for added in registry.placeholders if added.is_personal}
    return bool(used_in(*texts) & own)


def half_written(*texts: str) -> list[str]:
    """Pairs of braces that are no placeholder, so that they would be sent as they stand: the first of each text."""
    found = (_BRACES.search(WORD.sub("", text)) for text in texts)
    return [one[0].strip() for one in found if one]


def unfilled(*texts: str) -> list[str]:
    """What a ready-made text asks the writer to fill in, each once: “[dag]”, but no link's words."""
    return list(dict.fromkeys(found for text in texts for found in _BLANK.findall(text)))


def put_in(text: str, values: Mapping[str, str]) -> str:
    """The text with each known word replaced, in one pass: what a value holds is never read again."""
    return WORD.sub(lambda found: values.get(found[1].casefold(), found[0]), text)
