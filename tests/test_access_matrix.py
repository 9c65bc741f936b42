"""Every address × every role × own and foreign branch × GET and POST. A view without a line here fails."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

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
from tests.access_foreign import foreign_addresses
from tests.access_world import Belongings, Place, World, belongings, make_world
from tests.factories import TODAY, make_officer, make_user
from tests.test_conventions import LIBRARIES, PUBLIC, SIGNED_IN, all_views

ClientFor = Callable[[User], Client]
YEAR: Final = TODAY.year


@pytest.fixture
def world(db: None) -> World:
    """Two branches that must not see one another."""
    return make_world()


# --- The table -------------------------------------------------------------------------------------------------------

Arguments = Callable[[Place, Belongings], list[Any]]


@dataclass(frozen=True)
class Page:
    """One address: what follows the slug, and the answers of those who may, by method (405 where it is no door)."""

    get: int = 405
    post: int = 405
    args: Arguments = lambda _place, _own: []
    data: Mapping[str, Any] = field(default_factory=dict)


def year(_place: Place, _own: Belongings) -> list[Any]:
    return [YEAR]


PAGES: Final[Mapping[str, Page]] = {
    "overview:branch": Page(200),
    "membership:member_list": Page(200, 302, data={"q": "ragna"}),
    "membership:member_export": Page(200, 200),
    "membership:corrections": Page(200, 302),
    "membership:corrections_file": Page(post=200, args=lambda place, _own: [place.report.pk]),
    "membership:corrections_undo": Page(post=302, args=lambda place, _own: [place.report.pk]),
    "membership:member_detail": Page(200, args=lambda place, _own: [place.member.pk]),
    "membership:member_move": Page(200, 422, args=lambda place, _own: [place.member.pk]),
    "membership:branches": Page(200),
    "membership:branch_new": Page(200, 422),
    "membership:branch_merge": Page(302, 302),
    "membership:branch_split": Page(200, 422),
    "membership:reform_detail": Page(404, args=lambda _place, _own: [UUID(int=0)]),
    "membership:reform_undo": Page(post=404, args=lambda _place, _own: [UUID(int=0)]),
    "membership:moves": Page(200),
    "membership:move_answer": Page(post=302, args=lambda _place, own: [own.asked.pk], data={"handling": "ja"}),
    "membership:member_new": Page(200, 302, data={"first_name": "Ny", "category": "ordinary", "status": "member"}),
    "membership:member_edit": Page(200, 302, args=lambda place, _own: [place.member.pk], data={"last_name": "Ny",
        "category": "ordinary"}),
    "membership:member_status": Page(200, 302, args=lambda place, _own: [place.member.pk], data={"to": "resigned",
        "on": "20.11.2026", "expected": "member"}),
    "membership:member_checked": Page(post=302, args=lambda place, _own: [place.member.pk]),
    "membership:member_bounced": Page(post=302, args=lambda place, _own: [place.member.pk]),
    "membership:member_address": Page(302, 302, args=lambda place, _own: [place.member.pk], data={"reason": "letter"}),
    "membership:saved_view_save": Page(post=302, data={"name": "Mine"}),
    "membership:saved_view_delete": Page(post=302, args=lambda _place, own: [own.view.pk]),
    "membership:member_filters": Page(200),
    "membership:quality": Page(200),
    "membership:tags": Page(200),
    "membership:tag_create": Page(post=302, data={"name": "Ungdom"}),
    "membership:tag_rename": Page(post=302, args=lambda _place, own: [own.tag.pk], data={"name": "Ungdom"}),
    "membership:tag_remove": Page(post=302, args=lambda _place, own: [own.tag.pk]),
    "membership:saved_view_rename": Page(post=302, args=lambda _place, own: [own.view.pk], data={"name": "Mine"}),
    "membership:bulk": Page(post=422, data={"handling": "check"}),
    "membership:batches": Page(200),
    "membership:batch": Page(200, args=lambda _place, own: [own.batch.pk]),
    "membership:batch_undo": Page(post=302, args=lambda _place, own: [own.batch.pk]),
    "membership:roles": Page(200),
    "membership:duplicate_list": Page(200, 302),
    "membership:duplicate_reopen": Page(post=302, args=lambda _place, own: [own.pair.pk]),
    "membership:merge_start": Page(200, 422, args=lambda place, _own: [place.member.pk], data={"number": "0"}),
    "membership:merge": Page(
        200, 302, args=lambda place, own: [place.member.pk, own.twin.pk], data={"handling": "ikke-samme"}
    ),
    "membership:merge_done": Page(200, args=lambda _place, own: [own.merge.pk]),
    "membership:merge_undo": Page(post=302, args=lambda _place, own: [own.merge.pk]),
    "membership:directory": Page(200),
    "membership:branch_settings": Page(200, 422),
    "membership:board": Page(200),
    "membership:post_add": Page(200, 422, data={"who": ""}),
    "membership:post_edit": Page(200, 302, args=lambda place, _own: [place.post.pk], data={"remove": "1"}),
    "membership:board_new": Page(200, 422, data={"on": ""}),
    "membership:access_list": Page(200),
    "membership:access_give": Page(200, 422, data={"email": ""}),
    "membership:access_detail": Page(200, 302, args=lambda place, _own: [place.grant.pk], data={"end": "1"}),
    "membership:handover": Page(200, 422, data={"old": ""}),
    "membership:import_upload": Page(200, 422),
    "membership:import_detail": Page(200, 302, args=lambda _place, own: [own.made.pk], data={"handling": "avbryt"}),
    "membership:import_help": Page(200),
    "membership:import_result_file": Page(200, args=lambda _place, own: [own.applied.pk]),
    "membership:import_undo": Page(200, 302, args=lambda _place, own: [own.applied.pk]),
    "membership:job": Page(200, args=lambda _place, own: [own.job.pk]),
    "membership:job_file": Page(200, args=lambda _place, own: [own.job.pk]),
    "dues:unpaid": Page(200, 302, args=year, data={"navn": "ragna"}),
    "dues:unpaid_export": Page(post=200, args=year),
    "dues:unpaid_print": Page(200, args=year),
    "dues:payment_register": Page(
        200, 302, args=lambda place, _own: [place.claim.pk], data={"amount": "100", "expected": "40000",
        "paid_on": "20.11.2026"}
    ),
    "dues:payment_undo": Page(post=302, args=lambda place, _own: [place.payment.pk]),
    "dues:call_list_make": Page(post=422, args=year, data={"name_1_count": "x"}),
    "dues:call_lists": Page(200),
    "dues:call_list": Page(200, args=lambda _place, own: [own.call_list.pk]),
    "dues:call_list_close": Page(post=302, args=lambda _place, own: [own.call_list.pk]),
    "dues:call_list_export": Page(post=200, args=lambda _place, own: [own.call_list.pk]),
    "dues:call_list_print": Page(200, args=lambda _place, own: [own.call_list.pk, own.caller.pk]),
    "recruitment:targets": Page(200),
}  # fmt: skip

GUARDS: Final = {
    name: view.guard  # type: ignore[attr-defined]  # set by branch_view
    for name, route, view in all_views()
    if route.startswith("/lag/")
}

# Said once more in plain words, so that a slip in roles.py or in a guard is seen here.
_OFFICERS: Final = {Role.MEMBERSHIP_OFFICER, Role.COUNTY_SECRETARY, Role.COUNTY_MEMBERSHIP_OFFICER}
_MONEY: Final = {*_OFFICERS, Role.TREASURER}
_BOARD: Final = {*_OFFICERS, Role.BRANCH_LEADER}
_KEYS: Final = {Role.COUNTY_SECRETARY, Role.ADMINISTRATOR}
MAY: Final = {
    "membership:import_upload": _OFFICERS,
    "membership:import_detail": _OFFICERS,
    "membership:duplicate_list": _OFFICERS,
    "membership:merge": _OFFICERS,
    "membership:merge_undo": _OFFICERS,
    "membership:member_export": _MONEY,
    "membership:corrections": _MONEY,
    "membership:corrections_file": _MONEY,
    "membership:corrections_undo": _MONEY,
    "membership:import_help": _OFFICERS,
    "membership:import_result_file": _OFFICERS,
    "membership:import_undo": _OFFICERS,
    "dues:unpaid_export": _MONEY,
    "dues:unpaid_print": _MONEY,
    "dues:call_list_export": _MONEY,
    "dues:payment_register": _MONEY,
    "dues:payment_undo": _MONEY,
    "dues:call_list_make": _MONEY,
    "dues:call_list_close": _MONEY,
    "dues:call_list": {*_MONEY, Role.CALLER},
    "dues:call_list_print": {*_MONEY, Role.CALLER},
    "dues:unpaid": {*_MONEY, Role.BRANCH_LEADER},
    "membership:bulk": _OFFICERS,
    "membership:batch_undo": _OFFICERS,
    "membership:member_list": {*_MONEY, Role.BRANCH_LEADER},
    "membership:member_detail": {*_MONEY, Role.BRANCH_LEADER},
    "membership:member_move": _OFFICERS,
    "membership:moves": _OFFICERS,
    "membership:branches": {Role.COUNTY_SECRETARY},
    "membership:branch_new": {Role.COUNTY_SECRETARY},
    "membership:branch_merge": {Role.COUNTY_SECRETARY},
    "membership:branch_split": {Role.COUNTY_SECRETARY},
    "membership:reform_detail": {Role.COUNTY_SECRETARY},
    "membership:reform_undo": {Role.COUNTY_SECRETARY},
    "membership:move_answer": _OFFICERS,
    **dict.fromkeys(
        (f"membership:{name}" for name in ("branch_settings", "post_add", "post_edit", "board_new")), _BOARD
    ),
    **dict.fromkeys((f"membership:access_{name}" for name in ("list", "give", "detail")), _KEYS),
    "membership:handover": _KEYS,
    "membership:member_new": _OFFICERS,
    "membership:member_edit": _OFFICERS,
    "membership:member_status": _OFFICERS,
    "membership:member_checked": _OFFICERS,
    "membership:member_bounced": _OFFICERS,
    "membership:member_address": {Role.COUNTY_SECRETARY},
    "membership:roles": {Role.COUNTY_SECRETARY, Role.COUNTY_MEMBERSHIP_OFFICER, Role.ADMINISTRATOR},
}


def test_every_office_page_has_a_line_in_the_table() -> None:
    assert set(GUARDS) == set(PAGES), "write a line in PAGES for each new view, and take away those of views that went"


def test_every_other_page_is_known_to_be_open_or_to_ask_who_one_is() -> None:
    others = {name for name, route, view in all_views() if not route.startswith("/lag/") and is_ours(view)}
    assert others == PUBLIC | SIGNED_IN


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
    for place in world.places:
        reaches = at == "county" or place in (world.own, world.under)
        own = belongings(place, user, a_right_of(role))
        for name, page in PAGES.items():
            url = reverse(name, args=[place.slug, *page.args(place, own)])
            for method in ("GET", "POST"):
                answer = ask(client, method, url, page)
                wanted = expected(role, name, method, reaches=reaches)
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
    models = (Member, BoardPost, Grant, Claim, Payment, CallList, CallListCaller, Call, RegisterImport, SavedView, Job)
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
