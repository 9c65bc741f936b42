"""The pages of requests: who sees which, what one types, what is refused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import AuditEvent, User
from membership.models import Branch
from membership.roles import Role
from messaging.models import Delivery
from privacy.actions.requests import open_request
from privacy.enums import RequestKind, RequestState, RequestWay
from privacy.models import RightsRequest
from tests.factories import NOW, TODAY, make_branch, make_county, make_member, make_officer

pytestmark = pytest.mark.django_db

ClientFor = Callable[[User], Client]
NAUGHTY = "<script>alert(1)</script> {{ 7|add:7 }} %(x)s \u202e"


@pytest.fixture
def county() -> Branch:
    return make_county()


@pytest.fixture
def kafjord(county: Branch) -> Branch:
    return make_branch(county)


@pytest.fixture
def secretary(county: Branch, client_for: ClientFor) -> Client:
    return client_for(make_officer(county, Role.COUNTY_SECRETARY))


@pytest.fixture
def officer(kafjord: Branch, client_for: ClientFor) -> Client:
    return client_for(make_officer(kafjord))


def asked(branch: Branch, received_on: date = date(2026, 11, 1), **values: Any) -> RightsRequest:
    fields: dict[str, Any] = {
        "member": None, "kind": RequestKind.ACCESS, "way": RequestWay.EMAIL, "text": NAUGHTY, "by": None,
    }  # fmt: skip
    return open_request(branch, received_on=received_on, now=NOW, today=TODAY, **(fields | values))


def text(answer: Any) -> str:
    return str(answer.content.decode())


URL = "/lag/kafjord/personvern/henvendelser/"


def test_the_most_urgent_stands_first_with_how_many_days_are_left(kafjord: Branch, secretary: Client) -> None:
    member = make_member(kafjord, "Ragna", "Qvilnes")
    for received, kind in ((TODAY, "access"), (date(2026, 10, 17), "erasure"), (date(2026, 10, 27), "correction")):
        asked(kafjord, received, member=member, kind=RequestKind(kind))

    page = text(secretary.get("/lag/troms/personvern/henvendelser/"))

    assert page.index("3 dager over fristen") < page.index("7 dager igjen") < page.index("30 dager igjen")
    assert "Kåfjord" in page
    assert "<title>Henvendelser" in page.replace("\n", "")


def test_what_is_answered_is_seen_under_all(kafjord: Branch, secretary: Client) -> None:
    one = asked(kafjord)
    secretary.post(f"{URL}{one.pk}/svar/", {"answer-text": "Ingenting."})
    assert "Alle henvendelser er besvart" in text(secretary.get(URL))
    assert f"{URL}{one.pk}/" in text(secretary.get(f"{URL}?vis=alle"))


def test_a_list_of_three_costs_what_a_list_of_one_costs(kafjord: Branch, secretary: Client) -> None:
    def queries(address: str) -> int:
        with CaptureQueriesContext(
            connection,
        ) as caught:
            secretary.get(address)
        return len(caught)

    for address in (URL, f"{URL}?vis=alle"):
        asked(kafjord, member=make_member(kafjord))
        one = queries(address)
        asked(kafjord, member=make_member(make_branch(kafjord, f"Bygda {address[-4:]}")))
        asked(kafjord, member=make_member(kafjord))
        assert queries(address) == one


def test_a_list_has_pages(kafjord: Branch, secretary: Client) -> None:
    for _ in range(51):
        asked(kafjord)
    assert "Viser 51–51 av 51" in text(secretary.get(f"{URL}?side=2"))


def form(**values: Any) -> dict[str, Any]:
    return {"kind": "access", "way": "email", "received_on": "01.11.2026", "q": "", "member": "", "text": ""} | values


def test_an_officer_finds_the_member_and_registers(kafjord: Branch, officer: Client) -> None:
    member = make_member(kafjord, "Ragna", "Qvilnes")
    make_member(kafjord, "Odd", "Annen")

    looked = officer.post(f"{URL}ny/", form(q="qvil", text=NAUGHTY, received_on="i går", handling="finn"))

    page = text(looked)
    assert (looked.status_code, "Ragna Qvilnes" in page, "Odd Annen" in page) == (200, True, False)
    assert "i går" in page
    assert "Feil" not in page
    assert "<script>alert" not in page
    assert not RightsRequest.objects.exists()

    answer = officer.post(f"{URL}ny/", form(q="qvil", text=NAUGHTY, member=member.pk))
    made = RightsRequest.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, f"{URL}{made.pk}/")
    assert (made.member, made.text, made.received_on) == (member, NAUGHTY.strip(), date(2026, 11, 1))
    shown = text(officer.get(answer["Location"]))
    assert "<script>alert" not in shown
    assert "{{ 7|add:7 }}" in shown
    assert "Fylket svarer" in shown
    assert "Lagre svaret" not in shown


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({}, "Finn medlemmet og velg"),
        ({"member": "999999"}, "Finn medlemmet en gang til"),
        ({"member": "ingen", "kind": ""}, "Velg hva medlemmet ber om"),
        ({"member": "ingen", "kind": "alt"}, "Velg et gyldig valg"),
        ({"member": "ingen", "received_on": "21.11.2026"}, "Datoen er fram i tid"),
        ({"member": "ingen", "received_on": "31.02.2026"}, "31.02.2026"),
        ({"member": "ingen", "way": "my_page"}, "Velg et gyldig valg"),
        ({"member": "ingen", "text": "x" * 10_001}, "Skriv høyst 10000 tegn"),
    ],
)
def test_what_is_missing_is_said_and_what_was_typed_stays(
    values: dict[str, Any], said: str, kafjord: Branch, officer: Client
) -> None:
    answer = officer.post(f"{URL}ny/", form(**({"text": "Ord for ord"} | values)))
    assert answer.status_code == 422
    assert said in text(answer)
    assert "Ord for ord" in text(answer) or "text" in values
    assert not RightsRequest.objects.exists()


def test_a_member_of_another_branch_is_neither_found_nor_taken(
    county: Branch, kafjord: Branch, officer: Client
) -> None:
    stranger = make_member(make_branch(county, "Lyngen"), "Berit", "Qvilvik")
    for q in ("qvil", stranger.member_number):
        assert "Berit" not in text(officer.post(f"{URL}ny/", form(q=q, handling="finn")))
        assert officer.post(f"{URL}ny/", form(q=q, member=stranger.pk)).status_code == 422


def test_a_branch_sees_and_touches_its_own_only(county: Branch, kafjord: Branch, officer: Client) -> None:
    member = make_member(make_branch(county, "Lyngen"), "Berit", "Qvilvik")
    foreign, own = asked(member.branch, member=member), asked(kafjord)
    assert "Qvilvik" not in text(officer.get(f"{URL}?vis=alle"))
    assert officer.get(f"{URL}{foreign.pk}/").status_code == 404
    assert officer.get(f"{URL}{own.pk}/").status_code == 200
    for door in ("svar", "avslag", "frist", "trukket"):
        for one in (foreign, own):
            assert officer.post(f"{URL}{one.pk}/{door}/", {"answer-text": "x"}).status_code == 404
    assert officer.get(f"/lag/lyngen/personvern/henvendelser/{foreign.pk}/").status_code == 404
    assert RightsRequest.objects.open().count() == 2


def test_who_has_moved_away_is_not_named_where_they_were(county: Branch, kafjord: Branch, officer: Client) -> None:
    member = make_member(make_branch(county, "Lyngen"), "Berit", "Qvilvik")
    one = asked(kafjord, member=member)
    for page in (text(officer.get(URL)), text(officer.get(f"{URL}{one.pk}/"))):
        assert "Hører til et annet sted nå" in page
        assert "Qvilvik" not in page
        assert member.email not in page


@pytest.mark.parametrize(
    ("door", "field", "state"),
    [("svar", "answer-text", RequestState.ANSWERED), ("avslag", "refuse-text", RequestState.REFUSED)],
)
def test_an_answer_needs_words_and_what_was_typed_stays(
    door: str, field: str, state: str, kafjord: Branch, secretary: Client
) -> None:
    one = asked(kafjord, member=make_member(kafjord))
    empty = secretary.post(f"{URL}{one.pk}/{door}/", {field: "  "})
    long = secretary.post(f"{URL}{one.pk}/{door}/", {field: "ord " * 3000})
    assert (empty.status_code, long.status_code) == (422, 422)
    assert "ord ord ord" in text(long)
    assert "Feil: " in text(empty)

    done = secretary.post(f"{URL}{one.pk}/{door}/", {field: NAUGHTY, f"{field[:6]}-email": "on"}, follow=True)
    one.refresh_from_db()
    assert one.state == state
    assert "Medlemmet får en e-post" in text(done)
    assert "<script>alert" not in text(done)
    again = secretary.post(f"{URL}{one.pk}/{door}/", {field: "Ombestemt"}, follow=True)
    assert "i mellomtiden" in text(again)
    one.refresh_from_db()
    assert one.answer == NAUGHTY.strip()
    assert Delivery.objects.count() == 1


def test_where_no_address_works_nothing_is_offered_nor_sent(kafjord: Branch, secretary: Client) -> None:
    one = asked(kafjord, member=make_member(kafjord, email=""))
    page = text(secretary.get(f"{URL}{one.pk}/"))
    assert "answer-email" not in page
    done = secretary.post(f"{URL}{one.pk}/svar/", {"answer-text": "Se vedlegg", "answer-email": "on"}, follow=True)
    assert "Ingenting ble sendt" in text(done)
    assert not Delivery.objects.exists()


def test_more_time_once_with_a_reason(kafjord: Branch, secretary: Client) -> None:
    one = asked(kafjord, member=make_member(kafjord))
    assert secretary.post(f"{URL}{one.pk}/frist/", {"extend-because": ""}).status_code == 422
    assert "Medlemmet får en e-post" in text(
        secretary.post(f"{URL}{one.pk}/frist/", {"extend-because": "Mye"}, follow=True)
    )
    again = secretary.post(f"{URL}{one.pk}/frist/", {"extend-because": "Mer"}, follow=True)
    assert "Mer tid kan tas én gang" in text(again)
    assert "72 dager igjen" in text(secretary.get(URL)) or "73 dager igjen" in text(secretary.get(URL))


@pytest.mark.parametrize("kind", list(RequestKind))
def test_each_kind_says_what_to_do(kind: RequestKind, kafjord: Branch, secretary: Client) -> None:
    member = make_member(kafjord)
    page = text(secretary.get(f"{URL}{asked(kafjord, member=member, kind=kind).pk}/"))
    assert "Hva du gjør" in page
    if kind in (RequestKind.CORRECTION, RequestKind.OBJECTION):
        assert f"/lag/kafjord/medlemmer/{member.pk}/endre/" in page


def test_the_log_tells_who_looked_and_no_names(kafjord: Branch, secretary: Client) -> None:
    one = asked(kafjord, member=make_member(kafjord, "Ragna", "Qvilnes"))
    secretary.get(URL)
    secretary.get(f"{URL}{one.pk}/")
    events = AuditEvent.objects.filter(verb="requests.listed")
    assert events.count() == 2
    assert all("Qvilnes" not in str(event.details) for event in events)


def test_days_left_are_counted_in_words(kafjord: Branch, secretary: Client) -> None:
    for days, words in ((0, "Siste dag i dag"), (1, "1 dag igjen"), (-1, "1 dag over fristen")):
        one = asked(kafjord)
        RightsRequest.objects.filter(pk=one.pk).update(due_on=TODAY + timedelta(days=days))
        assert words in text(secretary.get(f"{URL}{one.pk}/"))


# --- The member's data -----------------------------------------------------------------------------------------------


def test_the_file_for_access_is_what_the_member_would_get_and_it_is_logged(kafjord: Branch, secretary: Client) -> None:
    member = make_member(kafjord, "Ragna", "Qvilnes")
    one = asked(kafjord, member=member)
    assert f"{URL}{one.pk}/data/" in text(secretary.get(f"{URL}{one.pk}/"))

    answer = secretary.get(f"{URL}{one.pk}/data/")

    assert answer.json()
    assert "Qvilnes" in text(answer)
    assert answer["Content-Disposition"] == f'attachment; filename="innsyn-{one.pk}.json"'
    assert answer["Cache-Control"] == "no-store"
    event = AuditEvent.objects.get(verb="my_data.fetched")
    assert (event.object_id, event.details) == (str(member.pk), {"way": "request"})
    assert event.actor_id is not None


def test_the_file_is_for_an_open_request_for_access_and_for_those_who_answer(
    county: Branch, kafjord: Branch, secretary: Client, officer: Client, client_for: ClientFor
) -> None:
    member = make_member(kafjord)
    one = asked(kafjord, member=member)
    elsewhere = asked(kafjord, member=make_member(make_branch(county, "Lyngen")))
    others = (asked(kafjord), asked(kafjord, member=member, kind=RequestKind.ERASURE), elsewhere)
    assert [secretary.get(f"{URL}{other.pk}/data/").status_code for other in others] == [404, 404, 404]
    assert officer.get(f"{URL}{one.pk}/data/").status_code == 404
    deputy = client_for(make_officer(county, Role.COUNTY_MEMBERSHIP_OFFICER))
    assert deputy.get(f"{URL}{one.pk}/data/").status_code == 200
    hidden = asked(kafjord, member=make_member(kafjord, address_protection="strict"))
    assert deputy.get(f"{URL}{hidden.pk}/data/").status_code == 404
    assert secretary.get(f"{URL}{hidden.pk}/data/").status_code == 200
    secretary.post(f"{URL}{one.pk}/svar/", {"answer-text": "Sendt i brev"})
    assert secretary.get(f"{URL}{one.pk}/data/").status_code == 404
