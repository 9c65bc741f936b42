"""The letterhead around an email's content.

Mail programs read styles in the tags and little else. They are written into the frame, and looked up for each tag of
the content, once for each letterhead: the mails themselves only have it wrapped around what differs.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

import css_inline
from django.conf import settings
from django.template.loader import render_to_string
from django.utils.translation import override

TEMPLATE: Final = "messaging/email/message.html"
_STYLES: Final = ("messaging/email/message.css", "messaging/email/dark.css")
# Between a message's content and what stands below it: why one gets it, and how one gets no more.
FOOTER: Final = "<!-- footer -->"
_CONTENT_HERE: Final = "@@content@@"
_FOOTER_HERE: Final = "@@footer@@"
# The tags that messaging.writing.markdown lets through, each once.
_ALL_TAGS: Final = (
    "<h2>x</h2><h3>x</h3><h4>x</h4><p>x<br><strong>x</strong><em>x</em><code>x</code><a href='https://x'>x</a></p>"
    "<ul><li>x</li></ul><ol><li>x</li></ol><blockquote>x</blockquote><hr>"
)
_TAG: Final = re.compile(r"<(h2|h3|h4|p|ul|ol|li|blockquote|hr|a|code)(?=[\s>/])")
_STYLED: Final = re.compile(r"<(\w+)[^>]*?\sstyle=\"([^\"]*)\"")


@dataclass(frozen=True, slots=True)
class Letterhead:
    """What stands before the content, between it and the footer's, and after; and the tags with their styles."""

    before: str
    between: str
    after: str
    tags: dict[str, str]
    small_tags: dict[str, str]

    def around(self, html: str) -> str:
        """The whole page for one reader."""
        content, _, footer = html.partition(FOOTER)
        return "".join(
            [self.before, _dressed(content, self.tags), self.between, _dressed(footer, self.small_tags), self.after]
        )


@lru_cache(maxsize=128)
def letterhead(sender: str, language: str = "nb") -> Letterhead:
    """The letterhead of one sender, whose name stands at its head."""
    with override(language):
        page = render_to_string(
            TEMPLATE,
            {
                "sender": sender,
                "house": settings.PUBLIC_URL.partition("://")[2],
                "language": language,
                "content": _ALL_TAGS + _CONTENT_HERE,
                "footer": _ALL_TAGS + _FOOTER_HERE,
            },
        )
    inlined = css_inline.CSSInliner(
        extra_css=_styles(), keep_at_rules=True, load_remote_stylesheets=False, keep_style_tags=False
    ).inline(page)
    before, _, rest = inlined.partition(_CONTENT_HERE)
    between, _, after = rest.partition(_FOOTER_HERE)
    before, tags = _split(before)
    between, small_tags = _split(between)
    return Letterhead(before, between, after, tags, small_tags)


def _split(text: str) -> tuple[str, dict[str, str]]:
    """What precedes the row of all tags, and the style of each of them."""
    start = text.rindex("<h2")
    styles = {name: f'<{name} style="{style}"' for name, style in _STYLED.findall(text[start:])}
    return text[:start], styles


def _dressed(content: str, tags: dict[str, str]) -> str:
    return _TAG.sub(lambda found: tags.get(found[1], found[0]), content)


def _styles() -> str:
    """Those for the tags, and those that stay as rules: for screens in the dark."""
    folder = Path(settings.BASE_DIR) / "templates"
    return "\n".join((folder / name).read_text(encoding="utf-8") for name in _STYLES)
