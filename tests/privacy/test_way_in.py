"""The way in to one's own page: the same answer whoever asks, and a link that only a person opens."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.enums import Verb
from accounts.models import AuditEvent
from membership.enums import MemberStatus
from membership.models import Branch, Member
from messaging.actions.outbox import NOBODY
from messaging.enums import BlockReason, Channel, DeliveryState, Purpose
from messaging.models import Delivery
from privacy.actions.links import _at
from privacy.models import AccessLink
from tests.factories import NOW, make_branch, make_county
from tests.privacy.linking import BORN, SPOIL, block, link_in, member_of, my_page_link_of, opened, text_of

pytestmark = pytest.mark.django_db

ASK = "/min-side/"
SENT = "/min-side/?sendt=1"


@pytest.fixture
def branch() -> Branch:
    return make_branch(make_county())


@pytest.fixture
def member(branch: Branch) -> Member:
    return member_of(branch)


def sent() -> list[Delivery]:
    """What went to somebody."""
    return list(Delivery.objects.exclude(address=NOBODY).order_by("created_at", "id"))


def ask(client: Client, address: str) -> Any:
    return client.post(ASK, {"address": address})


# --- Asking ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["email", "mobile", "shouted", "spaced"])
def test_a_member_is_sent_one_link(client: Client, member: Member, how: str) -> None:
    local = member.mobile.removeprefix("+47")
    typed = {
        "email": member.email,
        "mobile": member.mobile,
        "shouted": f"  {member.email.upper()} ",
        "spaced": f"{local[:3]} {local[3:5]} {local[5:]}",
    }[how]
    assert ask(client, typed)["Location"] == SENT
    (delivery,) = sent()
    assert delivery.address == (member.mobile if how in {"mobile", "spaced"} else member.email)
    assert delivery.purpose == Purpose.SIGN_IN
    link = AccessLink.objects.get()
    assert link.expires_at == NOW + timedelta(minutes=10)
    assert opened(client, link_in(delivery))


def test_what_is_sent_tells_nothing_of_the_member(client: Client, member: Member) -> None:
    ask(client, member.email)
    ask(client, member.mobile)
    for delivery in sent():
        shown = f"{delivery.subject}\n{delivery.body}\n{delivery.sender_name}".replace(link_in(delivery), "")
        for secret in (member.first_name, member.last_name, member.member_number, str(BORN), "Ap", "Arbeiderparti"):
            assert secret not in shown


@pytest.mark.parametrize("how", ["email", "mobile"])
def test_the_answer_is_the_same_whoever_asks(member: Member, how: str) -> None:
    known = {"email": member.email, "mobile": member.mobile}[how]
    unknown = {"email": "ingen@example.no", "mobile": "+4700999999"}[how]
    seen = []
    for address in (known, unknown):
        client = Client()
        client.get(ASK)
        with CaptureQueriesContext(connection) as queries:
            response = ask(client, address)
        # As many statements, of the same kinds, in the same order. Read before the next request, which forgets them.
        work = [re.sub(r"s\d+_x\d+", "", " ".join(query["sql"].split()[:3])) for query in queries]
        answer = client.get(response["Location"])
        seen.append((response.status_code, response["Location"], text_of(answer), work))
        assert len(work) > 5
    assert seen[0] == seen[1]
    assert len(sent()) == 1


def test_nobody_is_written_to_who_is_not_a_member(client: Client, branch: Branch) -> None:
    gone = member_of(branch, status=MemberStatus.RESIGNED)
    for address in ("ingen@example.no", gone.email, gone.mobile):
        assert ask(client, address)["Location"] == SENT
    assert not sent()
    assert not Delivery.objects.exclude(state=DeliveryState.CANCELLED).exists()


def test_several_who_share_an_address_are_sent_one(client: Client, branch: Branch) -> None:
    for name in ("Ane", "Berit", "Cato"):
        member_of(branch, name, email="Familien@example.no")
    ask(client, "familien@example.no")
    assert len(sent()) == 1


@pytest.mark.parametrize("reason", [BlockReason.HARD, BlockReason.SOFT, BlockReason.WRONG])
def test_nothing_goes_to_an_address_that_is_bounced_or_wrong(
    client: Client, member: Member, reason: BlockReason
) -> None:
    block(Channel.EMAIL, member.email, reason)
    block(Channel.SMS, member.mobile, reason)
    ask(client, member.email)
    ask(client, member.mobile)
    assert not sent()


def test_nothing_goes_to_a_member_whose_mail_came_back(client: Client, member: Member) -> None:
    Member.objects.filter(pk=member.pk).update(email_bounced_on=NOW.date())
    ask(client, member.email)
    assert not sent()


def test_a_stopp_does_not_stop_what_one_asks_for(client: Client, member: Member) -> None:
    block(Channel.SMS, member.mobile, BlockReason.STOPP)
    ask(client, member.mobile)
    assert [one.address for one in sent()] == [member.mobile]


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "Ane",
        "22334455",
        "@",
        "a@b",
        "a@example.no, b@example.no",
        "ane@example.no\nBcc: b@example.no",
        "\x00",
        "ane\x00@example.no",
        "ane\x07@example.no",
        "<script>alert(1)</script>@example.no",
        "x" * 100_000,
        "x" * 100_000 + "@example.no",
        "9" * 100_000,
        "🙂" * 300,
        "' OR 1=1 --",
        "{{ 7*7 }}{% now %}",
        "\u202eon.elpmaxe@ena",
        "../../etc/passwd",
        "NaN",
    ],
)
def test_what_is_no_address_is_answered_with_a_sentence(client: Client, typed: str) -> None:
    response = ask(client, typed)
    assert response.status_code == 422
    page = text_of(response)
    assert "Skriv e-postadressen din, eller mobilnummeret med åtte siffer." in page
    assert len(page) < 8_000
    assert not Delivery.objects.exists()


def test_one_machine_may_ask_so_often_and_no_more(client: Client, member: Member) -> None:
    for number in range(20):
        assert ask(client, f"ingen{number}@example.no").status_code == 302
    refused = [ask(client, address) for address in (member.email, "ingen@example.no", "tull")]
    assert {response.status_code for response in refused} == {429}
    assert len({text_of(response) for response in refused}) == 1
    assert not sent()
    # What a client says of where it comes from is not believed.
    assert client.post(ASK, {"address": member.email}, headers={"X-Forwarded-For": "192.0.2.7"}).status_code == 429
    assert client.post(ASK, {"address": member.email}, REMOTE_ADDR="192.0.2.7").status_code == 302


def test_one_address_is_sent_so_many_and_the_answer_does_not_tell(member: Member) -> None:
    answers = [
        Client().post(ASK, {"address": address}, REMOTE_ADDR=f"192.0.2.{number}")
        for address in (member.email, "ingen@example.no")
        for number in range(5)
    ]
    assert {(answer.status_code, answer["Location"]) for answer in answers} == {(302, SENT)}
    assert len(sent()) == 3


# --- The link --------------------------------------------------------------------------------------------------------


def test_a_mail_scanner_spends_nothing(client: Client, member: Member) -> None:
    path = my_page_link_of(member)
    for _ in range(3):
        opened(client, path)
        assert client.head(path).status_code == 200
    link = AccessLink.objects.get()
    assert (link.spent_at, link.tries) == (None, 0)
    assert client.post(path, {"proof": str(BORN)})["Location"] == "/min-side/meg/"


@pytest.mark.parametrize("proof", ["year", "number"])
def test_who_knows_what_the_message_does_not_comes_in(client: Client, member: Member, proof: str) -> None:
    answer = {"year": str(BORN), "number": f" {member.member_number} "}[proof]
    response = client.post(my_page_link_of(member), {"proof": answer})
    assert response["Location"] == "/min-side/meg/"
    assert client.get("/min-side/meg/").status_code == 200
    event = AuditEvent.objects.get(verb=Verb.MY_PAGE_OPENED)
    assert (event.actor_id, event.object_id, event.branch_id) == (None, str(member.pk), member.branch_id)


def test_the_page_is_kept_and_told_nowhere(client: Client, member: Member) -> None:
    for path in (my_page_link_of(member), ASK, "/min-side/l/tull/"):
        headers = client.get(path).headers
        assert headers["Referrer-Policy"] == "strict-origin"
        assert headers["Cache-Control"] == "no-store"
        assert headers["X-Robots-Tag"] == "noindex, nofollow"


def test_the_page_names_nobody(client: Client, member: Member) -> None:
    page = opened(client, my_page_link_of(member))
    for secret in (member.first_name, member.last_name, member.email, member.member_number, str(BORN)):
        assert secret not in page


def test_a_link_that_was_forwarded_opens_nothing_for_who_does_not_know(client: Client, member: Member) -> None:
    path = my_page_link_of(member)
    for left in ("4 forsøk", "3 forsøk", "2 forsøk", "ett forsøk"):
        response = client.post(path, {"proof": "1986"})
        assert response.status_code == 422
        assert f"Du har {left} igjen" in text_of(response)
    assert client.post(path, {"proof": "1986"}).status_code == 404
    # Dead now, for who knows too.
    assert client.post(path, {"proof": str(BORN)}).status_code == 404
    assert client.get("/min-side/meg/")["Location"] == ASK


def test_the_fifth_guess_may_be_right(client: Client, member: Member) -> None:
    path = my_page_link_of(member)
    for _ in range(4):
        client.post(path, {"proof": "1986"})
    assert client.post(path, {"proof": str(BORN)}).status_code == 302


@pytest.mark.parametrize("proof", ["", "   ", "\x00", "x" * 100_000, "19\x0787", "🙂" * 50])
def test_strange_proof_is_answered_with_a_sentence_and_is_no_try(client: Client, member: Member, proof: str) -> None:
    response = client.post(my_page_link_of(member), {"proof": proof})
    assert response.status_code == 422
    assert "Skriv fødselsåret ditt med fire siffer, eller medlemsnummeret." in text_of(response)
    assert len(response.content) < 8_000
    assert AccessLink.objects.get().tries == 0


def test_one_who_shares_the_address_comes_in_to_their_own(client: Client, branch: Branch) -> None:
    first = member_of(branch, "Ane", email="familien@example.no")
    second = member_of(branch, "Berit", email="familien@example.no", birth_year=1990)
    client.post(my_page_link_of(first), {"proof": "1990"})
    page = opened(client, "/min-side/meg/")
    assert second.full_name in page
    assert first.first_name not in page


def test_twins_need_their_number(client: Client, branch: Branch) -> None:
    twins = [member_of(branch, name, email="familien@example.no") for name in ("Ane", "Berit")]
    path = my_page_link_of(twins[0])
    assert client.post(path, {"proof": str(BORN)}).status_code == 422
    assert client.post(path, {"proof": twins[1].member_number}).status_code == 302
    assert "Berit" in opened(client, "/min-side/meg/")


@pytest.mark.parametrize("how", sorted(SPOIL))
def test_a_link_that_opens_nothing_has_one_page(
    client: Client, member: Member, clock: time_machine.Traveller, how: str
) -> None:
    path = SPOIL[how](my_page_link_of(member), member, clock)
    forged = text_of(client.get(f"/min-side/l/{'a' * 43}/"))
    for response in (client.get(path), client.post(path, {"proof": str(BORN)})):
        assert response.status_code == 404
        assert text_of(response) == forged
    assert "Be om en ny lenke" in forged
    assert client.get("/min-side/meg/")["Location"] == ASK


def test_a_link_for_something_else_opens_nothing(client: Client, member: Member) -> None:
    path = my_page_link_of(member).replace("/min-side/l/", "/utmelding/")
    assert client.get(path).status_code == 404
    assert client.post(path, {"proof": str(BORN)}).status_code == 404
    member.refresh_from_db()
    assert member.status == MemberStatus.MEMBER


def test_another_members_link_lets_in_nobody_who_is_not_theirs(client: Client, branch: Branch) -> None:
    other = member_of(branch, "Berit", birth_year=1990)
    assert client.post(my_page_link_of(member_of(branch)), {"proof": other.member_number}).status_code == 422


def test_out_is_out(client: Client, member: Member) -> None:
    client.post(my_page_link_of(member), {"proof": str(BORN)})
    assert client.get("/min-side/ut/").status_code == 405
    response = client.post("/min-side/ut/", follow=True)
    assert "Du er logget ut." in text_of(response)
    assert client.get("/min-side/meg/")["Location"] == ASK


def test_every_form_asks_for_its_token(member: Member) -> None:
    strict = Client(enforce_csrf_checks=True)
    for path in (ASK, my_page_link_of(member), "/min-side/ut/"):
        assert strict.post(path, {"address": member.email, "proof": str(BORN)}).status_code == 403
    assert not sent()


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL plans by how many there are: here one")
def test_an_address_is_found_by_an_index(member: Member) -> None:
    """Anybody may ask: in a county of half a million nothing may be read through."""
    assert "member_email" in _at(Channel.EMAIL, member.email).explain()
    assert "member_mobile" in _at(Channel.SMS, member.mobile).explain()
