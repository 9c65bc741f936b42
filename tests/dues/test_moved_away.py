"""Who has moved is phoned, printed and exported by the old branch no more, from that moment."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from accounts.models import User
from calling.models import CallList
from common.phone import format_phone
from dues import export
from dues.actions.payments import register_payment
from dues.call_lists import Standing, progress_of, sheets
from dues.models import Claim
from membership.actions.moves import move
from membership.models import Branch, Member
from membership.roles import Role
from tests.factories import (
    NOW,
    TODAY,
    hand_out,
    make_branch,
    make_county,
    make_officer,
    make_unpaid,
)

pytestmark = pytest.mark.django_db

ClientFor = Callable[[User], Client]


@pytest.fixture
def county() -> Branch:
    return make_county()


@pytest.fixture
def kafjord(county: Branch) -> Branch:
    return make_branch(county, "Kåfjord")


@pytest.fixture
def lyngen(county: Branch) -> Branch:
    return make_branch(county, "Lyngen")


@pytest.fixture
def officer(kafjord: Branch) -> User:
    return make_officer(kafjord, name="Kari Nordvik")


def moved(member: Member, to: Branch, by: User) -> None:
    move(member, to=to, by=by, now=NOW, today=TODAY)


def cells(content: bytes) -> set[str]:
    book = load_workbook(io.BytesIO(content))
    return {str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row if cell}


def test_on_a_call_list_nobody_is_phoned_any_more(
    client_for: ClientFor, kafjord: Branch, lyngen: Branch, officer: User
) -> None:
    caller = make_officer(kafjord, Role.CALLER, name="Ringe Hjelper")
    ane = make_unpaid(kafjord, "Ane", mobile="+4791234567")
    make_unpaid(kafjord, "Bo", mobile="+4798765432")
    made = hand_out(kafjord, officer, caller)
    moved(ane, lyngen, officer)

    (sheet,) = sheets(made, made.callers.all(), on=TODAY)
    told = {name.name: (name.standing, name.phone, name.outstanding_ore) for name in sheet.names}
    assert told["Ane Fjellvær"] == (Standing.STOPPED, "", 0)
    assert told["Bo Fjellvær"][0] == Standing.OPEN
    address = reverse("dues:call_list", args=["kafjord", made.pk])
    printed = reverse("dues:call_list_print", args=["kafjord", made.pk, sheet.caller.pk])
    for user, page in ((caller, address), (officer, address), (caller, printed), (officer, printed)):
        html = client_for(user).get(page).content.decode()
        assert format_phone("+4791234567") not in html
        assert "+4791234567" not in html
        assert user != caller or format_phone("+4798765432") in html
    excel = client_for(officer).post(reverse("dues:call_list_export", args=["kafjord", made.pk]))
    assert not {ane.member_number, "Ane"} & cells(excel.content)
    (progress,) = progress_of(CallList.objects.all())
    assert (progress.names, progress.left) == (2, 1)


def test_who_paid_before_moving_is_not_told_of_either(kafjord: Branch, lyngen: Branch, officer: User) -> None:
    ane = make_unpaid(kafjord, "Ane")
    made = hand_out(kafjord, officer)
    register_payment(Claim.objects.get(), amount_ore=45000, paid_on=TODAY, by=officer, now=NOW)
    moved(ane, lyngen, officer)
    (sheet,) = sheets(made, made.callers.all(), on=TODAY)
    assert [name.standing for name in sheet.names] == [Standing.STOPPED]


def test_a_county_list_still_phones_who_moved_within_it(county: Branch, kafjord: Branch, lyngen: Branch) -> None:
    secretary = make_officer(county, Role.COUNTY_SECRETARY)
    ane = make_unpaid(kafjord, "Ane")
    made = hand_out(county, secretary)
    moved(ane, lyngen, secretary)
    (sheet,) = sheets(made, made.callers.all(), on=TODAY)
    assert [name.standing for name in sheet.names] == [Standing.OPEN]
    (progress,) = progress_of(CallList.objects.all())
    assert progress.left == 1


def test_the_unpaid_list_on_paper_and_in_excel_forgets_who_moved(
    client_for: ClientFor, kafjord: Branch, lyngen: Branch, officer: User
) -> None:
    ane = make_unpaid(kafjord, "Ane")
    make_unpaid(kafjord, "Bo")
    moved(ane, lyngen, officer)
    client = client_for(officer)
    assert "Ane" not in client.get(reverse("dues:unpaid", args=["kafjord", 2026])).content.decode()
    assert "Ane" not in client.get(reverse("dues:unpaid_print", args=["kafjord", 2026])).content.decode()
    assert "Ane" not in cells(client.post(reverse("dues:unpaid_export", args=["kafjord", 2026])).content)


def test_who_moves_while_the_file_is_written_does_not_stand_in_it(
    kafjord: Branch, lyngen: Branch, officer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "CHUNK", 1)
    ane = make_unpaid(kafjord, "Ane", last_name="Alnes")
    make_unpaid(kafjord, "Bo", last_name="Berg")
    cid = make_unpaid(kafjord, "Cid", last_name="Dahl")
    gone: list[int] = []

    def meanwhile(done: int) -> None:
        # The first is written already, the last not yet.
        if done == 1 and not gone:
            gone.extend([ane.pk, cid.pk])
            moved(ane, lyngen, officer)
            moved(cid, lyngen, officer)

    file = io.BytesIO()
    count = export.write_unpaid(kafjord, 2026, file=file, by=export.Exporter(officer, NOW), progress=meanwhile)
    assert gone
    assert count == 1
    assert "Bo" in cells(file.getvalue())
    assert not {"Ane", "Cid"} & cells(file.getvalue())


def test_a_file_that_nobody_left_is_written_once(
    kafjord: Branch, lyngen: Branch, officer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_unpaid(kafjord, "Ane")
    other = make_unpaid(lyngen, "Liv")
    written: list[Any] = []
    write = export._write

    def counted(*args: Any, **more: Any) -> int:
        written.append(args)
        moved(other, kafjord, officer)
        return write(*args, **more)

    monkeypatch.setattr(export, "_write", counted)
    export.write_unpaid(kafjord, 2026, file=io.BytesIO(), by=export.Exporter(officer, NOW))
    assert len(written) == 1
