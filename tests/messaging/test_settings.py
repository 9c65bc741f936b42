"""How a branch writes: what is kept, what is refused, and whose it is to change."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.enums import Verb
from accounts.models import AuditEvent, User
from membership.models import Branch
from membership.roles import Role
from messaging.actions.settings import SettingsChanged, change_settings, own_settings, state_of
from messaging.approvers import substitutes_for, who_may_send
from messaging.models import MessagingSettings, settings_of
from tests.factories import TODAY, make_branch, make_county, make_officer, make_user

pytestmark = pytest.mark.django_db
ClientFor = Callable[[User], Client]

COUNTY_VALUES: Mapping[str, str] = {
    "sms_price": "0,45",
    "type_over": "50",
    "regret_over": "100",
    "approve_over": "500",
    "weekday_from": "10",
    "weekday_to": "20",
    "saturday_from": "11",
    "saturday_to": "17",
    "holiday_from": "13",
    "holiday_to": "19",
}


def url_of(branch: Branch) -> str:
    return reverse("messaging:messaging_settings", args=[branch.slug])


def post(client: Client, branch: Branch, seen: str = "", **values: Any) -> Any:
    return client.post(url_of(branch), {"seen": seen or state_of(own_settings(branch)), **values})


def test_a_branch_keeps_its_sender_and_its_budget(branch: Branch, client_for: ClientFor) -> None:
    other = make_officer(branch, Role.BRANCH_LEADER, name="Odd Moen")
    client = client_for(make_officer(branch))
    answer = post(
        client,
        branch,
        sender_name="Kåfjord Ap",
        reply_to="svar@demo.example",
        sms_sender="Kafjord Ap",
        service_sms_sender="Beskjed",
        sms_budget="250,50",
        substitute=str(other.pk),
    )
    assert answer.status_code == 302
    kept = settings_of(branch)
    assert (kept.sender_name, kept.reply_to, kept.sms_sender) == ("Kåfjord Ap", "svar@demo.example", "Kafjord Ap")
    assert (kept.service_sms_sender, kept.sms_budget_ore, kept.substitute) == ("Beskjed", 25050, other)
    event = AuditEvent.objects.get(verb=Verb.MESSAGING_SETTINGS_CHANGED)
    assert "sms_budget_ore" in event.details["fields"]
    assert "250" not in str(event.details)
    page = client.get(url_of(branch)).content.decode()
    assert 'value="250,50"' in page
    assert "For alle kommunepartier" not in page


@pytest.mark.parametrize("sender", ["Ap", "Kåfjord", "123456", "Kafjord Arbeiderparti", "Ap+venner", "Ap\nBcc x"])
def test_a_sender_that_no_network_takes_is_refused_and_kept_on_the_page(
    branch: Branch, client_for: ClientFor, sender: str
) -> None:
    answer = post(client_for(make_officer(branch)), branch, sms_sender=sender, sender_name="Vi")
    if sender == "Ap\nBcc x":
        # One line is all that is left of it, and that is a name.
        assert answer.status_code == 302
        assert settings_of(branch).sms_sender == "Ap Bcc x"
        return
    assert answer.status_code == 422
    assert "Bruk 3 til 11 bokstaver" in answer.content.decode()
    assert 'value="Vi"' in answer.content.decode()
    assert not MessagingSettings.objects.exists()


@pytest.mark.parametrize(("typed", "kept"), [("", None), ("0", 0), ("1 000", 100_000)])
def test_no_budget_is_not_the_same_as_nothing(
    branch: Branch, client_for: ClientFor, typed: str, kept: int | None
) -> None:
    post(client_for(make_officer(branch)), branch, sms_budget=typed, sender_name="Vi")
    assert settings_of(branch).sms_budget_ore == kept


@pytest.mark.parametrize("typed", ["mye", "-5", "1e9", "99999999999999"])
def test_a_budget_that_cannot_be_read_is_refused(branch: Branch, client_for: ClientFor, typed: str) -> None:
    answer = post(client_for(make_officer(branch)), branch, sms_budget=typed)
    assert answer.status_code == 422
    assert "Skriv et beløp" in answer.content.decode()


def test_the_county_sets_what_holds_for_all(branch: Branch, client_for: ClientFor) -> None:
    county = branch.county
    assert county is not None
    post(client_for(make_officer(county, Role.COUNTY_SECRETARY)), county, **COUNTY_VALUES)
    kept = settings_of(branch)
    assert (kept.sms_price_ore, kept.type_over, kept.regret_over, kept.approve_over) == (45, 50, 100, 500)
    assert (kept.weekday_from, kept.saturday_to, kept.holiday_from) == (10, 17, 13)


def test_a_branch_cannot_set_what_is_the_countys(branch: Branch, client_for: ClientFor) -> None:
    post(client_for(make_officer(branch)), branch, sender_name="Vi", **COUNTY_VALUES)
    assert settings_of(branch).sms_price_ore == 39
    assert own_settings(branch).approve_over == 1000
    with_action = {"approve_over": 1, "sender_name": "Dere"}
    change_settings(branch, values=with_action, seen=state_of(own_settings(branch)), by=make_user())
    assert own_settings(branch).approve_over == 1000


@pytest.mark.parametrize(
    "wrong",
    [{"weekday_from": "22"}, {"saturday_to": "25"}, {"type_over": "-1"}, {"type_over": "x"}, {"sms_price": "x"}],
)
def test_hours_and_limits_that_make_no_sense_are_refused(
    branch: Branch, client_for: ClientFor, wrong: dict[str, str]
) -> None:
    county = branch.county
    assert county is not None
    client = client_for(make_officer(county, Role.COUNTY_SECRETARY))
    assert post(client, county, **{**COUNTY_VALUES, **wrong}).status_code == 422
    assert not MessagingSettings.objects.exists()


def test_the_second_of_two_is_told_and_saves_with_once_more(branch: Branch, client_for: ClientFor) -> None:
    client, seen = client_for(make_officer(branch)), state_of(own_settings(branch))
    post(client, branch, seen=seen, sender_name="Først")
    answer = post(client, branch, seen=seen, sender_name="Sist")
    assert answer.status_code == 422
    assert settings_of(branch).sender_name == "Først"
    assert "Noen andre endret innstillingene imens" in answer.content.decode()
    assert 'value="Sist"' in answer.content.decode()
    post(client, branch, seen=answer.context["form"].data["seen"], sender_name="Sist")
    assert settings_of(branch).sender_name == "Sist"


def test_the_same_twice_is_no_change(branch: Branch) -> None:
    user = make_user()
    seen = state_of(own_settings(branch))
    assert change_settings(branch, values={"sender_name": "Vi"}, seen=seen, by=user) == ["sender_name"]
    assert change_settings(branch, values={"sender_name": "Vi"}, seen=seen, by=user) == []
    with pytest.raises(SettingsChanged):
        change_settings(branch, values={"sender_name": "Dere"}, seen=seen, by=user)
    assert AuditEvent.objects.filter(verb=Verb.MESSAGING_SETTINGS_CHANGED).count() == 1


def test_substitutes_are_those_who_may_send_somewhere_in_the_county(branch: Branch) -> None:
    county = branch.county
    assert county is not None
    there = make_officer(make_branch(county, "Lyngen"), name="Aud")
    above = make_officer(county, Role.COUNTY_SECRETARY, name="Berit")
    make_officer(branch, Role.TREASURER, name="Cato")
    elsewhere = make_officer(make_county("Nordland"), Role.COUNTY_SECRETARY, name="Dag")
    former = make_user("Else")
    found = substitutes_for(branch, on=TODAY, present=former.pk)
    assert found == [(there.pk, "Aud"), (above.pk, "Berit"), (former.pk, "Else")]
    assert elsewhere.pk not in dict(found)
    assert who_may_send(branch, on=TODAY) == [above]


def test_nobody_else_can_be_made_substitute(branch: Branch, client_for: ClientFor) -> None:
    stranger = make_officer(make_county("Nordland"), Role.COUNTY_SECRETARY)
    answer = post(client_for(make_officer(branch)), branch, substitute=str(stranger.pk))
    assert answer.status_code == 422
    assert not MessagingSettings.objects.exists()
