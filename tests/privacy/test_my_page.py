"""The first page of Min side: who one is, what waits, the doors."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from membership.actions.moves import request_move
from membership.models import Member
from privacy.enums import HoldReason, RequestKind, RequestWay
from privacy.models import Hold, RightsRequest
from tests.factories import NOW, TODAY, make_branch, make_claim, make_county, make_member
from tests.privacy_my import open_for

HOME = "/min-side/meg/"


@pytest.fixture
def member(db: None) -> Member:
    county = make_county()
    return make_member(make_branch(make_branch(county, "Kåfjord"), "Olderdalen"), "Ane", "Fjellvær")


@pytest.fixture
def mine(client: Client, member: Member) -> Client:
    return open_for(client, member)


def text_of(client: Client, url: str = HOME) -> str:
    answer = client.get(url)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def test_it_tells_name_branches_and_since_when(mine: Client, member: Member) -> None:
    text = text_of(mine)
    assert "Ane Fjellvær" in text
    assert "Olderdalen Arbeiderparti, Kåfjord Arbeiderparti, Troms Arbeiderparti" in text
    assert "15. januar 2020" in text
    assert member.member_number in text


def test_the_last_three_dues_years_stand_in_a_line(mine: Client, member: Member) -> None:
    for year, left in ((2023, 0), (2024, 0), (2025, 0), (2026, 45000)):
        make_claim(member, year=year, outstanding_ore=left)
    text = text_of(mine)
    assert "2026: Ikke betalt" in text
    assert "2024: Betalt" in text
    assert "2023" not in text


def test_what_is_not_finished_is_told(mine: Client, member: Member) -> None:
    to = make_branch(member.county, "Skjervøy")
    request_move(member, to=to, by=None, now=NOW, today=TODAY, by_member=True)
    Hold.objects.create(member=member, reason=HoldReason.DISPUTE, until_on=date(2027, 3, 1), placed_at=NOW)
    RightsRequest.objects.create(
        branch=member.branch,
        county=member.county,
        member=member,
        kind=RequestKind.ACCESS,
        way=RequestWay.EMAIL,
        received_on=TODAY,
        due_on=TODAY + timedelta(days=30),
        created_at=NOW,
    )
    text = text_of(mine)
    assert "Du har bedt om å flytte til Skjervøy Arbeiderparti" in text
    assert "1. mars 2027" in text
    assert "20. desember 2026" in text


def test_what_is_over_does_not_wait(mine: Client, member: Member) -> None:
    Hold.objects.create(member=member, reason=HoldReason.DISPUTE, until_on=TODAY, placed_at=NOW)
    assert "Dette venter" not in text_of(mine)


def test_nothing_of_it_is_kept_by_a_browser(mine: Client) -> None:
    answer = mine.get(HOME)
    assert answer["Cache-Control"] == "no-store"
    assert "noindex" in answer["X-Robots-Tag"]


def test_it_costs_the_same_with_one_year_and_with_three(mine: Client, member: Member) -> None:

    make_claim(member, year=2026)
    with CaptureQueriesContext(connection) as one:
        mine.get(HOME)
    make_claim(member, year=2025)
    make_claim(member, year=2024)
    with CaptureQueriesContext(connection) as three:
        mine.get(HOME)
    assert len(one) == len(three)
