"""Markdown as messages use it: headings, lists, bold, links. No HTML, no pictures, nothing fetched."""

from __future__ import annotations

import re
from functools import cache
from typing import Final

import nh3
from markdown_it import MarkdownIt

_TAGS: Final = {"p", "br", "strong", "em", "h2", "h3", "h4", "ul", "ol", "li", "blockquote", "a", "hr", "code"}
_LINK: Final = re.compile(r"\[([^\]]+)\]\((\S+?)\)")
_MARKS: Final = re.compile(r"(\*\*|__)(?=\S)(.+?)(?<=\S)\1")


@cache
def _reader() -> MarkdownIt:
    reader = MarkdownIt("commonmark", {"html": False, "breaks": True})
    return reader.disable(["image", "html_block", "html_inline", "code", "fence"])


def to_html(text: str) -> str:
    """Clean HTML; headings begin at the second level, since the first is the page's own."""
    made = re.sub(r"<(/?)h1>", r"<\1h2>", _reader().render(text))
    return nh3.clean(made, tags=_TAGS, attributes={"a": {"href"}}, url_schemes={"https", "http", "mailto", "tel"})


def to_text(text: str) -> str:
    """The plain-text part: as it was typed, without the marks, a link's address after its words."""
    plain = _LINK.sub(lambda found: found[2] if found[1] == found[2] else f"{found[1]}: {found[2]}", text)
    return re.sub(r"(?m)^#{1,6}\s+", "", _MARKS.sub(r"\2", plain)).strip() + "\n"
