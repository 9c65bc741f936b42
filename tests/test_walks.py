"""Every account of the demo walks every page it can reach, and each page is looked at as it comes over the line."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl, unquote_plus, urljoin, urlsplit

import pytest
from babel import Locale
from django.conf import settings
from django.contrib.staticfiles import finders
from django.template.base import Lexer, TokenType
from django.test import Client
from django.urls import reverse
from django.utils import translation

from accounts.models import User
from membership.models import Member
from messaging.builtin_texts import BUILT_IN
from tests.browser.pages import PAGES
from tests.browser.scene import NOBODY, THE_CAST, TWO_BRANCHES, TWO_STEPS, Scene, email_of
from tests.demo_world import demo_world
from tests.test_conventions import expect_none, shown, templates
from tests.walking import Opened, parse, walk, words_in, words_of_database

pytestmark = pytest.mark.once

ACCOUNTS: Final = (*THE_CAST, TWO_BRANCHES, TWO_STEPS, NOBODY)
HEAVIEST_PAGE: Final = 15_000
HEAVIEST_FIRST_VISIT: Final = 140_000
# A page that has a file nobody has written; it is looked at in the browser.
LEFT_OUT: Final = {"job_done"}
BEHIND_LINKS: Final = ("/avmelding/", "/min-side/", "/utmelding/", "/ikke-meg/", "/fortsatt-medlem/", "/verv/")

Walks = Callable[[str], list[Opened]]


@pytest.fixture(scope="module")
def db(django_db_setup: None) -> None:
    """In place of pytest-django's: the demo stays for all tests here, and is taken away after the last."""


@pytest.fixture(scope="module")
def scene(db: None, django_db_blocker: Any) -> Iterator[Scene]:
    with demo_world(django_db_blocker) as made:
        yield made


def client_of(account: str) -> Client:
    client = Client()
    if account:
        client.force_login(User.objects.get(email=email_of(account)))
    return client


def starts_of(account: str, scene: Scene) -> list[str]:
    """The front page, and what no link leads to: an import under way, a job."""
    pages = [page for page in PAGES if page.who == account and page.stays and page.name not in LEFT_OUT]
    known = [urlsplit(page.address("", scene)) for page in pages if page.status == 200]
    return ["/", *(f"{url.path}?{url.query}".rstrip("?") for url in known)]


@pytest.fixture(scope="module")
def walks(scene: Scene) -> Walks:
    """The pages of an account; walked once."""
    walked: dict[str, list[Opened]] = {}

    def walk_of(account: str) -> list[Opened]:
        if account not in walked:
            walked[account] = list(walk(client_of(account), starts_of(account, scene)))
        return walked[account]

    return walk_of


@pytest.mark.parametrize("account", ACCOUNTS)
def test_every_link_leads_somewhere(account: str, walks: Walks) -> None:
    opened = walks(account)
    assert len(opened) > 8
    expect_none(str(page) for page in opened if page.status not in {200, 302})


@pytest.mark.parametrize("account", ACCOUNTS)
def test_every_link_into_a_page_has_its_place_there(account: str, walks: Walks) -> None:
    expect_none(
        f"{link} on {opened.url}"
        for opened in walks(account)
        for link in opened.page.links
        if link.startswith("#") and link[1:] not in opened.page.ids
    )


@pytest.mark.parametrize("account", ACCOUNTS)
def test_no_page_is_kept_or_framed_or_told_of(account: str, walks: Walks) -> None:
    expect_none(f"{name} on {opened.url}: {value}" for opened in walks(account) for name, value in loose(opened))


def loose(opened: Opened) -> Iterator[tuple[str, str]]:
    """The headers of a page that let something out."""
    headers = opened.headers
    if headers.get("Cache-Control") not in {"no-store", "max-age=0, no-cache, no-store, must-revalidate, private"}:
        yield "Cache-Control", headers.get("Cache-Control", "missing")
    # Pages behind a link have a secret in their address: they tell even ourselves no more than the host.
    if headers.get("Referrer-Policy") != ("strict-origin" if opened.url.startswith(BEHIND_LINKS) else "same-origin"):
        yield "Referrer-Policy", headers.get("Referrer-Policy", "missing")
    if headers.get("X-Frame-Options") != "DENY":
        yield "X-Frame-Options", headers.get("X-Frame-Options", "missing")
    if headers.get("X-Content-Type-Options") != "nosniff":
        yield "X-Content-Type-Options", headers.get("X-Content-Type-Options", "missing")
    policy = headers.get("Content-Security-Policy", "missing")
    if "unsafe" in policy or "default-src 'none'" not in policy or "*" in policy:
        yield "Content-Security-Policy", policy


@pytest.mark.parametrize("account", ACCOUNTS)
def test_no_title_and_no_address_tells_a_members_name(account: str, walks: Walks) -> None:
    names = {name.lower() for name in Member.objects.values_list("last_name", flat=True) if len(name) > 3}
    wrong = []
    for opened in walks(account):
        wrong += [f"title of {opened.url}: {opened.page.title}" for _ in names & words_in(opened.page.title)]
        for link in (opened.url, *opened.page.links):
            said = " ".join(unquote_plus(value) for _name, value in parse_qsl(urlsplit(link).query))
            wrong += [f"link to {link} on {opened.url}" for _ in names & words_in(said)]
    expect_none(wrong)


@pytest.mark.parametrize("account", ACCOUNTS)
def test_every_page_is_light(account: str, walks: Walks) -> None:
    heavy = [page for page in walks(account) if page.is_html and page.weight > HEAVIEST_PAGE]
    expect_none(f"{page.weight} bytes: {page.url}" for page in heavy)


def test_the_first_visit_to_sign_in_is_light(scene: Scene) -> None:
    """The page and all it fetches, each file once, as compressed as it goes over the line."""
    answer = Client().get(reverse("account_login"))
    weight = len(gzip.compress(answer.content, 6))
    waiting = parse(answer.content.decode()).fetched
    seen: set[str] = set()
    while waiting:
        url = waiting.pop()
        if url in seen:
            continue
        seen.add(url)
        content = static(url)
        weight += len(content) if url.endswith(".woff2") else len(gzip.compress(content, 9))
        if url.endswith(".css"):
            waiting += [urljoin(url, found) for found in fonts_for_norwegian(content.decode())]
    assert {url.rsplit(".", 1)[-1] for url in seen} == {"css", "svg", "woff2"}
    assert weight <= HEAVIEST_FIRST_VISIT


def static(url: str) -> bytes:
    found = finders.find(url.removeprefix("/static/"))
    assert isinstance(found, str), f"{url} is not there"
    return Path(found).read_bytes()


def fonts_for_norwegian(css: str) -> Iterator[str]:
    """A browser fetches the parts of a font that have a letter of the page: for us the one with Latin letters."""
    for face in re.findall(r"@font-face\s*{[^}]*}", css):
        if "U+0000-00FF" in face.upper().replace("U+00-FF", "U+0000-00FF") or "unicode-range" not in face:
            yield from re.findall(r"url\([\"']?([^\"')]+)", face)


# --- Nothing untranslated ---------------------------------------------------------------------------------------------

OPEN, CLOSE = "⟦", "⟧"
# Names and marks that are the same in every language, and what babel and the browser write for us.
SAID_AS_IT_IS: Final = {
    *("medlemsboka", "demo", "kr", "csv", "xlsx", "xls", "excel", "sms", "totp", "kl", "dd", "mm"),
    # The authorities' addresses.
    *("datatilsynet", "uutilsynet", "no"),
}


@pytest.fixture
def marked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every text that goes through translation comes out between marks, what is filled into it included."""
    real = translation._trans  # type: ignore[attr-defined]  # where Django looks its functions up
    for name in ("gettext", "pgettext", "ngettext", "npgettext"):
        monkeypatch.setattr(real, name, marking(getattr(real, name)), raising=False)


def marking(function: Callable[..., str]) -> Callable[..., str]:
    def marked_function(*args: Any) -> str:
        return f"{OPEN}{function(*args)}{CLOSE}"

    return marked_function


def outside_marks(text: str) -> str:
    """What is left when everything translated is taken out; marks stand inside one another."""
    rest, depth = [], 0
    for letter in text:
        depth += (letter == OPEN) - (letter == CLOSE)
        if depth == 0 and letter != CLOSE:
            rest.append(letter)
    return "".join(rest)


def calendar_words() -> set[str]:
    nb = Locale.parse("nb")
    tables = [kind[form][width] for kind in (nb.months, nb.days) for form in kind for width in ("wide", "abbreviated")]
    return words_in(" ".join(name for table in tables for name in table.values()))


def words_of_built_in_texts() -> set[str]:
    """What members are to read stands in code, in bokmål."""
    return words_in(" ".join(f"{text.subject} {text.body} {text.sms}" for text in BUILT_IN))


def words_of_documents() -> set[str]:
    """What boards and authorities are to read stands in files, in bokmål: the policy, and the letters of a breach."""
    letters = sorted(Path(settings.BASE_DIR, "templates", "privacy", "letters").glob("*.txt"))
    files = (Path(settings.RETENTION_POLICY), *letters)
    return words_in(" ".join(path.read_text(encoding="utf-8") for path in files))


@pytest.mark.parametrize("account", ["fylkessekretaer", "medlemsansvarlig.kafjord", "ringer.tromso", TWO_STEPS, NOBODY])
def test_nothing_on_a_page_is_untranslated(account: str, scene: Scene, marked: None) -> None:
    """What is neither translated nor from the database was written straight into the code."""
    known = words_of_database() | words_of_built_in_texts() | words_of_documents() | SAID_AS_IT_IS | calendar_words()
    found: dict[str, str] = {}
    for opened in walk(client_of(account), starts_of(account, scene), of_each=2):
        for text in opened.page.texts:
            for word in words_in(re.sub(r"https?://\S+", "", outside_marks(text))) - known:
                found.setdefault(word, f"{word}: “{text[:60]}” on {opened.url}")
    expect_none(found.values())


STANDS_ALONE: Final = {"400.html", "500.html"}
"""Written in Norwegian: they are shown when the house itself may be what failed."""


def test_no_template_has_words_outside_translation() -> None:
    wrong = []
    for path in templates():
        if path.suffix != ".html" or path.name in STANDS_ALONE:
            continue
        words = words_in(" ".join(plain_texts(path))) - SAID_AS_IT_IS
        wrong += [f"{shown(path)}: {word}" for word in words]
    expect_none(wrong)


def plain_texts(path: Path) -> list[str]:
    """What a template says by itself: between its tags, when all of Django's are taken out."""
    kept, translated = [], False
    for token in Lexer(path.read_text(encoding="utf-8")).tokenize():
        if token.token_type == TokenType.BLOCK:
            name = token.split_contents()[0]
            translated = name == "blocktranslate" or (translated and name != "endblocktranslate")
        elif token.token_type == TokenType.TEXT and not translated:
            kept.append(token.contents)
    # A row's blanks stand in single braces (common.rows).
    return parse(re.sub(r"\{[a-z_]+\}", "", " ".join(kept))).texts


def test_the_search_for_words_finds_one(tmp_path: Path) -> None:
    """The two tests above would see it: a text in a template, and one that no catalogue has gone over."""
    page = tmp_path / "page.html"
    page.write_text("{% load i18n %}<p>{% translate 'Fine' %} Hello <b title='There'>{{ name }}</b></p>")
    assert words_in(" ".join(plain_texts(page))) == {"hello", "there"}
    assert outside_marks(f"{OPEN}alt {OPEN}er{CLOSE} bra{CLOSE}, but not this") == ", but not this"
