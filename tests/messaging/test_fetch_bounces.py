"""The return mailbox on a real IMAP server: each mail once, in order, whatever is wrong with the others."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from io import StringIO
from typing import Any
from uuid import uuid4

import pytest
from celery import current_app
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import DatabaseError
from django.utils import timezone

from messaging.bounces import fetching
from messaging.bounces.fetching import fetch
from messaging.bounces.mailbox import MOST_BYTES, MailboxError, address_of, open_mailbox
from messaging.enums import BlockReason, DeliveryState
from messaging.models import BlockedAddress, Delivery, InboxMessage
from tests.factories import make_branch, make_county, make_member
from tests.messaging import returned_mail as corpus
from tests.messaging.imap_server import ImapServer, imap_server
from tests.messaging.test_returned import sent

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def _server() -> Iterator[ImapServer]:
    with imap_server() as server:
        yield server


@pytest.fixture
def mailbox(_server: ImapServer, settings: Any) -> ImapServer:
    """An empty one."""
    _server.empty()
    settings.RETURN_ADDRESS = corpus.RETURN
    settings.DEFAULT_FROM_EMAIL = f"Medlemsboka <{corpus.HOUSE}>"
    settings.RETURN_IMAP_URL = _server.url
    return _server


def run() -> str:
    out = StringIO()
    call_command("fetch_bounces", stdout=out)
    return out.getvalue().strip()


def blocks() -> set[tuple[str, str]]:
    return set(BlockedAddress.objects.in_force().values_list("address", "reason"))


def test_reports_of_all_makes_are_read_in_order_and_marked_as_read(mailbox: ImapServer) -> None:
    one, two, three, four = (sent(f"{name}@example.no") for name in "abcd")
    mailbox.put(corpus.postfix(one.pk), corpus.exchange(two.pk), corpus.gmail(three.pk), corpus.complaint(four.pk))
    assert run() == "complaint 1, hard 2, soft 1"
    assert blocks() == {
        ("a@example.no", BlockReason.HARD),
        ("b@example.no", BlockReason.HARD),
        ("d@example.no", BlockReason.COMPLAINT),
    }
    assert BlockedAddress.objects.get(address="c@example.no").strikes == 1
    assert mailbox.flags() == [{"Seen"}] * 4
    assert run() == "nothing new"


def test_killed_before_the_mark_was_made_we_do_nothing_twice(mailbox: ImapServer) -> None:
    one, two = sent("a@example.no"), sent("b@example.no")
    mailbox.put(corpus.gmail(one.pk), corpus.postfix(two.pk))
    run()
    before = list(BlockedAddress.objects.order_by("pk").values())
    mailbox.mark_unread()
    assert run() == "hard 1, soft 1"
    assert list(BlockedAddress.objects.order_by("pk").values()) == before


def test_a_forged_bounce_blocks_nobody(mailbox: ImapServer) -> None:
    one = sent("borte@example.no")
    forged = corpus.postfix(uuid4(), to=corpus.RETURN)
    other_house = corpus.postfix(one.pk, to=corpus.RETURN).replace(
        corpus.message_id(one.pk).encode(), f"<{one.pk}@andre.example>".encode()
    )
    waiting = sent("c@example.no", state=DeliveryState.QUEUED, started_at=None)
    mailbox.put(forged, other_house, corpus.postfix(waiting.pk))
    assert run() == "hard 1, unknown 2"
    assert blocks() == set()
    assert set(Delivery.objects.values_list("state", flat=True)) == {DeliveryState.SENT, DeliveryState.QUEUED}


def test_a_mail_beyond_reading_is_flagged_and_the_next_is_read(mailbox: ImapServer, caplog: Any) -> None:
    nested = b"Content-Type: message/x-inner\r\n\r\n" * 5_000
    one = sent("a@example.no")
    with caplog.at_level(logging.WARNING):
        mailbox.put(b"From: hemmelig@example.no\r\n" + nested, corpus.postfix(one.pk))
        assert run() == "hard 1, unreadable 1"
    assert mailbox.flags() == [{"Seen", "Flagged"}, {"Seen"}]
    assert blocks() == {("a@example.no", BlockReason.HARD)}
    assert "RecursionError" in caplog.text
    assert "hemmelig" not in caplog.text
    assert run() == "nothing new"


def test_of_a_mail_too_large_the_beginning_is_read(mailbox: ImapServer) -> None:
    one = sent("a@example.no")
    report = corpus.exchange(one.pk, to=corpus.back(one.pk))
    large = report.replace(b"Hei Ane!", b"x" * 70 + b"\r\n" + (b"y" * 70 + b"\r\n") * (MOST_BYTES // 60))
    mailbox.put(large)
    with open_mailbox(mailbox.url) as opened:
        assert len(opened.fetch(opened.unread()[0])) == MOST_BYTES
        assert opened.fetch(b"99999") == b""
    assert run() == "hard 1"


def test_a_database_that_is_gone_leaves_the_mail_unread(mailbox: ImapServer, monkeypatch: Any) -> None:
    one = sent("a@example.no")
    mailbox.put(corpus.postfix(one.pk))

    def gone(*_args: Any, **_more: Any) -> None:
        raise DatabaseError

    with monkeypatch.context() as patch:
        patch.setattr(fetching, "note_bounce", gone)
        with pytest.raises(DatabaseError):
            run()
    assert mailbox.flags() == [set()]
    assert run() == "hard 1"


def test_a_message_that_has_arrived_clears_the_strikes(mailbox: ImapServer) -> None:
    first, later = sent("a@example.no"), sent("a@example.no")
    mailbox.put(corpus.gmail(first.pk))
    run()
    mailbox.put(corpus.postfix(later.pk, action="delivered", status="2.0.0"), corpus.answer(more="Precedence: bulk\n"))
    assert run() == "automatic 1, delivered 1"
    assert not BlockedAddress.objects.exists()


def test_the_clockwork_reads_it_too(mailbox: ImapServer) -> None:
    one = sent("a@example.no")
    mailbox.put(corpus.postfix(one.pk))
    current_app.tasks["messaging.bounces.tasks.fetch"].delay()
    assert blocks() == {("a@example.no", BlockReason.HARD)}


def test_a_mailbox_that_does_not_answer_is_tried_another_time(settings: Any, caplog: Any) -> None:
    settings.RETURN_IMAP_URL = "imap://retur:hemmelig@127.0.0.1:1/INBOX"
    with pytest.raises(CommandError, match="ConnectionRefusedError"):
        run()
    with caplog.at_level(logging.WARNING):
        current_app.tasks["messaging.bounces.tasks.fetch"].delay()
    assert "cannot be read: ConnectionRefusedError" in caplog.text
    assert "hemmelig" not in caplog.text


@pytest.mark.parametrize(
    ("before", "after"), [("p%3Aa", "feil"), ("/INBOX", "/Finnes%20ikke"), ("retur%40", "%C3%A6%40")]
)
def test_a_wrong_password_or_folder_is_said_without_repeating_it(
    mailbox: ImapServer, settings: Any, before: str, after: str
) -> None:
    settings.RETURN_IMAP_URL = mailbox.url.replace(before, after)
    with pytest.raises(MailboxError) as refused:
        fetch(clock=timezone.now)
    assert "feil" not in str(refused.value)
    assert "Finnes" not in str(refused.value)


def test_a_line_that_is_lost_is_said(mailbox: ImapServer) -> None:
    with open_mailbox(mailbox.url) as opened:
        opened._connection.shutdown()
        with pytest.raises(MailboxError):
            opened.unread()


@pytest.mark.parametrize(
    "url",
    [
        "imap://a:b@mail.example.no/INBOX",
        "https://mail.example.no",
        "imaps://",
        "imaps://[::1",
        "imaps://a:hemmelig@x:port/",
    ],
)
def test_the_address_of_the_mailbox_must_be_safe(url: str) -> None:
    with pytest.raises(ImproperlyConfigured) as refused:
        address_of(url)
    assert "hemmelig" not in str(refused.value)


def test_an_encrypted_mailbox_has_its_own_port_and_its_folder() -> None:
    found = address_of("imaps://retur%40x.example:p%2Fw@mail.example.no/Retur")
    assert (found.host, found.port, found.encrypted, found.folder) == ("mail.example.no", 993, True, "Retur")
    assert (found.user, found.password) == ("retur@x.example", "p/w")
    assert address_of("imaps://mail.example.no:1993").port == 1993
    assert address_of("imap://127.0.0.1").folder == "INBOX"


def test_without_a_mailbox_nothing_is_fetched(settings: Any) -> None:
    settings.RETURN_IMAP_URL = ""
    assert fetch(clock=timezone.now) == {}
    with pytest.raises(CommandError, match="Set RETURN_IMAP_URL"):
        run()


def test_an_answer_comes_to_the_inbox_of_the_branch_once(mailbox: ImapServer) -> None:
    kafjord = make_branch(make_county(), "Kåfjord")
    ragna = make_member(kafjord, email="ragna@example.no")
    news = sent("ragna@example.no", branch=kafjord)
    mailbox.put(corpus.answer(news.pk), corpus.answer(news.pk), corpus.answer(news.pk, name="annet"))
    assert run() == "answer 3"
    mailbox.mark_unread()
    run()
    first, _second = InboxMessage.objects.order_by("pk")
    assert (first.member, first.branch, first.answers_to) == (ragna, kafjord, news)
    assert (first.subject, first.text) == ("SV: Medlemsmøte", "Når er møtet?\n\nRagna")


def test_what_is_attached_is_named(mailbox: ImapServer) -> None:
    make_member(make_branch(make_county()), email="ragna@example.no")
    mailbox.put(
        corpus.mail("""
From: ragna@example.no
To: retur@medlemsboka.example
Subject: Bilde
Message-ID: <v1@example.no>
Content-Type: multipart/mixed; boundary="g"

--g
Content-Type: application/pdf; name="faktura.pdf"
Content-Disposition: attachment; filename="faktura.pdf"

x
--g--
""")
    )
    assert run() == "answer 1"
    assert InboxMessage.objects.get().text == "Lå ved, og er ikke tatt vare på: faktura.pdf"
