"""What no browser of ours sends, in addresses and forms: answered at once and plainly, never with an error of ours."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

import pytest
from django.test import Client

from accounts.models import User
from membership.roles import Role
from tests.factories import make_branch, make_county, make_dues_year, make_officer, make_unpaid

ClientFor = Callable[[User], Client]

PAGES: Final = (
    "/lag/troms/",
    "/lag/troms/medlemmer/",
    "/lag/troms/medlemmer/filtre/",
    "/lag/troms/medlemmer/kvalitet/",
    "/lag/troms/medlemmer/angre/",
    "/lag/troms/medlemmer/endringer/",
    "/lag/troms/grupper/",
    "/lag/troms/innboks/",
    "/lag/troms/meldinger/retur/",
    "/lag/troms/kontingent/2026/ubetalt/",
    "/lag/troms/kontingent/2026/ubetalt/utskrift/",
    "/lag/troms/verving/mal/",
    "/lag/troms/ringelister/",
    "/lag/kafjord/",
    "/lag/kafjord/medlemmer/",
    "/lag/kafjord/kontingent/2026/ubetalt/",
    "/lag/kafjord/verving/mal/",
)
# Every name that a list page of ours reads from the address.
NAMES: Final = (
    "sorter", "side", "sok", "q", "navn", "lag", "status", "kontingent", "fra", "til", "innmeldt_fra", "innmeldt_til",
    "gruppe", "epost", "telefon", "reservert", "alder", "kategori", "sprak", "kilde", "kan", "sjekket", "sjekk",
    "endret", "runde", "alle", "vis", "visning", "registrert", "next", "back", "o", "order_by", "page", "per_page",
    "format",
)  # fmt: skip
VALUES: Final = (
    "",
    "password",
    "-password,(select 1)",
    "member__user__password",
    "navn; DROP TABLE membership_member",
    "'\" OR 1=1 --",
    "1e1000000",
    "9" * 40,
    "-1",
    "0",
    "٣",
    "²",
    "NaN",
    "Infinity",
    "31.02.2026",
    "99.99.99999",
    "\x00",
    "a\x00b",
    "%",
    "_",
    "\\",
    "\ud800".encode("utf-8", "surrogatepass").decode("utf-8", "replace"),
    "🙂" * 50,
    "<script>alert(1)</script>",
    "{{ 7*7 }}{name}",
    "../../etc/passwd",
)


@pytest.fixture
def client(db: None, client_for: ClientFor) -> Client:
    """The county secretary's, who sees most."""
    county = make_county("Troms")
    kafjord = make_branch(county, "Kåfjord")
    make_dues_year(county)
    for name in ("Ane", "Berit", "Cato"):
        make_unpaid(kafjord, name)
    return client_for(make_officer(county, Role.COUNTY_SECRETARY))


def asked() -> Iterator[dict[str, str]]:
    """Each value in every name at once: what one of them breaks, all of them break."""
    for value in VALUES:
        yield dict.fromkeys(NAMES, value)


@pytest.mark.parametrize("url", PAGES)
def test_no_parameter_breaks_a_list(url: str, client: Client) -> None:
    for params in asked():
        answer = client.get(url, params)
        assert answer.status_code in {200, 302, 400, 404}, params["sorter"]
        # Names that are known are one thing; what was typed comes back as text, if at all.
        assert "<script>alert" not in answer.content.decode()


@pytest.mark.parametrize("url", PAGES)
def test_one_parameter_many_times_breaks_nothing(url: str, client: Client) -> None:
    answer = client.get(f"{url}?{'&'.join(f'{name}=1&{name}=2' for name in NAMES)}")
    assert answer.status_code in {200, 302, 400, 404}


@pytest.mark.parametrize(
    "path",
    [
        "/lag/troms/kontingent/99999999999999999999/ubetalt/",
        "/lag/troms/kontingent/0/ubetalt/",
        "/lag/troms/medlemmer/99999999999999999999999999/",
        "/lag/troms/ringelister/99999999999999999999999999/",
        "/lag/troms/ringelister/1/utskrift/99999999999999999999999999/",
        "/lag/troms/kontingent/betaling/99999999999999999999999999/",
        f"/lag/{'a' * 5000}/",
        "/lag/troms/jobber/00000000-0000-0000-0000-000000000000/",
    ],
)
def test_numbers_that_nobody_has_are_not_found(path: str, client: Client) -> None:
    assert client.get(path).status_code == 404


LONG: Final = "å" * 100_000


def posted(client: Client, url: str, data: dict[str, Any]) -> int:
    return int(client.post(url, data).status_code)


def test_a_long_search_is_refused_and_not_tried(client: Client) -> None:
    assert posted(client, "/lag/troms/medlemmer/", {"q": LONG}) == 400
    assert posted(client, "/lag/troms/kontingent/2026/ubetalt/", {"navn": LONG}) in {302, 400, 422}


@pytest.mark.parametrize("value", VALUES)
def test_no_search_breaks_a_list(value: str, client: Client) -> None:
    for url, name in (("/lag/troms/medlemmer/", "q"), ("/lag/troms/kontingent/2026/ubetalt/", "navn")):
        answer = client.post(url, {name: value, "lag": value, "status": value}, follow=True)
        assert answer.status_code in {200, 400}
        assert "<script>alert" not in answer.content.decode()


def test_a_long_address_at_the_door_is_refused(client: Client, db: None) -> None:
    stranger = Client()
    address = "a" * 1_000_000 + "@demo.example"
    for url, data in {
        "/konto/logg-inn/": {"login": address, "password": "x" * 1_000_000},
        "/konto/logg-inn/kode/": {"login": address},
        "/konto/passord/glemt/": {"email": address},
    }.items():
        assert posted(stranger, url, data) in {200, 400, 413, 422, 429}


@pytest.mark.parametrize("value", ["1e1000000", "9" * 40, "-450", "NaN", "450,505", "4" * 100_000, "٤٥٠", "\x00"])
def test_an_amount_that_is_none_is_refused(value: str, client: Client) -> None:
    from dues.models import Claim, Payment

    claim = Claim.objects.order_by("pk")[0]
    url = f"/lag/troms/kontingent/betaling/{claim.pk}/"
    data = {"amount": value, "paid_on": "20.11.2026", "expected": str(claim.outstanding_ore)}
    assert posted(client, url, data) in {200, 422}
    assert posted(client, url, data | {"amount": "100", "paid_on": value}) in {200, 422}
    assert posted(client, url, data | {"amount": "100", "expected": value}) in {200, 422}
    assert not Payment.objects.exists()
