"""A message's Markdown as paragraphs, headings and lists: what the letter's template knows how to print.

Read once for each language; each person's words are put into the pieces afterwards, as plain text that nothing reads
again: neither Markdown nor the typesetter.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from markdown_it.token import Token

from messaging.writing.markdown import tokens_of
from messaging.writing.placeholders import put_in

Block = dict[str, Any]

_STYLES: Final = {"strong_open": "bold", "em_open": "italic"}
_ENDS: Final = {"strong_close": "bold", "em_close": "italic"}


@dataclass(slots=True)
class _Walk:
    """Where one is in the text: which kind of list, how deep, whether in a quotation."""

    lists: list[str] = field(default_factory=list)
    quotes: int = 0
    # The first paragraph of a list's item carries its mark; the next ones are only indented.
    marked: bool = False
    numbers: list[int] = field(default_factory=list)


def read_blocks(text: str) -> list[Block]:
    """Every block in order: {"kind", "runs", "depth", "mark"}."""
    return list(_walk(tokens_of(text)))


def filled(blocks: Sequence[Block], values: Mapping[str, str]) -> list[Block]:
    """The blocks with one reader's words in them."""
    return [
        {**block, "runs": [{**run, "text": put_in(run["text"], values)} for run in block["runs"]]} for block in blocks
    ]


def _walk(tokens: Sequence[Token]) -> Iterator[Block]:
    at, heading = _Walk(), ""
    for token in tokens:
        if token.type in {"heading_open", "heading_close"}:
            heading = token.tag if token.nesting == 1 else ""
        elif token.type == "hr":
            yield {"kind": "rule", "runs": [], "depth": 0, "mark": ""}
        elif token.type == "inline":
            yield _block(token, at, heading)
        else:
            _step(token, at)


def _step(token: Token, at: _Walk) -> None:
    if token.type in {"bullet_list_open", "ordered_list_open"}:
        at.lists.append(token.type)
        at.numbers.append(int(token.attrGet("start") or 1) - 1)
    elif token.type in {"bullet_list_close", "ordered_list_close"}:
        at.lists.pop()
        at.numbers.pop()
    elif token.type == "list_item_open":
        at.numbers[-1] += 1
        at.marked = True
    elif token.type.startswith("blockquote"):
        at.quotes += token.nesting


def _block(token: Token, at: _Walk, heading: str) -> Block:
    kind = "heading" if heading else "quote" if at.quotes else "text"
    mark = ""
    if at.lists and at.marked:
        mark = "•" if at.lists[-1].startswith("bullet") else f"{at.numbers[-1]}."
        at.marked = False
    return {"kind": kind, "runs": list(_runs(token.children or [])), "depth": len(at.lists), "mark": mark}


def _runs(tokens: Sequence[Token]) -> Iterator[dict[str, Any]]:
    """Pieces of a line in one style each; a link's address stands after its words, since paper cannot be pressed."""
    style = {"bold": False, "italic": False}
    href, words = "", ""
    for token in tokens:
        if token.type in _STYLES:
            style[_STYLES[token.type]] = True
        elif token.type in _ENDS:
            style[_ENDS[token.type]] = False
        elif token.type == "link_open":
            href, words = str(token.attrGet("href") or ""), ""
        elif token.type == "link_close":
            if href not in (words, f"mailto:{words}", f"https://{words}"):
                yield {"text": f" ({href.removeprefix('mailto:')})", **style}
        elif text := _text(token):
            words += text
            yield {"text": text, **style}


def _text(token: Token) -> str:
    return "\n" if token.type in {"softbreak", "hardbreak"} else token.content
