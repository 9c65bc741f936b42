"""A filter kept under a name: one's own, in one branch, and read again with the same doubt as any address."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from accounts.enums import Verb
from accounts.models import AuditEvent, User
from membership.actions.saved_views import MOST, TooManyViews, delete_view, save_view
from membership.models import Branch, SavedView
from membership.roles import Role
from tests.factories import make_branch, make_county, make_member, make_officer

pytestmark = pytest.mark.django_db


@pytest.fixture
def county() -> Branch:
    return make_county()


@pytest.fixture
def kafjord(county: Branch) -> Branch:
    return make_branch(county, "Kåfjord")


@pytest.fixture
def officer(kafjord: Branch) -> User:
    return make_officer(kafjord)


@pytest.fixture
def client(officer: User, client_for: Callable[..., Client]) -> Client:
    return client_for(officer)


def save(client: Client, branch: Branch, query: str, name: str) -> SavedView | None:
    address = reverse("membership:saved_view_save", args=[branch.slug]) + query
    response = client.post(address, {"name": name})
    assert response.status_code == 302
    return SavedView.objects.order_by("-id").first()


def tabs(client: Client, branch: Branch, query: str = "") -> dict[str, str]:
    response = client.get(reverse("membership:member_list", args=[branch.slug]) + query)
    assert response.status_code == 200
    return {str(tab.label): tab.url for tab in response.context["tabs"]}


def test_a_saved_view_is_a_tab_that_leads_to_the_same_list(kafjord: Branch, client: Client) -> None:
    make_member(kafjord)
    view = save(client, kafjord, "?fra=01.01.2025&status=member&sorter=-innmeldt&side=3&sok=abc&x=1", "Nye")
    assert view
    assert view.params == {"fra": "01.01.2025", "sorter": "-innmeldt"}
    assert tabs(client, kafjord)["Nye"] == "?fra=01.01.2025&sorter=-innmeldt"
    page = client.get(reverse("membership:member_list", args=["kafjord"]) + "?fra=01.01.2025&sorter=navn")
    assert [tab.label for tab in page.context["tabs"] if tab.current] == ["Nye"]
    assert "Slett visningen" in page.text


def test_the_same_name_again_is_the_same_view(kafjord: Branch, client: Client) -> None:
    save(client, kafjord, "?fra=01.01.2025", "Nye")
    view = save(client, kafjord, "?fra=01.01.2026", "Nye")
    assert SavedView.objects.count() == 1
    assert view
    assert view.params == {"fra": "01.01.2026"}


@pytest.mark.parametrize(
    ("query", "name"), [("?fra=01.01.2025", ""), ("?fra=01.01.2025", "x" * 41), ("", "Alle"), ("?q=Somby", "Somby")]
)
def test_a_view_needs_a_name_and_a_filter(kafjord: Branch, client: Client, query: str, name: str) -> None:
    assert save(client, kafjord, query, name) is None


def test_a_search_is_never_saved(kafjord: Branch, client: Client) -> None:
    address = client.post(reverse("membership:member_list", args=["kafjord"]) + "?fra=01.01.2025", {"q": "somby"})
    save(client, kafjord, "?" + address["Location"].partition("?")[2], "Leting")
    assert SavedView.objects.get().params == {"fra": "01.01.2025"}


@pytest.mark.parametrize(
    "params",
    [
        {"user__password__startswith": "a"},
        {"lag": "tromso"},
        {"sorter": ["-navn"]},
        {"status": {"$ne": "member"}},
        {"fra": "x" * 5_000},
        {"sok": "abc", "side": "3", "q": "somby"},
        ["fra"],
        "fra=01.01.2025",
        7,
    ],
)
def test_what_a_tampered_view_holds_is_left_out(
    county: Branch, kafjord: Branch, officer: User, client: Client, params: object
) -> None:
    make_branch(county, "Tromsø")
    SavedView.objects.create(branch=kafjord, owner=officer, name="Fikset", params=params)
    assert tabs(client, kafjord)["Fikset"] == "?"


def test_values_are_read_again_when_the_tab_is_opened(kafjord: Branch, officer: User, client: Client) -> None:
    make_member(kafjord)
    SavedView.objects.create(
        branch=kafjord, owner=officer, name="Fikset", params={"sorter": "note", "fra": "'; DROP TABLE", "status": "x"}
    )
    tab = tabs(client, kafjord)["Fikset"]
    response = client.get(reverse("membership:member_list", args=["kafjord"]) + tab)
    assert response.status_code == 200
    assert response.context["sort"] == "navn"
    assert response.context["query"] == ""


def test_views_are_ones_own(county: Branch, kafjord: Branch, officer: User, client_for: Callable[..., Client]) -> None:
    view = save_view(kafjord, name="Min", params={"fra": "01.01.2025"}, by=officer)
    other = client_for(make_officer(kafjord))
    assert "Min" not in tabs(other, kafjord)
    address = reverse("membership:saved_view_delete", args=["kafjord", view.pk])
    assert other.post(address).status_code == 404
    assert SavedView.objects.filter(pk=view.pk).exists()
    assert client_for(officer).post(address).status_code == 302
    assert not SavedView.objects.filter(pk=view.pk).exists()
    assert client_for(officer).post(address).status_code == 404


def test_a_foreign_branch_keeps_no_views_of_ours(county: Branch, client: Client) -> None:
    make_branch(county, "Tromsø")
    address = reverse("membership:saved_view_save", args=["tromso"])
    assert client.post(address + "?fra=01.01.2025", {"name": "Nye"}).status_code == 404
    assert not SavedView.objects.exists()


def test_saving_and_deleting_take_a_post(kafjord: Branch, officer: User, client: Client) -> None:
    view = save_view(kafjord, name="Min", params={"fra": "01.01.2025"}, by=officer)
    assert client.get(reverse("membership:saved_view_save", args=["kafjord"])).status_code == 405
    assert client.get(reverse("membership:saved_view_delete", args=["kafjord", view.pk])).status_code == 405


def test_there_is_room_for_so_many(kafjord: Branch, officer: User, client: Client) -> None:
    for n in range(MOST):
        save_view(kafjord, name=f"Nr. {n}", params={"fra": "01.01.2025"}, by=officer)
    with pytest.raises(TooManyViews):
        save_view(kafjord, name="En til", params={"fra": "01.01.2025"}, by=officer)
    save_view(kafjord, name="Nr. 0", params={"fra": "01.01.2026"}, by=officer)
    save(client, kafjord, "?fra=01.01.2025", "En til")
    assert SavedView.objects.count() == MOST
    assert "Slett en først" in client.get(reverse("membership:member_list", args=["kafjord"])).text


def test_both_acts_are_logged(county: Branch, kafjord: Branch) -> None:
    officer = make_officer(kafjord, Role.COUNTY_SECRETARY)
    view = save_view(kafjord, name="Hemmelig navn", params={}, by=officer)
    delete_view(view, by=officer)
    events = AuditEvent.objects.filter(verb__in=[Verb.VIEW_SAVED, Verb.VIEW_DELETED]).order_by("id")
    assert [event.verb for event in events] == [Verb.VIEW_SAVED, Verb.VIEW_DELETED]
    assert not any("Hemmelig" in str(event.details) for event in events)
