"""The pages of breaches: who reports, who handles, what is typed and kept, the letters, the message that went wrong."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from membership.models import Branch
from membership.roles import Role
from messaging.enums import DeliveryState, MessageState
from messaging.models import Delivery, Message
from privacy.actions.breaches import report
from privacy.enums import BreachKind
from privacy.models import Breach, PrivacySettings
from tests.access_mail import make_message
from tests.factories import NOW, make_branch, make_county, make_member, make_officer
from tests.messaging.sendings import reach, sent

pytestmark = pytest.mark.django_db

ClientFor = Callable[[User], Client]
NAUGHTY = "<script>alert(1)</script> {{ 7|add:7 }} {% now %} =1+1 \u202e"
URL = "/lag/kafjord/personvern/avvik/"


@pytest.fixture
def county() -> Branch:
    return make_county()


@pytest.fixture
def kafjord(county: Branch) -> Branch:
    return make_branch(county)


@pytest.fixture
def officer(kafjord: Branch) -> User:
    return make_officer(kafjord)


@pytest.fixture
def secretary(county: Branch, client_for: ClientFor) -> Client:
    return client_for(make_officer(county, Role.COUNTY_SECRETARY))


def made(branch: Branch, by: User, **values: Any) -> Breach:
    fields: dict[str, Any] = {"kind": BreachKind.SENT_WRONG, "what": NAUGHTY, "found_at": NOW}
    return report(branch, by=by, now=NOW, machine_now=NOW, **(fields | values))


def text(answer: Any) -> str:
    return str(answer.content.decode())


def form(**values: Any) -> dict[str, Any]:
    return {"kind": "lost", "what": "Mistet", "found_on": "20.11.2026", "found_time": "18.30"} | values


def routine(breach: Breach, **values: Any) -> dict[str, Any]:
    breach.refresh_from_db()
    return {"seen": breach.changed_at.isoformat(), "what": "Mistet", "authority": "", "people": ""} | values


DECIDED = {
    "authority": "tell", "authority_because": "Mange", "authority_told_on": "20.11.2026", "authority_told_time": "1900",
    "people": "need_not", "people_because": "Funnet igjen",
}  # fmt: skip


@pytest.mark.parametrize("role", [Role.MEMBERSHIP_OFFICER, Role.TREASURER, Role.BRANCH_LEADER])
def test_whoever_sees_members_can_report_and_follow_but_not_handle(
    role: Role, kafjord: Branch, client_for: ClientFor
) -> None:
    client = client_for(make_officer(kafjord, role))
    assert URL in text(client.get("/lag/kafjord/personvern/"))
    answer = client.post(f"{URL}nytt/", form(what=NAUGHTY, affected="12"))
    breach = Breach.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, f"{URL}{breach.pk}/")
    assert (breach.affected, breach.found_at) == (12, NOW - timedelta(minutes=30))
    page = text(client.get(answer["Location"]))
    assert "71 timer igjen" in page
    assert "<script>alert" not in page
    assert "Lagre og lukk" not in page
    for door in ("lagre", "melding"):
        assert client.post(f"{URL}{breach.pk}/{door}/", routine(breach)).status_code == 404
    assert client.get(f"{URL}{breach.pk}/brev/datatilsynet/").status_code == 404


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"what": ""}, "Skriv hva som skjedde"),
        ({"kind": ""}, "Velg det som passer best"),
        ({"found_on": "i går"}, "for eksempel 20.11.2026"),
        ({"found_time": "25.00"}, "Skriv klokkeslettet"),
        ({"found_time": "19.01"}, "Det kan ikke være fram i tid"),
        ({"affected": "mange"}, "Skriv et helt tall"),
        ({"affected": "-1"}, "større enn eller lik 0"),
        ({"affected": "1" * 40}, "mindre enn eller lik"),
    ],
)
def test_what_cannot_be_is_refused_and_kept(
    values: dict[str, Any], said: str, officer: User, client_for: ClientFor
) -> None:
    answer = client_for(officer).post(f"{URL}nytt/", form(measures="Ringt bussen") | values)
    assert answer.status_code == 422
    assert said in text(answer)
    assert "Ringt bussen" in text(answer)
    assert not Breach.objects.exists()


def test_a_breach_of_another_branch_is_as_if_it_were_not(
    county: Branch, officer: User, secretary: Client, client_for: ClientFor
) -> None:
    lyngen = make_branch(county, "Lyngen")
    foreign = made(lyngen, make_officer(lyngen))
    client = client_for(officer)
    assert client.get(f"{URL}{foreign.pk}/").status_code == 404
    assert client.get(f"/lag/lyngen/personvern/avvik/{foreign.pk}/").status_code == 404
    assert "Sendt" not in text(client.get(URL)).split("<main")[1].split("Meld et avvik")[1]
    for address in (f"{foreign.pk}/", f"{foreign.pk}/brev/berorte/"):
        assert secretary.get(URL + address).status_code == 404
    for door in ("lagre", "melding"):
        assert secretary.post(f"{URL}{foreign.pk}/{door}/").status_code == 404


def test_a_list_of_three_costs_what_a_list_of_one_costs(
    county: Branch, kafjord: Branch, officer: User, secretary: Client
) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as caught:
            secretary.get("/lag/troms/personvern/avvik/")
        return len(caught)

    made(kafjord, officer)
    one = queries()
    made(make_branch(county, "Lyngen"), officer)
    made(kafjord, officer, kind=BreachKind.SEEN)
    assert queries() == one


def test_the_routine_is_saved_and_closed(kafjord: Branch, officer: User, secretary: Client) -> None:
    breach = made(kafjord, officer)
    url = f"{URL}{breach.pk}/"
    values = routine(breach, what=NAUGHTY, measures="Ringt", affected="40", **DECIDED)

    half = secretary.post(f"{url}lagre/", {**values, "people": "", "handling": "lukk"})
    breach.refresh_from_db()
    assert half.status_code == 422
    assert "Bestem først om de det gjelder" in text(half)
    assert (breach.measures, breach.authority, breach.closed_at) == ("Ringt", "tell", None)
    assert "Ringt" in text(half)

    values["seen"] = breach.changed_at.isoformat()
    done = secretary.post(f"{url}lagre/", {**values, "handling": "lukk"}, follow=True)
    breach.refresh_from_db()
    assert breach.closed_at is not None
    assert breach.authority_told_at == NOW
    page = text(done)
    assert "Avviket er lukket" in page
    assert "<script>alert" not in page
    assert "Lagre og lukk" not in page
    again = secretary.post(f"{url}lagre/", {**values, "measures": "Nei"}, follow=True)
    assert "Noen har lukket avviket" in text(again)


def test_of_two_at_once_the_second_sees_both_and_decides(kafjord: Branch, officer: User, secretary: Client) -> None:
    breach = made(kafjord, officer)
    mine, theirs = routine(breach, measures="Mitt"), routine(breach, measures="Deres")
    assert secretary.post(f"{URL}{breach.pk}/lagre/", theirs).status_code == 302

    answer = secretary.post(f"{URL}{breach.pk}/lagre/", mine)

    page = text(answer)
    assert answer.status_code == 422
    assert "Noen andre har lagret" in page
    assert ("Mitt" in page, "Deres" in page) == (True, True)
    breach.refresh_from_db()
    assert breach.measures == "Deres"
    seen = page.split('name="seen" value="')[1].split('"')[0]
    assert secretary.post(f"{URL}{breach.pk}/lagre/", {**mine, "seen": seen}).status_code == 302
    breach.refresh_from_db()
    assert breach.measures == "Mitt"


@pytest.mark.parametrize(
    "values",
    [
        {"seen": "nå"}, {"seen": ""}, {"seen": "2026-11-20T18:00:00"}, {"what": " "}, {"authority": "kanskje"},
        {"authority": "tell"}, {"authority_told_on": "20.11.2026"}, {"people_told_time": "12"},
        {"people": "tell", "people_because": "x", "people_told_on": "21.11.2026", "people_told_time": "12"},
    ],
)  # fmt: skip
def test_nothing_half_is_saved_and_what_was_typed_stays(
    values: dict[str, str], kafjord: Branch, officer: User, secretary: Client
) -> None:
    breach = made(kafjord, officer)
    answer = secretary.post(f"{URL}{breach.pk}/lagre/", routine(breach, measures="Ord for ord") | values)
    assert answer.status_code == 422
    assert "Ord for ord" in text(answer)
    breach.refresh_from_db()
    assert breach.measures == ""


# --- Letters ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("which", ["datatilsynet", "berorte", "mottakere"])
def test_each_letter_is_filled_in_inert_on_the_page_and_in_the_file(
    which: str, county: Branch, kafjord: Branch, officer: User, secretary: Client
) -> None:
    PrivacySettings.objects.create(
        county=county, controller=f"Troms Arbeiderparti {NAUGHTY}", contact_email="personvern@example.no"
    )
    breach = made(kafjord, officer)
    url = f"{URL}{breach.pk}/brev/{which}/"

    page = text(secretary.get(url))
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert "personvern@example.no" in page

    file = secretary.get(f"{url}?fil=1")
    assert file["Content-Type"] == "text/plain; charset=utf-8"
    assert file["Content-Disposition"] == f'attachment; filename="{which}-{breach.pk}.txt"'
    assert file["X-Content-Type-Options"] == "nosniff"
    assert f"Troms Arbeiderparti {NAUGHTY}" in text(file)
    assert ("{{ 7|add:7 }} {% now %}" in text(file), "\n[" not in text(file).replace("\r", "")[:1]) == (True, True)
    assert secretary.get(f"{URL}{breach.pk}/brev/annet/").status_code == 404


def test_the_letter_to_the_authority_has_all_that_the_law_asks_for(
    kafjord: Branch, officer: User, secretary: Client
) -> None:
    breach = made(kafjord, officer, what="En liste ble borte.", affected=40, measures="Ringte bussen.")
    Breach.objects.filter(pk=breach.pk).update(consequences="Andre kan få vite om medlemskapet.")
    letter = text(secretary.get(f"{URL}{breach.pk}/brev/datatilsynet/?fil=1"))
    for part in (
        "20. november 2026 kl. 19.00", "En liste ble borte.", "antall personer: 40", "Andre kan få vite",
        "Ringte bussen.", "72 timer", "artikkel 9", "Troms Arbeiderparti",
    ):  # fmt: skip
        assert part in letter


# --- Sent to the wrong people ----------------------------------------------------------------------------------------


def a_sending(branch: Branch, by: User) -> Message:
    message = sent(branch, by)
    reach(message, make_member(branch, "Ragna", "Qvilnes"), DeliveryState.SENT)
    reach(message, make_member(branch, "Berit", "Qvilvik"), DeliveryState.FAILED)
    return message


def test_a_message_leads_to_a_report_that_shows_who_got_what(
    kafjord: Branch, officer: User, client_for: ClientFor
) -> None:
    client = client_for(officer)
    message = a_sending(kafjord, officer)
    url = f"{URL}nytt/?melding={message.pk}"
    assert f"personvern/avvik/nytt/?melding={message.pk}" in text(client.get(f"/lag/kafjord/meldinger/{message.pk}/"))

    page = text(client.get(url))
    assert "Medlemsmøte" in page
    assert "Qvilnes" not in page
    assert f"/lag/kafjord/meldinger/{message.pk}/mottakere/" in page
    client.post(url, form(kind="sent_wrong"))
    breach = Breach.objects.get()
    assert breach.message == message
    shown = text(client.get(f"{URL}{breach.pk}/"))
    assert "E-post, sendt" in shown
    assert "Qvilnes" not in shown


def test_who_may_not_see_names_is_shown_counts_alone(kafjord: Branch, officer: User, client_for: ClientFor) -> None:
    message = a_sending(kafjord, officer)
    breach = made(kafjord, officer, message=message)
    page = text(client_for(make_officer(kafjord, Role.TREASURER)).get(f"{URL}{breach.pk}/"))
    assert "E-post, sendt" in page
    assert "/mottakere/" not in page


def test_drafts_and_messages_of_others_are_no_breach(
    county: Branch, kafjord: Branch, officer: User, client_for: ClientFor
) -> None:
    client = client_for(officer)
    lyngen = make_branch(county, "Lyngen")
    for message in (
        sent(lyngen, make_officer(lyngen)), sent(county, officer), make_message(kafjord, officer, MessageState.DRAFT)
    ):  # fmt: skip
        assert client.get(f"{URL}nytt/?melding={message.pk}").status_code == 404
        assert client.post(f"{URL}nytt/?melding={message.pk}", form()).status_code == 404
    assert client.get(f"{URL}nytt/?melding=nei").status_code == 404
    draft = make_message(kafjord, officer, MessageState.DRAFT)
    assert "avvik/nytt" not in text(client.get(f"/lag/kafjord/meldinger/{draft.pk}/", follow=True))


def test_a_draft_is_made_to_those_who_got_it_and_nothing_is_sent(
    kafjord: Branch, officer: User, secretary: Client
) -> None:
    message = a_sending(kafjord, officer)
    breach = made(kafjord, officer, message=message)
    before = Delivery.objects.count()

    answer = secretary.post(f"{URL}{breach.pk}/melding/")

    draft = Message.objects.get(state=MessageState.DRAFT)
    assert answer["Location"] == f"/lag/kafjord/meldinger/{draft.pk}/skriv/"
    got = message.recipients.get(member__last_name="Qvilnes").member_id
    assert draft.audience == {"kind": "people", "ids": [got]}
    assert "Slett den" in draft.texts.get().body
    assert Delivery.objects.count() == before
    assert secretary.post(f"{URL}{made(kafjord, officer).pk}/melding/").status_code == 404


def test_more_than_one_message_can_be_picked_for_are_not_cut_off_unsaid(
    kafjord: Branch, officer: User, secretary: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("privacy.breach_page.MOST_PICKED", 1)
    message = a_sending(kafjord, officer)
    breach = made(kafjord, officer, message=message)
    assert secretary.post(f"{URL}{breach.pk}/melding/")["Location"].endswith("/skriv/")
    reach(message, make_member(kafjord, "Odd", "Qvilstad"), DeliveryState.SENT)

    page = text(secretary.post(f"{URL}{breach.pk}/melding/", follow=True))

    assert "Den gikk til flere enn én melding kan ha som mottakere" in page
    assert Message.objects.filter(state=MessageState.DRAFT).count() == 1


def test_where_nobody_is_left_it_says_so(kafjord: Branch, officer: User, secretary: Client) -> None:
    breach = made(kafjord, officer, message=sent(kafjord, officer))
    assert "Ingen av dem som fikk den" in text(secretary.post(f"{URL}{breach.pk}/melding/", follow=True))
