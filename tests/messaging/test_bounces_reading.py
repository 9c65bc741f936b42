"""What a returned mail is taken to be, over a corpus of shapes; and what is never believed."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest

from messaging.bounces.reading import read
from messaging.bounces.reports import Kind
from tests.messaging import returned_mail as corpus
from tests.messaging.returned_mail import HOUSE, RETURN, answer, mail

ONE, OTHER = uuid4(), uuid4()


@pytest.fixture(autouse=True)
def _addresses(settings: Any) -> None:
    settings.RETURN_ADDRESS = RETURN
    settings.DEFAULT_FROM_EMAIL = f"Medlemsboka <{HOUSE}>"


SHAPES = {
    "Postfix": (corpus.postfix(ONE), Kind.HARD, "5.1.1"),
    "Postfix, tagged in the return path alone": (corpus.postfix(ONE, returned=OTHER), Kind.HARD, "5.1.1"),
    "Postfix, named in what it returns alone": (corpus.postfix(ONE, to=RETURN), Kind.HARD, "5.1.1"),
    "Postfix, later": (corpus.postfix(ONE, status="4.4.1"), Kind.SOFT, "4.4.1"),
    "Postfix, still trying": (corpus.postfix(ONE, action="delayed", status="4.4.1"), Kind.AUTOMATIC, ""),
    "Postfix, it has arrived": (corpus.postfix(ONE, action="delivered", status="2.0.0"), Kind.DELIVERED, ""),
    "Postfix, handed on": (corpus.postfix(ONE, action="relayed", status="2.0.0"), Kind.DELIVERED, ""),
    "Exchange": (corpus.exchange(ONE), Kind.HARD, "5.1.10"),
    "Exchange, full": (corpus.exchange(ONE, status="5.2.2"), Kind.SOFT, "5.2.2"),
    "Exchange, a policy": (corpus.exchange(ONE, status="5.7.1"), Kind.SOFT, "5.7.1"),
    "Exchange, too large": (corpus.exchange(ONE, status="5.3.4"), Kind.SOFT, "5.3.4"),
    "Gmail, full": (corpus.gmail(ONE), Kind.SOFT, "4.2.2"),
    "Gmail, unknown": (corpus.gmail(ONE, status="5.1.1"), Kind.HARD, "5.1.1"),
    "qmail": (corpus.qmail(ONE), Kind.HARD, "5.1.1"),
    "a complaint": (corpus.complaint(ONE), Kind.COMPLAINT, ""),
    "a complaint, tagged": (corpus.complaint(OTHER, to=corpus.back(ONE)), Kind.COMPLAINT, ""),
    "no complaint after all": (corpus.complaint(ONE, kind="not-spam"), Kind.AUTOMATIC, ""),
}


@pytest.mark.parametrize(("raw", "kind", "status"), SHAPES.values(), ids=SHAPES)
def test_a_report_says_what_became_of_which_delivery(raw: bytes, kind: Kind, status: str) -> None:
    found = read(raw)
    assert (found.kind, found.status) == (kind, status)
    if kind != Kind.AUTOMATIC:
        assert found.delivery_id == ONE
    assert (found.sender, found.text) == ("", "")


def changed(raw: bytes, before: str, after: str) -> bytes:
    text = raw.decode()
    assert before in text
    return text.replace(before, after).encode()


def test_without_a_status_the_diagnosis_counts_and_without_either_it_is_soft() -> None:
    by_words = changed(corpus.postfix(ONE), "\r\nStatus: 5.1.1\r\n", "\r\n")
    assert read(by_words).kind == Kind.HARD
    by_reply = changed(by_words, "smtp; 550 5.1.1 User unknown", "smtp; 550 User unknown")
    assert (read(by_reply).kind, read(by_reply).status) == (Kind.HARD, "550")
    assert read(changed(by_reply, "smtp; 550", "smtp; 421")).kind == Kind.SOFT
    nothing = changed(by_reply, "smtp; 550 User unknown", "smtp; no idea")
    assert (read(nothing).kind, read(nothing).status) == (Kind.SOFT, "")


def test_of_several_recipients_behind_one_the_worst_counts() -> None:
    end = "\r\n--4XyZ.1/mx.example.net\r\nContent-Description: Und"
    more = f"\r\nFinal-Recipient: rfc822; b@example.no\r\nAction: failed\r\nStatus: 5.1.1\r\n{end}"
    raw = changed(corpus.postfix(ONE, status="4.4.1"), end, more)
    assert read(raw).kind == Kind.HARD


def test_a_report_that_tells_of_no_recipient_says_nothing() -> None:
    assert read(changed(corpus.postfix(ONE), "Action: failed", "Action: odd")).kind == Kind.AUTOMATIC


def test_a_report_in_one_block_or_encoded_is_read_all_the_same() -> None:
    encoded = changed(
        corpus.postfix(ONE),
        "Content-Type: message/delivery-status\r\n",
        "Content-Type: message/delivery-status\r\nContent-Transfer-Encoding: 7bit\r\n",
    )
    assert read(encoded).kind == Kind.HARD


def forged(**more: str) -> bytes:
    """Whoever knows a member's address writes a bounce for it, naming no delivery or one that is nobody's."""
    raw = corpus.postfix(ONE, to=more.get("to", RETURN))
    return changed(raw, f"Message-ID: {corpus.message_id(ONE)}", more.get("name", "X-Nothing: 1"))


@pytest.mark.parametrize(
    "raw",
    [
        forged(),
        forged(name="Message-ID: <123@medlemsboka.example>"),
        forged(name=f"Message-ID: <{ONE}@andre.example>"),
        forged(to=f"retur+{ONE.hex}@andre.example"),
        forged(to=f"annen+{ONE.hex}@medlemsboka.example"),
        forged(to="retur+zzzz@medlemsboka.example"),
    ],
    ids=["nothing", "a name of another form", "another house's", "another house's box", "another box", "no id"],
)
def test_an_address_in_a_report_is_never_believed(raw: bytes) -> None:
    assert read(raw).delivery_id is None


def test_a_report_that_somebody_forwards_is_what_they_wrote() -> None:
    inner = corpus.postfix(ONE).decode().replace("\r\n", "\n")
    raw = mail(f"""
From: ragna@example.no
To: {corpus.back(ONE)}
Subject: Se her
Message-ID: <f1@example.no>
Content-Type: multipart/mixed; boundary="ytre"

--ytre
Content-Type: text/plain; charset=utf-8

Hva betyr dette?
--ytre
Content-Type: message/rfc822

{inner}
--ytre--
""")
    found = read(raw)
    assert (found.kind, found.text) == (Kind.ANSWER, "Hva betyr dette?")


AUTOMATIC = {
    "RFC 3834": "Auto-Submitted: auto-replied; owner-email=x@example.no\n",
    "generated": "Auto-Submitted: auto-generated\n",
    "X-Autoreply": "X-Autoreply: yes\n",
    "X-Autorespond": "X-Autorespond: Re: møte\n",
    "Precedence": "Precedence: bulk\n",
    "an old vacation": "Precedence: auto_reply\n",
    "a mailing list": "List-Id: <liste.example.no>\n",
    "an empty return path": "Return-Path: <>\n",
    "a receipt": "",
}


@pytest.mark.parametrize("header", AUTOMATIC.values(), ids=AUTOMATIC)
def test_what_answers_itself_is_no_answer(header: str) -> None:
    raw = answer(ONE, more=header)
    if not header:
        raw = changed(raw, "Content-Type: text/plain", "Content-Type: message/disposition-notification")
    assert read(raw).kind == Kind.AUTOMATIC


@pytest.mark.parametrize(
    "subject", ["Automatisk svar: Medlemsmøte", "Out of Office: x", "Automatic reply: Møte", "Autosvar", "Auto: reply"]
)
def test_the_subjects_of_automatic_answers(subject: str) -> None:
    raw = changed(answer(ONE), "=?utf-8?q?SV=3A_Medlemsm=C3=B8te?=", subject)
    expected = Kind.ANSWER if subject.startswith("Auto:") else Kind.AUTOMATIC
    assert read(raw).kind == expected


@pytest.mark.parametrize(
    "subject", ["Fravær på årsmøtet", "SV: Automatisk svar på sms", "Er ute av kontoret, ring meg"]
)
def test_a_member_who_writes_of_being_away_is_heard(subject: str) -> None:
    assert read(changed(answer(ONE), "=?utf-8?q?SV=3A_Medlemsm=C3=B8te?=", subject)).kind == Kind.ANSWER


def test_auto_submitted_no_is_a_person() -> None:
    assert read(answer(ONE, more="Auto-Submitted: no\n")).kind == Kind.ANSWER


def test_an_answer_has_its_sender_subject_text_and_what_it_answers() -> None:
    found = read(answer(ONE))
    assert (found.kind, found.delivery_id, found.sender) == (Kind.ANSWER, ONE, "ragna@example.no")
    assert (found.subject, found.text) == ("SV: Medlemsmøte", "Når er møtet?\n\nRagna")


@pytest.mark.parametrize("name", ["In-Reply-To", "References"])
def test_what_is_answered_is_found_by_the_names_of_mails_too(name: str) -> None:
    first, last = corpus.message_id(OTHER), corpus.message_id(ONE)
    assert read(answer(more=f"{name}: {first} <x@y.example>\n {last}\n")).delivery_id == ONE


def test_answers_go_where_the_sender_asks() -> None:
    assert read(answer(more="Reply-To: Annen <annen@example.no>\n")).sender == "annen@example.no"


@pytest.mark.parametrize("sender", [HOUSE, "", "ingen adresse"])
def test_what_claims_to_be_from_ourselves_or_from_nobody_is_passed_over(sender: str) -> None:
    assert read(changed(answer(), "Ragna Fjell <Ragna@example.no>", sender)).kind == Kind.AUTOMATIC


def test_a_mail_has_the_same_name_each_time_and_with_none_of_its_own_one_by_its_text() -> None:
    assert read(answer(name="x")).external_id == read(answer(name="x", text="Annet")).external_id
    assert read(answer(name="x")).external_id != read(answer(name="y")).external_id
    bare = changed(answer(), "Message-ID: <a1@example.no>\r\n", "")
    assert read(bare).external_id == read(bare).external_id != read(bare + b"\r\n").external_id
    assert len(read(changed(answer(), "<a1@", f"<{'a' * 5000}@")).external_id) == 64


BROKEN: list[bytes] = [
    b"",
    b"\x00\xff\xfe",
    b"From",
    b"Content-Type: multipart/report; boundary=x\r\n\r\n--x\r\nContent-Type: message/delivery-status\r\n\r\n\r\n--x",
    b"Content-Type: multipart/mixed\r\n\r\nno boundary",
    b"From: a@b.example\r\nSubject: =?nonsense?b?!!!?=\r\nContent-Type: text/plain; charset=nonsense\r\n\r\nH\xe5per",
    b"From: \xe5\xf8@example.no\r\nSubject: \xc3\xa5pent m\xf8te\r\n\r\nHei",
    b"From: a@b.example\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!!",
    b"From: a@b.example\r\nTo: " + b"a@b.example, " * 20_000 + b"\r\n\r\nHei",
    b"From: a@b.example\r\nContent-Type: text/plain; charset*0*=utf-8''%ff\r\n\r\nHei",
    b"From: a@b.example\r\nSubject: " + b"(" * 5_000 + b"\r\n\r\nHei",
    b"From: a@b.example\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n" + b"--x\r\n\r\nHei\r\n" * 5_000,
]


@pytest.mark.parametrize("raw", BROKEN)
def test_a_broken_mail_is_read_as_well_as_it_can_be(raw: bytes) -> None:
    found = read(raw)
    found.text.encode()
    found.subject.encode()
    assert found.delivery_id is None


def test_the_middle_of_a_report_cut_off_still_names_its_delivery() -> None:
    raw = corpus.exchange(ONE, to=corpus.back(ONE))
    whole = read(raw[: raw.index(b"Diagnostic-Code")])
    assert (whole.kind, whole.delivery_id) == (Kind.HARD, ONE)


def test_ids_are_uuids() -> None:
    assert isinstance(read(answer(ONE)).delivery_id, UUID)
