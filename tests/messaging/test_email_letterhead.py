"""The letterhead around an email, the address it comes back to, and what its headers say to machines."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from messaging.enums import Channel, MessageState, Purpose
from messaging.models import Delivery, Message, Recipient, settings_of
from messaging.outbox.rendering import Renderer
from messaging.transports.email import delivery_id_in, return_path_for
from messaging.transports.headers import standing_headers
from messaging.transports.letterhead import FOOTER, letterhead
from messaging.writing.compose import Composer
from tests.access_mail import make_message
from tests.factories import make_county, make_member, make_user

ID = uuid.UUID("0123456789abcdef0123456789abcdef")


@pytest.fixture(autouse=True)
def _production(settings: Any) -> None:
    settings.DEMO = False
    settings.DEFAULT_FROM_EMAIL = "Medlemsboka <post@laget.example>"
    settings.RETURN_ADDRESS = ""


# --- The way back ---------------------------------------------------------------------------------------------------


def test_the_return_path_knows_the_delivery(settings: Any) -> None:
    assert return_path_for(ID) == "post@laget.example"
    assert delivery_id_in("post@laget.example") is None
    settings.RETURN_ADDRESS = "Retur@laget.example"
    path = return_path_for(ID)
    assert delivery_id_in(path) == ID
    assert delivery_id_in(f" <{path.upper()}> ") == ID


@pytest.mark.parametrize(
    "address",
    [
        "",
        "retur@laget.example",
        f"retur+{ID.hex[1:]}@laget.example",
        f"retur+{ID.hex}@annet.example",
        f"x+{ID.hex}@laget.example",
        f"retur+{ID.hex}@laget.example.evil",
        f"a+retur+{ID.hex}@laget.example",
    ],
)
def test_another_address_names_no_delivery(settings: Any, address: str) -> None:
    settings.RETURN_ADDRESS = "retur@laget.example"
    assert delivery_id_in(address) is None


# --- The letterhead -------------------------------------------------------------------------------------------------


def test_the_letterhead_styles_every_tag_and_fetches_nothing() -> None:
    page = letterhead("Kåfjord & co").around(
        f'<h2>Møte</h2><p>Se <a href="https://a.example/?b=1&amp;c=2">her</a></p><pre>x</pre>{FOOTER}<p>Derfor</p>'
    )
    assert "<title>Kåfjord &amp; co</title>" in page
    assert "font-size: 23px" in page.partition("<h2 style=")[2].partition(">")[0]
    assert ' href="https://a.example/?b=1&amp;c=2">her</a>' in page
    assert "<pre>x</pre>" in page
    assert page.index("Møte") < page.index("Derfor")
    assert "prefers-color-scheme: dark" in page
    assert "src=" not in page
    assert "url(" not in page
    assert "@@" not in page


def test_the_letterhead_is_made_once_for_a_sender() -> None:
    assert letterhead("Kåfjord") is letterhead("Kåfjord")
    assert letterhead("Kåfjord") is not letterhead("Nordreisa")


def test_a_senders_name_is_text_in_the_letterhead() -> None:
    assert "<script>" not in letterhead("<script>alert(1)</script>").around("<p>Hei</p>")


# --- What machines are told -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("purpose", [Purpose.SIGN_IN, Purpose.INVITATION, Purpose.NOTICE])
def test_a_notice_says_that_a_machine_wrote_it(purpose: Purpose) -> None:
    headers = standing_headers(Delivery(purpose=purpose))
    assert headers["Auto-Submitted"] == "auto-generated"
    assert "Precedence" not in headers


@pytest.mark.django_db
@pytest.mark.parametrize("purpose", [Purpose.NEWSLETTER, Purpose.MEETINGS, Purpose.SERVICE])
def test_a_message_to_many_says_which_list_it_is_of_and_not_that_a_machine_wrote_it(purpose: Purpose) -> None:
    branch = make_county()
    headers = standing_headers(Delivery(purpose=purpose, message=Message(), branch=branch))
    assert headers["Precedence"] == "bulk"
    assert headers["List-Id"] == f"<{purpose}.{branch.slug}.laget.example>"
    assert "Auto-Submitted" not in headers
    assert "List-Id" not in standing_headers(Delivery(purpose=purpose, message=Message()))


def test_an_answer_from_a_person_is_a_letter_like_any_other() -> None:
    assert standing_headers(Delivery(purpose=Purpose.REPLY)) == {}


# --- Why one gets it ------------------------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("purpose", "audience", "why", "may_leave"),
    [
        (Purpose.NEWSLETTER, {"kind": "members", "params": {}}, "Du får dette som medlem i", True),
        (Purpose.SERVICE, {"kind": "members", "params": {}}, "Du får dette som medlem i", False),
        (
            Purpose.NEWSLETTER,
            {"kind": "officers", "roles": ["treasurer"]},
            "Du får dette fordi du har et verv i",
            False,
        ),
    ],
)
def test_the_footer_says_why_one_gets_it_and_how_one_gets_no_more(
    purpose: Purpose, audience: dict[str, Any], why: str, may_leave: bool
) -> None:
    branch = make_county("Kaos & co")
    member = make_member(branch)
    message = make_message(branch, make_user(), MessageState.SENDING, purpose=purpose, audience=audience)
    delivery = Delivery(message=message, branch=branch, purpose=purpose, channel=Channel.EMAIL, address=member.email)
    recipient = Recipient(message=message, member=member, channel=Channel.EMAIL)
    written = Renderer(Composer(message), settings_of(branch)).outgoing(delivery, [recipient])
    _content, _, footer = letterhead(written.sender).around(written.html).rpartition("Hei Ane")
    assert f"{why} Kaos &amp; co Arbeiderparti." in footer
    assert f"{why} Kaos & co Arbeiderparti." in written.text.partition("-- \n")[2]
    assert ("<a " in footer, "List-Unsubscribe" in written.headers) == (may_leave, may_leave)
