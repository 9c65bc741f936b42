"""What other apps put on the first page: before the rest where it is urgent, after it where not; at most three."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from django.test import Client

from accounts.models import User
from membership.access import access_of
from membership.extensions import Todo, TodoSource, registry
from membership.models import Branch
from membership.roles import Permission, Role
from overview.agenda import agenda
from tests.factories import TODAY, make_branch, make_county, make_member, make_officer

pytestmark = pytest.mark.django_db

ClientFor = Callable[[User], Client]


def todo(title: str, *, is_urgent: bool = False) -> Todo:
    return Todo("Bell", title, "Mer om den.", "Se", f"/{title}/", is_urgent)


@pytest.fixture
def add(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Puts things on the first page, for whoever holds a right; in place of what is there."""
    monkeypatch.setattr(registry, "todos", [])

    def put(*todos: Todo, right: Permission = Permission.VIEW_OVERVIEW) -> None:
        def items(_branch: Branch, _user: User, _today: date) -> list[Todo]:
            return list(todos)

        registry.todos.append(TodoSource(right, items))

    return put


def titles(branch: Branch, user: User) -> list[str]:
    access = access_of(user, branch, on=TODAY)
    return [item.title for item in agenda(branch, user, access, today=TODAY, unpaid=(2, 90000), members=0)]


def test_what_is_urgent_comes_first_and_the_rest_last_and_there_are_three(add: Callable[..., None]) -> None:
    branch = make_branch(make_county())
    officer = make_officer(branch, Role.TREASURER)
    unpaid, *rest = titles(branch, officer)
    add(todo("kan vente"), todo("haster", is_urgent=True))

    assert titles(branch, officer) == ["haster", unpaid, *rest, "kan vente"][:3]
    assert "kan vente" in titles(branch, officer)

    add(todo("to", is_urgent=True), todo("tre", is_urgent=True), todo("fire", is_urgent=True))
    assert titles(branch, officer) == ["haster", "to", "tre"]


def test_only_those_with_the_right_are_told(add: Callable[..., None]) -> None:
    county = make_county()
    branch = make_branch(county)
    add(todo("haster", is_urgent=True), right=Permission.MANAGE_PRIVACY)

    assert "haster" not in titles(branch, make_officer(branch))
    assert "haster" in titles(branch, make_officer(county, Role.COUNTY_SECRETARY))


@pytest.mark.parametrize("level", ["county", "branch"])
def test_the_first_page_shows_them_with_their_button(
    level: str, add: Callable[..., None], client_for: ClientFor
) -> None:
    county = make_county()
    branch = make_branch(county)
    make_member(branch)
    shown = county if level == "county" else branch
    role = Role.COUNTY_SECRETARY if level == "county" else Role.MEMBERSHIP_OFFICER
    client = client_for(make_officer(shown, role))
    before = client.get(f"/lag/{shown.slug}/").content.decode()
    add(todo("haster & <b>", is_urgent=True), *(todo(f"vent-{n}") for n in range(4)))

    page = client.get(f"/lag/{shown.slug}/").content.decode()

    assert "haster" not in before
    assert "haster &amp; &lt;b&gt;" in page
    assert 'data-level="danger"' in page
    assert sum(f"vent-{n}" in page for n in range(4)) <= 2
    if level == "county":
        assert [f"vent-{n}" in page for n in range(4)] == [True, True, False, False]
