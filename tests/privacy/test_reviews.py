"""The review of access: what is shown, decided, refused and signed; the half-year's edges; the reminders."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import AuditEvent, User
from membership.actions.grants import give
from membership.models import BoardPost, Branch, Grant
from membership.roles import Role
from messaging.models import Delivery
from privacy.actions import reviews as actions
from privacy.actions.reminders import remind_reviews
from privacy.deadlines import half_of
from privacy.models import AccessReview, AccessReviewLine
from privacy.review_page import half_name, seen_words
from privacy.todos import review_due
from tests.factories import NOW, TODAY, make_branch, make_county, make_officer, make_user

ClientFor = Callable[[User], Client]
URL = "/lag/troms/personvern/tilganger/"


@pytest.fixture
def county(db: None) -> Branch:
    return make_county()


@pytest.fixture
def branch(county: Branch) -> Branch:
    return make_branch(county)


@pytest.fixture
def secretary(county: Branch) -> User:
    return make_officer(county, Role.COUNTY_SECRETARY, name="Sissel Kongsnes")


@pytest.fixture
def client(secretary: User, client_for: ClientFor) -> Client:
    return client_for(secretary)


def text(answer: Any) -> str:
    return str(answer.content.decode())


def keep_rest(county: Branch, by: User, today: date = TODAY) -> int:
    return actions.keep(county, None, by=by, now=NOW, today=today)


# --- The half-year ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "half", "name"),
    [
        (date(2026, 1, 1), date(2026, 1, 1), "Første halvår 2026"),
        (date(2026, 6, 30), date(2026, 1, 1), "Første halvår 2026"),
        (date(2026, 7, 1), date(2026, 7, 1), "Andre halvår 2026"),
        (date(2026, 12, 31), date(2026, 7, 1), "Andre halvår 2026"),
    ],
)
def test_a_half_year_begins_in_january_and_in_july(day: date, half: date, name: str) -> None:
    assert half_of(day) == half
    assert half_name(half) == name


@pytest.mark.parametrize(
    ("seen", "words"),
    [
        (None, "aldri"),
        (TODAY, "i dag"),
        (TODAY + timedelta(days=1), "i dag"),
        (TODAY - timedelta(days=1), "for 1 dag siden"),
        (TODAY - timedelta(days=59), "for 59 dager siden"),
        (date(2026, 4, 20), "for 7 måneder siden"),
        (date(2026, 4, 21), "for 6 måneder siden"),
        (date(2024, 11, 20), "for 24 måneder siden"),
    ],
)
def test_last_seen_is_told_in_words(seen: date | None, words: str) -> None:
    assert seen_words(seen, TODAY) == words


# --- Deciding and signing --------------------------------------------------------------------------------------------


def test_it_is_signed_when_every_access_is_looked_at(county: Branch, branch: Branch, secretary: User) -> None:
    officer, other = make_officer(branch), make_officer(branch)
    with pytest.raises(actions.Undecided):
        actions.sign(county, by=secretary, now=NOW, today=TODAY)
    ended = actions.end_access(county, officer.grants.get().pk, by=secretary, now=NOW, today=TODAY)
    assert ended.user == officer
    assert not Grant.objects.in_force(TODAY).filter(user=officer).exists()
    with pytest.raises(actions.Undecided):
        actions.sign(county, by=secretary, now=NOW, today=TODAY)
    assert keep_rest(county, secretary) == 2
    assert keep_rest(county, secretary) == 0

    review = actions.sign(county, by=secretary, now=NOW, today=TODAY)

    assert (review.kept, review.ended, review.signed_by, review.half_on) == (2, 1, secretary, date(2026, 7, 1))
    event = AuditEvent.objects.get(verb="access.reviewed")
    assert (event.count, event.details) == (2, {"ended": 1})
    assert Grant.objects.in_force(TODAY).filter(user=other).exists()


def test_once_signed_nothing_more_is_said_this_half_year(county: Branch, branch: Branch, secretary: User) -> None:
    officer = make_officer(branch)
    keep_rest(county, secretary)
    actions.sign(county, by=secretary, now=NOW, today=TODAY)
    given = make_officer(branch)

    for act in (
        lambda: actions.sign(county, by=secretary, now=NOW, today=TODAY),
        lambda: actions.keep(county, [given.grants.get().pk], by=secretary, now=NOW, today=TODAY),
        lambda: keep_rest(county, secretary),
        lambda: actions.end_access(county, officer.grants.get().pk, by=secretary, now=NOW, today=TODAY),
    ):
        with pytest.raises(actions.SignedAlready):
            act()
    assert Grant.objects.in_force(TODAY).filter(user=officer).exists()
    # The one given after signing belongs to the next half-year, with all the others.
    assert keep_rest(county, secretary, date(2027, 1, 1)) == 3
    assert AccessReview.objects.count() == 2


def test_keeping_thirty_costs_what_keeping_one_costs(county: Branch, branch: Branch, secretary: User) -> None:
    def queries(n: int) -> int:
        with CaptureQueriesContext(connection) as caught:
            assert keep_rest(county, secretary) == n
        return len(caught)

    keep_rest(county, secretary)
    make_officer(branch)
    one = queries(1)
    officers = [make_officer(branch) for _ in range(30)]
    assert queries(30) == one
    # Whoever is kept twice has one line.
    assert actions.keep(county, [officers[0].grants.get().pk], by=secretary, now=NOW, today=TODAY) == 1
    assert AccessReviewLine.objects.filter(decision="keep", by=secretary, at=NOW).count() == 32


def test_one_given_before_it_is_signed_must_be_looked_at_too(county: Branch, branch: Branch, secretary: User) -> None:
    keep_rest(county, secretary)
    make_officer(branch)
    with pytest.raises(actions.Undecided):
        actions.sign(county, by=secretary, now=NOW, today=TODAY)


def test_nobody_ends_their_own_last_right_to_give_access(county: Branch, secretary: User) -> None:
    with pytest.raises(actions.OwnLastKey):
        actions.end_access(county, secretary.grants.get().pk, by=secretary, now=NOW, today=TODAY)
    assert not AccessReviewLine.objects.exists()
    assert Grant.objects.in_force(TODAY).filter(user=secretary).exists()


def test_what_is_another_countys_or_has_ended_is_not_there(county: Branch, branch: Branch, secretary: User) -> None:
    elsewhere = make_officer(make_branch(make_county("Nordland"), "Bodø"))
    gone = make_officer(branch)
    gone.grants.update(ends_on=TODAY)
    for user in (elsewhere, gone):
        pk = user.grants.get().pk
        with pytest.raises(actions.NothingThere):
            actions.end_access(county, pk, by=secretary, now=NOW, today=TODAY)
        with pytest.raises(actions.NothingThere):
            actions.keep(county, [pk], by=secretary, now=NOW, today=TODAY)
    assert Grant.objects.in_force(TODAY).filter(user=elsewhere).exists()


def test_one_that_was_kept_can_be_ended_after_all(county: Branch, branch: Branch, secretary: User) -> None:
    grant = make_officer(branch).grants.get()
    actions.keep(county, [grant.pk], by=secretary, now=NOW, today=TODAY)
    actions.end_access(county, grant.pk, by=secretary, now=NOW, today=TODAY)
    assert AccessReviewLine.objects.get().decision == "end"
    with pytest.raises(actions.NothingThere):
        actions.end_access(county, grant.pk, by=secretary, now=NOW, today=TODAY)


# --- The page --------------------------------------------------------------------------------------------------------


def test_the_page_tells_what_there_is_to_think_about(
    county: Branch, branch: Branch, secretary: User, client: Client
) -> None:
    old = make_officer(branch, name="Odd <b>Gammel</b>")
    User.objects.filter(pk=old.pk).update(last_login=datetime(2026, 4, 1, tzinfo=UTC))
    fresh = make_officer(branch, name="Nina Fersk")
    User.objects.filter(pk=fresh.pk).update(last_login=NOW)
    TOTP.activate(fresh, generate_totp_secret())
    caller = make_officer(branch, Role.CALLER, name="Rolf Ringer")
    BoardPost.objects.create(branch=branch, title="leader", user=old, starts_on=date(2020, 1, 1), ends_on=TODAY)
    stand_in = make_user("Vera Vikar")
    give(
        stand_in, role=Role.MEMBERSHIP_OFFICER, branch=branch, by=secretary, starts_on=TODAY,
        ends_on=date(2026, 12, 24), stands_in_for=old,
    )  # fmt: skip

    page = text(client.get(URL))

    rows = {name: page.split(name)[1].split("</tr>")[0] for name in ("Gammel", "Nina Fersk", "Rolf Ringer", "Vera")}
    assert "<b>Gammel" not in page
    for said in ("Ikke sett på seks måneder", "Ute av styret", "Uten andre faktor", "for 7 måneder siden"):
        assert said in rows["Gammel"]
        assert said not in rows["Nina Fersk"]
    assert "i dag" in rows["Nina Fersk"]
    assert "Ringer til 30.12.2026" in rows["Rolf Ringer"]
    assert "Vikar for Odd" in rows["Vera"]
    assert "gitt av Sissel Kongsnes" in rows["Vera"]
    assert "aldri" in rows["Vera"]
    assert caller.name in page


def test_a_hundred_cost_what_one_costs(branch: Branch, client: Client) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as caught:
            client.get(f"{URL}?vis=alle")
        return len(caught)

    client.post(f"{URL}avgjor/", {"resten": "1"})
    # The message of what was done is read.
    client.get(URL)
    one = queries()
    for _ in range(30):
        make_officer(branch)
    assert queries() == one


def test_looking_changes_nothing(client: Client) -> None:
    client.get(URL)
    assert not AccessReview.objects.exists()


def test_one_keeps_ends_and_signs(branch: Branch, client: Client, client_for: ClientFor, secretary: User) -> None:
    officer, other = make_officer(branch, name="Nina Fersk"), make_officer(branch, name="Odd Gammel")
    theirs = client_for(other)
    assert theirs.get(f"/lag/{branch.slug}/medlemmer/").status_code == 200

    assert "Den som ikke er avgjort" not in text(client.get(URL))
    kept = client.post(f"{URL}avgjor/", {"behold": officer.grants.get().pk}, follow=True)
    assert "1 tilgang er beholdt" in text(kept)
    assert "Nina Fersk" not in text(kept).split("<tbody")[1]
    refused = client.post(f"{URL}signer/", follow=True)
    assert "Avgjør hver tilgang først" in text(refused)
    ended = client.post(f"{URL}avgjor/", {"avslutt": other.grants.get().pk, "vis": "alle"}, follow=True)
    assert "Tilgangen til Odd Gammel er avsluttet" in text(ended)
    assert theirs.get(f"/lag/{branch.slug}/medlemmer/").status_code == 404
    client.post(f"{URL}avgjor/", {"resten": "1"})
    signed = text(client.post(f"{URL}signer/", follow=True))
    assert "Signert 20. november 2026 av Sissel Kongsnes" in signed
    assert "2 beholdt, 1 avsluttet" in signed
    assert "Behold resten" not in signed
    assert "er signert" in text(client.post(f"{URL}signer/", follow=True))
    assert secretary.name in signed


@pytest.mark.parametrize("data", [{}, {"behold": "x"}, {"avslutt": "-1"}, {"behold": "9" * 30}, {"avslutt": "999999"}])
def test_odd_input_decides_nothing(data: dict[str, str], client: Client) -> None:
    assert client.post(f"{URL}avgjor/", data).status_code == 302
    assert not AccessReviewLine.objects.exists()


@pytest.mark.parametrize("role", [Role.MEMBERSHIP_OFFICER, Role.BRANCH_LEADER, Role.COUNTY_MEMBERSHIP_OFFICER])
def test_it_is_for_those_with_the_right_and_for_the_county(
    role: Role, county: Branch, branch: Branch, client: Client, client_for: ClientFor
) -> None:
    other = client_for(make_officer(branch, role))
    for address in (URL, f"/lag/{branch.slug}/personvern/tilganger/"):
        assert other.get(address).status_code == 404
    assert client.get(f"/lag/{branch.slug}/personvern/tilganger/").status_code == 404
    assert client_for(make_officer(county, Role.ADMINISTRATOR)).get(URL).status_code == 200


# --- Reminding -------------------------------------------------------------------------------------------------------


def test_it_is_told_once_when_it_opens_and_once_when_it_is_late(county: Branch, secretary: User) -> None:
    give(make_user(), role=Role.MEMBERSHIP_OFFICER, branch=make_branch(county), by=None, starts_on=date(2026, 1, 1))
    told: list[date] = []
    for days in range(200):
        day = date(2026, 6, 25) + timedelta(days=days)
        remind_reviews(today=day, now=NOW)
        if Delivery.objects.count() > len(told):
            told.append(day)
    assert told == [date(2026, 6, 25), date(2026, 7, 1), date(2026, 8, 30), date(2027, 1, 1)][1:]
    assert {mail.address for mail in Delivery.objects.all()} == {secretary.email}


def test_a_signed_one_is_told_no_more(county: Branch, secretary: User) -> None:
    keep_rest(county, secretary)
    actions.sign(county, by=secretary, now=NOW, today=TODAY)
    assert remind_reviews(today=date(2026, 9, 1), now=NOW) == 0
    assert review_due(county, secretary, TODAY) == []


def test_the_first_page_of_the_county_says_so(county: Branch, branch: Branch, secretary: User) -> None:
    assert review_due(branch, secretary, TODAY) == []
    (todo,) = review_due(county, secretary, date(2026, 7, 2))
    assert (todo.text, todo.is_urgent) == ("Andre halvår 2026", False)
    (todo,) = review_due(county, secretary, TODAY)
    assert (todo.text, todo.is_urgent) == ("Den skulle vært signert nå.", True)
