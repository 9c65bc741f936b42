"""Ways round the doors: odd paths, a sign-in that leads elsewhere, a file with others in it. The doors themselves are
walked through in test_access_matrix.py."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Final

import pytest
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from accounts.models import User
from tests.access_world import World, make_world
from tests.factories import TODAY, make_officer

ClientFor = Callable[[User], Client]


@pytest.fixture
def world(db: None) -> World:
    """Two branches that must not see one another."""
    return make_world()


@pytest.mark.parametrize(
    "elsewhere", ["https://example.org/", "//example.org/", "/\\example.org", "javascript:alert(1)"]
)
def test_signing_in_leads_nowhere_else(elsewhere: str, world: World, client: Client) -> None:
    url = reverse("account_login")
    answer = client.post(url, {"login": world.treasurer.email, "password": "medlemsboka", "next": elsewhere})
    assert answer.status_code == 302
    assert answer["Location"] == reverse("home")


ODD_PATHS: Final = (
    "/api/public/lag/kafjord/medlemmer/",
    "/lag/kafjord/medlemmer/api/public/",
    "//lag/kafjord/medlemmer/",
    "/lag//kafjord/medlemmer/",
    "/lag/kafjord//medlemmer/",
    "/lag/kafjord/medlemmer//",
    "/lag/kafjord/medlemmer/;/",
    "/lag/kafjord;a=b/medlemmer/",
    "/lag/kafjord/medlemmer;.css",
    "/lag/kafjord/medlemmer.",
    "/lag/kafjord/medlemmer./",
    "/lag/kafjord/medlemmer/.",
    "/lag/kafjord/%2e/medlemmer/",
    "/lag/kafjord/%2e%2e/kafjord/medlemmer/",
    "/lag/kafjord/medlemmer/%2e",
    "/lag/kafjord/medlemmer%2f",
    "/lag/kafjord/medlemmer/%00",
    "/lag/kafjord/medlemmer/%0d%0a",
    "/LAG/kafjord/medlemmer/",
    "/lag/KAFJORD/medlemmer/",
    "/static/../lag/kafjord/medlemmer/",
    "/static/%2e%2e/lag/kafjord/medlemmer/",
    "/konto/logg-inn/../../lag/kafjord/medlemmer/",
    "/lag/kafjord/medlemmer",
)


@pytest.mark.parametrize("path", ODD_PATHS)
def test_an_odd_path_is_no_way_round_the_door(path: str, world: World, client: Client) -> None:
    answer = client.get(path, follow=False)
    assert answer.status_code in {301, 302, 404}, path
    assert "Qvil" not in answer.content.decode()
    hops = 0
    while answer.status_code in {301, 302} and hops < 3:
        where = answer["Location"]
        assert where.startswith("/")
        assert not where.startswith("//")
        answer, hops = client.get(where), hops + 1
    assert "Qvil" not in answer.content.decode()
    assert answer.status_code in {200, 404}
    assert answer.status_code == 404 or 'name="password"' in answer.content.decode()


def test_a_workbook_holds_nobody_of_another_branch(world: World, client_for: ClientFor) -> None:
    client = client_for(make_officer(world.own.branch))
    answer = client.post(reverse("dues:unpaid_export", args=[world.own.slug, TODAY.year]))
    book = load_workbook(io.BytesIO(answer.content))
    cells = {str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row if cell}
    assert {"Qvilnes", "Qvildal"} <= cells
    assert not {"Qvilvik", "Qvilfjell"} & cells
