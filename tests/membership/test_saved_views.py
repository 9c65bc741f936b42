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


# --- Shared ----------------------------------------------------------------------------------------------------------


def shared(owner: User, branch: Branch, name: str = "Felles", **params: str) -> SavedView:
    return save_view(branch, name=name, params=params or {"fra": "01.01.2025"}, by=owner, is_shared=True)


def test_a_shared_view_is_everybodys_tab_with_a_mark(
    kafjord: Branch, client: Client, client_for: Callable[..., Client]
) -> None:
    make_member(kafjord)
    address = reverse("membership:saved_view_save", args=["kafjord"]) + "?fra=01.01.2025"
    client.post(address, {"name": "Felles", "delt": "on"})
    client.post(address, {"name": "Min egen"})
    reader = client_for(make_officer(kafjord, Role.BRANCH_LEADER))
    page = reader.get(reverse("membership:member_list", args=["kafjord"]) + "?fra=01.01.2025")
    assert {
        tab.label: (tab.is_shared, tab.pk) for tab in page.context["tabs"] if tab.label in ("Felles", "Min egen")
    } == {"Felles": (True, None)}
    assert ">delt</span>" in page.text
    assert "Slett visningen" not in page.text


def test_one_who_may_only_read_shares_nothing(kafjord: Branch, client_for: Callable[..., Client]) -> None:
    reader = client_for(make_officer(kafjord, Role.BRANCH_LEADER))
    address = reverse("membership:saved_view_save", args=["kafjord"]) + "?fra=01.01.2025"
    reader.post(address, {"name": "Felles", "delt": "on"})
    assert SavedView.objects.get().is_shared is False


def test_owner_and_officers_of_the_branch_rename_and_delete_a_shared_view_nobody_else(
    county: Branch, kafjord: Branch, officer: User, client: Client, client_for: Callable[..., Client]
) -> None:
    colleague = make_officer(kafjord)
    view, own = shared(colleague, kafjord), save_view(kafjord, name="Egen", params={"fra": "1.1.25"}, by=colleague)
    reader = client_for(make_officer(kafjord, Role.BRANCH_LEADER))
    stranger = client_for(make_officer(make_branch(county, "Lyngen")))
    for name in ("membership:saved_view_rename", "membership:saved_view_delete"):
        assert reader.post(reverse(name, args=["kafjord", view.pk]), {"name": "x"}).status_code == 404
        assert client.post(reverse(name, args=["kafjord", own.pk]), {"name": "x"}).status_code == 404
        for slug in ("kafjord", "lyngen"):
            assert stranger.post(reverse(name, args=[slug, view.pk]), {"name": "x"}).status_code == 404
    assert (
        client.post(reverse("membership:saved_view_rename", args=["kafjord", view.pk]), {"name": "Ny"}).status_code
        == 302
    )
    view.refresh_from_db()
    assert (view.name, view.owner_id) == ("Ny", colleague.pk)
    client.post(reverse("membership:saved_view_delete", args=["kafjord", view.pk]))
    assert list(SavedView.objects.all()) == [own]


def test_a_shared_view_is_another_branchs_nowhere(
    county: Branch, kafjord: Branch, officer: User, client_for: Callable[..., Client]
) -> None:
    birtavarre = make_branch(kafjord, "Birtavarre")
    view = shared(officer, kafjord)
    secretary = client_for(make_officer(county, Role.COUNTY_SECRETARY))
    for slug in ("troms", birtavarre.slug):
        page = secretary.get(reverse("membership:member_list", args=[slug]))
        assert "Felles" not in [tab.label for tab in page.context["tabs"]]
        for name in ("membership:saved_view_rename", "membership:saved_view_delete"):
            assert secretary.post(reverse(name, args=[slug, view.pk]), {"name": "x"}).status_code == 404


def test_a_shared_view_narrows_by_nothing_its_reader_may_not(
    county: Branch, kafjord: Branch, officer: User, client: Client
) -> None:
    """Written by one who saw more, or tampered with in the database: read again as any address."""
    lyngen = make_branch(county, "Lyngen")
    make_member(lyngen, "Ragna", "Qvilvik")
    make_member(kafjord, "Ane", "Egen")
    params = {"lag": "lyngen", "gruppe": "1", "owner__password__startswith": "a", "note__contains": "x"}
    shared(officer, kafjord, **params)
    page = client.get(reverse("membership:member_list", args=["kafjord"]))
    (url,) = [tab.url for tab in page.context["tabs"] if tab.label == "Felles"]
    assert url == "?gruppe=1"
    opened = client.get(reverse("membership:member_list", args=["kafjord"]) + url)
    assert [row["name"] for row in opened.context["rows"]] == ["Egen, Ane"]
    assert "ds-validation-message" in opened.text


def test_a_name_is_ones_own_only_once(kafjord: Branch, officer: User, client: Client) -> None:
    view = save_view(kafjord, name="A", params={"fra": "1.1.25"}, by=officer)
    save_view(kafjord, name="B", params={"fra": "1.1.25"}, by=officer)
    for name in ("B", "", "x" * 41):
        client.post(reverse("membership:saved_view_rename", args=["kafjord", view.pk]), {"name": name})
        view.refresh_from_db()
        assert view.name == "A"


def test_a_branch_has_room_for_twenty_shared_views(kafjord: Branch, officer: User) -> None:
    for n in range(MOST):
        shared(make_officer(kafjord) if n % 2 else officer, kafjord, f"V{n}")
    with pytest.raises(TooManyViews):
        shared(officer, kafjord, "En til")
    shared(officer, kafjord, "V0", fra="02.02.2025")
