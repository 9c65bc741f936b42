"""The plain-text part of an email, from the tokens of its Markdown: what the HTML says, in the same order."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from markdown_it.token import Token

# A word that is put in later, as `messaging.writing.prepared` marks it; inside an address it ends in another letter.
_MARK: Final = re.compile(r"(zq+)([0-9]+)x")
_SCHEME: Final = re.compile(r"^(?:mailto|tel):", re.IGNORECASE)
_ITEMS: Final = {"bullet_list_open", "ordered_list_open"}


@dataclass(slots=True)
class _Page:
    """What has been written, and where one is: in which lists, in how many quotations."""

    blocks: list[str] = field(default_factory=list)
    # Of each list one is in: the next number, or 0 for a list of dashes.
    lists: list[int] = field(default_factory=list)
    mark: str = ""
    quotes: int = 0
    tight: bool = False

    def add(self, text: str, *, tight: bool = False) -> None:
        """One block; tight ones, the items of a short list, follow each other without an empty line."""
        indent = "  " * (len(self.lists) - 1) + " " * len(self.mark) if self.lists else ""
        first = indent[: len(indent) - len(self.mark)] + self.mark
        lines = [f"{first if number == 0 else indent}{line}" for number, line in enumerate(text.split("\n"))]
        quoted = "\n".join(f"{'> ' * self.quotes}{line}".rstrip() for line in lines)
        between = "" if not self.blocks else "\n" if tight and self.tight else "\n\n"
        self.blocks.append(between + quoted)
        self.tight, self.mark = tight, " " * len(self.mark)


def plain_text(tokens: Sequence[Token]) -> str:
    """The text, with a line break at its end."""
    page, hidden = _Page(), False
    for token in tokens:
        if token.type == "inline":
            page.add(_inline(token.children or []), tight=hidden)
        elif token.type == "hr":
            page.add("---")
        elif token.type == "paragraph_open":
            hidden = token.hidden
        else:
            _step(page, token)
    return "".join(page.blocks).strip() + "\n"


def _step(page: _Page, token: Token) -> None:
    if token.type in _ITEMS:
        page.lists.append(int(token.attrGet("start") or 1) if token.type == "ordered_list_open" else 0)
    elif token.type in {"bullet_list_close", "ordered_list_close"}:
        page.lists.pop()
        page.mark = ""
        page.tight = page.tight and bool(page.lists)
    elif token.type == "list_item_open":
        number = page.lists[-1]
        page.mark = f"{number}. " if number else "- "
        page.lists[-1] += bool(number)
    elif token.type.startswith("blockquote"):
        page.quotes += token.nesting


def _inline(children: Sequence[Token]) -> str:
    written: list[str] = []
    opened: list[tuple[int, Token]] = []
    for child in children:
        if child.type == "link_open":
            opened.append((len(written), child))
        elif child.type == "link_close" and opened:
            at, link = opened.pop()
            written[at:] = [_link("".join(written[at:]), link)]
        else:
            written.append("\n" if child.type in {"softbreak", "hardbreak"} else child.content)
    return "".join(written)


def _link(words: str, link: Token) -> str:
    address = str(link.attrGet("href") or "")
    if link.markup in {"bare", "autolink"}:
        return _within(words)
    shown = _SCHEME.sub("", address)
    return shown if words == shown else f"{words}: {_within(shown)}"


def _within(address: str) -> str:
    """The marks in an address, save one that it begins with: what is put in there must not end it."""
    kept = _MARK.match(address)
    at = kept.end() if kept else 0
    return address[:at] + _MARK.sub(r"\1\2y", address[at:])
