"""Call lists on paper."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.enums import Verb
from accounts.models import AuditEvent, User
from dues.models import Claim
from membership.enums import AddressProtection
from membership.models import Branch
from membership.roles import Role
from tests.factories import (
    hand_out,
    make_branch,
    make_county,
    make_officer,
    make_unpaid,
)

pytestmark = pytest.mark.django_db

ClientFor = Callable[[User], Client]


@pytest.fixture
def kafjord() -> Branch:
    return make_branch(make_county(), "Kåfjord")


@pytest.fixture
def officer(kafjord: Branch) -> User:
    return make_officer(kafjord, name="Kari Nordvik")


def url(name: str, branch: Branch, *args: Any) -> str:
    return reverse(f"dues:{name}", args=[branch.slug, *args])


def test_a_sheet_has_names_numbers_and_the_eight_results(client_for: ClientFor, kafjord: Branch, officer: User) -> None:
    paid = make_unpaid(kafjord, "Betalt")
    make_unpaid(kafjord, "Ane")
    made = hand_out(kafjord, officer)
    Claim.objects.filter(member=paid).update(outstanding_ore=0)
    page = client_for(officer).get(url("call_list_print", kafjord, made.pk, made.callers.get().pk)).content.decode()
    assert "Ane Fjellvær" in page
    assert "Betalt Fjellvær" not in page
    assert "Skrevet ut av Kari Nordvik" in page
    assert "makuler arket" in page
    boxes = page.partition('class="boxes"')[2].partition("</div>")[0]
    assert boxes.count("<span>") == 8
    event = AuditEvent.objects.get(verb=Verb.CALL_LIST_PRINTED)
    assert (event.count, event.object_id) == (1, str(made.pk))


def test_the_whole_unpaid_list_can_be_printed(client_for: ClientFor, kafjord: Branch, officer: User) -> None:
    make_unpaid(kafjord, "Ane")
    make_unpaid(kafjord, "Bo", no_phone=True, mobile="+4700099999")
    make_unpaid(kafjord, "Streng", address_protection=AddressProtection.STRICT)
    client = client_for(officer)
    page = client.get(url("unpaid_print", kafjord, 2026)).content.decode()
    assert "Ane Fjellvær" in page
    assert "Bo Fjellvær<br>" in page
    assert "Skal ikke ringes" in page
    assert "000 99 999" not in page
    assert "Streng" not in page
    assert AuditEvent.objects.get(verb=Verb.CALL_LIST_PRINTED).count == 2
    only_bo = client.get(url("unpaid_print", kafjord, 2026), {"navn": "Bo"}).content.decode()
    assert "Ane" not in only_bo
    assert "Bo Fjellvær" in only_bo


def test_a_list_too_long_for_paper_says_so(
    client_for: ClientFor, kafjord: Branch, officer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dues.call_lists.MAX_PRINTED", 1)
    monkeypatch.setattr("dues.views.exports.MAX_PRINTED", 1)
    make_unpaid(kafjord, "Ane")
    make_unpaid(kafjord, "Bo")
    page = client_for(officer).get(url("unpaid_print", kafjord, 2026)).content.decode()
    assert "For lang til å skrive ut" in page
    assert "Ane" not in page


@pytest.mark.parametrize("role", [Role.BRANCH_LEADER, Role.CALLER, Role.RECRUITMENT_OFFICER])
def test_whoever_may_not_export_may_not_print_the_whole_list(
    client_for: ClientFor, kafjord: Branch, role: Role
) -> None:
    make_unpaid(kafjord)
    assert client_for(make_officer(kafjord, role)).get(url("unpaid_print", kafjord, 2026)).status_code == 404
