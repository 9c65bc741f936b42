"""From what is typed to what one person reads: nothing that a name or a text holds may become anything else."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import User
from membership.models import Branch, Member
from messaging.extensions import Placeholder, registry
from messaging.models import Message, MessageText
from messaging.writing.compose import Composer, Written
from messaging.writing.markdown import to_html, to_text
from messaging.writing.placeholders import are_personal, half_written, unknown_in
from messaging.writing.prepared import prepare
from messaging.writing.readability import read

_NAUGHTY = Path(__file__).resolve().parents[3] / "shared" / "corpora" / "naughty-strings" / "blns.json"
_ALLOWED = {"p", "br", "strong", "em", "h2", "h3", "h4", "ul", "ol", "li", "blockquote", "a", "hr", "code"}
_OWN = {"fornavn": "", "etternavn": "", "navn": "", "kommuneparti": "", "medlemsnummer": ""}

naughty = st.sampled_from(json.loads(_NAUGHTY.read_text(encoding="utf-8"))) if _NAUGHTY.exists() else st.nothing()
values = st.one_of(
    naughty,
    st.text(st.sampled_from("a{}[]()<>&\"'*_`#\\!~-:/ zq0x1y"), max_size=40),
    st.text(max_size=40),
    st.sampled_from(["{{ medlemsnummer }}", "javascript:alert(1)", "https://evil.example/", "zq0x", "zqq1y", "\0"]),
)
bodies = st.one_of(naughty, st.text(st.sampled_from("ab {}[]()<>&\"'*_`#\\!\n-:/.1zqx"), max_size=120), st.text())


class Tags(HTMLParser):
    """Collects the tags, their attributes and the text between them."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, list[tuple[str, str | None]]]] = []
        self.words = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, attrs))

    def handle_data(self, data: str) -> None:
        self.words += data

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)


def hrefs(html: str) -> list[str]:
    return [value or "" for _tag, attributes in Tags(html).tags for name, value in attributes if name == "href"]


def expect_tame(html: str) -> None:
    """Only our few tags, no attribute but an address of the web's, a number and what nh3 sets."""
    for tag, attributes in Tags(html).tags:
        assert tag in _ALLOWED
        assert {name for name, _value in attributes} <= {"href", "rel", "start"}
    for href in hrefs(html):
        assert href == "" or re.match(r"(?i)(https?:|mailto:|tel:)", href), href


def filled(body: str, **given_values: str) -> tuple[str, str]:
    prepared = prepare("", body, "")
    return prepared.html.fill(_OWN | given_values), prepared.text.fill(_OWN | given_values)


# --- What a value holds ----------------------------------------------------------------------------------------------


@given(values)
def test_a_name_is_plain_text_whatever_it_holds(name: str) -> None:
    html, text = filled("Hei **{{ fornavn }}**!", fornavn=name)
    assert unescape(re.fullmatch(r"<p>Hei <strong>(.*)</strong>!</p>\n", html, re.DOTALL)[1]).replace(  # type: ignore[index]
        "<br>", "\n"
    ) == name.replace("<br>", "\n")
    assert [tag for tag, _attributes in Tags(html).tags if tag != "br"] == ["p", "strong"]
    assert text == f"Hei {name}!\n"


@given(values)
def test_a_name_in_an_address_neither_ends_it_nor_leads_elsewhere(name: str) -> None:
    html, text = filled("[Svar](https://svar.no/?n={{ fornavn }})", fornavn=name)
    (href,) = hrefs(html)
    assert re.fullmatch(r"https://svar\.no/\?n=[A-Za-z0-9%._~-]*", href)
    assert text == f"Svar: {href}\n"
    expect_tame(html)


@given(values)
def test_a_link_that_is_a_value_leads_to_the_web_or_nowhere(name: str) -> None:
    html, _text = filled("[Trykk]({{ fornavn }}) og <{{ fornavn }}>", fornavn=name)
    expect_tame(html)
    assert all(href == "" or href.lower().startswith(("http://", "https://")) for href in hrefs(html))


@given(bodies, values)
def test_whatever_is_typed_and_filled_in_is_tame(body: str, name: str) -> None:
    html, _text = filled(f"{body} {{{{ fornavn }}}} {body}", fornavn=name)
    expect_tame(html)


@given(values, values)
def test_values_are_not_read_again(first: str, last: str) -> None:
    prepared = prepare("{{ fornavn }}|{{ etternavn }}", "", "{{ fornavn }}|{{ etternavn }}")
    both = _OWN | {"fornavn": first, "etternavn": last, "medlemsnummer": "SECRET"}
    assert prepared.subject.fill(both) == f"{first}|{last}"
    assert prepared.sms.fill(both) == f"{first}|{last}"


@pytest.mark.skipif(not _NAUGHTY.exists(), reason="the corpus of naughty strings is not on this machine")
def test_every_naughty_string_is_inert_as_name_and_as_text() -> None:
    for naughty_one in json.loads(_NAUGHTY.read_text(encoding="utf-8")):
        html, text = filled("Hei {{ navn }}", navn=naughty_one)
        assert text == f"Hei {naughty_one}\n"
        assert [tag for tag, _attributes in Tags(html).tags if tag != "br"] == ["p"]
        expect_tame(to_html(naughty_one))
        to_text(naughty_one)


# --- Markdown --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "link",
    ["javascript:alert(1)", "JaVaScRiPt:alert(1)", "vbscript:x", "data:text/html,x", "file:///etc", "/lag/x", "#", "x"],
)
def test_a_link_to_anything_but_the_web_stays_as_it_was_typed(link: str) -> None:
    assert hrefs(to_html(f"[her]({link}) <{link}>")) == []
    assert f"[her]({link})" in to_text(f"[her]({link})")


@pytest.mark.parametrize(
    ("typed", "href"),
    [
        ("Se www.ap.no/møte, da!", "https://www.ap.no/m%C3%B8te"),
        ("Se https://ap.no/a_b_c.", "https://ap.no/a_b_c"),
        ("(https://ap.no/x)", "https://ap.no/x"),
        ("[her](www.ap.no)", "https://www.ap.no"),
        ("<https://ap.no>", "https://ap.no"),
        ("[skriv](mailto:post@ap.example)", "mailto:post@ap.example"),
        ("[ring](tel:+4799999999)", "tel:+4799999999"),
    ],
)
def test_addresses_become_links(typed: str, href: str) -> None:
    assert hrefs(to_html(typed)) == [href]


def test_an_address_within_a_link_is_no_link_of_its_own() -> None:
    assert hrefs(to_html("[se www.ap.no](https://nrk.no)")) == ["https://nrk.no"]


def test_dates_begin_no_list_and_counting_does() -> None:
    typed = "20. november møtes vi\n3. desember er det julebord\n1. mai er det tog\n\n1. Først\n2. Så\n3. Til slutt"
    html = to_html(typed)
    assert html.count("<li>") == 3
    assert "20. november" in html
    assert to_text(typed) == typed + "\n"


def test_nothing_that_is_typed_disappears() -> None:
    typed = "Hilsen\n--\nKari\n\n[a]: /b\n\nAT&amp;T <b>fet</b> ![bilde](x)"
    assert Tags(to_html(typed)).words.split() == typed.replace("\n", " ").split()
    assert "<h2>" not in to_html(typed)


def test_headings_have_three_sizes_and_begin_at_the_second_level() -> None:
    html = to_html("# A\n## B\n### C\n#### D\n###### E")
    assert re.findall(r"<(h\d)>", html) == ["h2", "h2", "h3", "h4", "h4"]


def test_the_plain_text_says_what_the_html_says() -> None:
    typed = (
        "# Møte\n\nHei **alle** og \\*ingen\\*\n\n"
        + "- en\n- [to](https://to.no)\n  1. tre\n\n> sagt\n> igjen\n\n***\n\nHa det"
    )
    assert to_text(typed) == (
        "Møte\n\nHei alle og *ingen*\n\n- en\n- to: https://to.no\n  1. tre\n\n> sagt\n> igjen\n\n---\n\nHa det\n"
    )


def test_an_address_that_stands_for_itself_is_not_said_twice() -> None:
    assert to_text("[https://a.no](https://a.no) https://b.no") == "https://a.no https://b.no\n"


# --- Words in braces -------------------------------------------------------------------------------------------------


def test_words_that_are_not_on_the_list_are_found() -> None:
    assert unknown_in("{{ fornavn }} {{ Fødselsnummer }} {{fornavn}}") == ["fødselsnummer"]


@pytest.mark.parametrize("text", ["{{ fornavn }", "{ fornavn }}", "{fornavn}", "Hei {{"])
def test_a_forgotten_brace_is_found(text: str) -> None:
    assert half_written(text)


@pytest.mark.parametrize("text", ["{{ fornavn }}", "Hei :-} og {", "", "{{fornavn}} {{ navn }}", "a } b { c"])
def test_braces_of_another_kind_are_left_alone(text: str) -> None:
    assert not half_written(text)


def test_a_word_that_is_not_on_the_list_stays_as_it_stands() -> None:
    html, text = filled("{{ ukjent }} {{ fornavn }}", fornavn="Kari")
    assert (html, text) == ("<p>{{ ukjent }} Kari</p>\n", "{{ ukjent }} Kari\n")


def test_a_member_number_is_ones_own_and_a_name_is_not() -> None:
    assert are_personal("", "{{ MEDLEMSNUMMER }}")
    assert not are_personal("{{ fornavn }} {{ kommuneparti }} {{ ukjent }}")


# --- For people ------------------------------------------------------------------------------------------------------


@pytest.fixture
def place() -> Branch:
    return Branch(pk=1, name="Kåfjord Arbeiderparti")


def person(place: Branch, first_name: str = "Kari", last_name: str = "Nordvik", **fields: object) -> Member:
    return Member(first_name=first_name, last_name=last_name, branch=place, member_number="123", **fields)


def written(place: Branch, people: list[Member | User], *texts: MessageText) -> Written:
    return Composer(Message(branch=place), list(texts)).compose(people)


def test_those_who_share_an_address_are_named_together(place: Branch) -> None:
    text = MessageText(subject="Til {{ fornavn }}", body="{{ navn }} {{ etternavn }}", sms="{{ fornavn }}")
    people = [person(place), person(place, "Ola"), person(place, "Ola", "Berg")]
    made = written(place, [*people], text)
    assert made.subject == "Til Kari og Ola"
    assert made.text == "Kari Nordvik, Ola Nordvik og Ola Berg Nordvik og Berg\n"


def test_each_reads_the_language_they_have_if_it_is_written(place: Branch) -> None:
    texts = [
        MessageText(language="nb", subject="Møte", body="Hei", sms="Hei"),
        MessageText(language="se", subject="Čoahkkin", body="Bures {{ fornavn }}"),
    ]
    sami, english, plain = (person(place, language=language) for language in ("se", "en", ""))
    assert written(place, [sami], *texts).language == "se"
    assert written(place, [sami, person(place, "Ola", language="se")], *texts).text == "Bures Kari ja Ola\n"
    # The SMS was not translated: they get the one there is.
    assert written(place, [sami], *texts).sms == "Hei"
    assert [written(place, [one], *texts).language for one in (english, plain)] == ["nb", "nb"]
    assert written(place, [sami, english], *texts).language == "nb"


def test_without_bokmal_the_first_language_is_for_all(place: Branch) -> None:
    assert written(place, [person(place)], MessageText(language="se", body="Bures")).text == "Bures\n"


def test_an_officer_is_named_and_has_no_number(place: Branch) -> None:
    text = MessageText(body="{{ navn }}/{{ fornavn }}/{{ etternavn }}/{{ medlemsnummer }}/{{ kommuneparti }}")
    assert written(place, [User(name="Kari Moe Nordvik")], text).text == (
        "Kari Moe Nordvik/Kari/Nordvik//Kåfjord Arbeiderparti\n"
    )


def test_a_subject_is_one_line(place: Branch) -> None:
    text = MessageText(subject="Til {{ fornavn }}")
    assert (
        written(place, [person(place, "Kari\r\nBcc: alle@x.example")], text).subject == "Til Kari Bcc: alle@x.example"
    )


def test_a_member_named_for_a_placeholder_keeps_the_name(place: Branch) -> None:
    made = written(place, [person(place, "{{ medlemsnummer }}")], MessageText(body="Hei {{ fornavn }}", sms="{{navn}}"))
    assert made.text == "Hei {{ medlemsnummer }}\n"
    assert made.sms == "{{ medlemsnummer }} Nordvik"


@pytest.fixture
def link() -> Iterator[None]:
    added = Placeholder("lenke", "a link", is_personal=True, load=lambda people, _message: {1: "https://a.no/?x=1&y=2"})
    registry.placeholders.append(added)
    yield
    registry.placeholders.remove(added)


@pytest.mark.usefixtures("link")
def test_a_link_of_ones_own_can_be_clicked_wherever_it_stands(place: Branch) -> None:
    one = person(place, pk=1)
    composer = Composer(
        Message(branch=place), [MessageText(body="{{ lenke }} [Svar]({{ lenke }}) [{{ lenke }}](https://b.no)")]
    )
    composer.load([one])
    made = composer.compose([one])
    assert composer.is_personal
    assert hrefs(made.html) == ["https://a.no/?x=1&y=2", "https://a.no/?x=1&y=2", "https://b.no"]
    assert made.text.startswith("https://a.no/?x=1&y=2 Svar: https://a.no/?x=1&y=2 ")
    # Whoever was not loaded has none.
    assert composer.compose([person(place, pk=2)]).text == " Svar:  : https://b.no\n"


@pytest.mark.usefixtures("link")
def test_a_name_that_looks_like_an_address_is_no_link(place: Branch) -> None:
    made = written(place, [person(place, "https://evil.example/")], MessageText(body="{{ fornavn }}"))
    assert hrefs(made.html) == []


# --- Readability -----------------------------------------------------------------------------------------------------


def test_lix_is_words_per_sentence_and_the_share_of_long_words() -> None:
    easy = read("Vi møtes i dag. " * 10)
    assert (easy.lix, easy.words) == (4, 40)
    # Eight words a sentence, two of them long: 8 + 25.
    assert read("Styret inviterer alle til medlemsmøte nå i kveld. " * 5).lix == 33


def test_dates_times_and_shortenings_end_no_sentence() -> None:
    text = "Møtet er 20. november kl. 18.30 på St. Hans haugen, bl.a. Om vi får lov. "
    assert [sentence.words for sentence in read(text + "Ord " + "ord " * 29).long_sentences] == [30]
    assert read(text).long_sentences == []


def test_a_long_sentence_is_named_by_how_it_begins() -> None:
    (found,) = read("Kort. Dette er en setning som aldri vil slutte " + "og fortsetter " * 20).long_sentences
    assert found.beginning == "Dette er en setning som aldri"
    assert found.words == 48


def test_few_words_tell_nothing() -> None:
    assert read("Generalforsamlingsinnkallelse").lix == 0
    assert read("").lix == 0


def test_the_number_is_said_in_words() -> None:
    easy, heavy = read("Vi møtes i dag. " * 10), read("Representantskapsmøteinnkallelser " * 40)
    assert str(easy.level) != str(heavy.level)
