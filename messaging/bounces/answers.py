"""What somebody wrote: the text of an answer without what it answers, and the names of what came with it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from itertools import islice
from typing import Final

import nh3

from common.text import clean, clean_lines
from messaging.bounces.headers import Mail
from messaging.bounces.reports import leaves

LONGEST: Final = 10_000
# Of the source: HTML is mostly markup, and what is longer is no letter.
_LONGEST_SOURCE: Final = 150_000
_MOST_PARTS: Final = 50
_NO_TEXT: Final = {"style", "script", "head", "title", "blockquote"}
_NEW_LINE: Final = {"br", "p", "div", "li", "tr", "h1", "h2", "h3", "h4", "table", "ul", "ol"}
_MARKED: Final = {"div": {"class", "id"}, "table": {"class", "id"}, "p": {"class", "id"}}
# How Gmail, Outlook, Apple and Yahoo mark what is quoted.
_QUOTED: Final = re.compile(r"gmail_quote|gmail_attr|divRplyFwdMsg|appendonsend|yahoo_quoted|moz-cite-prefix")
_FROM_HERE: Final = re.compile(
    r"-{3,}\s*(original message|opprinnelig melding|original melding|ursprungligt meddelande|videresendt melding"
    r"|forwarded message)\s*-{3,}|_{20,}",
    re.IGNORECASE,
)
_SAYS: Final = re.compile(r"(den|on|am|på|man|tir|ons|tor|fre|lør|søn)\b.{5,300}(skrev|wrote|schrieb)\b.{0,200}:", re.I)
_SENDER_LINE: Final = re.compile(r"\*?(fra|from|von|från):\*? .*", re.IGNORECASE)
_SENT_LINE: Final = re.compile(r"\*?(sendt|sent|dato|date|gesendet|skickat):\*? .*", re.IGNORECASE)


def text_of(mail: Mail) -> str:
    """The text, at most 10,000 characters; of a mail in HTML alone what can be read of it. Empty where it has none."""
    plain: list[str] = []
    marked: list[str] = []
    for part in islice(leaves(mail), _MOST_PARTS):
        if part.get_content_disposition() == "attachment":
            continue
        if part.get_content_type() == "text/plain":
            plain.append(_decoded(part))
        elif part.get_content_type() == "text/html":
            marked.append(_decoded(part))
    text = "\n".join(plain)
    if not text.strip():
        text = "\n".join(map(from_html, marked))
    return without_quotes(text)[:LONGEST]


def attachments_of(mail: Mail) -> list[str]:
    """The names of the files that came along, at most ten; they are not kept."""
    names = (clean(part.get_filename() or "")[:80] for part in islice(leaves(mail), _MOST_PARTS))
    return list(islice(filter(None, names), 10))


def without_quotes(text: str) -> str:
    """What is new in an answer. Where nothing is, all of it: better too much than nothing."""
    lines = clean_lines(text).split("\n")
    end = next(_ends(lines), len(lines))
    kept = list(_new(lines[:end]))
    return clean_lines("\n".join(kept)) or clean_lines(text)


def _ends(lines: list[str]) -> Iterator[int]:
    """Where a program begins to repeat what is answered."""
    for number, line in enumerate(lines):
        leads = _SENDER_LINE.fullmatch(line) and any(map(_SENT_LINE.fullmatch, lines[number + 1 : number + 4]))
        if leads or _FROM_HERE.fullmatch(line):
            yield number


def _new(lines: list[str]) -> Iterator[str]:
    """The lines that are no quotation, nor the sentence that leads one in, which may be two lines long."""
    for number, line in enumerate(lines):
        if line.startswith(">") or _leads_in(lines, number) or (number and _leads_in(lines, number - 1, length=2)):
            continue
        yield line


def _leads_in(lines: list[str], start: int, length: int = 0) -> bool:
    """Whether “On … wrote:” begins on a line, with a quotation or the end after it."""
    for taken in (length,) if length else (1, 2):
        after = next((line for line in lines[start + taken :] if line), ">")
        if after.startswith(">") and _SAYS.fullmatch(" ".join(lines[start : start + taken])):
            return True
    return False


def _decoded(part: Mail) -> str:
    content = part.get_payload(decode=True)
    if not isinstance(content, bytes):
        return ""
    try:
        return content[:_LONGEST_SOURCE].decode(part.get_content_charset("utf-8"), "replace")
    except (LookupError, ValueError):
        # A name that is no character set: what old programs meant by it.
        return content[:_LONGEST_SOURCE].decode("cp1252", "replace")


def from_html(source: str) -> str:
    """The text of a page, without what it quotes. It is cleaned first: what is broken on purpose takes no time then."""
    reader = _Reader()
    reader.feed(nh3.clean(source, tags=_NEW_LINE, clean_content_tags=_NO_TEXT, attributes=_MARKED, link_rel=None))
    reader.close()
    return "".join(reader.found)


class _Reader(HTMLParser):
    """Text and line ends of a clean page; what is inside something quoted is passed over."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        # How deep we are in something quoted.
        self._depth = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A line begins, and perhaps a quotation."""
        self.found.append("\n")
        if tag != "br" and (self._depth or any(_QUOTED.search(value or "") for _name, value in attrs)):
            self._depth += 1

    def handle_endtag(self, _tag: str) -> None:
        """A line ends, and perhaps a quotation."""
        self.found.append("\n")
        self._depth = max(0, self._depth - 1)

    def handle_data(self, data: str) -> None:
        """A piece of text: line ends in the source mean nothing."""
        if not self._depth:
            self.found.append(re.sub(r"\s+", " ", data))
