"""Walking through the pages as a user does: by their links."""

from __future__ import annotations

import gzip
import json
import re
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any, Final
from urllib.parse import parse_qsl, urldefrag, urljoin, urlsplit

from django.apps import apps
from django.db import models
from django.test import Client
from django.urls import Resolver404, resolve

# Text that is said or shown and does not stand between tags.
TEXT_ATTRIBUTES: Final = ("aria-label", "title", "placeholder", "alt", "data-text")
_NO_PAGES: Final = ("tel:", "mailto:", "sms:", "data:", "otpauth:")


@dataclass
class Parsed(HTMLParser):
    """What matters of a page: its title, its words, its links and the places in it that links can point at."""

    title: str = ""
    texts: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    ids: set[str] = field(default_factory=set)
    fetched: list[str] = field(default_factory=list)
    _inside: str = ""

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Links, ids, what the browser fetches, and attributes that are read aloud."""
        own = {name: value or "" for name, value in attrs}
        self._inside = tag
        if "id" in own:
            self.ids.add(own["id"])
        if tag == "a" and own.get("href") and not own["href"].startswith(_NO_PAGES):
            self.links.append(own["href"])
        if tag in {"script", "img"} and own.get("src"):
            self.fetched.append(own["src"])
        if tag == "link" and own.get("href"):
            self.fetched.append(own["href"])
        if tag != "input" or own.get("type") != "hidden":
            self.texts += [own[name] for name in TEXT_ATTRIBUTES if own.get(name)]

    def handle_endtag(self, tag: str) -> None:
        """A title ends where it ends."""
        if tag == self._inside:
            self._inside = ""

    def handle_data(self, data: str) -> None:
        """Text between tags."""
        if self._inside == "title":
            self.title += data
        if self._inside not in {"script", "style"} and data.strip():
            self.texts.append(data.strip())


def parse(html: str) -> Parsed:
    """Read a page."""
    found = Parsed()
    found.feed(html)
    return found


@dataclass
class Opened:
    """One page as it came."""

    url: str
    status: int
    headers: dict[str, str]
    body: bytes
    page: Parsed
    # Where the link to it stood.
    found_on: str

    @property
    def is_html(self) -> bool:
        """Whether it is a page, and not a file."""
        return self.headers.get("Content-Type", "").startswith("text/html")

    @property
    def weight(self) -> int:
        """Bytes as they go over the line."""
        return len(gzip.compress(self.body, 6))

    def __str__(self) -> str:
        return f"{self.status} {self.url} (linked from {self.found_on})"


def walk(client: Client, starts: Sequence[str] = ("/",), *, of_each: int = 6, at_most: int = 250) -> Iterator[Opened]:
    """Open the pages one after another, and follow every link; of each view `of_each` addresses."""
    waiting = deque((url, "–") for url in dict.fromkeys(starts))
    # Once each: the same links stand on every page, and finding out which view answers takes its time.
    heard: set[str] = set(starts)
    views: Counter[str] = Counter()
    opened_ones = 0
    while waiting and opened_ones < at_most:
        url, found_on = waiting.popleft()
        view = view_of(url)
        if views[view] >= of_each:
            continue
        opened_ones += 1
        views[view] += 1
        opened = open_(client, url, found_on)
        yield opened
        next_ones = [opened.headers["Location"]] if "Location" in opened.headers else opened.page.links
        for link in next_ones:
            address = urldefrag(urljoin(url, link)).url
            if address not in heard and not urlsplit(address).netloc:
                heard.add(address)
                waiting.append((address, url))


def view_of(url: str) -> str:
    """Which view answers, and which parameters it is given: one sort order is like another, a search is not."""
    parts = urlsplit(url)
    try:
        found = resolve(parts.path)
    except Resolver404:
        return url
    return f"{found.view_name} {sorted({name for name, _value in parse_qsl(parts.query)})}"


def open_(client: Client, url: str, found_on: str) -> Opened:
    """Fetch one page."""
    answer: Any = client.get(url)
    body = b"".join(answer) if answer.streaming else answer.content
    opened = Opened(url, answer.status_code, dict(answer.headers), body, Parsed(), found_on)
    if opened.is_html:
        opened.page = parse(body.decode())
    return opened


# --- What stands in the database -------------------------------------------------------------------------------------


def our_models() -> Iterator[type[models.Model]]:
    """Every table."""
    return (model for model in apps.get_models() if model._meta.managed)


def rows_of(model: type[models.Model]) -> list[dict[str, Any]]:
    """All of a table."""
    return list(model._default_manager.order_by("pk").values())


def words_in(text: str) -> set[str]:
    """Words of two letters or more, in small letters."""
    return {word.lower() for word in re.findall(r"[^\W\d_]{2,}", text)}


def words_of_database() -> set[str]:
    """Every word that somebody has written into a table."""
    found: set[str] = set()
    for model in our_models():
        for row in rows_of(model):
            for value in row.values():
                if isinstance(value, (str, dict, list)):
                    found |= words_in(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))
    return found
