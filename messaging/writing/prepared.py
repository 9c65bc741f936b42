"""A text read once: its fixed parts, and the words between them. Filling it in for one person is a join of strings.

Markdown is read before anything is put in, so what a value holds is never read as Markdown, HTML or a placeholder.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from typing import Final
from urllib.parse import quote

from messaging.writing.markdown import to_html, to_text
from messaging.writing.placeholders import OWN, WORD, known

_ADDRESS: Final = re.compile(r"https?://[^\s<>\"']+", re.IGNORECASE)

Slot = tuple[str, Callable[[str], str]]


@dataclass(frozen=True, slots=True)
class Pieces:
    """Fixed text, and between each two of them a word with how its value is written there."""

    fixed: tuple[str, ...]
    slots: tuple[Slot, ...]

    def fill(self, values: Mapping[str, str]) -> str:
        """The text, with each word's value in its place."""
        made = [self.fixed[0]]
        for (word, write), fixed in zip(self.slots, self.fixed[1:], strict=True):
            made += (write(values[word]), fixed)
        return "".join(made)


@dataclass(frozen=True, slots=True)
class Prepared:
    """One language of a message."""

    subject: Pieces
    text: Pieces
    html: Pieces
    sms: Pieces


def prepare(subject: str, body: str, sms: str) -> Prepared:
    """Read the three texts of a language."""
    return _prepare(subject, body, sms, frozenset(known()))


@lru_cache(maxsize=64)
def _prepare(subject: str, body: str, sms: str, words: frozenset[str]) -> Prepared:
    text, html = _read(body, words)
    return Prepared(_plain(subject, words), text, html, _plain(sms, words))


def _plain(text: str, words: frozenset[str]) -> Pieces:
    fixed, slots, at = [], [], 0
    for found in WORD.finditer(text):
        if (word := found[1].casefold()) in words:
            fixed.append(text[at : found.start()])
            slots.append((word, str))
            at = found.end()
    return Pieces((*fixed, text[at:]), tuple(slots))


def _read(body: str, words: frozenset[str]) -> tuple[Pieces, Pieces]:
    """Markdown as text and as HTML. Each word is a mark of letters and digits while it is read."""
    stem = "zq"
    while stem in body.casefold():
        stem += "q"
    order = sorted(words)

    def marked(found: re.Match[str]) -> str:
        word = found[1].casefold()
        return f"{stem}{order.index(word)}x" if word in words else found[0]

    source = WORD.sub(marked, body)
    text = to_text(source, first=stem)
    return _cut(text, stem, order, _in_text), _cut(to_html(source, first=stem), stem, order, _in_html)


def _cut(made: str, stem: str, order: list[str], writer: Callable[[str, str, str], Callable[[str], str]]) -> Pieces:
    parts = re.split(rf"{stem}([0-9]+)([xy])", made)
    slots, before = [], parts[0]
    for number, (index, kind) in enumerate(zip(parts[1::3], parts[2::3], strict=True)):
        word = order[int(index)]
        slots.append((word, writer(before, kind, word)))
        before += f"\0{parts[3 * number + 3]}"
    return Pieces(tuple(parts[0::3]), tuple(slots))


def _in_text(_before: str, kind: str, _word: str) -> Callable[[str], str]:
    return _part if kind == "y" else str


def _in_html(before: str, _kind: str, word: str) -> Callable[[str], str]:
    if before.rfind("<") > before.rfind(">"):
        return _address if before.endswith('href="') else _part
    inside_link = before.rfind("<a ") > before.rfind("</a>")
    return _shown if inside_link or word in OWN else _linked


def _part(value: str) -> str:
    """Part of an address: it can neither end it nor lead elsewhere."""
    return quote(value, safe="")


def _address(value: str) -> str:
    """A whole address, or the beginning of one; nothing where it is none of the web's."""
    return escape(value) if _ADDRESS.fullmatch(value) else ""


def _shown(value: str) -> str:
    return escape(value).replace("\n", "<br>")


def _linked(value: str) -> str:
    """What apps above put in may be an address of one's own: it can be clicked where it stands."""
    if not _ADDRESS.fullmatch(value):
        return _shown(value)
    return f'<a href="{escape(value)}" rel="noopener noreferrer">{escape(value)}</a>'
