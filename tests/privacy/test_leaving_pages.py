"""An officer registers a written resignation, or a death: what is asked, what follows, who may not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.enums import Verb
from accounts.models import AuditEvent, User
from calling.enums import Outcome
from calling.models import Call
from membership.enums import MemberStatus
from membership.models import Branch, Member
from membership.roles import Permission, Role
from messaging.models import Delivery
from privacy.models import Departure, PrivacySettings
from tests.access_pages import PAGES
from tests.access_privacy import RESIGNATION
from tests.access_world import belongings, make_world
from tests.factories import NOW, TODAY, make_branch, make_county, make_member, make_officer

pytestmark = pytest.mark.django_db

ClientFor = Callable[[User], Client]


@pytest.fixture
def kafjord() -> Branch:
    return make_branch(make_county(), "Kåfjord")


@pytest.fixture
def officer(kafjord: Branch) -> User:
    return make_officer(kafjord)


@pytest.fixture
def client(officer: User, client_for: ClientFor) -> Client:
    return client_for(officer)


def at(name: str, member: Member) -> str:
    return reverse(f"privacy:{name}", args=[member.branch.slug, member.pk])


def resign(client: Client, member: Member, **data: str) -> Any:
    typed = {"way": "letter", "on": "18.11.2026", "text": "Jeg melder meg ut.\nHilsen Ane"} | data
    return client.post(at("resignation", member), typed)


def test_a_written_resignation_is_kept_with_its_day_and_its_words(
    kafjord: Branch, officer: User, client: Client
) -> None:
    member = make_member(kafjord)
    page = client.get(at("resignation", member)).text
    assert "27. november 2026" in page.replace("\u00a0", " ")
    answer = resign(client, member)
    departure = Departure.objects.get()
    assert answer.status_code == 302
    assert answer["Location"] == f"/lag/kafjord/personvern/utmeldte/?registrert={departure.pk}"
    assert (departure.way, departure.left_on, departure.recorded_by) == ("letter", date(2026, 11, 18), officer)
    assert departure.text == "Jeg melder meg ut.\nHilsen Ane"
    assert departure.erase_on == TODAY + timedelta(days=7)
    member.refresh_from_db()
    assert (member.status, member.left_on) == (MemberStatus.RESIGNED, date(2026, 11, 18))
    assert client.get(reverse("membership:member_detail", args=["kafjord", member.pk])).status_code == 404


def test_the_page_tells_the_county_s_own_time(kafjord: Branch, client: Client) -> None:
    member = make_member(kafjord)
    PrivacySettings.objects.create(county_id=kafjord.root_id, correction_days=0)
    for name in ("resignation", "death"):
        assert "innen et døgn" in client.get(at(name, member)).text
    PrivacySettings.objects.update(correction_days=14)
    for name in ("resignation", "death"):
        assert "4. desember 2026" in client.get(at(name, member)).text.replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"on": ""}, "Skriv datoen"),
        ({"on": "21.11.2026"}, "Datoen er fram i tid"),
        ({"on": "14.01.2020"}, "Datoen er før dagen medlemmet meldte seg inn"),
        ({"on": "32.11.2026"}, "Skriv datoen med dag"),
        ({"way": ""}, "Velg hvordan den kom"),
        ({"way": "death"}, "Velg"),
        ({"way": "unpaid"}, "Velg"),
        ({"text": "  "}, "Kopier det medlemmet skrev"),
        ({"text": "x" * 5_001}, "5000"),
    ],
)
def test_what_cannot_be_is_refused_and_kept_as_typed(
    kafjord: Branch, client: Client, typed: dict[str, str], said: str
) -> None:
    member = make_member(kafjord, joined_on=date(2020, 1, 15))
    answer = resign(client, member, **typed)
    assert answer.status_code == 422
    assert said in answer.text
    assert "ds-error-summary" in answer.text
    assert "Hilsen Ane" in answer.text or "text" in typed
    assert not Departure.objects.exists()
    assert Member.objects.get(pk=member.pk).status == MemberStatus.MEMBER


def test_a_second_press_is_told_and_does_nothing(kafjord: Branch, client: Client) -> None:
    member = make_member(kafjord)
    resign(client, member)
    for answer in (resign(client, member), client.post(at("death", member), {"on": "19.11.2026"})):
        assert answer["Location"] == "/lag/kafjord/personvern/utmeldte/"
    assert Departure.objects.count() == 1
    assert Member.objects.get(pk=member.pk).status == MemberStatus.RESIGNED
    assert client.get(at("resignation", member)).status_code == 404


def test_an_applicant_may_leave_and_one_who_was_put_out_may_not(kafjord: Branch, client: Client) -> None:
    applicant = make_member(kafjord, status=MemberStatus.APPLIED)
    assert resign(client, applicant).status_code == 302
    assert Departure.objects.get().status_before == MemberStatus.APPLIED
    expelled = make_member(kafjord, status=MemberStatus.EXPELLED)
    for name in ("resignation", "death"):
        assert client.get(at(name, expelled)).status_code == 404
        assert client.post(at(name, expelled), {"on": "19.11.2026"}).status_code == 404


def test_a_death_needs_a_day_no_more_and_nothing_is_sent(kafjord: Branch, officer: User, client: Client) -> None:
    member = make_member(kafjord)
    assert 'value="20.11.2026"' in client.get(at("death", member)).text
    assert client.post(at("death", member), {"on": ""}).status_code == 302
    departure = Departure.objects.get()
    assert (departure.way, departure.left_on, departure.receipt_by_letter) == ("death", TODAY, False)
    assert Member.objects.get(pk=member.pk).status == MemberStatus.DECEASED
    assert not Delivery.objects.exists()
    assert client.post(at("death", make_member(kafjord)), {"on": "21.11.2026"}).status_code == 422


def test_the_log_has_no_words_of_the_member(kafjord: Branch, client: Client) -> None:
    resign(client, make_member(kafjord, "Ravdna", "Qvilnes"), text="Hemmelig grunn")
    rows = str(list(AuditEvent.objects.values_list("details", flat=True)))
    assert "Hemmelig" not in rows
    assert "Qvilnes" not in rows
    assert AuditEvent.objects.filter(verb=Verb.MEMBER_LEFT).count() == 1


@pytest.mark.parametrize(
    ("fields", "channel", "said"),
    [
        ({}, "email", "Lenken er sendt på e-post"),
        ({"email": ""}, "sms", "Lenken er sendt på SMS"),
        ({"email_bounced_on": TODAY}, "sms", "Lenken er sendt på SMS"),
    ],
)
def test_a_link_is_sent_and_the_member_stays_until_it_is_used(
    kafjord: Branch, client: Client, fields: dict[str, Any], channel: str, said: str
) -> None:
    member = make_member(kafjord, **fields)
    page = client.get(at("resignation", member)).text
    assert at("resignation_link", member) in page
    assert at("resignation_letter", member) not in page
    assert said in client.post(at("resignation_link", member), follow=True).text
    client.post(at("resignation_link", member))
    assert Delivery.objects.get().channel == channel
    assert Member.objects.get(pk=member.pk).status == MemberStatus.MEMBER


def test_where_no_link_can_go_there_is_a_letter(kafjord: Branch, client: Client) -> None:
    member = make_member(kafjord, email_bounced_on=TODAY, mobile="ukjent", mobile_ok=False)
    page = client.get(at("resignation", member)).text
    assert at("resignation_letter", member) in page
    assert at("resignation_link", member) not in page
    assert "Lag brev" in client.post(at("resignation_link", member), follow=True).text
    assert not Delivery.objects.exists()


# --- Who may not -----------------------------------------------------------------------------------------------------

OURS = ("resignation", "resignation_link", "resignation_letter", "death")


@pytest.mark.parametrize("role", [role for role in Role if "officer" not in role and role != Role.COUNTY_SECRETARY])
def test_others_find_no_such_page(kafjord: Branch, client_for: ClientFor, role: Role) -> None:
    member = make_member(kafjord)
    client = client_for(make_officer(kafjord, role))
    for name in OURS:
        assert client.get(at(name, member)).status_code in {404, 405}
        assert client.post(at(name, member), {"on": "19.11.2026", "way": "email", "text": "Ut"}).status_code == 404
    assert Member.objects.get(pk=member.pk).status == MemberStatus.MEMBER


def test_an_officer_of_another_branch_finds_no_such_page(kafjord: Branch, client_for: ClientFor) -> None:
    assert kafjord.county
    member = make_member(kafjord)
    lyngen = make_branch(kafjord.county, "Lyngen")
    client = client_for(make_officer(lyngen))
    for name in OURS:
        for slug in ("lyngen", "kafjord"):
            assert (
                client.post(reverse(f"privacy:{name}", args=[slug, member.pk]), {"on": "1.1.2026"}).status_code == 404
            )
    assert not Departure.objects.exists()


@pytest.mark.once
def test_a_caller_can_by_no_path_take_anybody_out(client_for: ClientFor) -> None:
    world = make_world()
    caller = make_officer(world.own.branch, Role.CALLER)
    client, own = client_for(caller), belongings(world.own, caller, Permission.CALL)
    before = dict(Member.objects.values_list("pk", "status"))
    # What a caller writes down is a wish, and no more.
    Call.objects.filter(caller=own.caller).update(outcome=Outcome.WANTS_TO_LEAVE, outcome_at=NOW)
    everything = RESIGNATION | {
        "to": "resigned",
        "status": "resigned",
        "expected": "member",
        "outcome": "wants_to_leave",
    }
    for name, page in PAGES.items():
        url = reverse(name, args=[world.own.slug, *page.args(world.own, own)])
        before |= dict(Member.objects.exclude(pk__in=before).values_list("pk", "status"))
        left = set(Departure.objects.values_list("pk", flat=True))
        for data in (everything, {**page.data, **everything}):
            client.post(url, data)
        assert dict(Member.objects.values_list("pk", "status")) == before, url
        assert set(Departure.objects.values_list("pk", flat=True)) == left, url
