"""`manage.py create_user`, and the link it prints."""

from __future__ import annotations

from datetime import date, timedelta
from io import StringIO
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from accounts.enums import Verb
from accounts.invitations import link_for
from accounts.models import AuditEvent, User
from membership.models import Grant
from tests.accounts.people import is_signed_in, with_password
from tests.factories import make_branch, make_county, make_user

pytestmark = pytest.mark.django_db
NEW = "en ganske lang setning"
FORM = {"password1": NEW, "password2": NEW}


def create_user(*arguments: str) -> str:
    out = StringIO()
    call_command("create_user", *arguments, stdout=out)
    return out.getvalue()


@pytest.fixture
def branch() -> Any:
    return make_branch(make_county(slug="troms"), "Kåfjord", slug="kafjord")


@pytest.fixture
def invited() -> User:
    return User.objects.create_user("ny@demo.example", name="Ny Bruker")


def test_the_command_makes_a_user_without_a_password_and_prints_a_link_that_gives_one(branch: Any) -> None:
    told = create_user("Ny@Demo.example", "--role", "membership_officer", "--branch", "kafjord", "--name", "Ny Bruker")

    user = User.objects.get()
    assert (user.email, user.name, user.has_usable_password()) == ("ny@demo.example", "Ny Bruker", False)
    grant = Grant.objects.get()
    assert (grant.branch, grant.role, grant.starts_on, grant.ends_on) == (
        branch,
        "membership_officer",
        date(2026, 11, 20),
        None,
    )
    assert "ny@demo.example er nå medlemsansvarlig i Kåfjord Arbeiderparti." in told
    link = told.strip().splitlines()[-1]
    assert link.startswith(f"{settings.PUBLIC_URL}/konto/invitasjon/")
    client = Client()
    assert client.post(urlsplit(link).path, FORM)["Location"] == reverse("account_login")
    with_password(client, user, NEW)
    assert is_signed_in(client)
    made = AuditEvent.objects.filter(verb__in=[Verb.USER_CREATED, Verb.GRANT_GIVEN, Verb.INVITED])
    assert made.count() == 3


def test_the_command_again_makes_no_second_user_or_grant_but_a_fresh_link(branch: Any) -> None:
    for expected in ("er nå", "var allerede"):
        told = create_user("ny@demo.example", "--role", "treasurer", "--branch", "kafjord")
        assert expected in told
        assert "/konto/invitasjon/" in told
    assert (User.objects.count(), Grant.objects.count()) == (1, 1)
    assert User.objects.get().name == "ny"


def test_who_has_a_password_gets_a_role_but_no_link(branch: Any) -> None:
    make_user(email="gammel@demo.example")
    told = create_user("gammel@demo.example", "--role", "treasurer", "--branch", "kafjord")
    assert "har passord fra før" in told
    assert "/konto/invitasjon/" not in told
    assert Grant.objects.count() == 1


def test_until_is_the_last_day_with_access(branch: Any) -> None:
    create_user("ny@demo.example", "--role", "caller", "--branch", "kafjord", "--until", "30.11.2026")
    assert Grant.objects.get().ends_on == date(2026, 12, 1)
    assert Grant.objects.get().last_day == date(2026, 11, 30)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["kari", "--role", "treasurer", "--branch", "kafjord"], "kari er ingen e-postadresse"),
        (["a@b.no\nBcc: c@d.no", "--role", "treasurer", "--branch", "kafjord"], "er ingen e-postadresse"),
        (["a@b.no", "--role", "konge", "--branch", "kafjord"], "konge.* Rollene er: membership_"),
        (["a@b.no", "--role", "treasurer", "--branch", "narnia"], "narnia"),
        (["a@b.no", "--role", "caller", "--branch", "kafjord"], "har alltid en slutt"),
        (["a@b.no", "--role", "treasurer", "--branch", "kafjord", "--until", "i morgen"], "i morgen er ingen dato"),
        (["a@b.no", "--role", "treasurer", "--branch", "kafjord", "--until", "19.11.2026"], "19.11.2026 er passert"),
    ],
)
def test_the_command_refuses_plainly_and_changes_nothing(branch: Any, arguments: list[str], told: str) -> None:
    with pytest.raises(CommandError, match=told):
        create_user(*arguments)
    assert not User.objects.exists()
    assert not Grant.objects.exists()


def test_the_command_does_not_open_for_a_deactivated_user(branch: Any) -> None:
    make_user(email="ute@demo.example", is_active=False)
    with pytest.raises(CommandError, match="er stengt ute"):
        create_user("ute@demo.example", "--role", "treasurer", "--branch", "kafjord")
    assert not Grant.objects.exists()


def test_opening_the_link_shows_a_form_and_spends_nothing(client: Client, invited: User) -> None:
    path = urlsplit(link_for(invited)).path
    for _ in range(2):
        answer = client.get(path)
        assert answer.status_code == 200
        assert "ny@demo.example" in answer.content.decode()
    invited.refresh_from_db()
    assert not invited.has_usable_password()


def test_the_link_works_once(client: Client, invited: User) -> None:
    path = urlsplit(link_for(invited)).path
    client.post(path, FORM)
    for answer in (client.get(path), client.post(path, {"password1": "noe helt annet", "password2": "noe helt annet"})):
        assert_tells_nothing(answer)
    invited.refresh_from_db()
    assert invited.check_password(NEW)


def test_the_link_is_dead_after_seven_days(client: Client, invited: User, clock: Any) -> None:
    path = urlsplit(link_for(invited)).path
    clock.shift(timedelta(days=7))
    assert client.get(path).status_code == 200
    clock.shift(timedelta(seconds=2))
    assert_tells_nothing(client.get(path))
    assert_tells_nothing(client.post(path, FORM))


def test_the_link_dies_with_the_access(client: Client, invited: User) -> None:
    path = urlsplit(link_for(invited)).path
    User.objects.filter(pk=invited.pk).update(is_active=False)
    assert_tells_nothing(client.get(path))


@pytest.mark.parametrize(
    "change", [lambda t: t[:-1] + ("A" if t[-1] != "A" else "B"), lambda t: "x", lambda t: t + "x"]
)
def test_a_forged_link_tells_nothing(client: Client, invited: User, change: Any) -> None:
    token = link_for(invited).rstrip("/").rpartition("/")[2]
    assert_tells_nothing(client.get(reverse("account_invitation", args=[change(token)])))


def test_a_weak_password_is_refused(client: Client, invited: User) -> None:
    page = client.post(urlsplit(link_for(invited)).path, {"password1": "kort", "password2": "kort"}).content.decode()
    assert "for kort" in page
    invited.refresh_from_db()
    assert not invited.has_usable_password()


def test_whoever_was_signed_in_is_signed_out_by_it(client: Client, invited: User) -> None:
    client.force_login(make_user())
    client.post(urlsplit(link_for(invited)).path, FORM)
    assert not is_signed_in(client)


def assert_tells_nothing(answer: Any) -> None:
    page = answer.content.decode()
    assert answer.status_code == 404
    assert "Lenken virker ikke" in page
    assert "ny@demo.example" not in page
    assert "Ny Bruker" not in page
