"""The way from a draft to its sending: what lacks, what the button said, how many one has typed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from accounts.models import AuditEvent, User
from common.clock import machine_time
from membership.models import Branch, Member
from membership.roles import Role
from messaging.enums import MessageState, Way
from messaging.extensions import StaleWarning, registry
from messaging.models import Message, MessageText, MessagingSettings
from tests.factories import make_branch, make_member, make_officer
from tests.messaging.writing_steps import draft, filled, hidden, new, send, text, url

pytestmark = pytest.mark.django_db

ClientFor = Callable[[User], Client]


# --- Sending ---------------------------------------------------------------------------------------------------------


def test_send_queues_it_for_those_the_button_named(
    client: Client, kafjord: Branch, officer: User, members: list[Member]
) -> None:
    message = draft(kafjord, officer)
    assert "Send til 2 i Kåfjord" in text(client.get(url("message_edit", message)))
    answer = send(client, message)
    assert answer["Location"] == url("message_detail", message)
    message.refresh_from_db()
    assert (message.state, message.confirmed, message.queued_by) == (MessageState.QUEUED, 2, officer)


def test_send_twice_is_once(client: Client, kafjord: Branch, officer: User, members: list[Member]) -> None:
    token = uuid4()
    page = client.get(new(kafjord))
    saved = client.post(new(kafjord), filled(form_token=token, handling="vis"))
    assert saved.status_code == 302
    message = Message.objects.get()
    shown = hidden(client.get(url("message_edit", message)), "print")
    data = filled(form_token=token, handling="send", print=shown)
    assert [client.post(new(kafjord), data)["Location"] for _time in range(2)] == [url("message_detail", message)] * 2
    assert page.status_code == 200
    assert Message.objects.filter(state=MessageState.QUEUED).count() == 1
    assert AuditEvent.objects.filter(verb="message.queued").count() == 1


def test_the_saved_draft_can_be_sent_by_its_own_address(
    client: Client, kafjord: Branch, officer: User, members: list[Member]
) -> None:
    message = draft(kafjord, officer)
    refused = client.post(url("message_send", message), {"print": "x"})
    assert refused.status_code == 422
    shown = hidden(client.get(url("message_edit", message)), "print")
    assert client.post(url("message_send", message), {"print": shown})["Location"] == url("message_detail", message)


def test_a_page_that_said_something_else_does_not_send(
    client: Client, kafjord: Branch, officer: User, members: list[Member]
) -> None:
    message = draft(kafjord, officer)
    answer = send(client, message, to="nye")
    assert answer.status_code == 422
    assert "ikke slik de sto" in text(answer) or "Ingen ville" in text(answer)
    message.refresh_from_db()
    assert message.is_draft
    shown = hidden(client.get(url("message_edit", message)), "print")
    make_member(kafjord, "Ny")
    assert client.post(url("message_send", message), {"print": shown}).status_code == 422


def test_a_price_that_has_gone_up_since_the_page_was_shown_does_not_send(
    client: Client, county: Branch, kafjord: Branch, officer: User, members: list[Member]
) -> None:
    message = draft(kafjord, officer, way="sms")
    shown = hidden(client.get(url("message_edit", message)), "print")
    MessagingSettings.objects.create(branch=county, sms_price_ore=99)
    assert client.post(url("message_send", message), {"print": shown}).status_code == 422
    message.refresh_from_db()
    assert message.is_draft


def test_what_the_page_said_is_signed_and_for_one_message_and_sender(
    client: Client, client_for: ClientFor, kafjord: Branch, officer: User, members: list[Member]
) -> None:
    message = draft(kafjord, officer)
    own = hidden(client.get(url("message_edit", message)), "print")
    other = client_for(make_officer(kafjord, name="Per Annen"))
    assert other.post(url("message_send", message), {"print": own}).status_code == 422
    for forged in ("", "x", own[:-2] + "xx"):
        assert client.post(url("message_send", message), {"print": forged}).status_code == 422
    message.refresh_from_db()
    assert message.is_draft


def test_an_sms_text_that_changed_is_looked_over_again_and_an_email_may_be_mended(
    client: Client, kafjord: Branch, officer: User, members: list[Member]
) -> None:
    sms = draft(kafjord, officer, way=Way.SMS)
    assert send(client, sms, sms_nb="Mye lengre enn den var").status_code == 422
    email = draft(kafjord, officer)
    assert send(client, email, body_nb="Uten skrivefeil").status_code == 302
    assert email.texts.get().body == "Uten skrivefeil"


def test_over_the_limit_one_types_the_number(
    client: Client, county: Branch, kafjord: Branch, officer: User, members: list[Member]
) -> None:
    MessagingSettings.objects.create(branch=county, type_over=1)
    message = draft(kafjord, officer)
    for typed in ("", "3", "to"):
        answer = send(client, message, count=typed)
        assert answer.status_code == 422
        assert "Skriv antall mottakere, 2" in text(answer)
        message.refresh_from_db()
    assert send(client, message, count=" 2 ").status_code == 302


def test_over_a_higher_limit_a_second_person_says_yes(
    client: Client, county: Branch, kafjord: Branch, officer: User, members: list[Member]
) -> None:
    make_officer(kafjord, Role.BRANCH_LEADER, name="Lena Leder")
    MessagingSettings.objects.create(branch=county, approve_over=1, regret_over=1)
    message = draft(kafjord, officer)
    page = text(client.get(url("message_edit", message)))
    assert "Send til godkjenning: 2 i Kåfjord" in page
    assert "en annen må godkjenne" in page
    send(client, message)
    message.refresh_from_db()
    assert message.state == MessageState.APPROVAL


def test_more_than_the_limit_can_be_regretted(
    client: Client, county: Branch, kafjord: Branch, officer: User, members: list[Member]
) -> None:
    MessagingSettings.objects.create(branch=county, regret_over=1)
    assert "Du kan angre i fem minutter" in text(client.get(url("message_edit", draft(kafjord, officer))))


@pytest.mark.parametrize(
    ("way", "texts", "sentence"),
    [
        ("email", {"subject": ""}, "Emnet mangler"),
        ("email", {"body": ""}, "Teksten mangler"),
        ("sms", {"sms": ""}, "SMS-teksten mangler"),
        ("both", {"sms": "{{ fnr }}"}, "Vi kjenner ikke {{ fnr }}"),
        ("email", {"body": "Hei {{ fornavn }!"}, "mangler en klamme"),
        ("email", {"body": "Møte [dag] kl. [klokkeslett]"}, "Fyll ut [dag], [klokkeslett]"),
    ],
)
def test_what_lacks_is_told_and_stops_it(
    client: Client,
    kafjord: Branch,
    officer: User,
    members: list[Member],
    way: str,
    texts: dict[str, str],
    sentence: str,
) -> None:
    message = draft(kafjord, officer, way=way)
    MessageText.objects.filter(message=message).update(**texts)
    assert sentence in text(client.get(url("message_edit", message)))
    answer = send(client, message)
    assert answer.status_code == 422
    assert "Ikke sendt ennå" in text(answer)
    message.refresh_from_db()
    assert message.is_draft


def test_what_the_chosen_way_does_not_use_stops_nothing(
    client: Client, kafjord: Branch, officer: User, members: list[Member]
) -> None:
    message = draft(kafjord, officer)
    MessageText.objects.filter(message=message).update(sms="Møte [dag]")
    assert "Fyll ut" not in text(client.get(url("message_edit", message)))


def test_a_time_that_has_passed_is_told(client: Client, kafjord: Branch, officer: User, members: list[Member]) -> None:
    past = machine_time() - timedelta(hours=1)
    page = text(client.get(url("message_edit", draft(kafjord, officer, send_at=past, expires_at=past))))
    assert "skulle sendes, er passert" in page
    assert "«Ikke etter» er passert" in page


def test_to_all_the_county_the_button_names_the_branches(
    client_for: ClientFor, county: Branch, kafjord: Branch, members: list[Member]
) -> None:
    make_branch(county, "Lyngen")
    secretary = client_for(make_officer(county, Role.COUNTY_SECRETARY))
    assert "Send til 2 medlemmer i alle 2 kommunepartier" in text(secretary.get(new(county)))


@pytest.fixture
def stale() -> Any:
    added = StaleWarning(lambda _message, _branch, today: f"Betalt per {today:%d.%m}.")
    registry.stale_warnings.append(added)
    yield
    registry.stale_warnings.remove(added)


@pytest.mark.usefixtures("stale")
def test_old_payment_data_are_warned_of(client: Client, kafjord: Branch, members: list[Member]) -> None:
    assert "Betalt per 20.11." in text(client.get(new(kafjord)))
