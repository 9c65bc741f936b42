"""What a branch says of itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.enums import Verb
from accounts.models import AuditEvent, User
from membership.actions.branch_settings import BranchChanged, change_branch, changed_since, state_of
from membership.models import Branch
from membership.roles import Role
from tests.factories import make_branch, make_county, make_officer

pytestmark = pytest.mark.django_db
ClientFor = Callable[[User], Client]


@pytest.fixture
def county() -> Branch:
    return make_county()


@pytest.fixture
def kafjord(county: Branch) -> Branch:
    return make_branch(county, "Kåfjord")


def send(client: Client, branch: Branch, **fields: Any) -> Any:
    branch.refresh_from_db()
    names = ("name", "place", "other_names", "email", "meeting_place", "facebook_page", "facebook_group")
    data = {name: getattr(branch, name) for name in names} | {"seen": state_of(branch)} | fields
    return client.post(reverse("membership:branch_settings", args=[branch.slug]), data)


def test_a_branch_keeps_its_own_words(kafjord: Branch, client_for: ClientFor) -> None:
    officer = make_officer(kafjord)
    client = client_for(officer)
    assert client.get(reverse("membership:branch_settings", args=[kafjord.slug])).status_code == 200
    said = {
        "name": "  Gáivuona  Bargiidbellodat ",
        "other_names": "Gáivuotna",
        "email": "post@kafjord.example",
        "meeting_place": "Samfunnshuset",
        "facebook_page": "facebook.com/kafjordap",
        "facebook_group": "https://www.facebook.com/groups/1",
    }
    answer = send(client, kafjord, **said, slug="nytt", kind="county", sort_key="0", valid_to="2020-01-01")
    assert answer.status_code == 302
    kafjord.refresh_from_db()
    assert kafjord.name == "Gáivuona Bargiidbellodat"
    assert kafjord.facebook_page == "https://facebook.com/kafjordap"
    assert (kafjord.slug, kafjord.kind, kafjord.valid_to) == ("kafjord", "municipal", None)
    event = AuditEvent.objects.get(verb=Verb.BRANCH_CHANGED)
    assert event.details == {"fields": "name,other_names,email,meeting_place,facebook_page,facebook_group"}
    text = client.get(reverse("membership:directory", args=[kafjord.slug])).text
    for told in ("post@kafjord.example", "Samfunnshuset", 'href="https://facebook.com/kafjordap"'):
        assert told in text


def test_nothing_new_is_nothing_written(kafjord: Branch, client_for: ClientFor) -> None:
    assert send(client_for(make_officer(kafjord)), kafjord).status_code == 302
    assert not AuditEvent.objects.filter(verb=Verb.BRANCH_CHANGED).exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", " \u200b "),
        ("name", "x" * 121),
        ("email", "kafjord"),
        ("facebook_page", "javascript:alert(1)//facebook.com"),
        ("facebook_page", "data:text/html,facebook.com"),
        ("facebook_group", "ftp://facebook.com/x"),
        ("facebook_group", "https://example.org/?facebook.com"),
        ("facebook_group", "https://facebook.com.example.org/"),
        ("facebook_group", "https://notfacebook.com/"),
        ("meeting_place", "x" * 161),
    ],
)
def test_what_cannot_be_is_refused_and_kept_as_typed(
    field: str, value: str, kafjord: Branch, client_for: ClientFor
) -> None:
    answer = send(client_for(make_officer(kafjord)), kafjord, **{field: value})
    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    before = {name: getattr(kafjord, name) for name in ("name", "email", "facebook_page", "meeting_place")}
    kafjord.refresh_from_db()
    assert {name: getattr(kafjord, name) for name in before} == before


def test_a_quote_cannot_break_out_of_the_address(kafjord: Branch, client_for: ClientFor) -> None:
    client = client_for(make_officer(kafjord))
    send(client, kafjord, facebook_page='https://facebook.com/"onmouseover="alert(1)')
    assert '"onmouseover="' not in client.get(reverse("membership:directory", args=[kafjord.slug])).text


def test_the_short_name_is_the_countys_to_change(county: Branch, kafjord: Branch, client_for: ClientFor) -> None:
    send(client_for(make_officer(kafjord)), kafjord, place="Ålesund")
    kafjord.refresh_from_db()
    assert kafjord.place == "Kåfjord"
    before = kafjord.sort_key
    send(client_for(make_officer(county, Role.COUNTY_SECRETARY)), kafjord, place="Ålesund")
    kafjord.refresh_from_db()
    assert kafjord.place == "Ålesund"
    assert kafjord.sort_key > before


def test_the_second_of_two_is_told_what_the_first_wrote(kafjord: Branch, client_for: ClientFor) -> None:
    seen = state_of(kafjord)
    client = client_for(make_officer(kafjord))
    send(client, kafjord, email="forste@kafjord.example")
    answer = send(client, kafjord, seen=seen, email="andre@kafjord.example", meeting_place="Rådhuset")
    assert answer.status_code == 422
    assert "Nå står det: forste@kafjord.example" in answer.text
    assert 'value="andre@kafjord.example"' in answer.text
    assert answer.text.count("Nå står det") == 2, "in the summary and beside the one field the first changed"
    kafjord.refresh_from_db()
    assert kafjord.email == "forste@kafjord.example"
    again = send(client, kafjord, seen=answer.context["form"]["seen"].value(), email="andre@kafjord.example")
    assert again.status_code == 302
    kafjord.refresh_from_db()
    assert kafjord.email == "andre@kafjord.example"


def test_the_action_refuses_what_was_not_seen(kafjord: Branch) -> None:
    officer = make_officer(kafjord)
    with pytest.raises(BranchChanged):
        change_branch(kafjord, values={"email": "a@b.example"}, seen="0", by=officer)
    assert changed_since(kafjord, "0")
    assert changed_since(kafjord, state_of(kafjord)) == []


@pytest.mark.parametrize("role", [Role.TREASURER, Role.RECRUITMENT_OFFICER, Role.CALLER, Role.ADMINISTRATOR])
def test_others_do_not_find_it(role: Role, kafjord: Branch, client_for: ClientFor) -> None:
    assert send(client_for(make_officer(kafjord, role)), kafjord, name="Nytt").status_code == 404


def test_a_neighbour_does_not_find_it(county: Branch, kafjord: Branch, client_for: ClientFor) -> None:
    assert send(client_for(make_officer(make_branch(county, "Lyngen"))), kafjord, name="Nytt").status_code == 404
    kafjord.refresh_from_db()
    assert kafjord.name == "Kåfjord Arbeiderparti"


def test_a_naughty_name_is_inert_everywhere(county: Branch, kafjord: Branch, client_for: ClientFor) -> None:
    naughty = "</title><script>alert(1)</script>\"'{{ 7|add:7 }}"
    client = client_for(make_officer(kafjord))
    assert send(client, kafjord, name=naughty).status_code == 302
    for name in ("membership:directory", "membership:branch_settings", "membership:member_list", "overview:branch"):
        text = client.get(reverse(name, args=[kafjord.slug])).text
        assert "<script>alert" not in text
        assert "&lt;script&gt;alert(1)" in text
    title = text.partition("<title>")[2].partition("</title>")[0]
    assert "alert" not in title
