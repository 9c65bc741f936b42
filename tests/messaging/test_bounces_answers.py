"""What is left of an answer when what it answers is taken away; mails in HTML; what is attached."""

from __future__ import annotations

import time
from email import message_from_bytes
from email.message import EmailMessage

import pytest

from messaging.bounces.answers import LONGEST, attachments_of, from_html, text_of, without_quotes

QUOTED = "> Hei Ragna!\n>\n> Det blir møte."
TAILS = {
    "nothing": "",
    "Gmail": f"\n\nDen fre. 20. nov. 2026 kl. 17:00 skrev Kåfjord Arbeiderparti <post@example.no>:\n\n{QUOTED}",
    "Gmail on two lines": f"\n\nDen fre. 20. nov. 2026 kl. 17:00 skrev Kåfjord <\npost@example.no>:\n\n{QUOTED}",
    "Apple": f"\n\n> 20. nov. 2026 kl. 17:00 skrev Kåfjord <post@example.no>:\n> \n{QUOTED}",
    "English": f"\n\nOn Fri, Nov 20, 2026 at 5:00 PM Kåfjord <post@example.no> wrote:\n{QUOTED}",
    "Outlook": "\n\nFra: Kåfjord <post@example.no>\nSendt: fredag 20. november 2026\nTil: Ragna\n\nDet blir møte.",
    "Outlook in bold": "\n\n*From:* Kåfjord <post@example.no>\n*Sent:* Friday\n*To:* Ragna\n\nDet blir møte.",
    "Outlook's line": "\n\n________________________________\nFra: Kåfjord\nDet blir møte.",
    "an old program": "\n\n-----Opprinnelig melding-----\nDet blir møte.",
    "forwarded": "\n\n---------- Forwarded message ---------\nDet blir møte.",
    "an attribution and no more": "\n\nOn Fri, Nov 20, 2026 at 5:00 PM Kåfjord <post@example.no> wrote:",
}


@pytest.mark.parametrize("tail", TAILS.values(), ids=TAILS)
def test_the_tail_of_an_answer_goes(tail: str) -> None:
    assert without_quotes(f"Ja, vi kommer!\n\nHilsen Ragna{tail}") == "Ja, vi kommer!\n\nHilsen Ragna"


def test_what_stands_below_and_between_quotations_stays() -> None:
    text = f"On Fri, Kåfjord <post@example.no> wrote:\n{QUOTED}\nJa.\n> Kommer du?\nNei."
    assert without_quotes(text) == "Ja.\nNei."


@pytest.mark.parametrize(
    "text",
    [
        "Fra: meg til dere\nTakk for sist!",
        "Den gangen skrev vi under på dette: det må holdes.\nHilsen R",
        "Pris: 450 kr\nDato: i morgen",
        "Prisen er > 100",
    ],
)
def test_what_only_looks_like_a_tail_stays(text: str) -> None:
    assert without_quotes(text) == text


def test_where_nothing_is_new_all_of_it_is_shown() -> None:
    assert without_quotes(QUOTED) == QUOTED
    assert without_quotes("") == ""


PAGES = {
    "paragraphs": ("<p>Hei!</p><p>Når er&nbsp;møtet?</p>", "Hei!\n\nNår er møtet?"),
    "lines": ("<div>Hei!<br>Når\n er <b>møtet</b>?</div>", "Hei!\nNår er møtet?"),
    "style and script": ("<style>p{}</style><script>alert(1)</script><head><title>x</title></head>Hei", "Hei"),
    "Gmail": ('Ja!<br><div class="gmail_quote"><div>Den … skrev:</div><blockquote>Nei</blockquote></div>', "Ja!"),
    "Outlook": ('Ja!<div id="divRplyFwdMsg">Fra: oss</div>', "Ja!"),
    "a quotation": ("<blockquote>Kommer du?<br>x</blockquote>Ja!", "Ja!"),
    "an end too many": ("</blockquote>Hei</p>", "Hei"),
    "an end too few": ("Ja!<blockquote><p>Nei", "Ja!"),
    "markup as text": ("&lt;script&gt; <img src=x onerror=alert(1)> &amp;", "<script> &"),
    "broken": ("<p <b>Hei</b> <![endif]--> <!-- x", "Hei"),
}


@pytest.mark.parametrize(("source", "text"), PAGES.values(), ids=PAGES)
def test_a_page_becomes_text(source: str, text: str) -> None:
    assert without_quotes(from_html(source)) == text


def letter(text: str = "", html: str = "") -> EmailMessage:
    mail = EmailMessage()
    if text:
        mail.set_content(text)
    if html:
        mail.add_alternative(html, subtype="html")
    return mail


def test_plain_text_is_read_before_html_and_html_where_there_is_nothing_else() -> None:
    both = message_from_bytes(letter("Hei", "<b>Annet</b>").as_bytes())
    assert text_of(both) == "Hei"
    assert text_of(message_from_bytes(letter(html="<p>Hei</p>").as_bytes())) == "Hei"
    assert text_of(message_from_bytes(b"Content-Type: image/png\r\n\r\nx")) == ""


def test_attachments_are_named_and_their_text_is_not_read() -> None:
    mail = letter("Se vedlegg")
    mail.add_attachment("hemmelig", filename="Påmelding.txt")
    mail.add_attachment(b"x", maintype="application", subtype="pdf", filename="a\r\nb.pdf".replace("\r\n", " "))
    read = message_from_bytes(mail.as_bytes())
    assert text_of(read) == "Se vedlegg"
    assert attachments_of(read) == ["Påmelding.txt", "a b.pdf"]


def test_a_long_letter_is_cut() -> None:
    assert len(text_of(message_from_bytes(letter("lang " * 20_000).as_bytes()))) == LONGEST


def test_a_hostile_page_takes_no_time() -> None:
    for piece in ("<div>", "<blockquote>", "</p>", "<!--", "<a ", "<![", "&", "<", '<div class="gmail_quote">'):
        started = time.process_time()
        assert len(from_html(piece * 20_000)) < 200_000
        assert time.process_time() - started < 5, piece
