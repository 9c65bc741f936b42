"""A protected address is nowhere: not on a page one can walk to, not in a file, a log, a search or a derived column."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from typing import Any, Final

import pytest
from django.core.serializers.json import DjangoJSONEncoder
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from accounts.models import AuditEvent, User
from dues.models import Claim
from membership.enums import AddressProtection
from membership.models import Branch, Member
from membership.roles import Role
from tests.factories import hand_out, make_branch, make_claim, make_county, make_member, make_officer
from tests.walking import walk

pytestmark = [pytest.mark.django_db, pytest.mark.once]

ClientFor = Callable[[User], Client]
SECRET: Final = {"care_of": "Vertskapet", "street": "Hemmeligveien 3", "postal_code": "9198", "city": "Skjultby"}
WORDS: Final = ("vertskapet", "hemmeligveien", "9198", "skjultby")


def tells(text: str) -> list[str]:
    """The words of the address that a text lets out. Names and seals of forms are drawn anew each time, and may hold
    four figures: a postal code stands by itself."""
    lowered = re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "", text.lower())
    alone = {word: rf"(?<![0-9a-z]){word}(?![0-9a-z])" if word.isdigit() else word for word in WORDS}
    return [word for word, pattern in alone.items() if re.search(pattern, lowered)]


@pytest.fixture
def kafjord() -> Branch:
    return make_branch(make_county(), "Kåfjord")


@pytest.fixture(params=[AddressProtection.CONFIDENTIAL, AddressProtection.STRICT])
def protected(request: pytest.FixtureRequest, kafjord: Branch) -> Member:
    """One who has not paid, of the same house as another."""
    member = make_member(kafjord, "Ravdna", "Qvilnes", address_protection=request.param, **SECRET)
    make_claim(member)
    return member


@pytest.fixture
def housemate(kafjord: Branch) -> Member:
    """The same address, which is not protected: nothing of the two may be put together."""
    member = make_member(kafjord, "Biret", "Qvilnes", **SECRET)
    make_claim(member)
    return member


def test_nothing_is_derived_from_it(protected: Member, housemate: Member) -> None:
    assert protected.household_key == ""
    assert housemate.household_key
    assert not tells(protected.search_text + protected.sort_key)


@pytest.mark.parametrize("role", [Role.COUNTY_SECRETARY, Role.MEMBERSHIP_OFFICER, Role.TREASURER])
def test_no_page_one_can_walk_to_shows_it(
    kafjord: Branch, protected: Member, client_for: ClientFor, role: Role
) -> None:
    user = make_officer(kafjord.county or kafjord, role)
    make_member(kafjord)
    make_claim(make_member(kafjord, "Ánte"))
    hand_out(kafjord, user)
    shown = list(walk(client_for(user), ["/", f"/lag/{kafjord.slug}/medlemmer/{protected.pk}/"]))
    assert any(f"/{protected.pk}/" in page.url for page in shown)
    assert not [f"{page.url}: {words}" for page in shown if page.is_html and (words := tells(page.body.decode()))]


def test_no_search_finds_it(kafjord: Branch, protected: Member, client_for: ClientFor) -> None:
    client = client_for(make_officer(kafjord))
    for word in ("Hemmeligveien", "9198", "Skjultby", "Vertskapet"):
        found = client.post(reverse("membership:member_list", args=[kafjord.slug]), {"q": word}, follow=True)
        assert "Qvilnes" not in found.text


def test_no_workbook_holds_it_and_the_strictest_are_in_none(
    kafjord: Branch, protected: Member, client_for: ClientFor
) -> None:
    client = client_for(make_officer(kafjord))
    answer: Any = client.post(reverse("dues:unpaid_export", args=[kafjord.slug, 2026]))
    cells = cells_of(answer.content)
    assert not tells(" ".join(cells))
    assert ("Qvilnes" in cells) is (protected.address_protection == AddressProtection.CONFIDENTIAL)


def cells_of(content: bytes) -> set[str]:
    book = load_workbook(io.BytesIO(content))
    return {str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row if cell}


def test_a_housemate_is_not_told_to_live_with_one_who_is_protected(
    kafjord: Branch, protected: Member, housemate: Member, client_for: ClientFor
) -> None:
    officer = make_officer(kafjord)
    text = client_for(officer).get(reverse("dues:unpaid", args=[kafjord.slug, 2026])).text
    assert "Bor med" not in text
    made = hand_out(kafjord, officer)
    page = client_for(officer).get(reverse("dues:call_list", args=[kafjord.slug, made.pk])).text
    assert "Deler husstand" not in page
    assert "data-hus" not in page


def test_neither_log_nor_claims_hold_it(kafjord: Branch, protected: Member, client_for: ClientFor) -> None:
    client = client_for(make_officer(kafjord, Role.COUNTY_SECRETARY))
    client.post(reverse("membership:member_address", args=[kafjord.slug, protected.pk]), {"reason": "emergency"})
    client.get(reverse("membership:member_edit", args=[kafjord.slug, protected.pk]))
    rows = [*AuditEvent.objects.values(), *Claim.objects.values()]
    assert not tells(json.dumps(rows, cls=DjangoJSONEncoder))
