"""What leaves the house: texts, whom it is from, where answers go, and the way out of the list."""

from __future__ import annotations

import pytest

from accounts.models import User
from membership.models import Branch, Member
from messaging.enums import Channel, MessageState, Purpose
from messaging.models import Delivery, Message, MessagingSettings, Recipient, settings_of
from messaging.outbox.rendering import Renderer, outgoing_alone, sms_name
from messaging.transports.base import Outgoing
from messaging.unsubscribe import headers_for, url_for
from messaging.writing.compose import Composer
from tests.access_mail import make_message
from tests.factories import NOW, make_member, make_user
from tests.messaging.way_out import wait_for

pytestmark = pytest.mark.django_db


def message_of(branch: Branch, by: User, purpose: Purpose = Purpose.NEWSLETTER) -> Message:
    return make_message(branch, by, MessageState.SENDING, purpose=purpose)


def rendered(message: Message, *people: Member | User, channel: Channel = Channel.EMAIL) -> tuple[Delivery, Outgoing]:
    delivery = wait_for(message, *people, channel=channel)
    recipients = list(Recipient.objects.filter(delivery=delivery).order_by("pk"))
    return delivery, Renderer(Composer(message), settings_of(message.branch)).outgoing(delivery, recipients)


def test_an_email_comes_from_the_branch_and_has_a_way_out_in_text_html_and_headers(
    kafjord: Branch, officer: User
) -> None:
    delivery, outgoing = rendered(message_of(kafjord, officer), make_member(kafjord, "Ane"))
    assert (outgoing.id, outgoing.address, outgoing.subject) == (delivery.pk, delivery.address, "Medlemsmøte")
    assert (outgoing.sender, outgoing.reply_to) == ("Kåfjord Arbeiderparti", "")
    assert outgoing.text.startswith("Hei Ane!\n")
    url = url_for(delivery)
    assert url in outgoing.text
    assert f'href="{url}"' in outgoing.html
    assert outgoing.headers.items() >= headers_for(delivery).items()
    assert outgoing.headers["List-Unsubscribe"] == f"<{url}>"


def test_the_branch_chooses_its_sender_and_where_answers_go(kafjord: Branch, officer: User) -> None:
    MessagingSettings.objects.create(branch=kafjord, sender_name="Laget", reply_to="post@demo.example")
    _delivery, outgoing = rendered(message_of(kafjord, officer), make_member(kafjord))
    assert (outgoing.sender, outgoing.reply_to) == ("Laget", "post@demo.example")


def test_ones_own_dues_and_what_officers_get_have_no_way_out(kafjord: Branch, officer: User) -> None:
    dues = message_of(kafjord, officer, Purpose.SERVICE)
    to_officers = message_of(kafjord, officer)
    to_officers.audience = {"kind": "officers", "roles": ["leader"]}
    for message, person in ((dues, make_member(kafjord)), (to_officers, make_user())):
        delivery, outgoing = rendered(message, person)
        assert url_for(delivery) not in outgoing.text
        assert "List-Unsubscribe" not in outgoing.headers


def test_each_copy_has_a_link_of_its_own(kafjord: Branch, officer: User) -> None:
    message = message_of(kafjord, officer)
    links = {rendered(message, make_member(kafjord))[1].headers["List-Unsubscribe"] for _ in range(2)}
    assert len(links) == 2


@pytest.mark.parametrize(
    ("purpose", "own", "expected"),
    [
        (Purpose.NEWSLETTER, {}, "Kafjord Ap"),
        (Purpose.NEWSLETTER, {"sms_sender": "Ap Nord"}, "Ap Nord"),
        (Purpose.SERVICE, {}, "Beskjed"),
        (Purpose.SERVICE, {"sms_sender": "Ap Nord"}, "Beskjed"),
        (Purpose.SERVICE, {"service_sms_sender": "Melding"}, "Melding"),
    ],
)
def test_an_sms_says_whom_it_is_from_but_not_where_it_is_about_dues(
    kafjord: Branch, officer: User, purpose: Purpose, own: dict[str, str], expected: str
) -> None:
    MessagingSettings.objects.create(branch=kafjord, **own)
    _delivery, outgoing = rendered(message_of(kafjord, officer, purpose), make_member(kafjord), channel=Channel.SMS)
    assert (outgoing.sender, outgoing.text, outgoing.html, outgoing.headers) == (expected, "Hei!", "", {})


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        ("Troms", "Troms Ap"),
        ("Kåfjord", "Kafjord Ap"),
        ("Sør-Varanger", "Sor Vara Ap"),
        ("Nord-Aurdal", "Nord Aur Ap"),
        ("Ål", "Al Ap"),
        ("Kárášjohka", "Karasjoh Ap"),
        ("Æøåđŋŧ", "Aeoadnt Ap"),
        ("Os (Hordaland)", "Os Horda Ap"),
        ("王", "Ap"),
    ],
)
def test_a_branch_has_a_name_that_every_phone_can_show(place: str, expected: str) -> None:
    assert sms_name(Branch(place=place, name=f"{place} Arbeiderparti")) == expected
    assert len(expected) <= 11


def test_another_party_is_not_called_by_ours() -> None:
    assert sms_name(Branch(place="Sør-Varanger", name="Sør-Varanger Bygdeliste")) == "Sor Varange"


def alone(**fields: object) -> Delivery:
    values: dict[str, object] = {"address": "kari@demo.example", "created_at": NOW, "not_before_at": NOW}
    return Delivery(**(values | fields))


def test_what_belongs_to_no_message_carries_its_own_text(kafjord: Branch) -> None:
    code = outgoing_alone(alone(channel=Channel.EMAIL, purpose=Purpose.SIGN_IN, subject="Kode", body="123456"))
    assert (code.subject, code.text, code.sender) == ("Kode", "123456", "")
    assert code.headers["Auto-Submitted"] == "auto-generated"
    sms = alone(channel=Channel.SMS, purpose=Purpose.REPLY, address="+4790000001", body="Takk", branch=kafjord)
    assert (outgoing_alone(sms).sender, outgoing_alone(sms).headers) == ("Kafjord Ap", {})
    sms.sender_name = "Laget"
    assert outgoing_alone(sms).sender == "Laget"
