"""Markdown as messages use it: headings, lists, bold, links. No HTML, no pictures, nothing fetched.

Tamer than CommonMark where that would spoil what people type: nothing typed disappears, “20. november” begins no list,
and a line of dashes under a name makes no heading of it.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Final

import nh3
from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from messaging.writing.plain import plain_text

_TAGS: Final = {"p", "br", "strong", "em", "h2", "h3", "h4", "ul", "ol", "li", "blockquote", "a", "hr", "code"}
_ATTRIBUTES: Final = {"a": {"href"}, "ol": {"start"}}
_OFF: Final = ("image", "html_block", "html_inline", "code", "fence", "lheading", "reference", "entity")

_SAFE: Final = re.compile(r"(?:https?://|mailto:|tel:)\S+", re.IGNORECASE)
_WWW: Final = re.compile(r"www\.", re.IGNORECASE)
_BARE: Final = re.compile(r"""(?:https?://|www\.)[^\s<>"'“”«»]+[^\s<>"'“”«».,;:!?)\]}*_…]""", re.IGNORECASE)
_NUMBERED: Final = re.compile(r"(\s*)([0-9]{1,9})([.)])(\s.*|)", re.DOTALL)
_MONTH: Final = re.compile(r"\s*(?:jan|feb|mars|apr|mai|juni|juli|aug|sep|okt|nov|des)", re.IGNORECASE)


def to_html(text: str, *, first: str = "") -> str:
    """Clean HTML; headings begin at the second level, since the first is the page's own.

    A link may begin with `first`, the mark of something that is put in later.
    """
    reader = _reader(first)
    made = reader.renderer.render(reader.parse(_guarded(text)), reader.options, {})
    return nh3.clean(made, tags=_TAGS, attributes=_ATTRIBUTES, url_schemes={"https", "http", "mailto", "tel"})


def to_text(text: str, *, first: str = "") -> str:
    """The plain-text part: what the HTML says, a link's address after its words."""
    return plain_text(tokens_of(text, first=first))


def tokens_of(text: str, *, first: str = "") -> list[Token]:
    """The text as markdown-it's tokens, for those who print it otherwise."""
    return _reader(first).parse(_guarded(text))


@cache
def _reader(first: str) -> MarkdownIt:
    reader = MarkdownIt("commonmark", {"html": False, "breaks": True})
    reader.disable(list(_OFF))
    whole = reader.normalizeLink
    # Instead of the class's own methods.
    reader.normalizeLink = lambda url: whole(f"https://{url}" if _WWW.match(url) else url)  # type: ignore[method-assign]
    reader.validateLink = lambda url: _is_safe(url, first)  # type: ignore[method-assign]
    reader.core.ruler.push("tame", _tame)
    return reader


def _is_safe(url: str, first: str) -> bool:
    return bool(_SAFE.fullmatch(url)) or bool(first and url.startswith(first))


def _guarded(text: str) -> str:
    """With a backslash before the full stop of numbers that count nothing: a date, a year, a house number."""
    lines, expected = [], 1
    for line in text.split("\n"):
        found = _NUMBERED.fullmatch(line)
        if found is None:
            lines.append(line)
        elif int(found[2]) in (1, expected) and not _MONTH.match(found[4]):
            expected = int(found[2]) + 1
            lines.append(line)
        else:
            lines.append(f"{found[1]}{found[2]}\\{found[3]}{found[4]}")
    return "\n".join(lines)


def _tame(state: StateCore) -> None:
    """Headings of three sizes, and links of addresses that stand bare in the text."""
    for token in state.tokens:
        if token.type in {"heading_open", "heading_close"}:
            token.tag = f"h{min(4, max(2, int(token.tag[1])))}"
        elif token.children:
            token.children = _linked(token.children, state.md)


def _linked(children: list[Token], reader: MarkdownIt) -> list[Token]:
    made: list[Token] = []
    depth = 0
    for child in children:
        depth += child.nesting if child.type in {"link_open", "link_close"} else 0
        made.extend([child] if depth or child.type != "text" else _split(child.content, reader))
    return made


def _split(text: str, reader: MarkdownIt) -> list[Token]:
    made: list[Token] = []
    at = 0
    for found in _BARE.finditer(text):
        made += [_text(text[at : found.start()]), *_link(found[0], reader)]
        at = found.end()
    return [token for token in [*made, _text(text[at:])] if token.type != "text" or token.content]


def _link(words: str, reader: MarkdownIt) -> list[Token]:
    opening = Token("link_open", "a", 1, attrs={"href": reader.normalizeLink(words)}, markup="bare")
    return [opening, _text(words), Token("link_close", "a", -1, markup="bare")]


def _text(content: str) -> Token:
    return Token("text", "", 0, content=content)
