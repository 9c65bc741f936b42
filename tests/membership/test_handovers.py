"""After the annual meeting: access and open work to the successor in one step, or not at all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.enums import Verb
from accounts.models import AuditEvent, User
from calling.enums import Outcome
from calling.models import Call, CallList, CallListCaller
from membership.actions.grants import GivenToOneself, give
from membership.actions.handovers import HandedToOneself, NothingToHandOver, hand_over
from membership.actions.users import NameMissing, UserInactive
from membership.enums import ImportState
from membership.extensions import registry
from membership.models import Branch, Grant, RegisterImport, SavedView
from membership.roles import Role
from messaging.models import Delivery
from tests.factories import NOW, TODAY, hand_out, make_branch, make_county, make_officer, make_unpaid, make_user

pytestmark = pytest.mark.django_db
ClientFor = Callable[[User], Client]


@pytest.fixture
def county() -> Branch:
    return make_county()


@pytest.fixture
def kafjord(county: Branch) -> Branch:
    return make_branch(county, "Kåfjord")


@pytest.fixture
def secretary(county: Branch) -> User:
    return make_officer(county, Role.COUNTY_SECRETARY, name="Torunn Elvemoen", email="torunn@demo.example")


@pytest.fixture
def old(kafjord: Branch) -> User:
    return make_officer(kafjord, name="Áile Bergmark", email="aile@demo.example")


@pytest.fixture
def new() -> User:
    return make_user("Nils Etterfølger", email="nils@demo.example")


def hand(old: User, branch: Branch, by: User, email: str = "nils@demo.example", **more: Any) -> Any:
    given: dict[str, Any] = {"name": "", "with_views": True, "today": TODAY, "now": NOW}
    return hand_over(old, branch=branch, email=email, by=by, **given | more)


def roles_of(user: User, branch: Branch) -> set[str]:
    return set(Grant.objects.in_force(TODAY).filter(user=user, branch=branch).values_list("role", flat=True))


def test_access_goes_over_at_once_and_is_logged(
    kafjord: Branch, secretary: User, old: User, new: User, client_for: ClientFor
) -> None:
    give(old, role=Role.TREASURER, branch=kafjord, by=None, starts_on=date(2026, 1, 1), ends_on=date(2027, 3, 1))
    session = client_for(old)
    members = reverse("membership:member_list", args=["kafjord"])
    assert session.get(members).status_code == 200
    done = hand(old, kafjord, secretary)
    assert (done.successor, done.roles, done.invited) == (new, 2, False)
    assert session.get(members).status_code == 404
    assert client_for(new).get(members).status_code == 200
    assert roles_of(old, kafjord) == set()
    assert roles_of(new, kafjord) == {"membership_officer", "treasurer"}
    assert new.grants.get(role="treasurer").ends_on == date(2027, 3, 1)
    event = AuditEvent.objects.get(verb=Verb.HANDED_OVER)
    assert event.details == {"from_user": old.pk, "roles": 2}
    assert event.object_id == str(new.pk)


def test_handing_over_twice_finds_nothing_the_second_time(
    kafjord: Branch, secretary: User, old: User, new: User
) -> None:
    hand(old, kafjord, secretary)
    with pytest.raises(NothingToHandOver):
        hand(old, kafjord, secretary)
    assert Grant.objects.filter(user=new).count() == 1


def test_it_can_be_handed_back(kafjord: Branch, secretary: User, old: User, new: User) -> None:
    make_unpaid(kafjord)
    made = hand_out(kafjord, old)
    hand(old, kafjord, secretary)
    hand(new, kafjord, secretary, "aile@demo.example")
    assert roles_of(old, kafjord) == {"membership_officer"}
    assert roles_of(new, kafjord) == set()
    made.refresh_from_db()
    assert made.made_by == old
    assert CallListCaller.objects.get(call_list=made).user == old


def test_access_elsewhere_stays(county: Branch, kafjord: Branch, secretary: User, old: User, new: User) -> None:
    lyngen, under = make_branch(county, "Lyngen"), make_branch(kafjord, "Manndalen")
    for branch in (lyngen, under):
        give(old, role=Role.TREASURER, branch=branch, by=None, starts_on=TODAY)
    hand(old, kafjord, secretary)
    assert roles_of(old, lyngen) == roles_of(old, under) == {"treasurer"}
    assert roles_of(new, lyngen) == set()


def test_one_who_is_new_is_invited_by_email(kafjord: Branch, secretary: User, old: User) -> None:
    done = hand(old, kafjord, secretary, "ny@demo.example", name="Ny Mann")
    assert done.invited
    assert done.successor.name == "Ny Mann"
    assert Delivery.objects.get().address == "ny@demo.example"


def test_who_cannot_take_over(kafjord: Branch, secretary: User, old: User) -> None:
    make_user(email="ute@demo.example", is_active=False)
    for email, refusal in (
        ("AILE@demo.example", HandedToOneself),
        ("torunn@demo.example", GivenToOneself),
        ("ute@demo.example", UserInactive),
        ("ny@demo.example", NameMissing),
    ):
        with pytest.raises(refusal):
            hand(old, kafjord, secretary, email)
    assert roles_of(old, kafjord) == {"membership_officer"}
    assert Grant.objects.count() == 2


def test_a_callers_evening_is_not_handed_on_but_ends(kafjord: Branch, secretary: User, old: User, new: User) -> None:
    give(old, role=Role.CALLER, branch=kafjord, by=None, starts_on=TODAY, ends_on=date(2027, 1, 1))
    hand(old, kafjord, secretary)
    assert roles_of(old, kafjord) == set()
    assert roles_of(new, kafjord) == {"membership_officer"}


def test_all_of_it_or_nothing(
    kafjord: Branch, secretary: User, old: User, new: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = registry.handovers[-1]

    def fail(*_given: Any) -> int:
        raise RuntimeError("the lights went out")

    changed = [*registry.handovers[:-1], replace(broken, hand=fail, count=lambda _old, _branch: 1)]
    monkeypatch.setattr(registry, "handovers", changed)
    with pytest.raises(RuntimeError):
        hand(old, kafjord, secretary)
    assert roles_of(old, kafjord) == {"membership_officer"}
    assert roles_of(new, kafjord) == set()


# --- Open work --------------------------------------------------------------------------------------------------------


def test_open_lists_and_what_is_left_on_them_go_over(kafjord: Branch, secretary: User, old: User, new: User) -> None:
    for name in ("Ane", "Bo", "Cato"):
        make_unpaid(kafjord, name)
    made = hand_out(kafjord, old)
    called, again, _left = Call.objects.in_order()
    Call.objects.filter(pk=called.pk).update(outcome=Outcome.NO_ANSWER, outcome_at=NOW)
    Call.objects.filter(pk=again.pk).update(outcome=Outcome.CALL_BACK, outcome_at=NOW, follow_up_on=TODAY)
    done = hand(old, kafjord, secretary)
    assert done.things == 1
    made.refresh_from_db()
    assert made.made_by == new
    assert Call.objects.filter(caller__user=old).get() == called, "who has phoned whom stays"
    assert Call.objects.filter(caller__user=new).count() == 2


def test_one_who_calls_from_the_list_already_gets_the_rest(
    kafjord: Branch, secretary: User, old: User, new: User
) -> None:
    for name in ("Ane", "Bo"):
        make_unpaid(kafjord, name)
    made = hand_out(kafjord, old, old, new)
    hand(old, kafjord, secretary)
    assert CallListCaller.objects.get(call_list=made).user == new
    assert Call.objects.filter(caller__user=new).count() == 2


def test_closed_lists_and_other_branches_lists_stay(
    county: Branch, kafjord: Branch, secretary: User, old: User, new: User
) -> None:
    lyngen = make_branch(county, "Lyngen")
    for branch in (kafjord, lyngen):
        make_unpaid(branch)
        hand_out(branch, old)
    CallList.objects.filter(branch=kafjord).update(closed_at=NOW)
    hand(old, kafjord, secretary)
    assert set(CallList.objects.values_list("made_by", flat=True)) == {old.pk}


def test_imports_that_wait_and_views_go_over(kafjord: Branch, secretary: User, old: User, new: User) -> None:
    waiting, done = (
        RegisterImport.objects.create(branch=kafjord, started_by=old, state=state)
        for state in (ImportState.READ, ImportState.APPLIED)
    )
    SavedView.objects.create(branch=kafjord, owner=new, name="Nye", params={"a": "1"})
    for name, shared in (("Nye", False), ("Unge", False), ("Alle", True)):
        SavedView.objects.create(branch=kafjord, owner=old, name=name, is_shared=shared)
    hand(old, kafjord, secretary)
    waiting.refresh_from_db()
    done.refresh_from_db()
    assert (waiting.started_by, done.started_by) == (new, old)
    assert set(SavedView.objects.filter(owner=new).values_list("name", flat=True)) == {"Nye", "Unge", "Alle"}
    assert SavedView.objects.get(owner=new, name="Nye").params == {"a": "1"}


def test_without_the_views_only_the_shared_go(kafjord: Branch, secretary: User, old: User, new: User) -> None:
    for name, shared in (("Unge", False), ("Alle", True)):
        SavedView.objects.create(branch=kafjord, owner=old, name=name, is_shared=shared)
    hand(old, kafjord, secretary, with_views=False)
    assert SavedView.objects.get(owner=new).name == "Alle"


# --- The page ---------------------------------------------------------------------------------------------------------


def post(client: Client, old: User, slug: str = "kafjord", **more: Any) -> Any:
    data = {"old": str(old.pk), "email": "nils@demo.example", "name": "", "with_views": "on"}
    return client.post(reverse("membership:handover", args=[slug]), data | more)


def test_first_a_preview_then_one_button(
    kafjord: Branch, secretary: User, old: User, new: User, client_for: ClientFor
) -> None:
    make_unpaid(kafjord)
    hand_out(kafjord, old)
    SavedView.objects.create(branch=kafjord, owner=old, name="Unge")
    client = client_for(secretary)
    first = client.get(reverse("membership:handover", args=["kafjord"]) + f"?fra={old.pk}")
    assert f'<option value="{old.pk}" selected>Áile Bergmark</option>' in first.text
    preview = post(client, old)
    assert preview.status_code == 200
    for told in ("Medlemsansvarlig", "1 åpen ringeliste", "1 lagret visning", "nils@demo.example"):
        assert told in preview.text
    assert roles_of(old, kafjord) == {"membership_officer"}, "nothing has happened yet"
    assert post(client, old, confirm="1").status_code == 302
    assert roles_of(new, kafjord) == {"membership_officer"}
    again = post(client, old, confirm="1")
    assert again.status_code == 422
    assert "old" in again.context["form"].errors


def test_the_hidden_choice_about_views_holds(
    kafjord: Branch, secretary: User, old: User, new: User, client_for: ClientFor
) -> None:
    SavedView.objects.create(branch=kafjord, owner=old, name="Unge")
    client = client_for(secretary)
    url = reverse("membership:handover", args=["kafjord"])
    preview = client.post(url, {"old": str(old.pk), "email": "nils@demo.example"})
    assert 'name="with_views" value="False"' in preview.text
    post(client, old, with_views="False", confirm="1")
    assert SavedView.objects.get().owner == old


@pytest.mark.parametrize("confirm", ["", "1"])
def test_refusals_are_told_before_and_after_the_preview(
    confirm: str, kafjord: Branch, secretary: User, old: User, client_for: ClientFor
) -> None:
    client = client_for(secretary)
    more = {"confirm": confirm} if confirm else {}
    for email in ("aile@demo.example", "torunn@demo.example", "ny@demo.example", "ikke en adresse"):
        answer = post(client, old, email=email, **more)
        assert answer.status_code == 422
        assert email in answer.text
    assert roles_of(old, kafjord) == {"membership_officer"}


def test_one_who_holds_no_office_here_cannot_be_named(
    county: Branch, kafjord: Branch, secretary: User, old: User, new: User, client_for: ClientFor
) -> None:
    foreign = make_officer(make_branch(county, "Lyngen"), name="Fremmed Lyngsen")
    client = client_for(secretary)
    for other in (foreign, secretary, new):
        answer = post(client, other, confirm="1")
        assert answer.status_code == 422
        assert "Lyngsen" not in answer.text
    assert roles_of(foreign, foreign.grants.get().branch) == {"membership_officer"}


def test_the_secretary_hands_over_her_own_office(
    county: Branch, secretary: User, new: User, client_for: ClientFor
) -> None:
    client = client_for(secretary)
    answer = post(client, secretary, slug="troms", confirm="1")
    assert answer["Location"] == "/"
    assert roles_of(new, county) == {"county_secretary"}
    assert client.get(reverse("membership:access_list", args=["troms"])).status_code == 404


def test_a_neighbour_does_not_find_it(county: Branch, kafjord: Branch, old: User, client_for: ClientFor) -> None:
    client = client_for(make_officer(make_branch(county, "Lyngen"), Role.COUNTY_SECRETARY))
    assert post(client, old, confirm="1").status_code == 404
    assert roles_of(old, kafjord) == {"membership_officer"}
