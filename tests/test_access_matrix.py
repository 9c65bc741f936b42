"""Every address × every role × own and foreign branch × GET and POST. A view without a line here fails."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, Final

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from accounts.enums import Verb
from accounts.models import AuditEvent, User
from calling.models import Call, CallList, CallListCaller
from dues.models import Claim, Payment
from jobs.models import Job
from membership.models import BoardPost, Grant, Member, RegisterImport, SavedView
from membership.roles import PERMISSIONS, Permission, Role
from messaging.models import (
    BlockedAddress,
    Delivery,
    InboxMessage,
    Message,
    MessageTemplate,
    MessageText,
    Recipient,
)
from tests.access_foreign import foreign_addresses
from tests.access_pages import MAY, PAGES, YEAR
from tests.access_table import Page
from tests.access_world import Place, World, belongings, make_world
from tests.factories import TODAY, make_officer, make_user
from tests.open_views import LIBRARIES, PUBLIC, SIGNED_IN
from tests.test_conventions import all_views

pytestmark = pytest.mark.once

ClientFor = Callable[[User], Client]


@pytest.fixture
def world(db: None) -> World:
    """Two branches that must not see one another."""
    return make_world()


GUARDS: Final = {
    name: view.guard  # type: ignore[attr-defined]  # set by branch_view
    for name, route, view in all_views()
    if route.startswith("/lag/")
}


def test_every_office_page_has_a_line_in_the_table() -> None:
    assert set(GUARDS) == set(PAGES), "write a line in PAGES for each new view, and take away those of views that went"


def test_every_other_page_is_known_to_be_open_or_to_ask_who_one_is() -> None:
    others = {name for name, route, view in all_views() if not route.startswith("/lag/") and is_ours(view)}
    # A member's own pages ask for a link: tests/privacy/test_my_page_security.py opens each of them.
    mine = {name for name, _route, view in all_views() if getattr(view, "guard", None) == ("member",)}
    assert others - mine == PUBLIC | SIGNED_IN


def is_ours(view: Any) -> bool:
    return not view.__module__.startswith(LIBRARIES)


@pytest.mark.parametrize("name", sorted(MAY))
def test_the_dangerous_pages_are_for_these_roles_only(name: str) -> None:
    assert {role for role in Role if PERMISSIONS[role].intersection(GUARDS[name])} == MAY[name]


# --- The walk --------------------------------------------------------------------------------------------------------


@contextmanager
def regretted() -> Iterator[None]:
    """What happens inside did not happen."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def ask(client: Client, method: str, url: str, page: Page) -> Any:
    with regretted():
        answer = client.get(url) if method == "GET" else client.post(url, dict(page.data))
        if answer.streaming:
            b"".join(answer)
        return answer


def expected(role: Role | None, name: str, method: str, *, reaches: bool) -> int:
    page = PAGES[name]
    answer = page.get if method == "GET" else page.post
    if answer == 405:
        return 405
    rights = PERMISSIONS[role] if role else frozenset[Permission]()
    return answer if reaches and rights.intersection(GUARDS[name]) else 404


def a_right_of(role: Role) -> Permission:
    return min(PERMISSIONS[role])


@pytest.mark.parametrize("at", ["own", "county"])
@pytest.mark.parametrize("role", list(Role))
def test_a_role_opens_what_it_may_where_it_holds(role: Role, at: str, world: World, client_for: ClientFor) -> None:
    user = make_officer(getattr(world, at).branch, role, name="Solfrid Myrland")
    client = client_for(user)
    wrong = []
    # What holds in the county holds everywhere: one branch tells it.
    for place in world.places if at == "own" else [world.county, world.under]:
        reaches = at == "county" or place in (world.own, world.under)
        own = belongings(place, user, a_right_of(role))
        for name, page in PAGES.items():
            url = reverse(name, args=[place.slug, *page.args(place, own)])
            for method in ("GET", "POST"):
                answer = ask(client, method, url, page)
                found = reaches and (place is world.county or not page.county_only)
                wanted = expected(role, name, method, reaches=found)
                if answer.status_code != wanted:
                    wrong.append(f"{method} {name} in {place.slug}: {answer.status_code}, not {wanted}")
                if wanted == 404:
                    wrong += [f"{method} {name} in {place.slug} tells {word}" for word in told(answer, place)]
    assert not wrong, "\n" + "\n".join(wrong)


def told(answer: Any, place: Place) -> list[str]:
    """What of a place's members a page lets out."""
    if answer.streaming:
        return ["a file"]
    text = answer.content.decode()
    secrets = [place.member.last_name, place.member.member_number, place.member.email, place.claim.kid, "400"]
    return [word for word in secrets if word in text]


def test_one_who_holds_no_role_finds_nothing(world: World, client_for: ClientFor) -> None:
    user = make_user("Pål Utheim")
    client = client_for(user)
    for place in world.places:
        own = belongings(place, user)
        for name, page in PAGES.items():
            url = reverse(name, args=[place.slug, *page.args(place, own)])
            for method in ("GET", "POST"):
                wanted = expected(None, name, method, reaches=False)
                assert ask(client, method, url, page).status_code == wanted, f"{method} {url}"


def test_a_role_that_has_ended_opens_nothing(world: World, client_for: ClientFor) -> None:
    user = make_officer(world.own.branch)
    user.grants.update(ends_on=TODAY - timedelta(days=1))
    own = belongings(world.own, user)
    for name, page in PAGES.items():
        url = reverse(name, args=[world.own.slug, *page.args(world.own, own)])
        for method in ("GET", "POST"):
            assert ask(client_for(user), method, url, page).status_code in {404, 405}, f"{method} {url}"


def test_every_refusal_is_in_the_log(world: World, client_for: ClientFor) -> None:
    client = client_for(make_officer(world.foreign.branch))
    client.post(reverse("dues:unpaid_export", args=[world.own.slug, YEAR]))
    event = AuditEvent.objects.filter(verb=Verb.ACCESS_DENIED).get()
    assert event.branch_id == world.own.branch.pk
    assert event.details == {"right": "export_members"}


# --- Foreign objects under one's own slug ----------------------------------------------------------------------------


def state_of(world: World) -> list[Any]:
    """What a POST could have changed in the other branch."""
    models = (
        *(Member, BoardPost, Grant, Claim, Payment, CallList, CallListCaller, Call, RegisterImport, SavedView, Job),
        *(Message, MessageText, MessageTemplate, Delivery, Recipient, InboxMessage, BlockedAddress),
    )
    return [list(model._default_manager.order_by("pk").values()) for model in models]


def test_foreign_objects_under_ones_own_slug_are_as_if_they_were_not(world: World, client_for: ClientFor) -> None:
    officer, colleague = make_officer(world.own.branch), make_officer(world.own.branch)
    stranger = make_officer(world.foreign.branch)
    addresses = foreign_addresses(
        world,
        belongings(world.own, officer, Permission.IMPORT_MEMBERS),
        belongings(world.foreign, stranger, Permission.IMPORT_MEMBERS),
        belongings(world.own, colleague, Permission.IMPORT_MEMBERS),
    )
    client = client_for(officer)
    nothing = client.get(reverse("membership:member_detail", args=[world.own.slug, 10**9])).content
    before = state_of(world)
    for url in addresses:
        for method in ("get", "post"):
            answer = getattr(client, method)(url)
            assert answer.status_code in {404, 405}, f"{method} {url}"
            # To the letter what is said of a number that nobody has.
            assert answer.status_code == 405 or answer.content == nothing, f"{method} {url}"
    assert state_of(world) == before


def test_a_caller_opens_no_list_but_the_one_handed_over(world: World, client_for: ClientFor) -> None:
    caller, other = (make_officer(world.own.branch, Role.CALLER) for _ in range(2))
    mine, theirs = belongings(world.own, caller), belongings(world.own, other)
    shared = CallListCaller.objects.create(call_list=mine.call_list, user=other, name=other.name, position=1)
    client = client_for(caller)

    def status(name: str, *args: Any) -> int:
        return int(client.get(reverse(name, args=[world.own.slug, *args])).status_code)

    assert status("dues:call_list", mine.call_list.pk) == 200
    assert status("dues:call_list", theirs.call_list.pk) == 404
    assert status("dues:call_list_print", mine.call_list.pk, mine.caller.pk) == 200
    assert status("dues:call_list_print", mine.call_list.pk, shared.pk) == 404


def test_a_foreign_number_among_those_ticked_refuses_the_whole_list(world: World, client_for: ClientFor) -> None:
    client = client_for(make_officer(world.own.branch))
    url = reverse("dues:call_list_make", args=[world.own.slug, YEAR])
    ids = [world.own.member.pk, world.foreign.member.pk]
    answer = client.post(url, {"myself": "1", "id": ids})
    assert answer.status_code == 422
    assert not CallList.objects.exists()
    assert world.foreign.member.last_name not in answer.content.decode()


# --- Nobody ----------------------------------------------------------------------------------------------------------


def test_a_stranger_is_sent_to_sign_in_and_from_there_to_the_page(world: World, client: Client) -> None:
    own = belongings(world.own, world.treasurer)
    for name, page in PAGES.items():
        url = reverse(name, args=[world.own.slug, *page.args(world.own, own)])
        for method in ("GET", "POST"):
            answer = ask(client, method, url, page)
            assert answer.status_code == 302, f"{method} {url}"
            assert answer["Location"] == f"{reverse('account_login')}?next={url}"
